//! The limits of a server: requests in a short window, requests and cost in an hour.

mod budget;
mod rate_limiter;

pub use budget::{Allowance, Budget};
pub(crate) use budget::{Closed, ReportedLimits};
pub(crate) use rate_limiter::{Permit, RateLimiter};

use crate::retry::LONGEST;
use crate::send::lock;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// The limits of one user, shared by all tokens of it.
pub(crate) struct Limits {
    limiter: Option<RateLimiter>,
    hourly: Mutex<Hourly>,
}

#[derive(Default)]
struct Hourly {
    reported: ReportedLimits,
    /// Until when the server refuses everything, by its own words.
    refuses_until: Option<Instant>,
}

impl Limits {
    pub(crate) fn new(limiter: Option<RateLimiter>) -> Self {
        Self { limiter, hourly: Mutex::default() }
    }

    /// A permit, if one is free. Without a rate limit, one always is.
    pub(crate) fn try_acquire(&self) -> Option<Permit> {
        self.limiter.as_ref().map_or_else(|| Some(Permit(None)), RateLimiter::try_acquire)
    }

    /// Waits for a permit. Without a rate limit, one is free at once.
    pub(crate) async fn acquire(&self) -> Permit {
        match &self.limiter {
            None => Permit(None),
            Some(limiter) => limiter.acquire().await,
        }
    }

    pub(crate) fn note(&self, reported: &ReportedLimits) {
        lock(&self.hourly).reported.note(reported);
    }

    /// Notes that the server refuses everything for this time, which later responses only prolong. A time
    /// beyond all limits concerns the call that it was sent to, and no other.
    pub(crate) fn refuses_for(&self, wait: Duration) {
        if wait > LONGEST {
            return;
        }
        let until = Some(Instant::now() + wait);
        let mut hourly = lock(&self.hourly);
        hourly.refuses_until = hourly.refuses_until.max(until);
    }

    pub(crate) fn budget(&self) -> Budget {
        lock(&self.hourly).reported.snapshot()
    }

    /// Whether nothing can be sent now. An exhausted quota comes first: it has a rule of its own.
    pub(crate) fn closed(&self) -> Option<Closed> {
        let hourly = lock(&self.hourly);
        let refuses = hourly.refuses_until.filter(|until| *until > Instant::now()).map(Closed::Refuses);
        hourly.reported.exhausted().or(refuses)
    }
}
