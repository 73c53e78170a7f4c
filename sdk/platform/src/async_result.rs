//! Results that the server finishes after it has answered a mutation.

use crate::address::result_address;
use http::{StatusCode, Uri};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument, Span, debug};
use xurrent_runtime::send::{HttpResponse, Secrets, check_status, pause};
use xurrent_runtime::transport::{BoxFuture, require_runtime};
use xurrent_runtime::{
    ClientCore, DeferredPayload, Error, ErrorKind, Object, Partial, Result, Select, Selection,
    fetch_remaining,
};

/// The name of these calls in logs and hooks.
const NAME: &str = "asyncResult";

/// The wait before the first request. The next ones are twice as long each.
const FIRST: Duration = Duration::from_millis(250);

const INTERVAL: Duration = Duration::from_secs(5);

const TIME_LIMIT: Duration = Duration::from_secs(120);

/// A result that the server is still working on. It is polled: after a quarter of a second, then at
/// growing intervals of up to 5 seconds. The requests carry no credentials and do not count against the
/// user's limits.
#[must_use = "a call does nothing until it is awaited"]
pub struct AsyncResult<T> {
    polling: Polling,
    payload: DeferredPayload<T>,
}

impl<T: Object> AsyncResult<T> {
    /// The result at the `resultUrl` of an `asyncQuery`. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, result_url: SecretString) -> Self {
        let (client, url) = (client.clone(), result_url);
        let polling = Polling { client, url, interval: INTERVAL, time_limit: TIME_LIMIT };
        Self { polling, payload: DeferredPayload::new(NAME) }
    }

    /// Decodes what `S` selects of the payload: the selection that the mutation was sent with.
    pub fn select<S: Select<T>>(self) -> AsyncResult<S> {
        AsyncResult { polling: self.polling, payload: self.payload.select::<S>() }
    }
}

impl<T> AsyncResult<T> {
    /// The longest time between two requests: 5 seconds by default.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.polling.interval = interval;
        self
    }

    /// How long to wait for the result: 2 minutes by default. The server keeps working on it then, so
    /// that it can be polled again.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.polling.time_limit = limit;
        self
    }

    /// Waits for the result.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when the URL is not one that the API gives,
    /// [`ErrorKind::Status`] when the result no longer exists,
    /// [`ErrorKind::Timeout`] when it does not come in time; otherwise those of the mutation:
    /// [`ErrorKind::Payload`], [`ErrorKind::GraphQl`] and [`ErrorKind::Decode`], with their paths.
    pub async fn send(self) -> Result<T> {
        self.payload.decode(&self.response(false).await?)
    }

    /// Waits for the result and returns it also when it reports errors.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without [`ErrorKind::Payload`] and [`ErrorKind::GraphQl`].
    pub async fn allow_partial(self) -> Result<Partial<T>> {
        self.payload.decode_partial(&self.response(true).await?)
    }

    fn response(&self, partial: bool) -> BoxFuture<'_, Result<HttpResponse>> {
        let (polling, selection) = (&self.polling, self.payload.selection());
        Box::pin(async move {
            let response = polling.result(selection, partial).await;
            // The mutation itself was executed.
            response.map_err(Error::maybe_executed)
        })
    }
}

/// The part that does not depend on the type of the payload, so that it is compiled once.
struct Polling {
    client: ClientCore,
    url: SecretString,
    interval: Duration,
    time_limit: Duration,
}

impl Polling {
    /// The result with the remaining pages of its connections.
    async fn result(&self, selection: Selection, partial: bool) -> Result<HttpResponse> {
        let start = Instant::now();
        let response = self.run().await?;
        fetch_remaining(&self.client, NAME, selection, response, start, partial).await
    }

    async fn run(&self) -> Result<HttpResponse> {
        for (name, value) in [("poll_interval", self.interval), ("time_limit", self.time_limit)] {
            if value.is_zero() {
                return Err(Error::configuration(format!("`{name}` of an async result is zero")));
            }
        }
        self.client.retry.check()?;
        require_runtime()?;
        let address = result_address(self.url.expose_secret(), self.client.endpoint())?;
        let span = self.client.span(NAME);
        let polls = self.poll(&address, &span).instrument(span.clone());
        timeout(self.time_limit, polls).await.unwrap_or_else(|_| {
            let message = format!("no result within the time limit of {:?}", self.time_limit);
            Err(Error::new(ErrorKind::Timeout, message))
        })
    }

    /// Polls until there is a result. Tolerates as many temporary failures in a row as the retry policy
    /// has attempts.
    async fn poll(&self, address: &Uri, span: &Span) -> Result<HttpResponse> {
        let (mut step, mut attempts, mut failures) = (FIRST.min(self.interval), 0_usize, 0);
        let mut wait = step;
        loop {
            sleep(wait).await;
            attempts += 1;
            span.record("attempts", attempts);
            match self.fetch(address, span).await {
                Ok(Some(response)) => return Ok(response),
                Ok(None) => {
                    debug!(attempt = attempts, "not ready");
                    failures = 0;
                    step = (step * 2).min(self.interval);
                    wait = step;
                }
                Err(error) => {
                    failures += 1;
                    if failures >= self.client.retry.max_attempts || !is_temporary(&error) {
                        return Err(error);
                    }
                    wait = pause(&error, failures);
                }
            }
        }
    }

    /// Fetches the result. None while the server is working on it.
    async fn fetch(&self, address: &Uri, span: &Span) -> Result<Option<HttpResponse>> {
        let response = self.client.get_unsigned(NAME, address).await?;
        let status = response.status();
        let secrets = Secrets::of_url(address, self.client.api().missing_scopes);
        let request_id = self.client.request_id(response.headers(), &secrets);
        span.record("status", status.as_u16()).record("request_id", request_id.as_deref());
        match status {
            StatusCode::ACCEPTED | StatusCode::NO_CONTENT => Ok(None),
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => {
                let message = format!("the result no longer exists: the server answered {status}");
                Err(Error::new(ErrorKind::Status, message)
                    .with_status(status.as_u16())
                    .with_request_id(request_id.as_deref()))
            }
            // A storage may serve it with any content type.
            _ if status.is_success() => {
                let body = response.into_body();
                let is_ready = !is_empty_object(&body);
                Ok(is_ready.then_some(HttpResponse::new(body, request_id, secrets)))
            }
            _ => check_status(response, false, request_id, secrets).map(Some),
        }
    }
}

fn is_temporary(error: &Error) -> bool {
    match error.status() {
        Some(status) => matches!(status, 429 | 502..=504),
        None => error.has_no_response(),
    }
}

/// `{}`: the server is working on it.
fn is_empty_object(body: &[u8]) -> bool {
    let inside = body.trim_ascii().strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
    inside.is_some_and(|inside| inside.trim_ascii().is_empty())
}

impl<T> fmt::Debug for AsyncResult<T> {
    /// Without the URL, which gives the result to anyone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncResult")
            .field("poll_interval", &self.polling.interval)
            .field("time_limit", &self.polling.time_limit)
            .finish_non_exhaustive()
    }
}

xurrent_runtime::impl_call!(AsyncResult<T>: T, polling.client);
