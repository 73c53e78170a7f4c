//! The token pool: the choice of the token that signs the next request.

mod acquire;
mod config;

pub(crate) use acquire::WaitBudget;
pub(crate) use config::CredentialsConfig;

use crate::auth::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Budget, Closed, Limits, ReportedLimits};
use crate::retry::LONGEST;
use crate::send::lock;
use http::HeaderValue;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tracing::warn;

/// The cooldown of a token that the server refused.
const REFUSED: Duration = Duration::from_secs(300);

/// The cooldown of a token that the token service did not issue, which may be over soon.
const NOT_ISSUED: Duration = Duration::from_secs(30);

/// The tokens of a client, and the limits of the users that they are of.
pub(crate) struct Pool {
    /// At least one.
    pub(crate) tokens: Vec<Token>,
    pub(crate) users: Vec<Limits>,
    /// How much requests and cost points count when a token is chosen.
    weights: (f64, f64),
    /// How often a token was picked.
    picks: AtomicU64,
    last_cost: Mutex<Option<u64>>,
}

pub(crate) struct Token {
    pub(crate) credentials: Credentials,
    /// The index of its user.
    user: usize,
    /// Its name in errors, when there are others.
    name: Option<String>,
    cooldown_until: Mutex<Option<Instant>>,
    last_pick: AtomicU64,
}

/// The tokens that one call has tried.
#[derive(Default)]
pub(crate) struct TokenAttempts {
    /// Refused by the server.
    refused: Vec<usize>,
    /// Not issued since the call last waited.
    not_issued: Vec<usize>,
    /// Renewed, which is done once.
    renewed: Vec<usize>,
    /// The token for the next attempt, if it is usable.
    pub(crate) preferred: Option<usize>,
}

#[derive(Clone, Copy)]
struct Unavailable {
    token: usize,
    closed: Closed,
}

/// A token that is usable now, with the criteria of the choice.
struct Usable {
    token: usize,
    cooldown_until: Option<Instant>,
    score: f64,
    last_pick: u64,
}

impl Token {
    fn new(credentials: Credentials, user: usize, name: Option<String>) -> Self {
        let (cooldown_until, last_pick) = Default::default();
        Self { credentials, user, name, cooldown_until, last_pick }
    }
}

impl Pool {
    pub(crate) fn new(tokens: Vec<Token>, users: Vec<Limits>, weights: (f64, f64)) -> Self {
        Self { tokens, users, weights, picks: AtomicU64::new(0), last_cost: Mutex::default() }
    }

    pub(crate) fn name(&self, token: usize) -> Option<&str> {
        self.tokens[token].name.as_deref()
    }

    pub(crate) fn limits(&self, token: usize) -> &Limits {
        &self.users[self.tokens[token].user]
    }

