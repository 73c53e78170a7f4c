//! An inbox that tests can block or let fail.

use futures_core::future::BoxFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{Batch, DeadLetter, Depth, Lease, Outcome, QueueId, Stored, Take};
use xurrent_receiver::{Inbox, InboxError, RawDelivery};

/// Stores one delivery per permit, or fails with an error.
#[derive(Clone)]
pub(crate) struct Gate {
    inner: SqliteInbox,
    pub(crate) open: Arc<Semaphore>,
    pub(crate) error: Arc<Mutex<Option<InboxError>>>,
}

impl Gate {
    pub(crate) fn new(inner: &SqliteInbox) -> Self {
        Self { inner: inner.clone(), open: Arc::new(Semaphore::new(0)), error: Arc::default() }
    }
}

impl Inbox for Gate {
    fn store(&self, delivery: RawDelivery) -> BoxFuture<'_, Result<Stored, InboxError>> {
        Box::pin(async move {
            if let Some(error) = self.error.lock().unwrap().clone() {
                return Err(error);
            }
            self.open.acquire().await.unwrap().forget();
            self.inner.store(delivery).await
        })
    }
    fn take(&self, take: Take) -> BoxFuture<'_, Result<Batch, InboxError>> {
        self.inner.take(take)
    }
    fn renew(&self, leases: Vec<Lease>, length: Duration) -> BoxFuture<'_, Result<Vec<Lease>, InboxError>> {
        self.inner.renew(leases, length)
    }
    fn settle(&self, lease: Lease, outcome: Outcome) -> BoxFuture<'_, Result<bool, InboxError>> {
        self.inner.settle(lease, outcome)
    }
    fn depth(&self) -> BoxFuture<'_, Result<Depth, InboxError>> {
        self.inner.depth()
    }
    fn probe(&self) -> BoxFuture<'_, Result<(), InboxError>> {
        self.inner.probe()
    }
    fn dead_letters(
        &self,
        after: Option<QueueId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DeadLetter>, InboxError>> {
        self.inner.dead_letters(after, limit)
    }
    fn requeue(&self, id: QueueId) -> BoxFuture<'_, Result<bool, InboxError>> {
        self.inner.requeue(id)
    }
    fn discard(&self, id: QueueId) -> BoxFuture<'_, Result<bool, InboxError>> {
        self.inner.discard(id)
    }
    fn purge(&self) -> BoxFuture<'_, Result<u64, InboxError>> {
        self.inner.purge()
    }
    fn changes(&self) -> watch::Receiver<()> {
        self.inner.changes()
    }
}
