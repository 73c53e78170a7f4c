//! Conversion of errors of the server.

use crate::inbox::InboxError;
use tokio_postgres::error::SqlState;

/// For `map_err`.
pub(super) fn storage(error: tokio_postgres::Error) -> InboxError {
    match error.code() {
        Some(&SqlState::DISK_FULL) => InboxError::Full,
        _ => InboxError::storage(error),
    }
}
