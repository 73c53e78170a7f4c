//! Which token signs the next request.

mod acquire;
mod config;
mod weights;

pub(crate) use acquire::Patience;
pub(crate) use config::{GivenCredentials, GivenTokens};
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

/// How long a token that the server refused is passed over: it may be back, but hardly is.
const REFUSED: Duration = Duration::from_secs(300);

/// The same for one that the token service did not issue. That can be over soon.
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
    /// What errors call it, when there are others.
    name: Option<String>,
    /// Until when it is passed over.
    rests_until: Mutex<Option<Instant>>,
    /// When it was picked last, as a number of picks.
    last_pick: AtomicU64,
}

/// What one call knows of the tokens.
#[derive(Default)]
pub(crate) struct Tried {
    /// Those that are not accepted.
    refused: Vec<usize>,
    /// Those that could not be had, since the call last waited.
    not_issued: Vec<usize>,
    /// Those that were replaced, which is done once.
    renewed: Vec<usize>,
    /// The one to go on with, if it can be used.
    preferred: Option<usize>,
}

/// A token that cannot be used now.
#[derive(Clone, Copy)]
struct Shut {
    token: usize,
    closed: Closed,
}

/// What can be done now.
enum Choice {
    /// To use one of these, the best first.
    Open { tokens: Vec<usize>, next_opens_at: Option<Instant> },
    /// To wait for one of these.
    Shut(Vec<Shut>),
}

impl Pool {
    /// A pool of these credentials, each with the index of its user.
    pub(crate) fn new(credentials: Vec<(Credentials, usize)>, users: Vec<Limits>, weights: Weights) -> Self {
        let count = credentials.len();
        let token = |(index, (credentials, user))| Token {
            credentials,
            user,
            name: name(index, count),
            rests_until: Mutex::default(),
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

    /// What errors call a token, when there are others.
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

    /// All tokens in use, which must not be seen.
    pub(crate) fn held(&self) -> impl Iterator<Item = HeaderValue> + '_ {
        self.tokens.iter().filter_map(|token| token.credentials.held())
    }

    /// Takes over what the answer to a request with this token says.
    pub(crate) fn note(&self, token: usize, headers: &HeaderMap) {
        self.limits(token).note(headers);
        if let Some(cost) = cost(headers) {
            *lock(&self.last_cost) = Some(cost);
        }
    }

    /// What is left for each user, in the order in which they came.
    pub(crate) fn budgets(&self) -> Vec<Budget> {
        self.users.iter().map(Limits::budget).collect()
    }

    pub(crate) fn budget(&self) -> Budget {
        Budget::total(&self.budgets(), *lock(&self.last_cost))
    }

    /// The server refused a token with 401. True when the request can be sent again: with the same
    /// one, renewed, or with another.
    pub(crate) fn refused(&self, token: usize, signature: &HeaderValue, tried: &mut Tried) -> bool {
        if !tried.renewed.contains(&token) && self.credentials(token).refused(signature) {
            tried.renewed.push(token);
            tried.preferred = Some(token);
            return true;
        }
        tried.refused.push(token);
        self.rest(token, REFUSED, "a token was refused");
        self.has_others(tried)
    }

    /// A token could not be had. True when another one can be tried.
    pub(crate) fn not_issued(&self, token: usize, error: &Error, tried: &mut Tried) -> bool {
        if error.kind() == ErrorKind::CredentialsRefused {
            tried.refused.push(token);
            self.rest(token, REFUSED, "client credentials were refused");
        } else {
            tried.not_issued.push(token);
            self.rest(token, error.retry_after().unwrap_or(NOT_ISSUED), "a token was not issued");
        }
        let others = self.has_others(tried);
        if !others {
            // Whoever waits and tries again may find all of them.
            tried.not_issued.clear();
        }
        others
    }

    /// A token was found to be good.
    pub(crate) fn accepted(&self, token: usize) {
        *lock(&self.tokens[token].rests_until) = None;
    }

    fn rest(&self, token: usize, time: Duration, why: &str) {
        let time = time.min(LONGEST);
        *lock(&self.tokens[token].rests_until) = Some(Instant::now() + time);
        if let Some(name) = self.name(token) {
            warn!(token = name, rests_s = time.as_secs(), "{why}");
        }
    }

    fn has_others(&self, tried: &Tried) -> bool {
        (0..self.tokens.len()).any(|token| !tried.passes_over(token))
    }

    /// The tokens that a call can use now, or what it can wait for. Those that rest count as shut
    /// while there are others.
    fn choose(&self, tried: &Tried) -> Choice {
        if self.tokens.len() == 1 {
            return match self.limits(0).closed() {
                None => Choice::Open { tokens: vec![0], next_opens_at: None },
                Some(closed) => Choice::Shut(vec![Shut { token: 0, closed }]),
            };
        }
        let now = Instant::now();
        let mut usable: Vec<usize> =
            (0..self.tokens.len()).filter(|token| !tried.passes_over(*token)).collect();
        if usable.is_empty() {
            usable = (0..self.tokens.len()).collect();
        }
        let rests_until = |token: usize| lock(&self.tokens[token].rests_until).filter(|until| *until > now);
        let all_rest = usable.iter().all(|token| rests_until(*token).is_some());
        let (mut open, mut shut) = (Vec::new(), Vec::new());
        for token in usable {
            let rests_until = rests_until(token);
            let rests = rests_until.filter(|_| !all_rest).map(Closed::Rests);
            let reasons = [rests, self.limits(token).closed()];
            match reasons.into_iter().flatten().max_by_key(|closed| closed.until()) {
                Some(closed) => shut.push(Shut { token, closed }),
                None => open.push(Ranked {
                    token,
                    preferred: tried.preferred == Some(token),
                    rests_until,
                    score: self.weights.score(&self.limits(token).budget()),
                    last_pick: self.tokens[token].last_pick.load(Ordering::Relaxed),
                }),
            }
        }
        if open.is_empty() {
            return Choice::Shut(shut);
        }
        open.sort_by(Ranked::compare);
        let next_opens_at = shut.iter().map(|shut| shut.closed.until()).min();
        Choice::Open { tokens: open.into_iter().map(|ranked| ranked.token).collect(), next_opens_at }
    }

    /// Notes that a token is used now.
    fn picked(&self, token: usize) {
        let pick = self.picks.fetch_add(1, Ordering::Relaxed) + 1;
        self.tokens[token].last_pick.store(pick, Ordering::Relaxed);
    }
}

impl Tried {
    fn passes_over(&self, token: usize) -> bool {
        self.refused.contains(&token) || self.not_issued.contains(&token)
    }

    /// Goes on with this token, if it can be used.
    pub(crate) fn prefer(&mut self, token: usize) {
        self.preferred = Some(token);
    }
}

/// A token that can be used, with what speaks for it.
struct Ranked {
    token: usize,
    preferred: bool,
    rests_until: Option<Instant>,
    score: f64,
    last_pick: u64,
}

impl Ranked {
    /// The best is the least. Of equals, the one that was used longest ago.
    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let preferred = other.preferred.cmp(&self.preferred);
        let rest = self.rests_until.cmp(&other.rests_until);
        let score = other.score.total_cmp(&self.score);
        preferred.then(rest).then(score).then(self.last_pick.cmp(&other.last_pick))
    }
}

/// What errors call a token, when there are others.
fn name(index: usize, count: usize) -> Option<String> {
    (count > 1).then(|| format!("token {} of {count}", index + 1))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
