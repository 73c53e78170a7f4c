//! The token pool: the choice of the token that signs the next request.

mod acquire;
mod config;
mod weights;

pub(crate) use acquire::WaitBudget;
pub(crate) use config::CredentialsConfig;
pub(crate) use weights::Weights;

use crate::auth::Credentials;
use crate::error::{Error, ErrorKind};
use crate::limits::{Budget, Closed, Limits, cost};
use crate::retry::LONGEST;
use http::{HeaderMap, HeaderValue};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tracing::warn;

/// The cooldown of a token that the server refused.
const REFUSED: Duration = Duration::from_secs(300);

/// The cooldown of a token that the token service did not issue, which may be over soon.
const NOT_ISSUED: Duration = Duration::from_secs(30);

/// The tokens of a client, and the limits of the users that they are of.
pub(crate) struct Pool {
    tokens: Vec<Token>,
    users: Vec<Limits>,
    weights: Weights,
    /// How often a token was picked.
    picks: AtomicU64,
    last_cost: Mutex<Option<u64>>,
}

pub(crate) struct Token {
    credentials: Credentials,
    /// The index of its user.
    user: usize,
    /// Its name in errors, when there are others.
    name: Option<String>,
    /// The end of its cooldown.
    cooldown_until: Mutex<Option<Instant>>,
    /// The number of its last pick.
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
    preferred: Option<usize>,
}

/// A token that is unavailable now.
#[derive(Clone, Copy)]
struct Unavailable {
    token: usize,
    closed: Closed,
}

/// The tokens that a call can use.
enum Choice {
    /// At once, the best first.
    Usable { tokens: Vec<usize>, next_usable_at: Option<Instant> },
    /// After a wait.
    Unavailable(Vec<Unavailable>),
}

impl Pool {
    /// A pool of these credentials, each with the index of its user.
    pub(crate) fn new(credentials: Vec<(Credentials, usize)>, users: Vec<Limits>, weights: Weights) -> Self {
        let count = credentials.len();
        let token = |(index, (credentials, user))| Token {
            credentials,
            user,
            name: name(index, count),
            cooldown_until: Mutex::default(),
            last_pick: AtomicU64::new(0),
        };
        let tokens = credentials.into_iter().enumerate().map(token).collect();
        Self { tokens, users, weights, picks: AtomicU64::new(0), last_cost: Mutex::default() }
    }

    /// How many tokens there are, at least one.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn credentials(&self, token: usize) -> &Credentials {
        &self.tokens[token].credentials
    }

    /// The name of a token in errors, when there are others.
    pub(crate) fn name(&self, token: usize) -> Option<&str> {
        self.tokens[token].name.as_deref()
    }

    /// The limits of the user of a token.
    pub(crate) fn limits(&self, token: usize) -> &Limits {
        &self.users[self.tokens[token].user]
    }

    /// Whether requests can be spread over several users.
    pub(crate) fn has_users(&self) -> bool {
        self.users.len() > 1
    }

    /// All tokens in use, to be redacted.
    pub(crate) fn held(&self) -> impl Iterator<Item = HeaderValue> + '_ {
        self.tokens.iter().filter_map(|token| token.credentials.held())
    }

    /// Notes the limits that the response to a request with this token reports.
    pub(crate) fn note(&self, token: usize, headers: &HeaderMap) {
        self.limits(token).note(headers);
        if let Some(cost) = cost(headers) {
            *lock(&self.last_cost) = Some(cost);
        }
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
        if !attempts.renewed.contains(&token) && self.credentials(token).refused(signature) {
            attempts.renewed.push(token);
            attempts.preferred = Some(token);
            return true;
        }
        attempts.refused.push(token);
        self.cool_down(token, REFUSED, "a token was refused");
        self.has_others(attempts)
    }

    /// A token could not be had. True when another one can be attempts.
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

    /// The server accepted a token.
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

    /// The tokens that a call can use now, or can wait for. A token in its cooldown is unavailable while
    /// there are others.
    fn choose(&self, attempts: &TokenAttempts) -> Choice {
        if self.tokens.len() == 1 {
            return match self.limits(0).closed() {
                None => Choice::Usable { tokens: vec![0], next_usable_at: None },
                Some(closed) => Choice::Unavailable(vec![Unavailable { token: 0, closed }]),
            };
        }
        let now = Instant::now();
        let mut usable: Vec<usize> =
            (0..self.tokens.len()).filter(|token| !attempts.excludes(*token)).collect();
        if usable.is_empty() {
            usable = (0..self.tokens.len()).collect();
        }
        let cooldown_until =
            |token: usize| lock(&self.tokens[token].cooldown_until).filter(|until| *until > now);
        let all_cool_down = usable.iter().all(|token| cooldown_until(*token).is_some());
        let (mut usable_now, mut unavailable) = (Vec::new(), Vec::new());
        for token in usable {
            let cooldown_until = cooldown_until(token);
            let cooldown = cooldown_until.filter(|_| !all_cool_down).map(Closed::Cooldown);
            let reasons = [cooldown, self.limits(token).closed()];
            match reasons.into_iter().flatten().max_by_key(|closed| closed.until()) {
                Some(closed) => unavailable.push(Unavailable { token, closed }),
                None => usable_now.push(Ranked {
                    token,
                    preferred: attempts.preferred == Some(token),
                    cooldown_until,
                    score: self.weights.score(&self.limits(token).budget()),
                    last_pick: self.tokens[token].last_pick.load(Ordering::Relaxed),
                }),
            }
        }
        if usable_now.is_empty() {
            return Choice::Unavailable(unavailable);
        }
        usable_now.sort_by(Ranked::compare);
        let next_usable_at = unavailable.iter().map(|unavailable| unavailable.closed.until()).min();
        Choice::Usable { tokens: usable_now.into_iter().map(|ranked| ranked.token).collect(), next_usable_at }
    }

    /// Notes the use of a token.
    fn picked(&self, token: usize) {
        let pick = self.picks.fetch_add(1, Ordering::Relaxed) + 1;
        self.tokens[token].last_pick.store(pick, Ordering::Relaxed);
    }
}

impl TokenAttempts {
    fn excludes(&self, token: usize) -> bool {
        self.refused.contains(&token) || self.not_issued.contains(&token)
    }

    /// Prefers this token for the next attempt.
    pub(crate) fn prefer(&mut self, token: usize) {
        self.preferred = Some(token);
    }
}

/// A usable token, with the criteria of the choice.
struct Ranked {
    token: usize,
    preferred: bool,
    cooldown_until: Option<Instant>,
    score: f64,
    last_pick: u64,
}

impl Ranked {
    /// The best token is the least; of equal ones, the least recently used.
    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let preferred = other.preferred.cmp(&self.preferred);
        let cooldown = self.cooldown_until.cmp(&other.cooldown_until);
        let score = other.score.total_cmp(&self.score);
        preferred.then(cooldown).then(score).then(self.last_pick.cmp(&other.last_pick))
    }
}

/// The name of a token in errors, when there are others.
fn name(index: usize, count: usize) -> Option<String> {
    (count > 1).then(|| format!("token {} of {count}", index + 1))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
