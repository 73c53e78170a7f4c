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
    /// The page that is to be served does not look as it should.
    #[error("the page has no cursor or does not say that there is more")]
    Page,
    /// A stream ended early.
    #[error("a stream of {expected} records came to its end after {records}")]
    Records { expected: usize, records: usize },
    /// A call of the SDK failed.
    #[error("the SDK: {0}")]
    Call(#[from] xurrent::Error),
    /// A call of the peer failed.
    #[error("reqwest: {0}")]
    Peer(#[from] reqwest::Error),
    /// Something is not to be had from the operating system.
    #[error(transparent)]
    System(#[from] io::Error),
    /// The inbox of the receiver failed.
    #[error(transparent)]
    Inbox(#[from] xurrent_receiver::InboxError),
    /// The receiver did not hand on everything that it answered.
    #[error("{name}: a delivery was answered and never handled")]
    Lost { name: &'static str },
    /// The schema cannot be printed as SDL.
    #[error("cannot print the schema: {0}")]
    Sdl(#[from] xurrent_sandbox::SandboxError),
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
