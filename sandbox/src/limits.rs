//! The limits of the API: requests in any two seconds, requests and cost in an hour.
//!
//! Each user has limits of their own. Unless told otherwise, the sandbox reports the hourly ones and
//! refuses nothing: at zero they begin anew.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const REQUESTS_PER_HOUR: u64 = 3_600;
const COST_PER_HOUR: u64 = 5_000;
/// What a request costs. The real server's formula is not public, so every request costs the same.
const COST: u64 = 1;
const WINDOW_SECONDS: u64 = 3_600;

/// The limits to enforce.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) burst: Option<Burst>,
    pub(crate) budget: Option<Budget>,
}

/// So many requests in any window of this length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Burst {
    pub(crate) requests: usize,
    pub(crate) window: Duration,
}

/// So many requests and so much cost until the window ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) requests: u64,
    pub(crate) cost: u64,
    pub(crate) seconds: u64,
}

/// Counts what was used.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    settings: Settings,
    users: Mutex<HashMap<String, Usage>>,
}

#[derive(Debug, Default)]
struct Usage {
    requests: u64,
    /// End of the window in seconds since 1970, where a budget is enforced.
    reset: u64,
    /// When the requests of the last burst window came.
    recent: VecDeque<Instant>,
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

/// A request too many.
#[derive(Debug)]
pub(crate) struct TooMany {
    pub(crate) standing: Standing,
    /// In how many seconds to try again.
    pub(crate) retry_after: u64,
}

impl Limits {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, users: Mutex::default() }
    }

    /// Books one request and tells where that leaves the user. A refused one is not booked.
    pub(crate) fn charge(&self, user: &str) -> Result<Standing, TooMany> {
        let now = seconds_since_1970();
        let mut users = self.users();
        let usage = users.entry(user.to_owned()).or_default();
        self.pass(usage, now)?;
        if let Some(budget) = self.settings.budget {
            if now >= usage.reset {
                (usage.requests, usage.reset) = (0, now + budget.seconds);
            }
            if usage.requests >= budget.requests || usage.requests * COST >= budget.cost {
                let retry_after = usage.reset - now;
                return Err(TooMany { standing: self.standing(usage, 0, now), retry_after });
            }
        }
        usage.requests += 1;
        usage.recent.push_back(Instant::now());
        Ok(self.standing(usage, COST, now))
    }

    /// Books one request that only counts as part of a burst.
    pub(crate) fn admit(&self, user: &str) -> Result<(), TooMany> {
        let mut users = self.users();
        let usage = users.entry(user.to_owned()).or_default();
        self.pass(usage, seconds_since_1970())?;
        usage.recent.push_back(Instant::now());
        Ok(())
    }

    fn pass(&self, usage: &mut Usage, now: u64) -> Result<(), TooMany> {
        let Some(burst) = self.settings.burst else {
            usage.recent.clear();
            return Ok(());
        };
        match usage.burst(burst, Instant::now()) {
            Some(retry_after) => Err(TooMany { standing: self.standing(usage, 0, now), retry_after }),
            None => Ok(()),
        }
    }

    /// The standing of a request that is refused before it is looked at, which costs nothing.
    pub(crate) fn look(&self, user: &str) -> Standing {
        self.standing(self.users().entry(user.to_owned()).or_default(), 0, seconds_since_1970())
    }

    fn standing(&self, usage: &Usage, cost: u64, now: u64) -> Standing {
        let Some(budget) = self.settings.budget else {
            return Standing {
                request_limit: REQUESTS_PER_HOUR,
                request_remaining: left(REQUESTS_PER_HOUR, usage.requests),
                cost_limit: COST_PER_HOUR,
                cost,
                cost_remaining: left(COST_PER_HOUR, usage.requests * COST),
                // The end of the current hour: a real moment ahead, because clients wait for it.
                reset: (now / WINDOW_SECONDS + 1) * WINDOW_SECONDS,
            };
        };
        let (used, reset) =
            if now < usage.reset { (usage.requests, usage.reset) } else { (0, now + budget.seconds) };
        Standing {
            request_limit: budget.requests,
            request_remaining: budget.requests.saturating_sub(used),
            cost_limit: budget.cost,
            cost,
            cost_remaining: budget.cost.saturating_sub(used * COST),
            reset,
        }
    }

    fn users(&self) -> MutexGuard<'_, HashMap<String, Usage>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Usage {
    /// In how many seconds there is room for a request; nothing when there is now.
    fn burst(&mut self, burst: Burst, now: Instant) -> Option<u64> {
        while self.recent.front().is_some_and(|came| now.duration_since(*came) >= burst.window) {
            self.recent.pop_front();
        }
        let first = self.recent.front().filter(|_| self.recent.len() >= burst.requests)?;
        let wait = burst.window.saturating_sub(now.duration_since(*first));
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}

fn left(limit: u64, used: u64) -> u64 {
    limit - used % (limit + 1)
}

fn seconds_since_1970() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn every_user_has_a_budget_that_shrinks() {
        let budget = Budget { requests: 2, cost: 10, seconds: 60 };
        let limits = Limits::new(Settings { burst: None, budget: Some(budget) });
        let left = |user: &str| limits.charge(user).map(|it| (it.request_remaining, it.cost_remaining));
        assert_eq!(left("a").unwrap(), (1, 9));
        assert_eq!(left("a").unwrap(), (0, 8));
        let refused = left("a").unwrap_err();
        assert_eq!((refused.standing.request_remaining, refused.standing.cost), (0, 0));
        assert!((59..=60).contains(&refused.retry_after));
        assert_eq!(left("b").unwrap(), (1, 9));

        let limits = Limits::new(Settings { burst: None, budget: Some(Budget { cost: 1, ..budget }) });
        limits.charge("a").unwrap();
        assert!(limits.charge("a").is_err(), "the cost is used up");
    }

    #[test]
    fn a_burst_is_refused_until_its_window_has_passed() {
        let burst = Burst { requests: 2, window: Duration::from_millis(1_500) };
        let (mut usage, start) = (Usage::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        for millis in [0, 100] {
            assert_eq!(usage.burst(burst, at(millis)), None);
            usage.recent.push_back(at(millis));
        }
        assert_eq!(usage.burst(burst, at(200)), Some(2));
        assert_eq!(usage.burst(burst, at(1_499)), Some(1));
        assert_eq!(usage.burst(burst, at(1_500)), None);
    }
}
