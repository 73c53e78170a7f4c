//! The embedded inbox: one SQLite file, no server.
//!
//! The file runs with a write-ahead log and `synchronous = FULL`: what was stored survives a crash
//! of the process, of the system, and a loss of power on disks that flush when they are told to.
//! Operations that wait at the same time share one flush. The file belongs to one process, and must
//! be on a local disk.
//!
//! Beside it are its log (`-wal`), while it is open or after a crash, and a mark (`-mark`) with the number
//! of the last delivery that was answered as stored. A file that lacks some of these is refused with
//! [`InboxError::Lost`]; a file that is deleted or replaced while it is open, with
//! [`InboxError::Replaced`].

mod file;
mod high_water_mark;
mod queries;
mod schema;
mod writer;

use super::recent_size::UsualSize;
use super::{
    Batch, DEFAULT_KEEP, DeadLetter, DeliveryId, Depth, Inbox, InboxError, Lease, Outcome, Stored, Take,
};
use crate::authenticator::Accepted;
use futures_core::future::BoxFuture;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use writer::{Effects, Message, WAITING, Work};

/// How long opening waits for another process to let go of the file.
const DEFAULT_WAIT_FOR_LOCK: Duration = Duration::from_secs(5);

/// An inbox in a file. Clones are the same inbox; the file is closed when the last one is gone, or
/// by [`close`](Self::close).
#[derive(Debug, Clone)]
pub struct SqliteInbox {
    messages: mpsc::Sender<Message>,
    changes: watch::Sender<()>,
    keep: Duration,
    /// Whether a worker has taken in order: it costs the others to note whose turn it is.
    in_order: Arc<AtomicBool>,
    usual: Arc<UsualSize>,
}

/// Settings of an embedded inbox.
#[derive(Debug, Clone)]
#[must_use = "nothing is opened before `open`"]
pub struct SqliteInboxBuilder {
    path: PathBuf,
    keep: Duration,
    options: file::Options,
}

impl SqliteInbox {
    /// Opens the inbox in this file, or makes it. Only its owner may read a file that is made.
    ///
    /// What a process that died had taken is pending again.
    ///
    /// # Errors
    ///
    /// [`InboxError::Locked`] when another process uses the file, [`InboxError::Newer`] when a newer
    /// version of this crate made it, [`InboxError::Lost`] when deliveries are missing that were
    /// answered as stored, or what the disk said.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, InboxError> {
        Self::builder(path).open().await
    }

    /// Settings for the inbox in this file.
    pub fn builder(path: impl Into<PathBuf>) -> SqliteInboxBuilder {
        SqliteInboxBuilder {
            path: path.into(),
            keep: DEFAULT_KEEP,
            options: file::Options {
                max_size: None,
                wait_for_lock: DEFAULT_WAIT_FOR_LOCK,
                accept_loss: false,
            },
        }
    }

    /// Finishes what is under way and closes the file: another process can open it when this
    /// resolves. All later operations end with [`InboxError::Closed`].
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.messages.send(Message::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
        self.messages.closed().await;
    }

    /// Runs an operation in the next transaction, and returns when that is durable.
    async fn run<T: Send + 'static>(
        &self,
        run: impl Fn(&Connection, i64) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, InboxError> {
        self.send(run, |result| result, Effects::default()).await
    }

    /// The same, and afterwards a worker may have something to do.
    async fn run_and_wake<T: Send + 'static>(
        &self,
        run: impl Fn(&Connection, i64) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, InboxError> {
        self.send(run, |result| result, Effects { wakes: true, ..Effects::default() }).await
    }

    async fn send<T: Send + 'static, U: Send + 'static>(
        &self,
        run: impl Fn(&Connection, i64) -> rusqlite::Result<T> + Send + 'static,
        deliver: impl FnOnce(T) -> U + Send + 'static,
        effects: Effects,
    ) -> Result<U, InboxError> {
        let (reply, result) = oneshot::channel();
        let work = Box::new(Work { run, result: None, deliver, reply: Some(reply), effects });
        self.messages.send(Message::Work(work)).await.map_err(|_| InboxError::Closed)?;
        result.await.map_err(|_| InboxError::Closed)?
    }
}

impl SqliteInboxBuilder {
    /// How long a handled delivery is remembered, so that a late duplicate is known. A week by
    /// default. Its body is gone at once.
    pub fn keep(mut self, keep: Duration) -> Self {
        self.keep = keep;
        self
    }

