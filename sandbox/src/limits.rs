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

/// The enforced limits.
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

/// The limits and the usage of all users.
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

/// A request beyond a limit.
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
        let now = seconds_since_1970();
        let mut users = self.users.lock();
        let usage = users.entry(user.to_owned()).or_default();
        self.check_burst(usage, now)?;
        if let Some(budget) = self.settings.budget {
            if now >= usage.reset {
                (usage.requests, usage.reset) = (0, now + budget.seconds);
            }
            if usage.requests >= budget.requests || usage.requests * COST >= budget.cost {
                let retry_after = usage.reset - now;
                return Err(LimitExceeded { quota: self.quota(usage, 0, now), retry_after });
            }
        }
        usage.requests += 1;
        usage.recent.push_back(Instant::now());
        Ok(self.quota(usage, COST, now))
    }

    /// Counts one request as part of a burst only.
    pub(crate) fn admit(&self, user: &str) -> Result<(), LimitExceeded> {
        let mut users = self.users.lock();
        let usage = users.entry(user.to_owned()).or_default();
        self.check_burst(usage, seconds_since_1970())?;
        usage.recent.push_back(Instant::now());
        Ok(())
    }

    fn check_burst(&self, usage: &mut Usage, now: u64) -> Result<(), LimitExceeded> {
        let Some(burst) = self.settings.burst else {
            usage.recent.clear();
            return Ok(());
        };
        let retry_after = usage.retry_after(burst, Instant::now());
        let exceeded = |retry_after| LimitExceeded { quota: self.quota(usage, 0, now), retry_after };
        retry_after.map_or(Ok(()), |retry_after| Err(exceeded(retry_after)))
    }

    /// The quota at a request that is refused before it counts.
    pub(crate) fn look(&self, user: &str) -> QuotaSnapshot {
        self.quota(self.users.lock().entry(user.to_owned()).or_default(), 0, seconds_since_1970())
    }

    fn quota(&self, usage: &Usage, cost: u64, now: u64) -> QuotaSnapshot {
        let used = usage.requests;
        let Some(Budget { requests, cost: cost_limit, seconds }) = self.settings.budget else {
            // At zero they start again.
            let remaining = |limit: u64, used: u64| limit - used % (limit + 1);
            return QuotaSnapshot {
                request_limit: REQUESTS_PER_HOUR,
                request_remaining: remaining(REQUESTS_PER_HOUR, used),
                cost_limit: COST_PER_HOUR,
                cost,
                cost_remaining: remaining(COST_PER_HOUR, used * COST),
                // The end of the current hour. It is real, because clients wait for it.
                reset: (now / WINDOW_SECONDS + 1) * WINDOW_SECONDS,
            };
        };
        let (used, reset) = if now < usage.reset { (used, usage.reset) } else { (0, now + seconds) };
        QuotaSnapshot {
            request_limit: requests,
            request_remaining: requests.saturating_sub(used),
            cost_limit,
            cost,
            cost_remaining: cost_limit.saturating_sub(used * COST),
            reset,
        }
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

fn seconds_since_1970() -> u64 {
    Timestamp::now().as_second().unsigned_abs()
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
