//! Compares a schema with an older one of the same API, as `xurrent-generator diff` does.

use crate::error::Error;
use crate::fetch::fetch;
use crate::schemas::Schema;
use crate::tools::Folders;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use xurrent_generator::diff::{Counts, Diff, Format};
use xurrent_generator::{Config, Generator};

/// The differences between two versions of a schema.
pub(crate) struct Compared {
    pub(crate) counts: Counts,
    /// How long it took to read both schemas, compare them and format the report, without reading files.
    pub(crate) time: Duration,
}

/// Compares with the older version, if the schema has one.
pub(crate) fn compare(folders: &Folders, schema: &Schema, file: &Path) -> Result<Option<Compared>, Error> {
    let Some(older) = schema.older() else { return Ok(None) };
    let read = |file: &Path| fs::read_to_string(file).map_err(Error::file("read", file));
    let (old, new) = (read(&fetch(folders, &older)?)?, read(file)?);
    let config = Config::from_toml(&schema.config)?;
    let started = Instant::now();
    let diff = Diff::with_schema(
        &Generator::new(&old, &config)?,
        &xurrent_generator::Schema::from_text(&new)?,
        &config,
    )?;
    let report = diff.text(&Format::default());
    let time = started.elapsed();
    // For people, beside the cache.
    crate::tools::write(&folders.work.join("differences").join(format!("{}.txt", schema.name)), report)?;
    Ok(Some(Compared { counts: diff.counts(), time }))
}
