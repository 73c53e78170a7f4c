//! An inbox that tests can block or let fail.

use futures_core::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{
    Batch, DeadLetter, DeadLetterFilter, Depth, InboxFuture, Lease, Outcome, QueueId, Stored, Take,
};
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
    fn store(&self, delivery: RawDelivery) -> InboxFuture<'_, Stored> {
        Box::pin(async move {
            if let Some(error) = self.error.lock().unwrap().clone() {
                return Err(error);
            }
            self.open.acquire().await.unwrap().forget();
            self.inner.store(delivery).await
        })
    }
    fn take(&self, take: Take) -> InboxFuture<'_, Batch> {
        self.inner.take(take)
    }
    fn renew(&self, leases: Vec<Lease>, length: Duration) -> InboxFuture<'_, Vec<Lease>> {
        self.inner.renew(leases, length)
    }
    fn settle_all(&self, outcomes: Vec<(Lease, Outcome)>) -> InboxFuture<'_, Vec<Lease>> {
        self.inner.settle_all(outcomes)
    }
    fn depth(&self) -> InboxFuture<'_, Depth> {
        self.inner.depth()
    }
    fn probe(&self) -> InboxFuture<'_, ()> {
        self.inner.probe()
    }
    fn depth_by_event(&self) -> InboxFuture<'_, BTreeMap<String, Depth>> {
        self.inner.depth_by_event()
    }
    fn dead_letters(
        &self,
        filter: DeadLetterFilter,
        after: Option<QueueId>,
        limit: usize,
    ) -> InboxFuture<'_, Vec<DeadLetter>> {
        self.inner.dead_letters(filter, after, limit)
    }
    fn requeue(&self, filter: DeadLetterFilter) -> InboxFuture<'_, u64> {
        self.inner.requeue(filter)
    }
    fn discard(&self, filter: DeadLetterFilter) -> InboxFuture<'_, u64> {
        self.inner.discard(filter)
    }
    fn purge(&self) -> InboxFuture<'_, u64> {
        self.inner.purge()
    }
    fn changes(&self) -> watch::Receiver<()> {
        self.inner.changes()
    }
    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}
