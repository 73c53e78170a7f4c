//! Why a measurement could not be made.

use std::io;
use std::path::{Path, PathBuf};

/// Why a measurement could not be made. A missed target is none of these.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file cannot be read or written.
    #[error("cannot {what} {path}: {source}")]
    File { what: &'static str, path: PathBuf, source: io::Error },
    /// A command cannot be started.
    #[error("cannot run `{command}`: {source}")]
    Command { command: String, source: io::Error },
    /// A command failed.
    #[error("`{command}` failed:\n{output}")]
    Exit { command: String, output: String },
    /// A measured build did other work than the package that was to be measured.
    #[error("`{command}` was to compile {expected} packages, not {compiled}: are the sources being edited?")]
    OtherWork { command: String, expected: usize, compiled: usize },
    /// The two sides of a comparison do not do the same.
    #[error("{name}: the SDK and its peer decode the same page to different values")]
    Differs { name: &'static str },
    /// The generated source has not the shape that the peer is derived from.
    #[error("{file}: {message}")]
    Source { file: PathBuf, message: String },
    /// Rust source cannot be parsed.
    #[error("{file}: {source}")]
    Rust { file: PathBuf, source: syn::Error },
    /// A manifest cannot be read or written.
    #[error("{path}: {message}")]
    Manifest { path: PathBuf, message: String },
    /// The schema or the overrides cannot be used.
    #[error(transparent)]
    Generate(#[from] xurrent_generator::Error),
    /// The code generator of `graphql_client` refuses an operation.
    #[error("graphql_client_codegen refuses {document}: {message}")]
    Refused { document: String, message: String },
    /// The SDK's decoder refuses the page.
    #[error("the SDK refuses the page: {0}")]
    Decode(#[from] xurrent::DecodeError),
    /// The SDK refuses its settings.
    #[error("the SDK refuses its settings: {0}")]
    Settings(#[from] xurrent::Error),
    /// Futures cannot be run.
    #[error("the runtime cannot be started: {0}")]
    Runtime(#[from] io::Error),
    /// `serde_json` refuses a value.
    #[error("serde_json: {0}")]
    Json(#[from] serde_json::Error),
}

impl Failure {
    /// For `map_err`: names the file and what was tried with it.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }
}
