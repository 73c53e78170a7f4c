//! What can go wrong in an inbox.

use crate::error_chain::causes;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

/// Why an inbox did not do what it was asked for. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// Another process has the file open. An embedded inbox belongs to one process.
    #[error("{path} is in use by another process")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The tables were made by a newer version of this crate.
    #[error("the inbox has version {found}, and this program knows {known}")]
    Newer {
        /// The version of the tables.
        found: i64,
        /// The version that this crate makes.
        known: i64,
    },
    /// No space is left, on the disk or within the size that was set.
    #[error("the inbox is full")]
    Full,
    /// The inbox was closed.
    #[error("the inbox is closed")]
    Closed,
    /// The file lacks deliveries that were answered as stored: the file or its write-ahead log was
    /// removed, replaced by an older one, or damaged.
    #[error(
        "{path} lacks the last {missing} deliveries that were answered as stored: it or its \
         write-ahead log was removed, replaced or damaged; bring both files back, or open it with \
         `accept_loss`"
    )]
    Lost {
        /// The file.
        path: PathBuf,
        /// How many deliveries.
        missing: u64,
    },
    /// The file or its write-ahead log was deleted or replaced while the inbox had it open. Nothing
    /// more is stored; what is in the inbox is still handled.
    #[error("{path} or its write-ahead log was deleted or replaced while it was in use: restart the program")]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The server would forget what it confirmed.
    #[error("the server runs with `{setting} = off`: what it confirms does not survive a loss of power")]
    NotDurable {
        /// The setting of the server.
        setting: &'static str,
    },
    /// Anything else.
    #[error("the inbox failed: {}", causes(&**.0))]
    Storage(Arc<dyn Error + Send + Sync>),
}

impl InboxError {
    /// For `map_err`: what the storage said.
    pub(crate) fn storage(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Storage(Arc::new(error))
    }
}
