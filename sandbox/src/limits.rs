//! The rate and cost limits the sandbox reports.
//!
//! They count down like the real ones, but nothing is refused: at zero a new window begins.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const REQUESTS_PER_HOUR: u64 = 3_600;
const COST_PER_HOUR: u64 = 5_000;
/// What a request costs. The real server's formula is not public, so every request costs the same.
const COST: u64 = 1;
const WINDOW_SECONDS: u64 = 3_600;

/// Counts what was used.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    used: AtomicU64,
}

/// Limits and what is left of them at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) request_limit: u64,
    pub(crate) request_remaining: u64,
    pub(crate) cost_limit: u64,
    pub(crate) cost: u64,
    pub(crate) cost_remaining: u64,
    /// End of the window in seconds since 1970.
    pub(crate) reset: u64,
}

impl Limits {
    /// Books one request and tells where that leaves the caller.
    pub(crate) fn charge(&self) -> Standing {
        let used = self.used.fetch_add(1, Ordering::Relaxed) + 1;
        Self::standing(used, COST)
    }

    /// The standing of a request that is refused before it is looked at, which costs nothing.
    pub(crate) fn look(&self) -> Standing {
        Self::standing(self.used.load(Ordering::Relaxed), 0)
    }

    fn standing(used: u64, cost: u64) -> Standing {
        // The end of the current hour: a real moment ahead, because clients wait for it.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Standing {
            request_limit: REQUESTS_PER_HOUR,
            request_remaining: left(REQUESTS_PER_HOUR, used),
            cost_limit: COST_PER_HOUR,
            cost,
            cost_remaining: left(COST_PER_HOUR, used * COST),
            reset: (now / WINDOW_SECONDS + 1) * WINDOW_SECONDS,
        }
    }
}

fn left(limit: u64, used: u64) -> u64 {
    limit - used % (limit + 1)
}
