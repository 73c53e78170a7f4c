//! Why a schema could not be fetched, and what to do about it.

use crate::canonical::Unusable;
use std::io;
use std::path::{Path, PathBuf};

/// Why `schema.json` was not replaced. No secret is ever in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The place or the credentials are not complete. Nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// The server cannot be reached, refuses, or does not answer in GraphQL.
    #[error("{host}: {reason}")]
    Call {
        /// The server.
        host: String,
        /// What happened, with the words of the server.
        reason: String,
        /// What to do next.
        advice: String,
    },
    /// The server answered, but no SDK can be made of the answer.
    #[error("{host}: the answer is not used: {source}")]
    Answer {
        /// The server.
        host: String,
        /// What is wrong with the answer.
        source: Unusable,
    },
    /// The overrides cannot be read.
    #[error("{file}: {source}")]
    Overrides {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: xurrent_generator::Error,
    },
    /// A file cannot be read or written.
    #[error("cannot {what} {path}: {source}")]
    File {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The words of the operating system.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: names the file and what was tried with it.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }

    /// What to do next.
    #[must_use]
    pub fn advice(&self) -> &str {
        match self {
            Self::Usage(_) => "`cargo xtask regen --help` lists the places and the credentials",
            Self::Call { advice, .. } => advice,
            Self::Answer { source, .. } => source.advice(),
            Self::Overrides { .. } => "correct the overrides; nothing was sent",
            Self::File { .. } => "check the path and its permissions",
        }
    }
}
