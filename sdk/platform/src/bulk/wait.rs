//! Waiting for the end of an export or import.

use super::status::{Progress, Stage, Status};
use crate::rest::{RestCall, RestClient, json};
use crate::settings::Platform;
use http::Method;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use xurrent_runtime::send::HttpResponse;
use xurrent_runtime::transport::require_runtime;
use xurrent_runtime::{ClientCore, Error, ErrorKind, Result};

/// The wait after the first poll. The next ones are twice as long each.
const FIRST: Duration = Duration::from_secs(2);

/// The longest wait by default: the server asks for one poll a minute.
const INTERVAL: Duration = Duration::from_secs(60);

/// The longest interval: the server forgets a job five minutes after its end.
const MAX_INTERVAL: Duration = Duration::from_secs(4 * 60);

const TIME_LIMIT: Duration = Duration::from_secs(3_600);

/// A kind of job.
pub(crate) struct Job {
    /// What it is called in errors, and in the path.
    pub(crate) name: &'static str,
    /// The name of the call that starts it, in hooks and traces.
    pub(crate) create: &'static str,
    /// The name of a poll.
    pub(crate) progress: &'static str,
    /// What to do when it was refused for a limit.
    pub(crate) advice: &'static str,
}

/// A function that is called after each poll that finds a job running.
pub(crate) type OnProgress = Arc<dyn Fn(&Progress) + Send + Sync>;

/// A job and how to wait for it.
#[derive(Clone)]
pub(crate) struct Waiting {
    pub(crate) rest: RestClient,
    job: &'static Job,
    token: String,
    pub(crate) interval: Duration,
    pub(crate) time_limit: Duration,
    pub(crate) on_progress: Option<OnProgress>,
}

impl Waiting {
    pub(crate) fn new(client: &ClientCore, platform: &Platform, job: &'static Job, token: String) -> Self {
        let rest = RestClient { core: client.clone(), platform: platform.clone() };
        Self { rest, job, token, interval: INTERVAL, time_limit: TIME_LIMIT, on_progress: None }
    }

    /// Polls until the job is done.
    pub(crate) async fn done(&self) -> Result<(Status, HttpResponse)> {
        let name = self.job.name;
        if self.interval.is_zero() || self.interval > MAX_INTERVAL {
            return Err(Error::configuration(format!(
                "`poll_interval` is {:?}; expected at most {MAX_INTERVAL:?}: the server forgets an {name} 5 minutes \
                 after its end",
                self.interval
            )));
        }
        if self.time_limit.is_zero() {
            return Err(Error::configuration(format!("`time_limit` of an {name} is zero")));
        }
        require_runtime()?;
        timeout(self.time_limit, self.poll()).await.unwrap_or_else(|_| {
            let limit = self.time_limit;
            let message = format!(
                "the {name} has not ended within {limit:?}; it goes on: wait again, with the same token"
            );
            Err(Error::new(ErrorKind::Timeout, message))
        })
    }

    async fn poll(&self) -> Result<(Status, HttpResponse)> {
        let mut wait = FIRST.min(self.interval);
        loop {
            let (status, response) = self.status().await?;
            match status.stage() {
                Stage::Done => return Ok((status, response)),
                Stage::Failed => return Err(status.failure(self.job.name, self.job.advice, &response)),
                Stage::Running => {}
            }
            if let Some(on_progress) = &self.on_progress {
                on_progress(&status.into_progress());
            }
            sleep(wait).await;
            wait = (wait * 2).min(self.interval);
        }
    }

    async fn status(&self) -> Result<(Status, HttpResponse)> {
        let Job { name, progress, .. } = self.job;
        let path = [*name, self.token.as_str()];
        let call = RestCall::new(&self.rest, progress, Method::GET, path.into_iter())?;
        let response = call.send(&self.rest.core).await.map_err(|error| match error.status() {
            Some(404) => error.with_detail(&format!(
                "; the server forgets an {name} 5 minutes after its end, and each account has its own"
            )),
            _ if error.is_configuration() => error,
            _ => error
                .with_detail(&format!("; the {name} goes on: wait again, with the same token"))
                .maybe_executed(),
        })?;
        Ok((json(&response, progress)?, response))
    }
}

/// Declares a call that waits for a job.
macro_rules! wait {
    ($(#[$doc:meta])* $name:ident: $output:ty, $job:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        #[must_use = "a call does nothing until it is awaited"]
        pub struct $name {
            waiting: crate::bulk::wait::Waiting,
        }

        impl $name {
            /// The longest time between two polls: 60 seconds by default, which the server asks for, and at most 4
            /// minutes. The first one is at once, the next ones follow after 2, 4, 8 seconds and so on.
            pub fn poll_interval(mut self, interval: std::time::Duration) -> Self {
                self.waiting.interval = interval;
                self
            }

            #[doc = concat!("How long to wait: an hour by default. The ", $job, " goes on then, and can be waited for")]
            /// again, with the same token.
            pub fn time_limit(mut self, limit: std::time::Duration) -> Self {
                self.waiting.time_limit = limit;
                self
            }

            /// Calls this function after each poll that finds it running. It must not block.
            pub fn on_progress(
                mut self,
                progress: impl Fn(&crate::bulk::Progress) + Send + Sync + 'static,
            ) -> Self {
                self.waiting.on_progress = Some(std::sync::Arc::new(progress));
                self
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("poll_interval", &self.waiting.interval)
                    .field("time_limit", &self.waiting.time_limit)
                    .finish_non_exhaustive()
            }
        }

        xurrent_runtime::impl_call!($name: $output, waiting.rest.core);
    };
}

pub(crate) use wait;
