//! Durable queues of deliveries.

mod arrivals;
mod database;
mod dead_letter;
mod delivery;
mod error;
mod leases;
mod operations;
#[cfg(feature = "postgres")]
pub mod postgres;
mod run_on_drop;
mod schema;
mod shared;
pub mod sqlite;
mod taken;

pub use arrivals::Arrivals;
pub use dead_letter::{DeadLetter, DeadLetterFilter};
pub use delivery::{QueueId, Queued, QueuedDelivery, RawDelivery};
#[doc(hidden)]
pub use error::error_chain;
pub use error::{InboxError, Rejection};
use futures_core::future::BoxFuture;
pub(crate) use run_on_drop::RunOnDrop;
pub use schema::SchemaVersion;
use std::collections::BTreeMap;
use std::time::Duration;
pub use taken::{Lease, Taken};
use tokio::sync::watch;

/// How long a handled delivery is remembered by default, so that late duplicates are recognised: a
/// week.
pub const DEFAULT_RETENTION: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The future of an operation of an [`Inbox`].
pub type InboxFuture<'a, T> = BoxFuture<'a, Result<T, InboxError>>;

/// A durable queue of deliveries.
///
/// A delivery is *pending* until a worker *takes* it on a lease, at the earliest when it is stored; it ends as
/// *done* or *dead*. A lease that is neither renewed nor settled expires, and the delivery is pending again:
/// deliveries of a crashed machine return to the queue. Every lease has a number, and only the latest one is valid.
///
/// Every operation is atomic, also when its future is dropped, except where it says otherwise.
///
/// An `Arc` of an inbox is an inbox, so `Arc<dyn Inbox>` can be chosen at run time.
pub trait Inbox: Send + Sync + 'static {
    /// Stores a delivery, unless one with the same origin or token was stored before. Once this
    /// returns without an error, the delivery survives a loss of power.
    fn store(&self, delivery: RawDelivery) -> InboxFuture<'_, Stored>;

    /// Takes deliveries that are due, the oldest first.
    fn take(&self, take: Take) -> InboxFuture<'_, Batch>;

    /// Takes deliveries as this process stores them, on leases of this length: a worker that has taken all that was
    /// due needs no transaction to take those. Workers in order do not use it. `None`, the default, if the inbox
    /// cannot.
    ///
    /// ```
    /// # use xurrent_receiver::{Inbox, inbox::Taken};
    /// # use std::time::Duration;
    /// async fn take_next(inbox: &dyn Inbox, limit: usize) -> Vec<Taken> {
    ///     let Some(mut arrivals) = inbox.arrivals(Duration::from_secs(60)) else { return Vec::new() };
    ///     arrivals.accept(limit);
    ///     arrivals.next().await
    /// }
    /// ```
    fn arrivals(&self, lease: Duration) -> Option<Arrivals> {
        let _ = lease;
        None
    }

    /// Renews leases and returns those that are no longer valid.
    fn renew(&self, leases: Vec<Lease>, length: Duration) -> InboxFuture<'_, Vec<Lease>>;

    /// Ends leases, all in one transaction, and returns those that are no longer valid: nothing is changed
    /// for them.
    ///
    /// ```
    /// # use xurrent_receiver::{Inbox, InboxError, inbox::{Outcome, Taken}};
    /// async fn give_back(inbox: &dyn Inbox, taken: &[Taken]) -> Result<(), InboxError> {
    ///     let outcomes = taken.iter().map(|taken| (taken.lease, Outcome::GiveBack)).collect();
    ///     inbox.settle_all(outcomes).await.map(drop)
    /// }
    /// ```
    fn settle_all(&self, outcomes: Vec<(Lease, Outcome)>) -> InboxFuture<'_, Vec<Lease>>;

    /// Ends one lease. Returns `false` and changes nothing if the lease is no longer valid.
    fn settle(&self, lease: Lease, outcome: Outcome) -> InboxFuture<'_, bool> {
        let settled = self.settle_all(vec![(lease, outcome)]);
        Box::pin(async move { Ok(settled.await?.is_empty()) })
    }

    /// Counts the deliveries.
    fn depth(&self) -> InboxFuture<'_, Depth>;

    /// Checks that a delivery could be stored now: durably writes as much as a large recent delivery.
    fn probe(&self) -> InboxFuture<'_, ()>;

    /// Counts the deliveries of each event that has any.
    fn depth_by_event(&self) -> InboxFuture<'_, BTreeMap<String, Depth>>;

    /// Lists dead letters in the order of arrival, starting after `after`. Only
    /// [`discard`](Self::discard) removes one.
    fn dead_letters(
        &self,
        filter: DeadLetterFilter,
        after: Option<QueueId>,
        limit: usize,
    ) -> InboxFuture<'_, Vec<DeadLetter>>;

    /// Makes dead letters pending again, with all their attempts, and returns their number.
    ///
    /// ```
    /// # use xurrent_receiver::{Inbox, InboxError, inbox::DeadLetterFilter};
    /// async fn retry_requests(inbox: &dyn Inbox) -> Result<u64, InboxError> {
    ///     inbox.requeue(DeadLetterFilter::all().event("request.*")).await
    /// }
    /// ```
    ///
    /// Batches of 2,000 are atomic: a failure, or dropping the future, leaves later batches as they are.
    fn requeue(&self, filter: DeadLetterFilter) -> InboxFuture<'_, u64>;

    /// Removes dead letters and returns their number. Their origins are remembered like those of handled
    /// deliveries. Atomic like [`requeue`](Self::requeue).
    fn discard(&self, filter: DeadLetterFilter) -> InboxFuture<'_, u64>;

    /// Deletes a batch of the deliveries whose retention is over and returns their number. Workers call
    /// this every minute, repeatedly until nothing is left to delete.
    fn purge(&self) -> InboxFuture<'_, u64>;

    /// Notifies when this process makes a delivery pending.
    fn changes(&self) -> watch::Receiver<()>;

    /// Finishes running operations and closes the inbox. All later operations, also those of clones, fail
    /// with [`InboxError::Closed`].
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The result of storing a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The delivery was added.
    New,
    /// The delivery was stored before.
    Duplicate,
}

/// Which deliveries a worker takes.
#[derive(Debug, Clone, Copy)]
pub struct Take {
    /// The maximum number of deliveries.
    pub limit: usize,
    /// The length of the lease.
    pub lease: Duration,
    /// Skips deliveries whose record has an earlier delivery that is pending or taken.
    pub in_order: bool,
}

/// The deliveries that a worker took.
#[derive(Debug, Default)]
pub struct Batch {
    /// The deliveries, in the order of arrival.
    pub taken: Vec<Taken>,
    /// When to take again, even if nothing arrives.
    pub wait: Duration,
}

/// How a lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The delivery was handled.
    Done,
    /// The attempt failed. The delivery is due again later.
    Retry {
        /// The delay.
        after: Duration,
        /// Why the attempt failed.
        reason: String,
    },
    /// The delivery failed for good and becomes a dead letter.
    Dead {
        /// Why the last attempt failed.
        reason: String,
    },
    /// The delivery was not handled. The attempt is not counted.
    GiveBack,
}

/// How many deliveries an inbox holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Deliveries that wait for a worker or for their next attempt.
    pub pending: u64,
    /// Deliveries that are being handled.
    pub taken: u64,
    /// Dead letters.
    pub dead: u64,
    /// The age of the oldest pending delivery.
    pub oldest: Option<Duration>,
}
