//! What a crate is generated from.

use super::Error;
use crate::{Config, Generator, Schema};
use std::fs;
use std::path::{Path, PathBuf};

/// A text, and what messages call it.
pub struct Named {
    /// `schema.json`, or `HEAD:schema.json`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A schema, or those of two environments, with its configuration.
pub struct Version {
    /// The schema, in a form that [`Schema::from_text`] takes.
    pub schema: Named,
    /// That of a second environment.
    pub also: Option<Named>,
    /// The configuration of both.
    pub config: Config,
}

impl Named {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(file: &Path) -> Result<Self, Error> {
        Ok(Self {
            name: file.display().to_string(),
            text: fs::read_to_string(file).map_err(Error::file("read", file))?,
        })
    }

    fn schema(&self) -> Result<Schema, Error> {
        let named = |source| Error::Generate { file: PathBuf::from(&self.name), source };
        Schema::from_text(&self.text).map_err(named)
    }
}

impl Version {
    /// The schema, or [both as one](Schema::merge).
    ///
    /// # Errors
    /// When a schema is not valid, or when the two contradict each other.
    pub fn schema(&self) -> Result<Schema, Error> {
        let schema = self.schema.schema()?;
        let Some(also) = &self.also else { return Ok(schema) };
        Schema::merge(&schema, &also.schema()?, &self.config).map_err(|source| self.error(source))
    }

    /// What is generated.
    ///
    /// # Errors
    /// When a schema or the configuration is not valid, or when two schemas contradict each other.
    pub fn generator(&self) -> Result<Generator, Error> {
        Generator::from_schema(&self.schema()?, &self.config).map_err(|source| self.error(source))
    }

    /// An error in the schema or in both together.
    pub(super) fn error(&self, source: crate::Error) -> Error {
        let file = match &self.also {
            Some(also) => format!("{} and {}", self.schema.name, also.name),
            None => self.schema.name.clone(),
        };
        Error::Generate { file: file.into(), source }
    }
}
