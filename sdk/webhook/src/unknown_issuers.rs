//! The limit for key fetches from unknown issuers: not configured, and without a valid signature so far.
//!
//! Anyone can make up issuers. Per `refetch_after`, keys of ten unknown issuers are fetched. Beyond that,
//! one fetch per second is allowed for issuers that were seen before: refused deliveries are sent again, so
//! a real issuer comes back, and an issuer made up for one token does not. An attacker who repeats issuers
//! must send more deliveries than the account to get more fetches.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// The maximum number of fetches from unknown issuers per `refetch_after`.
const MAX_UNKNOWN_ISSUER_FETCHES: u32 = 10;

/// The interval of further fetches, from issuers that were seen before.
const RETURNING_INTERVAL: Duration = Duration::from_secs(1);

/// The minimum number of remembered issuers, as hashes: about 600 KB for twice as many.
const REMEMBERED: usize = 16 * 1024;

#[derive(Default)]
pub(super) struct UnknownIssuerLimit {
    since: Option<Instant>,
    fetches: u32,
    last_returning: Option<Instant>,
    hashes: RandomState,
    seen: HashSet<u64>,
    seen_before: HashSet<u64>,
}

impl UnknownIssuerLimit {
    /// Whether keys of this issuer may be fetched now.
    pub(super) fn admits(&mut self, name: &str, period: Duration) -> bool {
        let now = Instant::now();
        let seen_earlier = self.seen_earlier(name);
        if self.since.is_none_or(|since| now - since >= period) {
            (self.since, self.fetches) = (Some(now), 0);
        }
        if self.fetches < MAX_UNKNOWN_ISSUER_FETCHES {
            self.fetches += 1;
            return true;
        }
        let is_due = self.last_returning.is_none_or(|again| now - again >= RETURNING_INTERVAL);
        if seen_earlier && is_due {
            self.last_returning = Some(now);
        }
        seen_earlier && is_due
    }

    fn seen_earlier(&mut self, name: &str) -> bool {
        let hash = self.hashes.hash_one(name);
        let seen_earlier = self.seen_before.contains(&hash);
        if self.seen.len() >= REMEMBERED {
            self.seen_before = std::mem::take(&mut self.seen);
        }
        !self.seen.insert(hash) || seen_earlier
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn ten_unknown_issuers_are_admitted_and_then_returning_ones() {
        let mut limit = UnknownIssuerLimit::default();
        let asked = (0..1_000).filter(|number| limit.admits(&number.to_string(), HOUR)).count();
        assert_eq!(asked, 10);
        // A returning issuer is admitted at once, but only one per second.
        assert!(!limit.admits("real", HOUR) && limit.admits("real", HOUR));
        assert!(!limit.admits("other", HOUR) && !limit.admits("other", HOUR));
        limit.last_returning = limit.last_returning.and_then(|again| again.checked_sub(RETURNING_INTERVAL));
        assert!(limit.admits("other", HOUR));
        // The count starts again after its period.
        assert!(limit.admits("new", Duration::ZERO));
    }

    #[test]
    fn made_up_issuers_use_bounded_memory_and_do_not_displace_real_ones() {
        let mut limit = UnknownIssuerLimit::default();
        for number in 0..10 * REMEMBERED {
            limit.admits(&number.to_string(), HOUR);
            assert!(limit.seen.len() + limit.seen_before.len() <= 2 * REMEMBERED);
        }
        assert!(!limit.admits("real", HOUR));
        for number in 0..REMEMBERED {
            limit.admits(&format!("other {number}"), HOUR);
        }
        assert!(limit.admits("real", HOUR));
    }
}
