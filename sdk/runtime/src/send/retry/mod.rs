//! The retry policy: when a request is sent again, and after what wait.

mod backoff;
mod read_only;

pub use backoff::retry_after;
pub(crate) use backoff::{LONGEST, SMALLEST_MOMENT, backoff, seconds, server_time, spread};
pub(crate) use read_only::is_read_only;

use crate::error::{Error, Result};
use std::time::Duration;

/// How often a call is sent, and how long it may take. The default is 5 attempts and at most 2 minutes
/// of waiting.
///
/// A request is retried when the server refused it because of its limits (status 429), when it did not
/// reach the server, and when the server refused it unprocessed (HTTP/2). After a failure that leaves open
/// whether it was executed (status 502, 503 or 504, a cut connection, a timeout) a query is retried, a
/// mutation never. A call beside GraphQL is retried like a query if it is idempotent.
///
/// The wait before a retry is that of `Retry-After`. When it is longer than the call may wait, the call
/// fails at once with [`Error::retry_after`](crate::Error::retry_after). Without `Retry-After`, the waits are
/// about 1, 2, 4, 8 seconds and so on, up to 30. With tokens of several users, a request that was refused
/// with status 429 is retried at once with a token of another user, if one is usable.
///
/// ```
/// use std::time::Duration;
/// use xurrent_runtime::RetryPolicy;
///
/// let in_a_hurry = RetryPolicy::new().max_attempts(2).time_limit(Duration::from_secs(10));
/// let overnight = RetryPolicy::new().max_wait(Duration::from_secs(2 * 3600));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a policy does nothing until a client or a call has it"]
pub struct RetryPolicy {
    #[doc(hidden)]
    pub max_attempts: usize,
    pub(crate) max_wait: Duration,
    pub(crate) time_limit: Option<Duration>,
    pub(crate) fails_fast: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryPolicy {
    /// The default policy.
    pub const fn new() -> Self {
        Self { max_attempts: 5, max_wait: Duration::from_secs(120), time_limit: None, fails_fast: false }
    }

    /// One attempt. It still waits for a permit of the client's rate limiter.
    pub const fn never() -> Self {
        Self::new().max_attempts(1)
    }

    /// The most attempts of a call, at least one. Attempts that only change a refused token do not count.
    pub const fn max_attempts(mut self, attempts: usize) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// How long a call may wait: for a permit of the rate limiter, for a quota, before retries. The time of
    /// requests does not count, nor that of token requests. A call that would wait longer fails at once,
    /// and in the queue of the rate limiter when the time is over.
    pub const fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// How long a call may take, with all its attempts. A mutation that is sent by then may still be
    /// executed. Each page of a stream is a call, including the requests for the remaining pages of its
    /// nested connections (`#[select(all)]`). By default, only each request has a limit:
    /// [`ClientBuilder::request_timeout`](crate::ClientBuilder::request_timeout).
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// Fails at once with [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited) while the quota of
    /// requests or of cost points is exhausted. By default, a call waits for the reset if that is within
    /// [`max_wait`](Self::max_wait).
    pub const fn fail_fast_on_exhausted_quota(mut self) -> Self {
        self.fails_fast = true;
        self
    }

    /// Sets the time limit of calls, unless there is one.
    #[doc(hidden)]
    pub fn limited(mut self, limit: Duration) -> Self {
        self.time_limit.get_or_insert(limit);
        self
    }

    /// Finds settings that cannot be used.
    #[doc(hidden)]
    pub fn check(&self) -> Result<()> {
        let why = if self.max_attempts == 0 {
            "`max_attempts` of a retry policy is 0: a call has at least one attempt"
        } else if self.time_limit.is_some_and(|limit| limit.is_zero()) {
            "`time_limit` of a retry policy is zero"
        } else {
            return Ok(());
        };
        Err(Error::configuration(why))
    }
}

/// How long to wait after this failure in a row: as long as the server asks for, or with backoff.
pub fn pause(error: &Error, failures: usize) -> Duration {
    error.retry_after().map_or_else(|| backoff(failures), spread)
}

pub(crate) fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}
