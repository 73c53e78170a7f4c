//! Errors of a fetch, with advice.

use std::io;
use std::path::{Path, PathBuf};
use xurrent_generator::{Error as Generator, error_chain};

/// Why `schema.json` was not replaced. Holds no secrets. `Display` does not repeat the source.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Source or credentials are incomplete. Nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// The server is unreachable, refuses the request, or does not respond in GraphQL. The reason holds
    /// the server's own message.
    #[error("{host}: {reason}")]
    Call { host: String, reason: String, advice: String },
    /// The generator cannot use the response. Not a source, since its strings may repeat secrets.
    #[error("{host}: cannot use the response: {}", without_strings(response))]
    Response { host: String, response: Generator },
    /// The overrides or the schema of a second environment cannot be read.
    #[error("{file}")]
    Config { file: PathBuf, source: Generator },
    /// A file cannot be read or written.
    #[error("cannot {action} {path}")]
    File { action: &'static str, path: PathBuf, source: io::Error },
}

impl Error {
    /// For `map_err`: adds the file and the failed action.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }

    /// What to do next.
    pub(crate) fn advice(&self) -> &str {
        match self {
            Self::Usage(_) => "`cargo xtask regen --help` lists the sources and the credentials",
            Self::Call { advice, .. } => advice,
            Self::Response {
                response: Generator::Json(_) | Generator::Place { .. } | Generator::NoSchema,
                ..
            } => "check that the address is a GraphQL endpoint with full introspection",
            Self::Response {
                response: Generator::Config(_) | Generator::Collision { .. } | Generator::Environments { .. },
                ..
            } => "change schema.overrides.toml, or pass another file with --overrides, then fetch again",
            Self::Response { .. } => {
                "the generator does not support this schema; contact the operator of the server"
            }
            Self::Config { .. } => "correct the overrides; nothing was sent",
            Self::File { .. } => "check the path and its permissions",
        }
    }
}

/// The message without strings of the response, which may repeat secrets.
fn without_strings(error: &Generator) -> String {
    let message = error_chain(error);
    let (Generator::Json(json) | Generator::Place { source: json, .. }) = error else { return message };
    // serde quotes strings, except unknown variants.
    let variant = message.find("unknown variant `").map(|start| start + "unknown variant ".len());
    match message.find('"').into_iter().chain(variant).min() {
        Some(end) => {
            format!("{} at line {} column {}", message[..end].trim_end(), json.line(), json.column())
        }
        None => message,
    }
}
