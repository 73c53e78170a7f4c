//! Deliveries that a worker took, and their leases.

use super::delivery::{QueueId, Queued, RawDelivery};
use std::time::{Duration, UNIX_EPOCH};

/// A delivery that is leased to one worker.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The lease, which ends with [`Inbox::settle`](super::Inbox::settle).
    pub lease: Lease,
    /// The delivery.
    pub delivery: Queued<RawDelivery>,
}

impl Taken {
    /// A delivery that is leased as it is stored. It was received this long after the Unix epoch.
    pub(super) fn first(queue_id: QueueId, received: Duration, delivery: RawDelivery) -> Self {
        let delivery = Queued { queue_id, received: UNIX_EPOCH + received, attempt: 1, delivery };
        Self { lease: Lease { id: queue_id, number: 1 }, delivery }
    }
}

/// The exclusive right to handle one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The delivery.
    pub id: QueueId,
    /// How often the delivery was taken, this time included.
    pub number: i64,
}
