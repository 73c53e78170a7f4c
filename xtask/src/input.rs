//! What the generator reads: schema.json, schema.qa.json and schema.overrides.toml.

use crate::error::Error;
use crate::workspace::root;
use clap::Args;
use std::path::{Path, PathBuf};
use xurrent_generator::Generator;
use xurrent_generator::command::generator_of_both;

/// Input of the generator.
#[derive(Args)]
pub(crate) struct Input {
    /// Introspection result, with or without `data` around it, or SDL.
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.json"))]
    pub(crate) schema: PathBuf,
    /// Schema of a second environment, in the same forms. By default `schema.qa.json` beside `schema.json`, if there is
    /// such a file
    #[arg(long, value_name = "FILE")]
    also: Option<PathBuf>,
    /// Settings that introspection does not provide: scalars, value lists, renames, skips.
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.overrides.toml"))]
    pub(crate) overrides: PathBuf,
}

/// The files of the generator: the schema, that of a second environment, which may be absent, and the settings.
#[derive(Clone, Copy)]
pub(crate) struct Files<'f> {
    pub(crate) schema: &'f Path,
    pub(crate) also: &'f Path,
    pub(crate) overrides: &'f Path,
}

impl Input {
    pub(crate) fn generator(&self) -> Result<Generator, Error> {
        Ok(generator_of_both(&self.schema, self.also().as_deref(), Some(&self.overrides))?)
    }

    /// The file for the schema of a second environment: `schema.qa.json` for `schema.json`.
    pub(crate) fn also_file(&self) -> PathBuf {
        self.also.clone().unwrap_or_else(|| self.schema.with_extension("qa.json"))
    }

    /// The schema of a second environment, if there is one.
    pub(crate) fn also(&self) -> Option<PathBuf> {
        Some(self.also_file()).filter(|file| self.also.is_some() || file.exists())
    }
}
