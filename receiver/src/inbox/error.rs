//! Errors of an inbox, and reasons not to store a delivery.

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
    /// A newer version of this crate migrated the tables, and this one can no longer use them.
    #[error(
        "inbox has schema version {found}, which needs a program of version {minimum} or newer, but this \
         program has version {known}: run the newer program"
    )]
    Newer {
        /// The version of the tables.
        found: i64,
        /// The oldest version whose programs can use the tables.
        minimum: i64,
        /// The version that this crate creates.
        known: i64,
    },
    /// An older version of this crate created the tables, or nothing did, and the inbox was opened without
    /// migration.
    #[error("inbox has schema version {found}, but this program needs version {known}: migrate it first")]
    Outdated {
        /// The version of the tables: 0 if there are none.
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
    pub(crate) fn storage(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Storage(Arc::new(error))
    }
}

/// Formats an error and its chain of sources, separated by colons. A source that the text already
/// contains is not repeated. The program calls it too.
#[must_use]
pub fn error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        source = error.source();
    }
    text
}

/// Why a request was rejected. The reason is logged and counted, and never sent to the sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Rejection {
    reason: &'static str,
    detail: String,
}

impl Rejection {
    /// `reason` is one of a few fixed words and becomes a label of a metric. `detail` is a sentence
    /// without secrets; in the log, control characters are escaped and it is cut after 500 bytes.
    pub fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    /// The label of the metric.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}
