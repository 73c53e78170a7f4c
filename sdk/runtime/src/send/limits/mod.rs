//! What the server allows: requests in a short time, requests and cost in an hour.

mod budget;
mod rate_limiter;

pub use budget::{Allowance, Budget};
pub(crate) use budget::{UsedUp, cost};
pub(crate) use rate_limiter::{Burst, REQUESTS, Slot, WINDOW};

use crate::retry::LONGEST;
use budget::Budgets;
use http::HeaderMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The limits of one user, shared by all tokens of it.
pub(crate) struct Limits {
    burst: Option<Burst>,
    hourly: Mutex<Hourly>,
}

#[derive(Default)]
struct Hourly {
    budgets: Budgets,
    /// Until when the server said that it will refuse everything.
    refuses_until: Option<Instant>,
}

/// Why nothing can be sent now.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Closed {
    UsedUp(UsedUp),
    Refuses(Instant),
    /// The token was refused a short while ago, and others are there.
    Rests(Instant),
}

impl Closed {
    pub(crate) fn until(self) -> Instant {
        match self {
            Self::UsedUp(used_up) => used_up.until,
            Self::Refuses(until) | Self::Rests(until) => until,
        }
    }

    pub(crate) fn is_used_up(self) -> bool {
        matches!(self, Self::UsedUp(_))
    }
}

impl Limits {
    pub(crate) fn new(burst: Option<Burst>) -> Self {
        Self { burst, hourly: Mutex::default() }
    }

    /// A slot, if one is free at once; without a limit there always is.
    pub(crate) fn try_slot(&self) -> Option<Slot> {
        self.burst.as_ref().map_or_else(|| Some(Slot::uncounted()), Burst::try_slot)
    }

    /// Waits for a slot, if there is a limit.
    pub(crate) async fn slot(&self) -> Slot {
        match &self.burst {
            None => Slot::uncounted(),
            Some(burst) => burst.slot().await,
        }
    }

    /// Takes over what an answer says.
    pub(crate) fn note(&self, headers: &HeaderMap) {
        self.hourly().budgets.note(headers);
    }

    /// The server refuses everything for this time. A later word prolongs that and never shortens it.
    /// One that is longer than any limit counts for the call that it was said to, and for no other.
    pub(crate) fn refuses_for(&self, wait: Duration) {
        if wait > LONGEST {
            return;
        }
        let until = Some(Instant::now() + wait);
        let mut hourly = self.hourly();
        hourly.refuses_until = hourly.refuses_until.max(until);
    }

    pub(crate) fn budget(&self) -> Budget {
        self.hourly().budgets.snapshot()
    }

    /// Whether nothing can be sent now. A budget that is used up comes first: it has a rule of its
    /// own.
    pub(crate) fn closed(&self) -> Option<Closed> {
        let hourly = self.hourly();
        let refuses = hourly.refuses_until.filter(|until| *until > Instant::now()).map(Closed::Refuses);
        hourly.budgets.used_up().map(Closed::UsedUp).or(refuses)
    }

    fn hourly(&self) -> MutexGuard<'_, Hourly> {
        self.hourly.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
