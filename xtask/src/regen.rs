//! `cargo xtask regen`: the generated part of the SDK, from schema.json or a live endpoint.

use crate::error::Error;
use crate::fetch::Fetch;
use crate::output;
use crate::progress::spinner;
use crate::workspace::root;
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use xurrent_generator::{Config, Files, Generator, PREAMBLE};

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
        let overrides = Config::from_toml(&read(&self.overrides)?)
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
        let Changes { written, deleted } = Changes::between(&self.out, &files)?;
        drop(progress);
        if self.check {
            written.iter().for_each(|(path, _)| println!("differs: {}", path.display()));
            deleted.iter().for_each(|path| println!("stale: {}", path.display()));
            let count = written.len() + deleted.len();
            if count == 0 {
                return Ok(ExitCode::SUCCESS);
            }
            println!("{count} generated files are out of date. To fix it, run: cargo xtask regen");
            return Ok(ExitCode::FAILURE);
        }
        fs::create_dir_all(&self.out).map_err(Error::file("create", &self.out))?;
        for (path, content) in &written {
            output::write(path, content)?;
        }
        for path in &deleted {
            fs::remove_file(path).map_err(Error::file("delete", path))?;
        }
        let summary = generator.summary();
        println!(
            "{} queries, {} mutations, {} types in {} files: {} written, {} deleted, {} unchanged",
            summary.queries,
            summary.mutations,
            summary.types,
            files.len(),
            written.len(),
            deleted.len(),
            files.len() - written.len(),
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Differences between a folder and the generated files.
struct Changes<'f> {
    written: Vec<(PathBuf, &'f str)>,
    deleted: Vec<PathBuf>,
}

impl<'f> Changes<'f> {
    fn between(out: &Path, files: &'f Files) -> Result<Self, Error> {
        let mut deleted = output::generated_files(out)?;
        deleted.retain(|path| files.keys().all(|name| *path != out.join(name)));
        deleted.sort();
        let mut written = Vec::new();
        for (name, content) in files {
            let path = out.join(name);
            if output::differs(&path, content, PREAMBLE.trim_end())? {
                written.push((path, content.as_str()));
            }
        }
        // `mod.rs` comes first: it marks the folder as generated, also after an interrupted run.
        written.sort_by_key(|(path, _)| !path.ends_with("mod.rs"));
        Ok(Self { written, deleted })
    }
}
