//! The attempts of a call: one after the other, until one succeeds or none may follow.

use crate::client::ClientCore;
use crate::error::{Attempt, Error, ErrorKind, Result};
use crate::hook::{CallEnd, Outcome};
use crate::pool::{TokenAttempts, WaitBudget};
use crate::retry::{LONGEST, backoff, millis, pause};
use crate::session::Acquired;
use crate::transport::require_runtime;
use http::{HeaderValue, StatusCode};
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument, Span, debug, warn};

/// The close code of `graphql-transport-ws` for a refused token.
pub(crate) const UNAUTHORIZED_CLOSE: u16 = 4401;

/// A kind of call: what one attempt sends, and which failures may be retried.
pub trait Sending: Send {
    /// What the call returns.
    type Output: Send;

    /// Makes one attempt.
    fn attempt(&mut self, call: &mut CallState<'_>) -> impl Future<Output = Result<Self::Output>> + Send;

    /// Whether a failure may be retried, as far as the attempts that are left allow.
    fn may_retry(&self, error: &Error, call: &CallState<'_>) -> bool;

    /// Whether the same can be sent again at all.
    fn is_repeatable(&self) -> bool {
        true
    }

    /// Renews what the attempt was refused for. Returns whether the next attempt can be made at once.
    fn renew(&mut self, _error: &Error) -> bool {
        false
    }

    /// The error of a call whose time limit is over.
    fn timed_out(&self, limit: Duration, call: &CallState<'_>) -> Error;
}

/// The state of a call: its attempts so far.
pub struct CallState<'c> {
    client: &'c ClientCore,
    operation: &'c str,
    /// Whether it is a mutation, until hooks know how it ended; none for a call that they do not observe.
    unreported: Option<bool>,
    start: Instant,
    /// The span of the call.
    pub span: Span,
    wait: WaitBudget,
    tokens: TokenAttempts,
    pub(super) made: Vec<Attempt>,
    /// How much of the waiting the attempts so far account for.
    accounted: Duration,
    /// How many attempts only renewed a token or a permission.
    uncounted: usize,
    pub(super) signed: Signed,
    /// Whether something was sent that may have been executed.
    pub(super) in_doubt: bool,
    cost: Option<u64>,
}

/// How the last attempt was signed.
pub(super) enum Signed {
    /// Not at all.
    Unsigned,
    /// The token could not be fetched.
    Unavailable(usize),
    /// With this token, in this header.
    With(usize, HeaderValue),
}

impl<'c> CallState<'c> {
    /// A call without attempts, which hooks observe if it says whether it is a mutation. Fails when its retry
    /// policy is invalid or needs a Tokio runtime that is not there.
    pub fn new(client: &'c ClientCore, operation: &'c str, is_mutation: Option<bool>) -> Result<Self> {
        client.retry.check()?;
        if client.retry.time_limit.is_some() {
            require_runtime()?;
        }
        Ok(Self {
            client,
            operation,
            unreported: is_mutation,
            start: Instant::now(),
            span: client.span(operation),
            wait: WaitBudget::new(client.retry),
            tokens: TokenAttempts::default(),
            made: Vec::new(),
            accounted: Duration::ZERO,
            uncounted: 0,
            signed: Signed::Unsigned,
            in_doubt: false,
            cost: None,
        })
    }

    /// Makes attempts until one succeeds or none may follow. The error is that of the last attempt.
    pub async fn run<S: Sending>(mut self, mut sending: S) -> Result<S::Output> {
        let (span, limit) = (self.span.clone(), self.client.retry.time_limit);
        let attempts = self.attempts(&mut sending).instrument(span);
        let result = match limit {
            None => attempts.await,
            Some(limit) => match timeout(limit, attempts).await {
                Ok(result) => result,
                Err(_) => Err(sending.timed_out(limit, &self)),
            },
        };
        self.span.record("attempts", self.made.len());
        let result = result.map_err(|mut error| {
            if self.in_doubt {
                error = error.maybe_executed();
            }
            // A call within an attempt has attempts of its own.
            if error.attempts().is_empty() { error.with_attempts(self.made.clone()) } else { error }
        });
        self.report(result.as_ref().map_or_else(Outcome::Failed, |_| Outcome::Answered));
        result
    }

    async fn attempts<S: Sending>(&mut self, sending: &mut S) -> Result<S::Output> {
        loop {
            let was_in_doubt = self.in_doubt;
            self.signed = Signed::Unsigned;
            let error = match sending.attempt(self).await {
                Ok(output) => return Ok(output),
                Err(error) => error,
            };
            if error.is_not_executed() {
                self.in_doubt = was_in_doubt;
            }
            if sending.is_repeatable() && (sending.renew(&error) || self.changes_token(&error)) {
                self.uncounted += 1;
                continue;
            }
            let may_retry = sending.is_repeatable() && sending.may_retry(&error, self);
            if !may_retry || self.made.len() - self.uncounted >= self.client.retry.max_attempts {
                return Err(error);
            }
            self.back_off(error).await?;
        }
    }

    /// Acquires a token and a permit of its user's rate limiter. The request must be sent at once. Fails
    /// when no token can be used in the time that the call may wait.
    pub async fn acquire(&mut self) -> Result<Acquired> {
        match self.client.session.acquire(&mut self.tokens, &mut self.wait).await {
            Ok(acquired) => {
                self.signed = Signed::With(acquired.token, acquired.signature.clone());
                Ok(acquired)
            }
            Err((None, error)) => Err(error),
            Err((Some(token), error)) => {
                debug!(status = error.status(), "no token");
                self.signed = Signed::Unavailable(token);
                self.push();
                self.end(error.status(), None);
                // The operation itself was not sent.
                Err(error.not_executed())
            }
        }
    }

    /// Notes an attempt that is about to be sent.
    pub fn begin(&mut self) {
        self.push();
        self.in_doubt = true;
    }

    fn push(&mut self) {
        let waited = self.wait.waited - self.accounted;
        self.accounted = self.wait.waited;
        self.made.push(Attempt { waited, status: None, request_id: None });
    }

    /// Notes the response to the last attempt.
    pub fn responded(&mut self, status: StatusCode, request_id: Option<&str>, cost: Option<u64>) {
        let status = status.as_u16();
        self.end(Some(status), request_id);
        self.cost = cost;
        self.span.record("status", status).record("request_id", request_id).record("cost", cost);
        debug!(attempt = self.made.len(), status, request_id, cost, "response");
    }

    /// Notes that no response came to the last attempt.
    pub fn unanswered(&mut self, request_id: Option<&str>) {
        self.end(None, request_id);
        debug!(attempt = self.made.len(), "no response");
    }

    fn end(&mut self, status: Option<u16>, request_id: Option<&str>) {
        if let Some(attempt) = self.made.last_mut() {
            (attempt.status, attempt.request_id) = (status, request_id.map(str::to_owned));
        }
    }

    /// Changes the token that was refused or could not be fetched. Returns whether there is another.
    fn changes_token(&mut self, error: &Error) -> bool {
        let pool = &self.client.session.pool;
        match &self.signed {
            // A request that was refused with 401 was not executed.
            Signed::With(token, signature) if matches!(error.status(), Some(401 | UNAUTHORIZED_CLOSE)) => {
                pool.refused(*token, signature, &mut self.tokens)
            }
            Signed::Unavailable(token) => pool.not_issued(*token, error, &mut self.tokens),
            _ => false,
        }
    }

    /// Waits before the next attempt, or gives the error back when that would take too long.
    async fn back_off(&mut self, error: Error) -> Result<()> {
        let pool = &self.client.session.pool;
        if !matches!(self.signed, Signed::Unsigned)
            && self.client.retry.fails_fast
            && pool.users.len() == 1
            && let Some(closed) = pool.limits(0).closed().filter(|closed| closed.is_exhausted())
        {
            return Err(pool.unavailable(0, closed));
        }
        let attempts = self.made.len() - self.uncounted;
        let is_limited = error.kind() == ErrorKind::RateLimited && matches!(error.status(), None | Some(429));
        let wait = match self.signed {
            // Another user may have a permit at once.
            Signed::With(token, _) if is_limited && pool.users.len() > 1 => {
                if error.retry_after().is_none_or(|wait| wait > LONGEST) {
                    pool.limits(token).refuses_for(backoff(attempts));
                }
                Duration::ZERO
            }
            _ => pause(&error, attempts),
        };
        let left = self.wait.left();
        if wait > left {
            let Some(asked) = error.retry_after().map(|asked| asked.as_secs()) else { return Err(error) };
            return Err(error.with_detail(&format!(
                "; the server asks for {asked} s before a retry, the call may wait {left:?}"
            )));
        }
        warn!(attempt = attempts, status = error.status(), wait_ms = millis(wait), "retrying");
        if !wait.is_zero() {
            require_runtime()?;
            sleep(wait).await;
            self.wait.waited += wait;
        }
        Ok(())
    }

    fn report(&mut self, outcome: Outcome<'_>) {
        let Some(is_mutation) = self.unreported.take() else { return };
        let last = self.made.last();
        let end = CallEnd {
            operation: self.operation,
            label: &self.client.api().label,
            is_mutation,
            attempts: self.made.len(),
            status: last.and_then(|attempt| attempt.status),
            request_id: last.and_then(|attempt| attempt.request_id.as_deref()),
            cost: self.cost,
            waited: self.wait.waited,
            duration: self.start.elapsed(),
            outcome,
        };
        self.client.session.hooks.call_each(|hook| hook.after_call(&end));
    }
}

/// A call that nobody waits for any more has ended, too.
impl Drop for CallState<'_> {
    fn drop(&mut self) {
        self.report(Outcome::Cancelled);
    }
}
