//! How many deliveries a worker takes ahead of its handlers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A worker takes as many deliveries as its handlers should end in this time, so that it does not wait for the
/// inbox after each, and other machines do not wait for what it holds.
const AHEAD: Duration = Duration::from_millis(100);

/// The maximum number that is taken ahead.
const MAX_AHEAD: usize = 256;

/// The average duration of recent calls of the handler.
pub(super) struct Pace {
    /// In nanoseconds. The largest value means that no call has ended.
    average: AtomicU64,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { average: AtomicU64::new(u64::MAX) }
    }

    pub(super) fn add(&self, elapsed: Duration) {
        let elapsed = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        let update =
            |average| Some(if average == u64::MAX { elapsed } else { average - average / 8 + elapsed / 8 });
        let _ = self.average.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    /// Handlers are much slower than they were.
    pub(super) fn reset(&self) {
        self.average.store(u64::MAX, Ordering::Relaxed);
    }

    /// How many deliveries to take ahead of this many handlers.
    pub(super) fn ahead(&self, concurrency: usize) -> usize {
        let average = self.average.load(Ordering::Relaxed).max(1);
        let each = AHEAD.as_nanos() / u128::from(average);
        usize::try_from(each).unwrap_or(usize::MAX).saturating_mul(concurrency).min(MAX_AHEAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fast_handlers_have_deliveries_taken_ahead() {
        let pace = Pace::new();
        assert_eq!(pace.ahead(8), 0, "unknown");
        pace.add(Duration::from_millis(10));
        assert_eq!(pace.ahead(8), 80);
        (0..100).for_each(|_| pace.add(Duration::from_micros(10)));
        assert_eq!(pace.ahead(8), MAX_AHEAD);
        (0..100).for_each(|_| pace.add(Duration::from_secs(1)));
        assert_eq!(pace.ahead(8), 0);
        pace.add(Duration::ZERO);
        pace.add(Duration::MAX);
        pace.reset();
        assert_eq!(pace.ahead(8), 0);
    }
}
