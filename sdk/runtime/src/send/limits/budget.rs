//! The remaining hourly limits, as the server reports them.

use crate::api::Api;
use crate::retry::{LONGEST, SMALLEST_MOMENT, server_time};
use http::HeaderMap;
use http::header::DATE;
use std::time::{Duration, UNIX_EPOCH};
use tokio::time::Instant;

/// Reset times of one window differ by this much: they are whole seconds of another clock.
const TOLERANCE: Duration = Duration::from_secs(2);

/// The remaining limits of a user, as far as the server has reported them: they are unknown before the
/// first response. From [`Client::budget`](crate::Client::budget), for all users of a client
/// together, and [`Client::budgets`](crate::Client::budgets), for each of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// Requests, documented as 3,600 an hour.
    pub requests: Allowance,
    /// Cost points, documented as 5,000 an hour.
    pub cost: Allowance,
    /// How many points the last request cost.
    pub last_cost: Option<u64>,
}

/// One limit and what remains of it. Parts that the server does not report are absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allowance {
    /// How much is allowed until the reset.
    pub limit: Option<u64>,
    /// How much remains; unknown between the reset and the next response.
    pub remaining: Option<u64>,
    /// How long until the reset; for several users together, until the first of theirs.
    pub resets_in: Option<Duration>,
}

impl Budget {
    /// The limits of several users together.
    pub(crate) fn total(budgets: &[Self], last_cost: Option<u64>) -> Self {
        let total = |allowance: fn(&Self) -> &Allowance| Allowance {
            limit: sum(budgets.iter().map(|budget| allowance(budget).limit)),
            remaining: sum(budgets.iter().map(|budget| allowance(budget).remaining)),
            resets_in: budgets.iter().filter_map(|budget| allowance(budget).resets_in).min(),
        };
        Self { requests: total(|it| &it.requests), cost: total(|it| &it.cost), last_cost }
    }
}

/// Unknown when one is: part of a sum would look like the whole.
fn sum(parts: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    parts.into_iter().try_fold(0_u64, |sum, part| Some(sum.saturating_add(part?)))
}

impl Allowance {
    /// The share that remains, from 0 to 1. An unknown one counts as full.
    pub(crate) fn share(&self) -> f64 {
        match (self.remaining, self.limit) {
            (Some(0), _) => 0.0,
            (Some(remaining), Some(limit)) if remaining < limit => remaining as f64 / limit as f64,
            _ => 1.0,
        }
    }
}

/// Both limits, as they were reported.
#[derive(Debug, Default)]
pub(crate) struct ReportedLimits {
    requests: ReportedLimit,
    cost: ReportedLimit,
    /// The cost of the last request.
    pub(crate) last_cost: Option<u64>,
}

#[derive(Debug, Default, Clone, Copy)]
struct ReportedLimit {
    limit: Option<u64>,
    remaining: Option<u64>,
    reset: Option<Instant>,
}

/// Why a token cannot be used now.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Closed {
    Exhausted {
        what: &'static str,
        until: Instant,
    },
    Refuses(Instant),
    /// The token is in its cooldown, and there are others.
    Cooldown(Instant),
}

impl Closed {
    pub(crate) fn until(self) -> Instant {
        match self {
            Self::Exhausted { until, .. } | Self::Refuses(until) | Self::Cooldown(until) => until,
        }
    }

    pub(crate) fn is_exhausted(self) -> bool {
        matches!(self, Self::Exhausted { .. })
    }
}

impl ReportedLimits {
    /// The limits in the headers of a response. Invalid ones are ignored.
    pub(crate) fn read(headers: &HeaderMap, api: &Api) -> Self {
        let number = |prefix: &str, name: &str| number(headers, &format!("{prefix}-{name}"));
        let limit = |prefix: &str| ReportedLimit {
            limit: number(prefix, "limit"),
            remaining: number(prefix, "remaining"),
            reset: number(prefix, "reset").and_then(|reset| reset_at(headers, reset)),
        };
        Self {
            requests: limit(api.rate_limit_headers),
            cost: limit(api.cost_limit_headers),
            last_cost: number(api.cost_limit_headers, "cost"),
        }
    }

    pub(super) fn note(&mut self, reported: &Self) {
        self.requests.note(reported.requests);
        self.cost.note(reported.cost);
        self.last_cost = reported.last_cost.or(self.last_cost);
    }

    pub(super) fn snapshot(&self) -> Budget {
        Budget { requests: self.requests.now(), cost: self.cost.now(), last_cost: self.last_cost }
    }

    /// The exhausted limit that is reset last.
    pub(super) fn exhausted(&self) -> Option<Closed> {
        let exhausted = |what, reported: &ReportedLimit| {
            let until = reported.reset.filter(|reset| *reset > Instant::now())?;
            (reported.remaining == Some(0)).then_some(Closed::Exhausted { what, until })
        };
        let both = [exhausted("requests", &self.requests), exhausted("cost points", &self.cost)];
        both.into_iter().flatten().max_by_key(|exhausted| exhausted.until())
    }
}

impl ReportedLimit {
    /// Responses do not arrive in the order of their requests: within a window, the smallest remaining
    /// number is the latest.
    fn note(&mut self, Self { limit, remaining, reset }: Self) {
        self.limit = limit.or(self.limit);
        match (self.reset.filter(|reset| *reset > Instant::now()), reset) {
            (Some(known), Some(reset)) if reset + TOLERANCE < known => {}
            (Some(known), Some(reset)) if reset <= known + TOLERANCE => {
                self.remaining = self.remaining.into_iter().chain(remaining).min();
            }
            (known, reset) => {
                self.remaining = remaining.or(self.remaining.filter(|_| reset.is_none() && known.is_some()));
                self.reset = reset.or(known);
            }
        }
    }

    fn now(&self) -> Allowance {
        let now = Instant::now();
        let passed = self.reset.is_some_and(|reset| reset <= now);
        Allowance {
            limit: self.limit,
            remaining: self.remaining.filter(|_| !passed),
            resets_in: self.reset.filter(|_| !passed).map(|reset| reset - now),
        }
    }
}

/// A number, where a negative one counts as zero.
fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    let number: i64 = headers.get(name)?.to_str().ok()?.trim().parse().ok()?;
    Some(u64::try_from(number).unwrap_or(0))
}

/// When a window ends, unless the moment is implausible.
fn reset_at(headers: &HeaderMap, reset: u64) -> Option<Instant> {
    let wait = if reset < SMALLEST_MOMENT {
        Duration::from_secs(reset)
    } else {
        let moment = UNIX_EPOCH.checked_add(Duration::from_secs(reset))?;
        match moment.duration_since(server_time(headers)) {
            Ok(wait) => wait,
            // By our own clock it has passed, which may be wrong: when the window ends is not known.
            Err(_) if !headers.contains_key(DATE) => return None,
            Err(_) => Duration::ZERO,
        }
    };
    (wait <= LONGEST).then(|| Instant::now() + wait)
}
