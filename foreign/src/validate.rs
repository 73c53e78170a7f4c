//! Validates documents with the engine `graphql` for JavaScript. The tests of the generator have another one.

use crate::error::Error;
use crate::generate::documents_folder;
use crate::schemas::Schema;
use crate::tools::{Folders, run};
use std::path::Path;
use std::process::Command;

/// Validates all documents of a schema, and returns how many there are.
///
/// # Errors
/// When one is invalid.
pub(crate) fn validate(
    folders: &Folders,
    schema: &Schema,
    file: &Path,
    documents: usize,
) -> Result<usize, Error> {
    let script = folders.engine().join("validate.mjs");
    let output = run(Command::new("node").arg(script).arg(file).arg(documents_folder(folders, schema)))?;
    let valid = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(0);
    match valid == documents {
        true => Ok(valid),
        false => {
            let output = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(Error::Invalid { documents, valid, output })
        }
    }
}
