//! Deliveries that a worker took, and their leases.

use super::delivery::{QueueId, Queued, RawDelivery};

/// A delivery that is leased to one worker.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The lease, which ends with [`Inbox::settle`](super::Inbox::settle).
    pub lease: Lease,
    /// The delivery.
    pub delivery: Queued<RawDelivery>,
}

/// The exclusive right to handle one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The delivery.
    pub id: QueueId,
    /// How often the delivery was taken, this time included.
    pub number: i64,
}
