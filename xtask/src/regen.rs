//! `cargo xtask regen`: the generated part of the SDK, from schema.json or a live endpoint.

use crate::error::Error;
use crate::fetch::Fetch;
use crate::workspace::root;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use xurrent_generator::Generator;
use xurrent_generator::command::{generator, spinner, update};

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
    /// Introspection result, with or without `data` around it, or SDL.
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.json"))]
    schema: PathBuf,
    /// Settings that introspection does not provide: scalars, value lists, renames, skips.
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.overrides.toml"))]
    overrides: PathBuf,
}

impl Input {
    pub(crate) fn generator(&self) -> Result<Generator, Error> {
        Ok(generator(&self.schema, Some(&self.overrides))?)
    }
}

impl Regen {
    pub(crate) fn run(self) -> Result<ExitCode, Error> {
        if let Some(code) = self.fetch.run(&self.input.schema, &self.input.overrides)? {
            return Ok(code);
        }
        let progress = spinner("Generating Rust");
        let generator = self.input.generator()?;
        let files = generator.rust();
        drop(progress);
        Ok(update(&generator, &files, &self.out, "", self.check.then_some("cargo xtask regen"))?)
    }
}
