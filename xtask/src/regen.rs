//! `cargo xtask regen`: the generated part of the SDK, from schema.json or a live endpoint.

use crate::error::Error;
use crate::fetch::Fetch;
use crate::output::{self, GeneratedFolder};
use crate::progress::spinner;
use crate::workspace::root;
use clap::Args;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};
use xurrent_generator::{Files, Generator, Overrides, PREAMBLE};

/// Arguments of `regen`.
#[derive(Args)]
pub(crate) struct Regen {
    #[command(flatten)]
    input: Input,
    /// Folder for the generated source: a new, an empty or a generated one. Generated files in it are
    /// replaced or deleted; other files stay.
    #[arg(long, value_name = "DIR", default_value_os_t = root().join("sdk/src/generated"))]
    out: PathBuf,
    /// Write nothing; list files that differ and exit with 1 if there are any.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    fetch: Fetch,
}

/// Input of the generator.
#[derive(Args)]
pub(crate) struct Input {
    /// Introspection result, with or without `data` around it.
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.json"))]
    schema: PathBuf,
    /// Settings that introspection does not provide: scalars, value lists, renames, skips.
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.overrides.toml"))]
    overrides: PathBuf,
}

impl Input {
    pub(crate) fn generator(&self) -> Result<Generator, Error> {
        let read = |path: &Path| fs::read_to_string(path).map_err(Error::file("read", path));
        let overrides = Overrides::from_toml(&read(&self.overrides)?)
            .map_err(|source| Error::Generate { file: self.overrides.clone(), source })?;
        Generator::new(&read(&self.schema)?, &overrides)
            .map_err(|source| Error::Generate { file: self.schema.clone(), source })
    }
}

impl Regen {
    pub(crate) fn run(self) -> Result<ExitCode, Error> {
        if let Some(code) = self.fetch.run(&self.input.schema, &self.input.overrides)? {
            return Ok(code);
        }
        let progress = spinner("Reading the schema");
        let generator = self.input.generator()?;
        progress.set_message("Generating Rust");
        let files = generator.rust();
        progress.set_message("Comparing files");
        let changes = Changes::between(&self.out, &files)?;
        drop(progress);
        if self.check {
            return Ok(changes.report(&self.out));
        }
        changes.apply(&self.out, &files)?;
        let summary = generator.summary();
        println!(
            "{} queries, {} mutations, {} types in {} files: {} written, {} deleted, {} unchanged",
            summary.queries,
            summary.mutations,
            summary.types,
            files.len(),
            changes.written.len(),
            changes.deleted.len(),
            files.len() - changes.written.len(),
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Differences between a folder and the generated files.
struct Changes {
    written: BTreeSet<String>,
    deleted: BTreeSet<PathBuf>,
}

impl Changes {
    fn between(out: &Path, files: &Files) -> Result<Self, Error> {
        let mut written = BTreeSet::new();
        for (name, content) in files {
            let path = out.join(name);
            let is_link = fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink());
            match fs::read(&path) {
                _ if is_link => {
                    written.insert(name.clone());
                }
                Ok(bytes) if bytes == content.as_bytes() => {}
                Ok(_) => {
                    written.insert(name.clone());
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    written.insert(name.clone());
                }
                Err(error) => return Err(Error::file("read", &path)(error)),
            }
        }
        let present = GeneratedFolder::open(out)?;
        for name in &written {
            output::check_replaceable(&out.join(name), PREAMBLE.trim_end())?;
        }
        let known = |path: &&PathBuf| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| files.contains_key(name))
        };
        let deleted = present.files().iter().filter(|path| !known(path)).cloned().collect();
        Ok(Self { written, deleted })
    }

    fn report(&self, folder: &Path) -> ExitCode {
        for name in &self.written {
            println!("differs: {}", folder.join(name).display());
        }
        for path in &self.deleted {
            println!("stale: {}", path.display());
        }
        let count = self.written.len() + self.deleted.len();
        if count == 0 {
            return ExitCode::SUCCESS;
        }
        println!("{count} generated files are out of date. To fix it, run: cargo xtask regen");
        ExitCode::FAILURE
    }

    fn apply(&self, out: &Path, files: &Files) -> Result<(), Error> {
        fs::create_dir_all(out).map_err(Error::file("create", out))?;
        // `mod.rs` comes first: it marks the folder as generated, also after an interrupted run.
        let (index, others): (Vec<_>, Vec<_>) =
            self.written.iter().partition(|name| name.as_str() == "mod.rs");
        for name in index.into_iter().chain(others) {
            if let Some(content) = files.get(name) {
                output::write(&out.join(name), content)?;
            }
        }
        for path in &self.deleted {
            fs::remove_file(path).map_err(Error::file("delete", path))?;
        }
        Ok(())
    }
}
