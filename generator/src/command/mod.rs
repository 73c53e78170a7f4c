//! The command `generate`, for this crate's program and for other programs that have it among their commands.
//!
//! Start with [`Generate`]. [`Changes`] compares, writes and deletes files; it never touches what was not
//! generated.

mod error;
mod output;
mod progress;

pub use error::Error;
pub use output::{Changes, differs, metadata, write};
pub use progress::spinner;

use crate::{Config, Files, Generator, Package, Runtime};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The folder of the generated modules in a crate.
const MODULES: &str = "src/generated";

/// Arguments of `generate`.
#[derive(Debug, Args)]
pub struct Generate {
    /// Schema: an introspection result as JSON, with or without `data` around it, or SDL.
    #[arg(long, value_name = "FILE|URL")]
    schema: String,
    /// Conventions and settings of the API, as TOML. Without it, they are read off the schema.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the crate: a new, an empty or a generated one. Generated files in it are replaced or deleted;
    /// other files stay. A file is yours once you delete its first line.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Name of the crate. Without it, --out gets the modules only, for a crate with a lib.rs of your own.
    #[arg(long = "crate", value_name = "NAME")]
    name: Option<String>,
    /// Folder of the crate `xurrent-runtime`, with `xurrent-derive` beside it as `../derive`.
    #[arg(long, value_name = "DIR", requires = "name", conflicts_with = "runtime_version")]
    runtime_path: Option<PathBuf>,
    /// Version of `xurrent-runtime` and `xurrent-derive`; by default that of this program.
    #[arg(long, value_name = "VERSION", requires = "name")]
    runtime_version: Option<String>,
    /// Write nothing; list files that differ and exit with 1 if there are any.
    #[arg(long)]
    check: bool,
}

impl Generate {
    /// Whether the schema is at a URL.
    #[must_use]
    pub fn fetches(&self) -> bool {
        ["http://", "https://"].iter().any(|scheme| self.schema.starts_with(scheme))
    }

    /// Depends on the runtime in this folder, unless the arguments have another one.
    #[must_use]
    pub fn or_runtime_path(mut self, folder: PathBuf) -> Self {
        if self.runtime_version.is_none() {
            self.runtime_path.get_or_insert(folder);
        }
        self
    }

    /// Generates, and prints a summary. `program` is how a message calls this command.
    ///
    /// # Errors
    /// When a file cannot be read or written, when the schema or the configuration is not valid, or when
    /// `--out` holds files of another origin.
    pub fn run(self, program: &str) -> Result<ExitCode, Error> {
        let progress = spinner("Reading the schema");
        let generator = generator(Path::new(&self.schema), self.config.as_deref())?;
        progress.set_message("Generating Rust");
        let package = self.package()?;
        let (files, modules) = match &package {
            Some(package) => (generator.package(package).map_err(Error::Argument)?, MODULES),
            None => (generator.rust(), ""),
        };
        drop(progress);
        update(&generator, &files, &self.out, modules, self.check.then_some(program))
    }

    fn package(&self) -> Result<Option<Package>, Error> {
        let Some(name) = &self.name else { return Ok(None) };
        let package = Package::new(name);
        Ok(Some(match (&self.runtime_path, &self.runtime_version) {
            (Some(path), _) => {
                // Relative to the folder of the caller, not of the crate.
                let path = fs::canonicalize(path).map_err(Error::file("find", path))?;
                package.runtime(Runtime::Path(path.to_string_lossy().into_owned()))
            }
            (None, Some(version)) => package.runtime(Runtime::Version(version.clone())),
            (None, None) => package,
        }))
    }
}

/// Reads a schema and a configuration.
///
/// # Errors
/// When a file cannot be read, or the schema or the configuration is not valid.
pub fn generator(schema: &Path, config: Option<&Path>) -> Result<Generator, Error> {
    let read = |path: &Path| fs::read_to_string(path).map_err(Error::file("read", path));
    let generate = |file: &Path| {
        let file = file.to_owned();
        move |source| Error::Generate { file, source }
    };
    let config = match config {
        Some(file) => Config::from_toml(&read(file)?).map_err(generate(file))?,
        None => Config::default(),
    };
    Generator::new(&read(schema)?, &config).map_err(generate(schema))
}

/// Brings a folder up to date with generated files, and prints a summary. With the command that would do so
/// as `check`, writes nothing and lists what differs; the exit code is then 1 if anything does.
///
/// # Errors
/// When a file cannot be read or written, or when the folder holds files of another origin.
pub fn update(
    generator: &Generator,
    files: &Files,
    out: &Path,
    modules: &str,
    check: Option<&str>,
) -> Result<ExitCode, Error> {
    let progress = spinner("Comparing files");
    let changes = Changes::between(out, modules, files)?;
    drop(progress);
    let Changes { written, deleted, kept } = &changes;
    if let Some(command) = check {
        written.iter().for_each(|(path, _)| println!("differs: {}", path.display()));
        deleted.iter().for_each(|path| println!("stale: {}", path.display()));
        let count = written.len() + deleted.len();
        if count == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        println!("{count} generated files are out of date. To fix it, run: {command}");
        return Ok(ExitCode::FAILURE);
    }
    changes.apply()?;
    let summary = generator.summary();
    let subscriptions = match summary.subscriptions {
        0 => String::new(),
        count => format!("{count} subscriptions, "),
    };
    println!(
        "{} queries, {} mutations, {subscriptions}{} types in {} files: {} written, {} deleted, {} unchanged",
        summary.queries,
        summary.mutations,
        summary.types,
        files.len(),
        written.len(),
        deleted.len(),
        files.len() - written.len() - kept.len(),
    );
    kept.iter().for_each(|path| {
        println!("kept, since its first line is not that of a generated file: {}", path.display())
    });
    Ok(ExitCode::SUCCESS)
}
