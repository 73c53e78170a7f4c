//! Errors of a fetch, with advice.

use std::io;
use std::path::{Path, PathBuf};
use xurrent_generator::Error as Generator;

/// Why `schema.json` was not replaced. Holds no secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Source or credentials are incomplete. Nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// The server is unreachable, refuses the request, or does not respond in GraphQL.
    #[error("{host}: {reason}")]
    Call {
        /// The server.
        host: String,
        /// What happened, with the server's own message.
        reason: String,
        /// What to do next.
        advice: String,
    },
    /// The generator cannot use the response.
    #[error("{host}: cannot use the response: {source}")]
    Response {
        /// The server.
        host: String,
        /// What is wrong with the response.
        source: Generator,
    },
    /// The overrides cannot be read.
    #[error("{file}: {source}")]
    Overrides {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: Generator,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// The action, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: adds the file and the failed action.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }

    /// What to do next.
    #[must_use]
    pub fn advice(&self) -> &str {
        match self {
            Self::Usage(_) => "`cargo xtask regen --help` lists the sources and the credentials",
            Self::Call { advice, .. } => advice,
            Self::Response { source: Generator::Json(_) | Generator::NoSchema, .. } => {
                "check that the address is a GraphQL endpoint with full introspection"
            }
            Self::Response { source: Generator::Overrides(_) | Generator::Collision { .. }, .. } => {
                "change schema.overrides.toml, or pass another file with --overrides, then fetch again"
            }
            Self::Response { .. } => {
                "the generator does not support this schema; contact the operator of the server"
            }
            Self::Overrides { .. } => "correct the overrides; nothing was sent",
            Self::File { .. } => "check the path and its permissions",
        }
    }
}
