//! How often issuers that nobody has named, and that never signed anything, are asked for keys.
//!
//! A name is all that is known of them, and names cost a stranger nothing. Ten of them are asked in the
//! time of `refetch_after`. Others wait for the second budget: one a second, for names that came before.
//! An issuer that exists comes again, since deliveries that were refused are sent again; names that are
//! made up for one token never reach that budget. Who repeats his names too has to send more deliveries
//! than the account does to be asked for more often.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// How many are asked in the time of `refetch_after`.
const FIRST: u32 = 10;

/// How often one is asked that came before.
const AGAIN: Duration = Duration::from_secs(1);

/// How many names are remembered at least, as hashes: some 600 KB for twice as many.
const REMEMBERED: usize = 16 * 1024;

#[derive(Default)]
pub(super) struct Budget {
    since: Option<Instant>,
    asked: u32,
    again: Option<Instant>,
    hashes: RandomState,
    seen: HashSet<u64>,
    seen_before: HashSet<u64>,
}

impl Budget {
    /// Whether this issuer may be asked now.
    pub(super) fn admits(&mut self, name: &str, period: Duration) -> bool {
        let now = Instant::now();
        let came_before = self.came_before(name);
        if self.since.is_none_or(|since| now - since >= period) {
            (self.since, self.asked) = (Some(now), 0);
        }
        if self.asked < FIRST {
            self.asked += 1;
            return true;
        }
        let admitted = came_before && self.again.is_none_or(|again| now - again >= AGAIN);
        if admitted {
            self.again = Some(now);
        }
        admitted
    }

    fn came_before(&mut self, name: &str) -> bool {
        let hash = self.hashes.hash_one(name);
        let came_before = self.seen_before.contains(&hash);
        if self.seen.len() >= REMEMBERED {
            self.seen_before = std::mem::take(&mut self.seen);
        }
        !self.seen.insert(hash) || came_before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn ten_unknown_issuers_are_asked_and_then_those_that_come_again() {
        let mut budget = Budget::default();
        let asked = (0..1_000).filter(|number| budget.admits(&number.to_string(), HOUR)).count();
        assert_eq!(asked, 10);
        // One that comes again is asked at once, but only one in a second.
        assert!(!budget.admits("real", HOUR) && budget.admits("real", HOUR));
        assert!(!budget.admits("other", HOUR) && !budget.admits("other", HOUR));
        budget.again = budget.again.and_then(|again| again.checked_sub(AGAIN));
        assert!(budget.admits("other", HOUR));
        // The first ten are counted anew after their time.
        assert!(budget.admits("new", Duration::ZERO));
    }

    #[test]
    fn made_up_names_fill_no_memory_and_hide_nobody_for_long() {
        let mut budget = Budget::default();
        for number in 0..10 * REMEMBERED {
            budget.admits(&number.to_string(), HOUR);
            assert!(budget.seen.len() + budget.seen_before.len() <= 2 * REMEMBERED);
        }
        assert!(!budget.admits("real", HOUR));
        for number in 0..REMEMBERED {
            budget.admits(&format!("other {number}"), HOUR);
        }
        assert!(budget.admits("real", HOUR));
    }
}
