//! Inboxes behind an `Arc`, which can be chosen at run time.

use super::{
    Arrivals, Batch, DeadLetter, DeadLetterFilter, Depth, Inbox, InboxFuture, Lease, Outcome, QueueId,
    RawDelivery, Stored, Take,
};
use futures_core::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

impl<I: Inbox + ?Sized> Inbox for Arc<I> {
    fn store(&self, delivery: RawDelivery) -> InboxFuture<'_, Stored> {
        (**self).store(delivery)
    }

    fn take(&self, take: Take) -> InboxFuture<'_, Batch> {
        (**self).take(take)
    }

    fn arrivals(&self, lease: Duration) -> Option<Arrivals> {
        (**self).arrivals(lease)
    }

    fn renew(&self, leases: Vec<Lease>, length: Duration) -> InboxFuture<'_, Vec<Lease>> {
        (**self).renew(leases, length)
    }

    fn settle_all(&self, outcomes: Vec<(Lease, Outcome)>) -> InboxFuture<'_, Vec<Lease>> {
        (**self).settle_all(outcomes)
    }

    fn depth(&self) -> InboxFuture<'_, Depth> {
        (**self).depth()
    }

    fn probe(&self) -> InboxFuture<'_, ()> {
        (**self).probe()
    }

    fn depth_by_event(&self) -> InboxFuture<'_, BTreeMap<String, Depth>> {
        (**self).depth_by_event()
    }

    fn dead_letters(
        &self,
        filter: DeadLetterFilter,
        after: Option<QueueId>,
        limit: usize,
    ) -> InboxFuture<'_, Vec<DeadLetter>> {
        (**self).dead_letters(filter, after, limit)
    }

    fn requeue(&self, filter: DeadLetterFilter) -> InboxFuture<'_, u64> {
        (**self).requeue(filter)
    }

    fn discard(&self, filter: DeadLetterFilter) -> InboxFuture<'_, u64> {
        (**self).discard(filter)
    }

    fn purge(&self) -> InboxFuture<'_, u64> {
        (**self).purge()
    }

    fn changes(&self) -> watch::Receiver<()> {
        (**self).changes()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        (**self).close()
    }
}
