//! An embedded inbox: one SQLite file, without a server.
//!
//! The file uses a write-ahead log and `synchronous = FULL`: stored deliveries survive a crash of the
//! process or of the system, and a loss of power on disks that honour flushes. Operations that wait at
//! the same time share one flush. The file belongs to one process and must be on a local disk.
//!
//! Two more files are beside it: the write-ahead log (`-wal`), while the inbox is open or after a crash,
//! and a high-water mark (`-mark`) with the number of the last acknowledged delivery. An inbox that lacks
//! acknowledged deliveries fails to open with [`InboxError::Lost`]; when its files are deleted or replaced
//! while it is open, storing fails with [`InboxError::Replaced`].

mod file;
mod high_water_mark;
mod operations;
mod schema;
mod writer;

use super::recent_size::RecentSize;
use super::{DEFAULT_RETENTION, InboxError};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use writer::{Command, Effects, Operation, QUEUE_CAPACITY};

const DEFAULT_LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// An inbox in a file. Clones share the file, which is closed when the last one is dropped, or by
/// [`close`](Self::close).
#[derive(Debug, Clone)]
pub struct SqliteInbox {
    commands: mpsc::Sender<Command>,
    changes: watch::Sender<()>,
    retention: Duration,
    /// Whether a worker has taken in order: only then is it worth noting which deliveries are held.
    in_order: Arc<AtomicBool>,
    recent_size: Arc<RecentSize>,
}

/// Configures an embedded inbox.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `open` is called"]
pub struct SqliteInboxBuilder {
    path: PathBuf,
    retention: Duration,
    options: file::Options,
}

impl SqliteInbox {
    /// Opens the inbox in this file, or creates it. Only the owner may read a file that is created.
    ///
    /// Deliveries that a crashed process had taken are pending again.
    ///
    /// # Errors
    ///
    /// [`InboxError::Locked`] when another process uses the file, [`InboxError::Newer`] when a newer
    /// version of this crate created it, [`InboxError::Lost`] when acknowledged deliveries are missing,
    /// or [`InboxError::Storage`].
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, InboxError> {
        Self::builder(path).open().await
    }

    /// Configures the inbox in this file.
    pub fn builder(path: impl Into<PathBuf>) -> SqliteInboxBuilder {
        SqliteInboxBuilder {
            path: path.into(),
            retention: DEFAULT_RETENTION,
            options: file::Options { max_size: None, lock_timeout: DEFAULT_LOCK_TIMEOUT, accept_loss: false },
        }
    }

    /// Finishes running operations and closes the file. Another process can open it when this returns.
    /// All later operations fail with [`InboxError::Closed`].
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.commands.send(Command::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
        self.commands.closed().await;
    }

    /// Runs an operation in the next transaction and returns when it is durable.
    async fn run<T: Send + 'static>(
        &self,
        effects: Effects,
        run: impl Fn(&Connection, i64) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, InboxError> {
        let (reply, result) = oneshot::channel();
        let command = Command::Run(Box::new(Operation { run, result: None, reply, effects }));
        self.commands.send(command).await.map_err(|_| InboxError::Closed)?;
        result.await.map_err(|_| InboxError::Closed)?
    }
}

impl SqliteInboxBuilder {
    /// How long a handled delivery is remembered, so that late duplicates are recognised: a week by
    /// default. Its body is deleted at once.
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// The maximum size of the file in bytes: unlimited by default. A delivery that does not fit is not
    /// stored, and its sender gets 503.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.options.max_size = Some(bytes);
        self
    }

    /// How long to wait until another process closes the file: 5 seconds by default.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.options.lock_timeout = timeout;
        self
    }

    /// Opens a file that lacks acknowledged deliveries, instead of failing with [`InboxError::Lost`].
    /// Restore what can be restored first: the missing deliveries stay lost. Their number is logged as
    /// an error.
    pub fn accept_loss(mut self) -> Self {
        self.options.accept_loss = true;
        self
    }

    /// Opens the inbox.
    ///
    /// # Errors
    ///
    /// As [`SqliteInbox::open`].
    pub async fn open(self) -> Result<SqliteInbox, InboxError> {
        let (commands, received) = mpsc::channel(QUEUE_CAPACITY);
        let (opened, done) = oneshot::channel();
        let changes = watch::Sender::new(());
        let Self { path, retention, options } = self;
        let notifier = changes.clone();
        std::thread::Builder::new()
            .name("xurrent-inbox".to_owned())
            .spawn(move || writer::run(path, options, received, notifier, opened))
            .map_err(InboxError::storage)?;
        done.await.map_err(|_| InboxError::Closed)??;
        Ok(SqliteInbox {
            commands,
            changes,
            retention,
            in_order: Arc::default(),
            recent_size: Arc::default(),
        })
    }
}
