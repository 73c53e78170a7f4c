//! Errors of tasks.

use std::io;
use xurrent_generator::{command, select};

/// Why a task failed. `Display` does not repeat the source.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Command(#[from] command::Error),
    #[error(transparent)]
    Select(select::SelectError),
    #[error("cannot run `{command}`")]
    Program { command: String, source: io::Error },
}