    /// The largest size of the file in bytes. What does not fit is not stored, and its sender is
    /// told to try again. No limit by default.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.options.max_size = Some(bytes);
        self
    }

    /// How long to wait for another process to let go of the file: 5 seconds by default.
    pub fn wait_for_lock(mut self, wait: Duration) -> Self {
        self.options.wait_for_lock = wait;
        self
    }

    /// Opens a file that lacks deliveries which were answered as stored, instead of refusing it with
    /// [`InboxError::Lost`]. They stay lost: first bring back what can be brought back. How many there
    /// are is logged as an error.
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
        let (messages, received) = mpsc::channel(WAITING);
        let (opened, done) = oneshot::channel();
        let changes = watch::Sender::new(());
        let Self { path, keep, options } = self;
        let waker = changes.clone();
        std::thread::Builder::new()
            .name("xurrent-inbox".to_owned())
            .spawn(move || writer::serve(path, options, received, waker, opened))
            .map_err(InboxError::storage)?;
        done.await.map_err(|_| InboxError::Closed)??;
        Ok(SqliteInbox { messages, changes, keep, in_order: Arc::default(), usual: Arc::default() })
    }
}

impl Inbox for SqliteInbox {
    fn store(&self, delivery: Accepted) -> BoxFuture<'_, Result<Stored, InboxError>> {
        let in_order = self.in_order.load(Ordering::Relaxed);
        self.usual.note(delivery.body.len());
        let run = move |file: &Connection, now| queries::store(file, now, &delivery, in_order);
        Box::pin(self.send(run, |stored| stored, Effects { wakes: true, acknowledges: true }))
    }

    fn take(&self, take: Take) -> BoxFuture<'_, Result<Batch, InboxError>> {
        if take.in_order {
            self.in_order.store(true, Ordering::Relaxed);
        }
        let back = self.messages.downgrade();
        Box::pin(async move {
            let deliver = |batch| Transit { batch, back };
            let transit = self
                .send(move |file, now| queries::take(file, now, take), deliver, Effects::default())
                .await?;
            Ok(transit.arrive())
        })
    }

    fn renew(&self, leases: Vec<Lease>, length: Duration) -> BoxFuture<'_, Result<Vec<Lease>, InboxError>> {
        Box::pin(self.run(move |file, now| queries::renew(file, now, &leases, length)))
    }

    fn settle(&self, lease: Lease, outcome: Outcome) -> BoxFuture<'_, Result<bool, InboxError>> {
        let keep = self.keep;
        let is_pending = matches!(outcome, Outcome::Retry { .. } | Outcome::GiveBack);
        let run = move |file: &Connection, now| queries::settle(file, now, lease, &outcome, keep);
        let effects = Effects { wakes: is_pending, ..Effects::default() };
        Box::pin(self.send(run, |settled| settled, effects))
    }

    fn depth(&self) -> BoxFuture<'_, Result<Depth, InboxError>> {
        Box::pin(self.run(queries::depth))
    }

    fn probe(&self) -> BoxFuture<'_, Result<(), InboxError>> {
        let size = self.usual.get();
        let run = move |file: &Connection, now| queries::probe(file, now, size);
        Box::pin(self.send(run, |done| done, Effects { wakes: false, acknowledges: true }))
    }

    fn dead_letters(
        &self,
        after: Option<DeliveryId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DeadLetter>, InboxError>> {
        let after = after.map_or(0, |id| id.0);
        Box::pin(self.run(move |file, _| queries::dead_letters(file, after, limit)))
    }

    fn requeue(&self, id: DeliveryId) -> BoxFuture<'_, Result<bool, InboxError>> {
        Box::pin(self.run_and_wake(move |file, now| queries::requeue(file, now, id)))
    }

    fn discard(&self, id: DeliveryId) -> BoxFuture<'_, Result<bool, InboxError>> {
        let keep = self.keep;
        Box::pin(self.run(move |file, now| queries::discard(file, now, id, keep)))
    }

    fn purge(&self) -> BoxFuture<'_, Result<u64, InboxError>> {
        Box::pin(self.run(queries::purge))
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

/// Taken deliveries on their way to a worker. If it is gone when they arrive, they go back at once.
struct Transit {
    batch: Batch,
    back: mpsc::WeakSender<Message>,
}

impl Transit {
    fn arrive(mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }
}

impl Drop for Transit {
    fn drop(&mut self) {
        let leases: Vec<Lease> = self.batch.taken.iter().map(|taken| taken.lease).collect();
        if let Some(back) = self.back.upgrade()
            && !leases.is_empty()
        {
            let run = move |file: &Connection, now| queries::give_back(file, now, &leases);
            let effects = Effects { wakes: true, ..Effects::default() };
            let work = Work { run, result: None, deliver: drop, reply: None, effects };
            // With the queue full, the leases expire.
            let _ = back.try_send(Message::Work(Box::new(work)));
        }
    }
}
