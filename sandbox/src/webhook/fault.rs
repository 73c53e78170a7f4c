//! Faults of deliveries, on request.

use std::time::Duration;

/// A fault of one delivery attempt.
/// [`Sandbox::delivery_faults`](crate::Sandbox::delivery_faults) queues them: each applies to one
/// attempt, in their order.
#[derive(Debug, Clone)]
#[must_use = "a fault has no effect until it is given to a sandbox"]
pub struct DeliveryFault(pub(super) Effect);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    Twice,
    Delayed(Duration),
    ResponseLost,
}

impl DeliveryFault {
    /// No fault: for an attempt in between.
    pub fn none() -> Self {
        Self(Effect::None)
    }

    /// Sends the same bytes twice, with the same id.
    pub fn twice() -> Self {
        Self(Effect::Twice)
    }

    /// Waits before sending, so that later deliveries overtake it.
    pub fn delayed(duration: Duration) -> Self {
        Self(Effect::Delayed(duration))
    }

    /// Loses the response of the receiver: the attempt fails.
    pub fn response_lost() -> Self {
        Self(Effect::ResponseLost)
    }
}
