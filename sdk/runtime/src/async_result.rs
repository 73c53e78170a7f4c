//! Results that are not in the answer of a mutation but fetched later, from an address of their own.

use crate::attempts::pause;
use crate::client::Client;
use crate::decode::{DecodeError, DecodeErrorKind, Read, Selection, read_field};
use crate::document::{OperationType, Shape};
use crate::endpoint::result_address;
use crate::error::{Error, ErrorKind, Result};
use crate::operation::returned;
use crate::remaining_pages::{Caller, Plan};
use crate::response::http::{ExpectedBody, HttpResponse, check_status, request_id};
use crate::response::{GraphQlResponse, Partial, PayloadErrors};
use crate::secrets::Secrets;
use crate::select::Object;
use crate::select::Select;
use crate::transport::{BoxFuture, require_runtime};
use http::{StatusCode, Uri};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument, Span, debug, field::Empty, info_span};

/// What such a request is called in logs and hooks.
const NAME: &str = "asyncResult";

/// The wait before the first request. The next ones are twice as long each.
const FIRST: Duration = Duration::from_millis(250);

const INTERVAL: Duration = Duration::from_secs(5);

const TIME_LIMIT: Duration = Duration::from_secs(120);

/// A result that the server is still working on. It is asked for until it is there: after a quarter of
/// a second, then at growing intervals of up to 5 seconds. The requests carry no credentials and cost
/// nothing of the user's limits.
#[must_use = "a call does nothing until it is awaited"]
pub struct AsyncResult<T> {
    client: Client,
    url: SecretString,
    read: Read<T>,
    selection: Selection,
    interval: Duration,
    time_limit: Duration,
}

impl Client {
    /// The result behind the `resultUrl` of an `asyncQuery`, as a payload of the type that the mutation
    /// has.
    pub fn async_result<T: Object>(&self, result_url: impl Into<SecretString>) -> AsyncResult<T> {
        AsyncResult {
            client: self.clone(),
            url: result_url.into(),
            read: read_field,
            selection: Selection::Object(T::TABLE),
            interval: INTERVAL,
            time_limit: TIME_LIMIT,
        }
    }
}

impl<T: Object> AsyncResult<T> {
    /// Reads what `S` selects of the payload: the selection that the mutation was sent with.
    pub fn select<S: Select<T>>(self) -> AsyncResult<S> {
        let Self { client, url, interval, time_limit, .. } = self;
        AsyncResult { client, url, read: S::read, selection: S::SELECTION, interval, time_limit }
    }
}

impl<T> AsyncResult<T> {
    /// The longest time between two requests: 5 seconds when nothing is said.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long to wait for the result in all: 2 minutes when nothing is said. The server goes on
    /// working on it then, so that it can be asked for again.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Waits for the result.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when the address is not one that the API gives,
    /// [`ErrorKind::Status`] when there is nothing behind it any more,
    /// [`ErrorKind::Timeout`] when the result is not there in time; otherwise those of the mutation:
    /// [`ErrorKind::Payload`], [`ErrorKind::GraphQl`] and [`ErrorKind::Decode`], with their paths.
    pub async fn send(self) -> Result<T> {
        let answer = self.answer(false).await?;
        let mut payload = None;
        let (response, reported) = self.read(&answer, &mut payload)?;
        reported.check(response, NAME)?;
        let id = answer.request_id.as_deref();
        returned(payload, NAME).map_err(|error| error.with_request_id(id))
    }

    /// Waits for the result and returns it also when it reports errors.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without [`ErrorKind::Payload`] and [`ErrorKind::GraphQl`].
    pub async fn allow_partial(self) -> Result<Partial<T>> {
        let answer = self.answer(true).await?;
        let mut payload = None;
        let (response, reported) = self.read(&answer, &mut payload)?;
        reported.into_partial(response, payload)
    }

    fn answer(&self, partial: bool) -> BoxFuture<'_, Result<HttpResponse>> {
        let answer =
            self.client.whole_result(&self.url, self.selection, self.interval, self.time_limit, partial);
        // The mutation itself was executed.
        Box::pin(async move { answer.await.map_err(Error::maybe_executed) })
    }

    /// The data has one field: what the mutation was called in its document.
    fn read(
        &self,
        answer: &HttpResponse,
        payload: &mut Option<T>,
    ) -> Result<(GraphQlResponse, PayloadErrors)> {
        let (mut reported, mut seen) = (PayloadErrors::default(), false);
        let response = GraphQlResponse::read(answer, NAME, &mut |decoder| {
            decoder.entries("the data", &mut |decoder, _| {
                if std::mem::replace(&mut seen, true) {
                    return Err(DecodeError::new(DecodeErrorKind::Duplicate));
                }
                reported.read_value(decoder, &answer.secrets, true, &mut |decoder| {
                    *payload = Some((self.read)(decoder)?);
                    Ok(())
                })
            })?;
            seen.then_some(()).ok_or_else(|| DecodeError::new(DecodeErrorKind::Missing))
        })?;
        Ok((response, reported))
    }
}

