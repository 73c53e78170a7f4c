//! The rate limits of the API: requests in any two seconds, requests and cost in an hour.
//!
//! Each user has limits of their own. By default the sandbox reports the hourly ones and refuses
//! nothing: at zero they start again.

use jiff::Timestamp;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

const REQUESTS_PER_HOUR: u64 = 3_600;
const COST_PER_HOUR: u64 = 5_000;
/// The cost of a request. The real server's formula is not public, so all requests cost the same.
const COST: u64 = 1;
const WINDOW_SECONDS: u64 = 3_600;

#[derive(Debug, Clone, Default)]
pub(crate) struct LimitSettings {
    pub(crate) burst: Option<Burst>,
    pub(crate) budget: Option<Budget>,
}

/// A number of requests in any window of this length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Burst {
    pub(crate) requests: usize,
    pub(crate) window: Duration,
}

/// A number of requests and a cost until the window ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) requests: u64,
    pub(crate) cost: u64,
    pub(crate) seconds: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Limits {
    settings: LimitSettings,
    users: Mutex<HashMap<String, Usage>>,
}

#[derive(Debug, Default)]
struct Usage {
    requests: u64,
    /// End of the window in seconds since 1970, where a budget is enforced.
    reset: u64,
    /// The requests within the last burst window.
    recent: VecDeque<Instant>,
}

/// The limits and the remaining quota at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QuotaSnapshot {
    pub(crate) request_limit: u64,
    pub(crate) request_remaining: u64,
    pub(crate) cost_limit: u64,
    pub(crate) cost: u64,
    pub(crate) cost_remaining: u64,
    /// End of the window in seconds since 1970.
    pub(crate) reset: u64,
}

#[derive(Debug)]
pub(crate) struct LimitExceeded {
    pub(crate) quota: QuotaSnapshot,
    /// Seconds.
    pub(crate) retry_after: u64,
}

impl Limits {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        Self { settings, users: Mutex::default() }
    }

    /// Counts one request and returns the remaining quota. A refused request does not count.
    pub(crate) fn charge(&self, user: &str) -> Result<QuotaSnapshot, LimitExceeded> {
        self.count(user, 1)
    }

    /// Counts one request as part of a burst only.
    pub(crate) fn admit(&self, user: &str) -> Result<QuotaSnapshot, LimitExceeded> {
        self.count(user, 0)
    }

    fn count(&self, user: &str, requests: u64) -> Result<QuotaSnapshot, LimitExceeded> {
        let now = Timestamp::now().as_second().unsigned_abs();
        let mut users = self.users.lock();
        let usage = users.entry(user.to_owned()).or_default();
        let mut retry_after = self.settings.burst.and_then(|burst| usage.retry_after(burst, Instant::now()));
        if let Some(budget) = self.settings.budget.filter(|_| retry_after.is_none() && requests > 0) {
            if now >= usage.reset {
                (usage.requests, usage.reset) = (0, now + budget.seconds);
            }
            let is_used_up = usage.requests >= budget.requests || usage.requests * COST >= budget.cost;
            retry_after = is_used_up.then(|| usage.reset - now);
        }
        if let Some(retry_after) = retry_after {
            return Err(LimitExceeded { quota: self.quota(usage, 0, now), retry_after });
        }
        usage.requests += requests;
        usage.recent.extend(self.settings.burst.map(|_| Instant::now()));
        Ok(self.quota(usage, requests * COST, now))
    }

    /// The quota at a request that is refused before it counts.
    pub(crate) fn look(&self, user: &str) -> QuotaSnapshot {
        let now = Timestamp::now().as_second().unsigned_abs();
        self.quota(self.users.lock().entry(user.to_owned()).or_default(), 0, now)
    }

    fn quota(&self, usage: &Usage, cost: u64, now: u64) -> QuotaSnapshot {
        let budget = self.settings.budget;
        let (request_limit, cost_limit) =
            budget.map_or((REQUESTS_PER_HOUR, COST_PER_HOUR), |budget| (budget.requests, budget.cost));
        let (used, reset) = match budget {
            // The end of the current hour. It is real, because clients wait for it.
            None => (usage.requests, (now / WINDOW_SECONDS + 1) * WINDOW_SECONDS),
            Some(_) if now < usage.reset => (usage.requests, usage.reset),
            Some(budget) => (0, now + budget.seconds),
        };
        let remaining = |limit: u64, used: u64| match budget {
            None => limit - used % (limit + 1),
            Some(_) => limit.saturating_sub(used),
        };
        let (request_remaining, cost_remaining) =
            (remaining(request_limit, used), remaining(cost_limit, used * COST));
        QuotaSnapshot { request_limit, request_remaining, cost_limit, cost, cost_remaining, reset }
    }
}

impl Usage {
    /// The seconds until the burst limit admits a request; `None` if it does now.
    fn retry_after(&mut self, burst: Burst, now: Instant) -> Option<u64> {
        while self.recent.front().is_some_and(|came| now.duration_since(*came) >= burst.window) {
            self.recent.pop_front();
        }
        let first = self.recent.front().filter(|_| self.recent.len() >= burst.requests)?;
        let wait = burst.window.saturating_sub(now.duration_since(*first));
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn each_user_has_a_budget() {
        let budget = Budget { requests: 2, cost: 10, seconds: 60 };
        let limits = Limits::new(LimitSettings { burst: None, budget: Some(budget) });
        let left = |user: &str| limits.charge(user).map(|it| (it.request_remaining, it.cost_remaining));
        assert_eq!(left("a").unwrap(), (1, 9));
        assert_eq!(left("a").unwrap(), (0, 8));
        let exceeded = left("a").unwrap_err();
        assert_eq!((exceeded.quota.request_remaining, exceeded.quota.cost), (0, 0));
        assert!((59..=60).contains(&exceeded.retry_after));
        assert_eq!(left("b").unwrap(), (1, 9));

        let limits = Limits::new(LimitSettings { burst: None, budget: Some(Budget { cost: 1, ..budget }) });
        limits.charge("a").unwrap();
        assert!(limits.charge("a").is_err(), "the cost is used up");
    }

    #[test]
    fn a_burst_is_refused_until_its_window_ends() {
        let burst = Burst { requests: 2, window: Duration::from_millis(1_500) };
        let (mut usage, start) = (Usage::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        for millis in [0, 100] {
            assert_eq!(usage.retry_after(burst, at(millis)), None);
            usage.recent.push_back(at(millis));
        }
        assert_eq!(usage.retry_after(burst, at(200)), Some(2));
        assert_eq!(usage.retry_after(burst, at(1_499)), Some(1));
        assert_eq!(usage.retry_after(burst, at(1_500)), None);
    }
}
