//! The id of a delivery at its target.

use xurrent_receiver::QueuedDelivery;

/// The id that all attempts share, also for deliveries without one.
pub(super) fn stable_id(delivery: &QueuedDelivery) -> String {
    delivery.origin_id().map_or_else(|| format!("inbox-{}", delivery.queue_id), str::to_owned)
}
