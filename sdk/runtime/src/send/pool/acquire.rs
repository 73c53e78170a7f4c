//! Acquiring a usable token and a permit of its user's rate limiter.

use super::{Pool, TokenAttempts, Unavailable};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Closed, Permit};
use crate::retry::{RetryPolicy, millis};
use crate::transport::require_runtime;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::debug;

/// How long a call has waited and may wait.
pub(crate) struct WaitBudget {
    policy: RetryPolicy,
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
        // The places in the queues of rate limiters, and whose they are: dropping them leaves the queues.
        let (mut places, mut queued) = (FuturesUnordered::new(), Vec::new());
        loop {
            let (tokens, next_usable_at) = match self.choose(attempts) {
                Ok(usable) => usable,
                Err(tokens) => {
                    // This call could not use a permit that it gets now.
                    places.clear();
                    queued.clear();
                    self.wait_for_one_of(&tokens, wait).await?;
                    continue;
                }
            };
            let mut acquired = tokens
                .iter()
                .find_map(|token| self.limits(*token).try_acquire().map(|permit| (*token, permit)));
            if acquired.is_none() {
                for user in tokens.iter().map(|token| self.tokens[*token].user) {
                    if !queued.contains(&user) {
                        queued.push(user);
                        places.push(async move { (user, self.users[user].acquire().await) });
                    }
                }
                let next = next_usable_at.map(|at| at.saturating_duration_since(Instant::now()));
                if let Some((user, permit)) = wait.wait(next, places.next()).await?.flatten() {
                    queued.retain(|other| *other != user);
                    acquired = self.token_for(user, permit, attempts);
                } else if wait.left().is_zero() {
                    return Err(wait.no_permit());
                }
            }
            if let Some((token, permit)) = acquired {
                self.picked(token);
                return Ok((token, permit));
            }
        }
    }

    /// Acquires a permit for a request with this token.
    pub(crate) async fn acquire_for(&self, token: usize, wait: &mut WaitBudget) -> Result<Permit> {
        if let Some(permit) = self.limits(token).try_acquire() {
            return Ok(permit);
        }
        let permit = wait.wait(None, self.limits(token).acquire()).await?;
        permit.ok_or_else(|| wait.no_permit())
    }

    /// The best token of a user for a permit that was waited for. None when another call was refused in
    /// the meantime.
    fn token_for(&self, user: usize, permit: Permit, attempts: &TokenAttempts) -> Option<(usize, Permit)> {
        if let Ok((tokens, _)) = self.choose(attempts)
            && let Some(token) = tokens.into_iter().find(|token| self.tokens[*token].user == user)
        {
            return Some((token, permit));
        }
        permit.unused();
        None
    }

    /// Waits until one of these tokens can be used.
    async fn wait_for_one_of(&self, tokens: &[Unavailable], wait: &mut WaitBudget) -> Result<()> {
        let awaited = tokens.iter().filter(|token| !wait.policy.fails_fast || !token.closed.is_exhausted());
        let until = awaited.map(|token| token.closed.until()).min();
        let duration = until.map(|until| until.saturating_duration_since(Instant::now()));
        if let (Some(until), Some(duration)) = (until, duration.filter(|duration| *duration <= wait.left())) {
            require_runtime()?;
            debug!(wait_ms = millis(duration), "waiting for the server's limit to reset");
            sleep_until(until).await;
            wait.waited += duration;
            return Ok(());
        }
        let first = tokens.iter().min_by_key(|token| token.closed.until());
        Err(first.map_or_else(|| wait.no_permit(), |first| self.unavailable(first.token, first.closed)))
    }

    /// The error of a call that does not wait for this token.
    pub(crate) fn unavailable(&self, token: usize, closed: Closed) -> Error {
        let wait = closed.until().saturating_duration_since(Instant::now());
        let seconds = wait.as_secs_f64();
        let why = match closed {
            Closed::Exhausted { what, .. } => {
                format!("the user's limit of {what} is exhausted for {seconds:.0} s")
            }
            Closed::Refuses(_) => format!("the server refuses requests of the user for {seconds:.0} s"),
            Closed::Cooldown(_) => format!("it was refused, and its cooldown lasts {seconds:.0} s"),
        };
        let message = match self.name(token) {
            None => why,
            Some(name) => format!("no usable token; the next one is {name}: {why}"),
        };
        Error::new(ErrorKind::RateLimited, message).with_retry_after(Some(wait)).not_executed()
    }
}
