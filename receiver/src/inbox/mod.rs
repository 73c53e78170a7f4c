//! Where deliveries are kept from the answer to the end of their handling.

mod error;
#[cfg(feature = "postgres")]
pub mod postgres;
mod recent_size;
pub mod sqlite;

use crate::authenticator::Accepted;
use bytes::Bytes;
pub use error::InboxError;
use futures_core::future::BoxFuture;
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

/// How long a handled delivery is remembered, so that a late duplicate is known: a week.
pub const DEFAULT_KEEP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A durable queue of deliveries.
///
/// A delivery is *pending* until a worker *takes* it on a lease; it ends as *done* or *dead*. A lease
/// that is neither renewed nor settled expires, and the delivery is pending again: so the work of a
/// machine that died comes back. Every lease has a number of its own, and only the latest counts.
///
/// A future that is dropped leaves the inbox usable: its operation happens as a whole or not at all.
pub trait Inbox: Send + Sync + 'static {
    /// Stores a delivery, unless its origin or its token was stored before. When this resolves
    /// without an error, the delivery survives a loss of power.
    fn store(&self, delivery: Accepted) -> BoxFuture<'_, Result<Stored, InboxError>>;

    /// Takes deliveries that are due, the oldest first.
    fn take(&self, take: Take) -> BoxFuture<'_, Result<Batch, InboxError>>;

    /// Prolongs leases, and returns those that belong to somebody else by now.
    fn renew(&self, leases: Vec<Lease>, length: Duration) -> BoxFuture<'_, Result<Vec<Lease>, InboxError>>;

    /// Ends a lease. `false` if it belongs to somebody else by now; nothing is changed then.
    fn settle(&self, lease: Lease, outcome: Outcome) -> BoxFuture<'_, Result<bool, InboxError>>;

    /// How much there is.
    fn depth(&self) -> BoxFuture<'_, Result<Depth, InboxError>>;

    /// Writes something durable as large as a delivery of late, to know that one could be stored.
    fn probe(&self) -> BoxFuture<'_, Result<(), InboxError>>;

    /// Dead letters in the order of their arrival, from the one after `after`. Nothing but
    /// [`discard`](Self::discard) ever removes one.
    fn dead_letters(
        &self,
        after: Option<DeliveryId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DeadLetter>, InboxError>>;

    /// Makes a dead letter pending again, with all its attempts before it. `false` if there is none.
    fn requeue(&self, id: DeliveryId) -> BoxFuture<'_, Result<bool, InboxError>>;

    /// Gives a dead letter up. Its origin is remembered like that of a handled one. `false` if there
    /// is none.
    fn discard(&self, id: DeliveryId) -> BoxFuture<'_, Result<bool, InboxError>>;

    /// Forgets some of what was handled long enough ago, and returns how much. Workers do that once a
    /// minute, and go on until there is nothing to forget.
    fn purge(&self) -> BoxFuture<'_, Result<u64, InboxError>>;

    /// Changes when this process made a delivery pending.
    fn changes(&self) -> watch::Receiver<()>;
}

/// The number of a delivery in its inbox. They grow in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub i64);

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What became of a delivery that was to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is in the inbox now.
    New,
    /// It was there before.
    Duplicate,
}

/// What a worker wants to have.
#[derive(Debug, Clone, Copy)]
pub struct Take {
    /// At most so many.
    pub limit: usize,
    /// For so long, unless the lease is renewed.
    pub lease: Duration,
    /// Nothing whose record has an earlier delivery that is pending or taken.
    pub in_order: bool,
}

/// What a worker got.
#[derive(Debug, Default)]
pub struct Batch {
    /// In the order of arrival.
    pub taken: Vec<Taken>,
    /// Ask again after this time even if nothing arrives.
    pub wait: Duration,
}

/// A delivery that nobody else has.
#[derive(Debug, Clone)]
pub struct Taken {
    /// What ends with [`Inbox::settle`].
    pub lease: Lease,
    /// What is to be handled.
    pub delivery: Delivery,
}

/// The right to handle one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The delivery.
    pub id: DeliveryId,
    /// How often it was taken, this time included.
    pub number: i64,
}

/// How a lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The delivery is handled.
    Done,
    /// It failed, and is due again after a while.
    Retry {
        /// How long a while.
        after: Duration,
        /// What went wrong.
        reason: String,
    },
    /// It failed for good.
    Dead {
        /// What went wrong.
        reason: String,
    },
    /// It was not handled, and this is not counted as an attempt.
    GiveBack,
}

/// How much an inbox holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Deliveries that wait, for a worker or for their next attempt.
    pub pending: u64,
    /// Deliveries that are being handled.
    pub taken: u64,
    /// Dead letters.
    pub dead: u64,
    /// How long ago the oldest of the pending ones arrived.
    pub oldest: Option<Duration>,
}

/// A delivery out of the inbox.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// Its number in the inbox.
    pub id: DeliveryId,
    /// `x-xurrent-delivery` of the try that was stored.
    pub delivery: Option<String>,
    /// `x-xurrent-delivery-origin`. The same whenever this delivery is handled, so it makes a good key
    /// for work that must not be done twice.
    pub origin: Option<String>,
    /// The account that sent it.
    pub account: String,
    /// What happened, such as `request.create`.
    pub event: String,
    /// What it happened to.
    pub record: Option<String>,
    /// The verified JSON object.
    pub body: Bytes,
    /// When it was stored.
    pub received: SystemTime,
    /// How often it was handled, this time included.
    pub attempt: u32,
}

impl Delivery {
    /// The body as a type of the caller's.
    ///
    /// # Errors
    ///
    /// What `serde_json` says when the body is something else.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

/// The body is somebody's data: only its length is shown.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, delivery, origin, account, event, record, body, received: _, attempt } = self;
        f.debug_struct("Delivery")
            .field("id", id)
            .field("delivery", delivery)
            .field("origin", origin)
            .field("account", account)
            .field("event", event)
            .field("record", record)
            .field("attempt", attempt)
            .field("body", &format_args!("{} bytes", body.len()))
            .finish_non_exhaustive()
    }
}

/// A delivery that failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The delivery; its attempt is the last one.
    pub delivery: Delivery,
    /// What went wrong then.
    pub reason: String,
}
