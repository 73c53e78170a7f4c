//! The commands `generate` and `diff`, for this crate's program and for other programs that have them among their
//! commands.
//!
//! Start with [`Generate`] and [`Compare`]. [`Changes`] compares, writes and deletes files; it never touches what was not
//! generated.

mod changelog;
mod diff;
mod error;
mod output;
mod progress;
mod source;
mod used_by;
mod version;

pub use changelog::{Changelog, Generated, SchemaChange};
pub use diff::{Compare, Report, between, revision_file};
pub use error::Error;
pub use output::{Changes, differs, metadata, write};
pub use progress::spinner;
pub use used_by::{Sdk, as_compiler};
pub use version::{Named, Version};

use crate::{Config, Files, Generator, Package, Runtime};
use clap::Args;
use source::Source;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The end of the help.
const EXAMPLES: &str = "\
Examples:
  generate --schema schema.graphql --out films --crate films
  generate --schema https://api.example.com/graphql --header-env 'Authorization=Bearer TOKEN' \\
           --config films.toml --out films --crate films
  generate --schema production.graphql --also qa.graphql --out films --crate films
  generate --schema schema.json --out src/generated --check";

/// The folder of the generated modules in a crate.
const MODULES: &str = "src/generated";

/// Arguments of `generate`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Generate {
    #[command(flatten)]
    source: Source,
    /// Schema of a second environment of the API, such as QA: a file. What only one of the two has is generated,
    /// marked in the documentation, and not selected by default.
    #[arg(long, value_name = "FILE")]
    also: Option<PathBuf>,
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
        self.source.is_url()
    }

    /// Whether the arguments ask for a crate without its runtime.
    #[must_use]
    pub fn lacks_runtime(&self) -> bool {
        self.name.is_some() && self.runtime_path.is_none() && self.runtime_version.is_none()
    }

    /// Depends on the runtime in this folder.
    #[must_use]
    pub fn runtime_path(mut self, folder: PathBuf) -> Self {
        self.runtime_path = Some(folder);
        self
    }

    /// Generates, and prints a summary. `program` is how a message calls this command.
    ///
    /// # Errors
    /// When a file cannot be read or written, when the schema or the configuration is not valid, or when
    /// `--out` holds files of another origin.
    pub fn run(self, program: &str) -> Result<ExitCode, Error> {
        let message = if self.fetches() { "Fetching the schema" } else { "Reading the schema" };
        let progress = spinner(message);
        let config = config(self.config.as_deref())?;
        let schema = Named { name: self.source.schema.clone(), text: self.source.read()? };
        let also = self.also.as_deref().map(Named::read).transpose()?;
        let generator = Version { schema, also, config }.generator()?;
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

/// Reads the schemas of two environments, if there is a second one, and a configuration.
///
/// # Errors
/// When a file cannot be read, when a schema or the configuration is not valid, or when the two schemas contradict
/// each other.
pub fn generator_of_both(
    schema: &Path,
    also: Option<&Path>,
    config: Option<&Path>,
) -> Result<Generator, Error> {
    let config = self::config(config)?;
    let also = also.map(Named::read).transpose()?;
    Version { schema: Named::read(schema)?, also, config }.generator()
}

/// Reads a configuration: that of a schema without one if there is no file.
///
/// # Errors
/// When the file cannot be read, or is not valid.
pub fn config(file: Option<&Path>) -> Result<Config, Error> {
    let Some(file) = file else { return Ok(Config::default()) };
    Config::from_toml(&Named::read(file)?.text)
        .map_err(|source| Error::Generate { file: file.to_owned(), source })
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
    let changes = compare(out, modules, files)?;
    if let Some(command) = check {
        return Ok(changes.print_outdated(command));
    }
    changes.apply()?;
    print_summary(generator, files, &changes);
    Ok(ExitCode::SUCCESS)
}

/// Compares a folder with generated files, like [`Changes::between`], with a progress line on a terminal.
///
/// # Errors
/// When the folder cannot be read, or holds files of another origin.
pub fn compare<'f>(out: &Path, modules: &str, files: &'f Files) -> Result<Changes<'f>, Error> {
    let _progress = spinner("Comparing files");
    Changes::between(out, modules, files)
}

/// Prints how much was generated.
pub fn print_summary(generator: &Generator, files: &Files, changes: &Changes<'_>) {
    let Changes { written, deleted, kept } = changes;
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
    generator.conventions().for_each(|line| println!("{line}"));
    kept.iter().for_each(|path| {
        println!("kept, since its first line is not that of a generated file: {}", path.display())
    });
}
