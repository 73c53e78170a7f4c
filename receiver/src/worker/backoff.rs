//! Exponential backoff with jitter.

use std::time::Duration;

#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) max: Duration,
}

impl Backoff {
    /// The delay after an attempt, counted from 1. It doubles with every attempt, and half of it is
    /// random, so that deliveries that failed together are not retried together.
    pub(super) fn after(self, attempt: u32) -> Duration {
        let factor = 2_u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let delay = self.first.saturating_mul(factor).min(self.max);
        delay / 2 + delay.mul_f64(fastrand::f64() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_maximum_and_differ() {
        let backoff = Backoff { first: Duration::from_secs(1), max: Duration::from_secs(60) };
        for (attempt, max) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (40, 60), (u32::MAX, 60)] {
            let max = Duration::from_secs(max);
            for _ in 0..100 {
                let delay = backoff.after(attempt);
                assert!(delay >= max / 2 && delay <= max, "{attempt}: {delay:?}");
            }
        }
        assert_ne!(backoff.after(7), backoff.after(7));
        let unlimited = Backoff { first: Duration::MAX, max: Duration::MAX };
        assert!(unlimited.after(3) >= Duration::MAX / 2);
    }
}
