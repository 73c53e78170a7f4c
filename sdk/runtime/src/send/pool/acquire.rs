//! Acquiring a usable token and a permit of its user's rate limiter.

use super::{Choice, Pool, TokenAttempts, Unavailable};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Closed, Permit};
use crate::retry::{RetryPolicy, millis};
use crate::transport::require_runtime;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::debug;

/// How long a call has waited and may wait.
pub(crate) struct WaitBudget {
    pub(crate) policy: RetryPolicy,
    pub(crate) waited: Duration,
}

impl WaitBudget {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self { policy, waited: Duration::ZERO }
    }

    /// How much longer the call may wait.
    pub(crate) fn left(&self) -> Duration {
        self.policy.max_wait.saturating_sub(self.waited)
    }

    /// Waits for a future, but no longer than `limit` and than the call may wait.
    async fn wait<T>(
        &mut self,
        limit: Option<Duration>,
        future: impl Future<Output = T>,
    ) -> Result<Option<T>> {
        require_runtime()?;
        let start = Instant::now();
        let limit = limit.map_or(self.left(), |limit| limit.min(self.left()));
        let result = timeout(limit, future).await;
        self.waited += start.elapsed();
        Ok(result.ok())
    }

    fn no_permit(&self) -> Error {
        let message = format!("rate limiter queue is full: no permit within {:?}", self.policy.max_wait);
        Error::new(ErrorKind::RateLimited, message).not_executed()
    }
}

impl Pool {
    /// Acquires the best usable token and a permit of its user's rate limiter, at once or after a wait.
    /// The request must be sent as soon as this returns.
    pub(crate) async fn acquire(
        &self,
        attempts: &TokenAttempts,
        wait: &mut WaitBudget,
    ) -> Result<(usize, Permit)> {
        let mut queues = Queues { pool: self, places: Vec::new() };
        loop {
            match self.choose(attempts) {
                Choice::Usable { tokens, next_usable_at } => {
                    let acquired = match self.try_acquire(&tokens) {
                        Some(acquired) => Some(acquired),
                        None => {
                            queues.join(&tokens);
                            let next = next_usable_at.map(|at| at.saturating_duration_since(Instant::now()));
                            match wait.wait(next, queues.first()).await? {
                                Some((user, permit)) => self.token_for(user, permit, attempts),
                                None if wait.left().is_zero() => return Err(wait.no_permit()),
                                None => None,
                            }
                        }
                    };
                    if let Some(acquired) = acquired {
                        self.picked(acquired.0);
                        return Ok(acquired);
                    }
                }
                Choice::Unavailable(tokens) => {
                    // This call could not use a permit that it gets now.
                    queues.places.clear();
                    self.wait_for_one_of(&tokens, wait).await?;
                }
            }
        }
    }

    /// Acquires a permit for a request with this token.
    pub(crate) async fn acquire_for(&self, token: usize, wait: &mut WaitBudget) -> Result<Permit> {
        match self.limits(token).try_acquire() {
            Some(permit) => Ok(permit),
            None => {
                let permit = wait.wait(None, self.limits(token).acquire()).await?;
                permit.ok_or_else(|| wait.no_permit())
            }
        }
    }

    /// The first of these tokens whose user has a free permit, with the permit.
    fn try_acquire(&self, tokens: &[usize]) -> Option<(usize, Permit)> {
        tokens.iter().find_map(|token| self.limits(*token).try_acquire().map(|permit| (*token, permit)))
    }

    /// The best token of a user for a permit that was waited for. None when another call was refused in
    /// the meantime.
    fn token_for(&self, user: usize, permit: Permit, attempts: &TokenAttempts) -> Option<(usize, Permit)> {
        if let Choice::Usable { tokens, .. } = self.choose(attempts)
            && let Some(token) = tokens.into_iter().find(|token| self.tokens[*token].user == user)
        {
            return Some((token, permit));
        }
        permit.unused();
        None
    }

    /// Waits until one of these tokens can be used.
    async fn wait_for_one_of(&self, tokens: &[Unavailable], wait: &mut WaitBudget) -> Result<()> {
        let first = |tokens: &[Unavailable]| tokens.iter().copied().min_by_key(|token| token.closed.until());
        let waits_for = |token: &Unavailable| !wait.policy.fails_fast || !token.closed.is_exhausted();
        let awaited: Vec<Unavailable> = tokens.iter().copied().filter(waits_for).collect();
        let until = first(&awaited).map(|token| token.closed.until());
        let duration = until.map(|until| until.saturating_duration_since(Instant::now()));
        if let (Some(until), Some(duration)) = (until, duration.filter(|duration| *duration <= wait.left())) {
            require_runtime()?;
            debug!(wait_ms = millis(duration), "waiting for the server's limit to reset");
            sleep_until(until).await;
            wait.waited += duration;
            return Ok(());
        }
        Err(first(tokens).map_or_else(|| wait.no_permit(), |token| self.unavailable(token)))
    }

    /// The error of a call that fails fast.
    pub(crate) fn exhausted(&self, token: usize, closed: Closed) -> Error {
        self.unavailable(Unavailable { token, closed })
    }

    fn unavailable(&self, first: Unavailable) -> Error {
        let wait = first.closed.until().saturating_duration_since(Instant::now());
        let seconds = wait.as_secs_f64();
        let why = match first.closed {
            Closed::Exhausted(limit) => {
                format!("the user's limit of {} is exhausted for {seconds:.0} s", limit.what)
            }
            Closed::Refuses(_) => format!("the server refuses requests of the user for {seconds:.0} s"),
            Closed::Cooldown(_) => format!("it was refused, and its cooldown lasts {seconds:.0} s"),
        };
        let message = match self.name(first.token) {
            None => why,
            Some(name) => format!("no usable token; the next one is {name}: {why}"),
        };
        Error::new(ErrorKind::RateLimited, message).with_retry_after(Some(wait)).not_executed()
    }
}

/// The places of one call in the queues of rate limiters, one for each user whose token it can use.
/// Dropping them leaves the queues.
struct Queues<'p> {
    pool: &'p Pool,
    places: Vec<Place<'p>>,
}

struct Place<'p> {
    user: usize,
    permit: Pin<Box<dyn Future<Output = Permit> + Send + 'p>>,
}

impl Queues<'_> {
    /// Joins the queues of these tokens' users, and keeps the places that it has.
    fn join(&mut self, tokens: &[usize]) {
        for token in tokens {
            let user = self.pool.tokens[*token].user;
            if self.places.iter().all(|place| place.user != user) {
                self.places.push(Place { user, permit: Box::pin(self.pool.users[user].acquire()) });
            }
        }
    }

    /// The first permit, and its user.
    async fn first(&mut self) -> (usize, Permit) {
        poll_fn(|context| {
            for index in 0..self.places.len() {
                if let Poll::Ready(permit) = self.places[index].permit.as_mut().poll(context) {
                    return Poll::Ready((self.places.swap_remove(index).user, permit));
                }
            }
            Poll::Pending
        })
        .await
    }
}
