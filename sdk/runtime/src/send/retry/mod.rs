//! When a request is sent again, and after what time.

mod backoff;
mod read_only;

pub use backoff::retry_after;
pub(crate) use backoff::{LONGEST, SMALLEST_MOMENT, backoff, server_time, spread};
pub(crate) use read_only::is_read_only;

use crate::error::{Error, Result};
use std::time::Duration;

/// How often a call is sent, and how long it may take. The default is 5 attempts, and at most 2
/// minutes of waiting in all.
///
/// A request that the server refused because of its limits (status 429) is sent again, and so is one
/// that did not get through to the server at all, or that the server refused unprocessed (HTTP/2).
/// After a failure that leaves open whether it was executed (status 502, 503 or 504, a connection that
/// was cut, an answer that took too long) only a query is sent again, a mutation never.
///
/// What the server says in `Retry-After` is waited for; when that is longer than the call may still
/// wait, the call fails at once, and [`Error::retry_after`](crate::Error::retry_after) tells it. Where
/// the server says nothing, the waits are about 1, 2, 4, 8 seconds and so on, up to 30. With tokens of
/// several users, what was refused with status 429 is sent at once with that of another user, if there
/// is one that can be used.
///
/// ```
/// use std::time::Duration;
/// use xurrent_runtime::RetryPolicy;
///
/// let in_a_hurry = RetryPolicy::new().max_attempts(2).time_limit(Duration::from_secs(10));
/// let overnight = RetryPolicy::new().max_wait(Duration::from_secs(2 * 3600));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a policy does nothing until a client or a call is given it"]
pub struct RetryPolicy {
    pub(crate) max_attempts: usize,
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
    /// The default.
    pub const fn new() -> Self {
        Self { max_attempts: 5, max_wait: Duration::from_secs(120), time_limit: None, fails_fast: false }
    }

    /// One attempt. It still waits for its turn where the client's limits ask for that.
    pub const fn never() -> Self {
        Self::new().max_attempts(1)
    }

    /// How often a call is sent at most, at least once. A token that the server no longer takes is
    /// replaced beside that, by a new one or by another of the pool.
    pub const fn max_attempts(mut self, attempts: usize) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// How long a call waits in all: for its turn, for a budget, before it is sent again. Requests
    /// that are under way do not count. A call fails at once when it is known that it would have to
    /// wait longer, and otherwise, in the queue for its turn, when the time is over. A new token is
    /// waited for beside that.
    pub const fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// How long a call may take in all, with everything. It ends then, whatever it is doing: a
    /// mutation that is under way may still be executed. A page of a stream is a call by itself; the
    /// requests that complete the lists in its answer (`#[select(all)]`) belong to it. No limit when
    /// nothing is said, but that of each request,
    /// [`ClientBuilder::request_timeout`](crate::ClientBuilder::request_timeout).
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// Fails at once with [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited) while the budget
    /// of requests or of cost is used up. Otherwise a call waits until the budget is there again,
    /// when that is not longer than [`max_wait`](Self::max_wait).
    pub const fn fail_fast_on_exhausted_quota(mut self) -> Self {
        self.fails_fast = true;
        self
    }

    /// The most attempts of a call.
    #[doc(hidden)]
    #[must_use]
    pub const fn attempts(&self) -> usize {
        self.max_attempts
    }

    /// Finds settings that cannot be used.
    #[doc(hidden)]
    pub fn check(&self) -> Result<()> {
        if self.max_attempts == 0 {
            return Err(Error::configuration(
                "`max_attempts` of a retry policy is 0: a call is sent at least once",
            ));
        }
        if self.time_limit.is_some_and(|limit| limit.is_zero()) {
            return Err(Error::configuration("`time_limit` of a retry policy is zero"));
        }
        Ok(())
    }
}

/// How long to wait after this failure in a row: as long as the server asks for, or with backoff.
#[must_use]
pub fn pause(error: &Error, failures: usize) -> Duration {
    error.retry_after().map_or_else(|| backoff(failures), spread)
}

pub(crate) fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}
