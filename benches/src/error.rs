//! Errors of a measurement.

use std::io;
use std::path::{Path, PathBuf};

/// Why a measurement failed. A missed target is not an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file cannot be read or written.
    #[error("cannot {action} {path}: {source}")]
    File { action: &'static str, path: PathBuf, source: io::Error },
    /// A command cannot be started.
    #[error("cannot run `{command}`: {source}")]
    Command { command: String, source: io::Error },
    /// A command failed.
    #[error("`{command}` failed:\n{output}")]
    Exit { command: String, output: String },
    /// A measured build compiled other packages too.
    #[error("`{command}` compiled {compiled} packages instead of {expected}: do not edit sources meanwhile")]
    OtherWork { command: String, expected: usize, compiled: usize },
    /// The two sides have different results.
    #[error("{name}: the SDK and its peer have different results")]
    Differs { name: &'static str },
    /// The generated source has an unexpected form.
    #[error("{file}: {message}")]
    Source { file: PathBuf, message: String },
    /// Rust source cannot be parsed.
    #[error("{file}: {source}")]
    Rust { file: PathBuf, source: syn::Error },
    /// A manifest cannot be read or written.
    #[error("{path}: {message}")]
    Manifest { path: PathBuf, message: String },
    /// The generator refuses the schema or the overrides.
    #[error(transparent)]
    Generate(#[from] xurrent_generator::Error),
    /// The code generator of `graphql_client` refuses an operation.
    #[error("graphql_client_codegen refuses {document}: {message}")]
    Refused { document: String, message: String },
    /// The SDK's decoder refuses the page.
    #[error("the SDK refuses the page: {0}")]
    Decode(#[from] xurrent::DecodeError),
    /// The page to serve has an unexpected form.
    #[error("the page has no cursor or no next page")]
    Page,
    /// A stream ended early.
    #[error("a stream of {expected} records ended after {records}")]
    Records { expected: usize, records: usize },
    /// A call of the SDK failed.
    #[error("the SDK: {0}")]
    Call(#[from] xurrent::Error),
    /// A verifier cannot be built.
    #[error("the verifier: {0}")]
    Verifier(#[from] xurrent_webhook::Error),
    /// A call of the peer failed.
    #[error("reqwest: {0}")]
    Peer(#[from] reqwest::Error),
    /// The operating system refused an operation.
    #[error(transparent)]
    System(#[from] io::Error),
    /// The sandbox failed.
    #[error(transparent)]
    Sandbox(#[from] xurrent_sandbox::SandboxError),
    /// The inbox of the receiver failed.
    #[error(transparent)]
    Inbox(#[from] xurrent_receiver::InboxError),
    /// The receiver lost a delivery.
    #[error("{name}: a delivery was accepted and never handled")]
    Lost { name: &'static str },
    /// `serde_json` refuses a value.
    #[error("serde_json: {0}")]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// For `map_err`: adds the file and the failed action.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
