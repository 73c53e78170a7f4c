//! How long a failed delivery waits.

use std::time::Duration;

#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

impl Backoff {
    /// The wait doubles with every attempt. Half of it is chance, so that what failed together does
    /// not come back together.
    pub(super) fn after(self, attempt: u32) -> Duration {
        let doubled = 2_u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let wait = self.first.saturating_mul(doubled).min(self.longest);
        wait / 2 + wait.mul_f64(fastrand::f64() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_differ() {
        let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
        for (attempt, most) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (40, 60), (u32::MAX, 60)] {
            let most = Duration::from_secs(most);
            for _ in 0..100 {
                let wait = backoff.after(attempt);
                assert!(wait >= most / 2 && wait <= most, "{attempt}: {wait:?}");
            }
        }
        assert_ne!(backoff.after(7), backoff.after(7));
        let endless = Backoff { first: Duration::MAX, longest: Duration::MAX };
        assert!(endless.after(3) >= Duration::MAX / 2);
    }
}
