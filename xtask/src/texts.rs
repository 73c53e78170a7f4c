//! What the source is generated from.

use crate::input::Files;
use std::borrow::Cow;
use std::path::Path;
use xurrent_generator::command::{Error, Named, Version};
use xurrent_generator::{Config, Generator};

/// The texts of files: the schema, that of a second environment if there is one, and the settings.
#[derive(Clone)]
pub(crate) struct Texts {
    pub(crate) schema: String,
    pub(crate) also: Option<String>,
    pub(crate) config: String,
}

impl Texts {
    /// What is generated. Errors name the files.
    pub(crate) fn generator(&self, files: &Files<'_>) -> Result<Generator, Error> {
        let failed = |source| Error::Generate { file: files.overrides.to_owned(), source };
        let config = Config::from_toml(&self.config).map_err(failed)?;
        let named =
            |file: &Path, text: &String| Named { name: file.display().to_string(), text: text.clone() };
        let also = self.also.as_ref().map(|text| named(files.also, text));
        Version { schema: named(files.schema, &self.schema), also, config }.generator()
    }

    /// Whether they differ at most in the ends of lines.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let lines = |text: &str| text.replace('\r', "");
        let all =
            |texts: &Self| (lines(&texts.schema), texts.also.as_deref().map(lines), lines(&texts.config));
        all(self) == all(other)
    }

    /// The schema, or both one after the other, and the settings.
    pub(crate) fn parts(&self) -> (Cow<'_, str>, &str) {
        let schema = match &self.also {
            Some(also) => Cow::Owned(format!("{}{also}", self.schema)),
            None => Cow::Borrowed(self.schema.as_str()),
        };
        (schema, &self.config)
    }
}
