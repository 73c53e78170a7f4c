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
mod queries;
mod schema;
mod writer;

use super::lease_guard::take_guarded;
use super::recent_size::RecentSize;
use super::{
    Batch, DEFAULT_RETENTION, DeadLetter, Depth, Inbox, InboxError, Lease, Outcome, QueueId, RawDelivery,
    Stored, Take,
};
use futures_core::future::BoxFuture;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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

const NONE: Effects = Effects { wakes: false, acknowledges: false };
const WAKES: Effects = Effects { wakes: true, acknowledges: false };

impl Inbox for SqliteInbox {
    fn store(&self, delivery: RawDelivery) -> BoxFuture<'_, Result<Stored, InboxError>> {
        let in_order = self.in_order.load(Ordering::Relaxed);
        self.recent_size.add(delivery.body.len());
        let effects = Effects { wakes: true, acknowledges: true };
        Box::pin(self.run(effects, move |file, now| queries::store(file, now, &delivery, in_order)))
    }

    fn take(&self, take: Take) -> BoxFuture<'_, Result<Batch, InboxError>> {
        if take.in_order {
            self.in_order.store(true, Ordering::Relaxed);
        }
        let inbox = self.clone();
        take_guarded(self.clone(), async move {
            inbox.run(NONE, move |file, now| queries::take(file, now, take)).await
        })
    }

    fn renew(&self, leases: Vec<Lease>, length: Duration) -> BoxFuture<'_, Result<Vec<Lease>, InboxError>> {
        let run = move |file: &Connection, now| queries::renew(file, now, &leases, length);
        Box::pin(self.run(NONE, run))
    }

    fn settle(&self, lease: Lease, outcome: Outcome) -> BoxFuture<'_, Result<bool, InboxError>> {
        let retention = self.retention;
        let wakes = matches!(outcome, Outcome::Retry { .. } | Outcome::GiveBack);
        let run = move |file: &Connection, now| queries::settle(file, now, lease, &outcome, retention);
        Box::pin(self.run(Effects { wakes, acknowledges: false }, run))
    }

    fn depth(&self) -> BoxFuture<'_, Result<Depth, InboxError>> {
        Box::pin(self.run(NONE, queries::depth))
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), InboxError>> {
        let size = self.recent_size.get();
        let effects = Effects { wakes: false, acknowledges: true };
        Box::pin(self.run(effects, move |file, now| queries::probe(file, now, size)))
    }

    fn dead_letters(
        &self,
        after: Option<QueueId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DeadLetter>, InboxError>> {
        let after = after.map_or(0, |id| id.0);
        Box::pin(self.run(NONE, move |file, _| queries::dead_letters(file, after, limit)))
    }

    fn requeue(&self, id: QueueId) -> BoxFuture<'_, Result<bool, InboxError>> {
        Box::pin(self.run(WAKES, move |file, now| queries::requeue(file, now, id)))
    }

    fn discard(&self, id: QueueId) -> BoxFuture<'_, Result<bool, InboxError>> {
        let retention = self.retention;
        Box::pin(self.run(NONE, move |file, now| queries::discard(file, now, id, retention)))
    }

    fn purge(&self) -> BoxFuture<'_, Result<u64, InboxError>> {
        Box::pin(self.run(NONE, queries::purge))
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}
