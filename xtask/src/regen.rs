//! `cargo xtask regen`: from schema.json, or a live endpoint, to the generated part of the SDK.

use crate::fetch::Fetch;
use crate::report::{Failure, Progress, root};
use clap::Args;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};
use xurrent_generator::{Files, Generator, Overrides};

/// Where the schema is, where the source goes.
#[derive(Args)]
pub(crate) struct Regen {
    #[command(flatten)]
    input: Input,
    /// Folder for the generated source. Everything in it belongs to the generator.
    #[arg(long, value_name = "DIR", default_value_os_t = root().join("sdk/src/generated"))]
    out: PathBuf,
    /// Write nothing. Print what differs and exit with 1 if anything does.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    fetch: Fetch,
}

/// The files that a generator starts from.
#[derive(Args)]
pub(crate) struct Input {
    /// Introspection result to generate from, with or without `data` around it.
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.json"))]
    schema: PathBuf,
    /// What introspection cannot say: scalars, value lists, renames, skips.
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.overrides.toml"))]
    overrides: PathBuf,
}

impl Input {
    pub(crate) fn generator(&self) -> Result<Generator, Failure> {
        let read = |path: &Path| fs::read_to_string(path).map_err(Failure::file("read", path));
        let overrides = Overrides::from_toml(&read(&self.overrides)?)
            .map_err(|source| Failure::Generate { file: self.overrides.clone(), source })?;
        Generator::new(&read(&self.schema)?, &overrides)
            .map_err(|source| Failure::Generate { file: self.schema.clone(), source })
    }
}

impl Regen {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        if let Some(code) = self.fetch.run(&self.input.schema, &self.input.overrides)? {
            return Ok(code);
        }
        let progress = Progress::start("Reading the schema");
        let generator = self.input.generator()?;
        progress.step("Generating Rust");
        let files = generator
            .rust()
            .map_err(|source| Failure::Generate { file: self.input.schema.clone(), source })?;
        progress.step("Comparing files");
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

/// What differs between a folder and what it should hold.
struct Changes {
    written: BTreeSet<String>,
    deleted: BTreeSet<PathBuf>,
}

impl Changes {
    fn between(folder: &Path, files: &Files) -> Result<Self, Failure> {
        let mut written = BTreeSet::new();
        for (name, content) in files {
            let path = folder.join(name);
            match fs::read(&path) {
                Ok(bytes) if bytes == content.as_bytes() => {}
                Ok(_) => {
                    written.insert(name.clone());
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    written.insert(name.clone());
                }
                Err(error) => return Err(Failure::file("read", &path)(error)),
            }
        }
        let mut deleted = BTreeSet::new();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self { written, deleted }),
            Err(error) => return Err(Failure::file("list", folder)(error)),
        };
        for entry in entries {
            let path = entry.map_err(Failure::file("list", folder))?.path();
            let known =
                path.file_name().and_then(|name| name.to_str()).is_some_and(|name| files.contains_key(name));
            if !known {
                deleted.insert(path);
            }
        }
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

    fn apply(&self, folder: &Path, files: &Files) -> Result<(), Failure> {
        fs::create_dir_all(folder).map_err(Failure::file("create", folder))?;
        for (name, content) in files.iter().filter(|(name, _)| self.written.contains(*name)) {
            let path = folder.join(name);
            fs::write(&path, content).map_err(Failure::file("write", &path))?;
        }
        for path in &self.deleted {
            let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            removed.map_err(Failure::file("delete", path))?;
        }
        Ok(())
    }
}
