//! What a call has tried so far, and whether it tries again.

use crate::error::{Attempt, Error, Result};
use crate::pool::Patience;
use crate::retry::{RetryPolicy, backoff, spread};
use crate::transport::require_runtime;
use std::time::Duration;
use tokio::time::sleep;
use tracing::warn;

/// The attempts of one call, and what it has waited for them.
pub(crate) struct Attempts {
    pub(crate) patience: Patience,
    made: Vec<Attempt>,
    /// What was waited before the attempts that are noted.
    accounted: Duration,
    /// How many only changed the token or the permission that they were made with.
    uncounted: usize,
}

impl Attempts {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        let patience = Patience::new(policy);
        Self { patience, made: Vec::new(), accounted: Duration::ZERO, uncounted: 0 }
    }

    /// Notes an attempt that is about to be made.
    pub(crate) fn begin(&mut self) {
        let waited = self.patience.waited - self.accounted;
        self.accounted = self.patience.waited;
        self.made.push(Attempt { waited, status: None, request_id: None });
    }

    /// Notes how the last attempt was answered.
    pub(crate) fn end(&mut self, status: Option<u16>, request_id: Option<&str>) {
        if let Some(attempt) = self.made.last_mut() {
            (attempt.status, attempt.request_id) = (status, request_id.map(str::to_owned));
        }
    }

    /// The last attempt does not count: it is made again with something else.
    pub(crate) fn uncount(&mut self) {
        self.uncounted += 1;
    }

    /// How many were made.
    pub(crate) fn len(&self) -> usize {
        self.made.len()
    }

    /// How many of them count.
    pub(crate) fn counted(&self) -> usize {
        self.made.len() - self.uncounted
    }

    /// Whether there may be one more.
    pub(crate) fn are_left(&self) -> bool {
        self.counted() < self.patience.policy.max_attempts
    }

    pub(crate) fn last(&self) -> Option<&Attempt> {
        self.made.last()
    }

    pub(crate) fn to_vec(&self) -> Vec<Attempt> {
        self.made.clone()
    }

    /// Waits before the call is sent again, or gives the error back when that would take too long.
    pub(crate) async fn wait(&mut self, error: Error, wait: Duration) -> Result<()> {
        let left = self.patience.left();
        if wait > left {
            let asked = error.retry_after().map(|asked| {
                format!("; it is to be sent again in {} s, and the call may wait {left:?}", asked.as_secs())
            });
            return Err(error.with_detail(&asked.unwrap_or_default()));
        }
        let (attempt, wait_ms) = (self.counted(), millis(wait));
        warn!(attempt, status = error.status(), wait_ms, "will be sent again");
        if !wait.is_zero() {
            require_runtime()?;
            sleep(wait).await;
            self.patience.waited += wait;
        }
        Ok(())
    }
}

/// How long to wait after a failure: as long as the server says, or longer after each of so many.
pub(crate) fn pause(error: &Error, failures: usize) -> Duration {
    error.retry_after().map_or_else(|| backoff(failures), spread)
}

pub(crate) fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}
