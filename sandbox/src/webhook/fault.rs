//! What can go wrong with a delivery on purpose.

use std::time::Duration;

/// What goes wrong with one attempt to deliver something. Give them to
/// [`Sandbox::delivery_faults`](crate::Sandbox::delivery_faults): each meets one attempt, in their order.
#[derive(Debug, Clone)]
#[must_use = "a fault happens only when it is given to a sandbox"]
pub struct DeliveryFault(pub(super) Effect);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    Twice,
    Late(Duration),
    AnswerLost,
}

impl DeliveryFault {
    /// Nothing goes wrong: for an attempt in between.
    pub fn none() -> Self {
        Self(Effect::None)
    }

    /// The same bytes are sent twice, with the same id.
    pub fn twice() -> Self {
        Self(Effect::Twice)
    }

    /// It waits before it is sent, and those after it overtake it.
    pub fn late(duration: Duration) -> Self {
        Self(Effect::Late(duration))
    }

    /// The receiver answers, but the answer does not arrive: the attempt counts as failed.
    pub fn answer_lost() -> Self {
        Self(Effect::AnswerLost)
    }
}