    /// All tokens in use, to be redacted.
    pub(crate) fn held(&self) -> impl Iterator<Item = HeaderValue> + '_ {
        self.tokens.iter().filter_map(|token| token.credentials.held())
    }

    /// Notes the limits that the response to a request with this token reports.
    pub(crate) fn note(&self, token: usize, reported: &ReportedLimits) {
        self.limits(token).note(reported);
        let mut last_cost = lock(&self.last_cost);
        *last_cost = reported.last_cost.or(*last_cost);
    }

    /// The remaining limits of each user, in the order of configuration.
    pub(crate) fn budgets(&self) -> Vec<Budget> {
        self.users.iter().map(Limits::budget).collect()
    }

    pub(crate) fn budget(&self) -> Budget {
        Budget::total(&self.budgets(), *lock(&self.last_cost))
    }

    /// The server refused a token with 401. Returns whether there is a token for another attempt: the same
    /// one, renewed, or another.
    pub(crate) fn refused(
        &self,
        token: usize,
        signature: &HeaderValue,
        attempts: &mut TokenAttempts,
    ) -> bool {
        if !attempts.renewed.contains(&token) && self.tokens[token].credentials.refused(signature) {
            attempts.renewed.push(token);
            attempts.preferred = Some(token);
            return true;
        }
        attempts.refused.push(token);
        self.cool_down(token, REFUSED, "a token was refused");
        self.has_others(attempts)
    }

    /// The token service did not issue a token. Returns whether there is another token to attempt.
    pub(crate) fn not_issued(&self, token: usize, error: &Error, attempts: &mut TokenAttempts) -> bool {
        if error.kind() == ErrorKind::CredentialsRefused {
            attempts.refused.push(token);
            self.cool_down(token, REFUSED, "client credentials were refused");
        } else {
            attempts.not_issued.push(token);
            self.cool_down(token, error.retry_after().unwrap_or(NOT_ISSUED), "a token was not issued");
        }
        let others = self.has_others(attempts);
        if !others {
            // A later attempt may use all of them.
            attempts.not_issued.clear();
        }
        others
    }

    pub(crate) fn accepted(&self, token: usize) {
        *lock(&self.tokens[token].cooldown_until) = None;
    }

    fn cool_down(&self, token: usize, time: Duration, why: &str) {
        let time = time.min(LONGEST);
        *lock(&self.tokens[token].cooldown_until) = Some(Instant::now() + time);
        if let Some(name) = self.name(token) {
            warn!(token = name, cooldown_s = time.as_secs(), "{why}");
        }
    }

    fn has_others(&self, attempts: &TokenAttempts) -> bool {
        (0..self.tokens.len()).any(|token| !attempts.excludes(token))
    }

    /// The tokens that a call can use now, the best first, and when the next one can be used; or those that
    /// it can wait for. A token in its cooldown is unavailable while there are others.
    fn choose(&self, attempts: &TokenAttempts) -> Result<(Vec<usize>, Option<Instant>), Vec<Unavailable>> {
        let now = Instant::now();
        let all = 0..self.tokens.len();
        let mut candidates: Vec<usize> = all.clone().filter(|token| !attempts.excludes(*token)).collect();
        if candidates.is_empty() {
            candidates = all.collect();
        }
        let cooldown_until =
            |token: usize| lock(&self.tokens[token].cooldown_until).filter(|until| *until > now);
        let candidates: Vec<_> = candidates.into_iter().map(|token| (token, cooldown_until(token))).collect();
        let all_cool_down = candidates.iter().all(|(_, cooldown_until)| cooldown_until.is_some());
        let (mut usable, mut unavailable) = (Vec::new(), Vec::new());
        for (token, cooldown_until) in candidates {
            let cooldown = cooldown_until.filter(|_| !all_cool_down).map(Closed::Cooldown);
            let reasons = [cooldown, self.limits(token).closed()];
            if let Some(closed) = reasons.into_iter().flatten().max_by_key(|closed| closed.until()) {
                unavailable.push(Unavailable { token, closed });
                continue;
            }
            let budget = self.limits(token).budget();
            let score = self.weights.0 * budget.requests.share() + self.weights.1 * budget.cost.share();
            let last_pick = self.tokens[token].last_pick.load(Ordering::Relaxed);
            usable.push(Usable { token, cooldown_until, score, last_pick });
        }
        if usable.is_empty() {
            return Err(unavailable);
        }
        // Stable sorts, the most important criterion last: of equal tokens, the least recently used is first.
        usable.sort_by_key(|usable| usable.last_pick);
        usable.sort_by(|one, other| other.score.total_cmp(&one.score));
        usable.sort_by_key(|usable| (attempts.preferred != Some(usable.token), usable.cooldown_until));
        let next_usable_at = unavailable.iter().map(|unavailable| unavailable.closed.until()).min();
        Ok((usable.into_iter().map(|usable| usable.token).collect(), next_usable_at))
    }

    fn picked(&self, token: usize) {
        let pick = self.picks.fetch_add(1, Ordering::Relaxed) + 1;
        self.tokens[token].last_pick.store(pick, Ordering::Relaxed);
    }
}

impl TokenAttempts {
    fn excludes(&self, token: usize) -> bool {
        self.refused.contains(&token) || self.not_issued.contains(&token)
    }
}
