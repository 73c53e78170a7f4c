//! Errors of an inbox.

use crate::error_chain::error_chain;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

/// Why an operation of an inbox failed. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// Another process has the file open. An embedded inbox belongs to one process.
    #[error("{path} is in use by another process")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of this crate created the tables.
    #[error("inbox has schema version {found}, but this program supports versions up to {known}")]
    Newer {
        /// The version of the tables.
        found: i64,
        /// The version that this crate creates.
        known: i64,
    },
    /// No space is left, on the disk or within the configured size.
    #[error("the inbox is full")]
    Full,
    /// The inbox was closed.
    #[error("the inbox is closed")]
    Closed,
    /// Acknowledged deliveries are missing: the file or its write-ahead log was removed, replaced by an
    /// older one, or damaged.
    #[error(
        "{path} lacks the last {missing} acknowledged deliveries: the file or its write-ahead log was \
         removed, replaced or damaged; restore both files, or open the inbox with `accept_loss`"
    )]
    Lost {
        /// The file.
        path: PathBuf,
        /// The number of missing deliveries.
        missing: u64,
    },
    /// The file or its write-ahead log was deleted or replaced while the inbox was open. Nothing more
    /// is stored; workers still handle what the inbox holds.
    #[error("{path} or its write-ahead log was deleted or replaced while in use; restart the program")]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The server does not flush what it commits.
    #[error("server setting `{setting}` is off: commits do not survive a loss of power; turn it on")]
    NotDurable {
        /// The setting of the server.
        setting: &'static str,
    },
    /// Any other error of the storage.
    #[error("inbox storage failed: {}", error_chain(&**.0))]
    Storage(Arc<dyn Error + Send + Sync>),
}

impl InboxError {
    /// For `map_err`.
    pub(crate) fn storage(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Storage(Arc::new(error))
    }
}
