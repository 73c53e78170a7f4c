//! Errors of documents.

/// Why a document has no Rust equivalent, and what to write instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SelectError(pub(super) String);

pub(super) fn error<T>(message: impl Into<String>) -> Result<T, SelectError> {
    Err(SelectError(message.into()))
}