impl Client {
    /// The result with the rest of its lists of which all is wanted.
    async fn whole_result(
        &self,
        url: &SecretString,
        selection: Selection,
        interval: Duration,
        time_limit: Duration,
        partial: bool,
    ) -> Result<HttpResponse> {
        let begun = Instant::now();
        let answer = self.wait_for_result(url, interval, time_limit).await?;
        if Plan::of(selection).is_empty() {
            return Ok(answer);
        }
        let mut root = String::new();
        // What cannot be read is the reader's to report.
        let _ = GraphQlResponse::read(&answer, NAME, &mut |decoder| {
            decoder.entries("the data", &mut |decoder, key| {
                key.clone_into(&mut root);
                decoder.skip()
            })
        });
        let plan = Plan::of_call(&root, selection, Shape::Plain);
        Caller::new(self, NAME, OperationType::Mutation, begun, partial).complete(answer, &plan).await
    }

    async fn wait_for_result(
        &self,
        url: &SecretString,
        interval: Duration,
        time_limit: Duration,
    ) -> Result<HttpResponse> {
        for (name, value) in [("poll_interval", interval), ("time_limit", time_limit)] {
            if value.is_zero() {
                return Err(Error::configuration(format!("`{name}` of an async result is zero")));
            }
        }
        self.retry.check()?;
        require_runtime()?;
        let address = result_address(url.expose_secret(), self.session.endpoint())?;
        let account = self.session.account();
        let span = info_span!(
            "xurrent",
            operation = NAME,
            account,
            attempts = Empty,
            status = Empty,
            request_id = Empty
        );
        let polls = self.poll(&address, interval, &span).instrument(span.clone());
        timeout(time_limit, polls).await.unwrap_or_else(|_| {
            let message = format!("the result was not there within the time limit of {time_limit:?}");
            Err(Error::new(ErrorKind::Timeout, message))
        })
    }

    /// Asks until there is a result. A failure that passes is borne as often in a row as the policy
    /// for requests allows.
    async fn poll(&self, address: &Uri, interval: Duration, span: &Span) -> Result<HttpResponse> {
        let (mut step, mut attempts, mut failures) = (FIRST.min(interval), 0_usize, 0);
        let mut wait = step;
        loop {
            sleep(wait).await;
            attempts += 1;
            span.record("attempts", attempts);
            match self.ask(address, span).await {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {
                    debug!(attempt = attempts, "not ready");
                    failures = 0;
                    step = (step * 2).min(interval);
                    wait = step;
                }
                Err(error) => {
                    failures += 1;
                    if failures >= self.retry.max_attempts || !passes(&error) {
                        return Err(error);
                    }
                    wait = pause(&error, failures);
                }
            }
        }
    }

    /// Asks once. Nothing while the server is at work.
    async fn ask(&self, address: &Uri, span: &Span) -> Result<Option<HttpResponse>> {
        let answer = self.session.get(NAME, address).await?;
        let (status, secrets) = (answer.status(), Secrets::of_url(address));
        let request_id = request_id(answer.headers(), &secrets);
        span.record("status", status.as_u16()).record("request_id", request_id.as_deref());
        match status {
            StatusCode::ACCEPTED | StatusCode::NO_CONTENT => return Ok(None),
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => {
                let message = format!("there is no result any more: the server answered {status}");
                return Err(Error::new(ErrorKind::Status, message)
                    .with_status(status.as_u16())
                    .with_request_id(request_id.as_deref()));
            }
            _ => {}
        }
        // What is kept in a storage can have any content type.
        if status.is_success() {
            let body = answer.into_body();
            let is_ready = !is_empty_object(&body);
            return Ok(is_ready.then_some(HttpResponse::new(body, request_id, secrets)));
        }
        check_status(answer, ExpectedBody::Json, request_id, secrets).map(Some)
    }
}

/// Whether asking again can help.
fn passes(error: &Error) -> bool {
    match error.status() {
        Some(status) => matches!(status, 429 | 502..=504),
        None => error.has_no_response(),
    }
}

/// `{}`: the server is at work.
fn is_empty_object(body: &[u8]) -> bool {
    let inside = body.trim_ascii().strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
    inside.is_some_and(|inside| inside.trim_ascii().is_empty())
}

impl<T> fmt::Debug for AsyncResult<T> {
    /// Without the address: whoever knows it has the result.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncResult")
            .field("poll_interval", &self.interval)
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}

impl<T: Send + 'static> IntoFuture for AsyncResult<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
