//! Hooks: code of the user that observes calls and requests and adds headers.

use crate::error::{Error, Result};
use crate::redact::redact;
use crate::response::http::header_str;
use crate::secrets::{sensitive, token};
use crate::transport::{BoxFuture, DownloadBody, DownloadRequest, Request, Transport, UploadRequest};
#[cfg(feature = "subscriptions")]
use crate::transport::{Handshake, WebSocketRequest};
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, PROXY_AUTHORIZATION, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Observes all calls and requests of a client. Add it with
/// [`ClientBuilder::hook`](crate::ClientBuilder::hook).
///
/// Its functions run during a call: they should be short, and pass longer work to a task or a channel. A
/// panic after a request or a call does not affect it. A hook sees no token, no secret and no value of a
/// variable.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::{Arc, Mutex};
/// # use xurrent_runtime as sdk;
/// use sdk::{CallEnd, Client, Hook, MemoryTransport, Outcome, RequestEnd, RequestStart, Result};
///
/// /// Counts requests by operation and status, and reports calls that are slow.
/// #[derive(Clone, Default)]
/// struct Counter(Arc<Mutex<BTreeMap<(String, u16), u64>>>);
///
/// impl Hook for Counter {
///     fn before_request(&self, request: &mut RequestStart<'_>) -> Result<()> {
///         request.add_header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
///     }
///
///     fn after_request(&self, request: &RequestEnd<'_>) {
///         let operation = request.operation.unwrap_or("sign in").to_owned();
///         let mut counts = self.0.lock().unwrap();
///         *counts.entry((operation, request.status.unwrap_or(0))).or_default() += 1;
///     }
///
///     fn after_call(&self, call: &CallEnd<'_>) {
///         match call.outcome {
///             Outcome::Failed(error) => eprintln!("{}: {error}", call.operation),
///             _ if call.duration.as_secs() > 5 => eprintln!("{} was slow", call.operation),
///             _ => {}
///         }
///     }
/// }
///
/// let counter = Counter::default();
/// let client = Client::builder()
///     .personal_access_token("token")
///     .hook(counter.clone())
/// #   .transport(MemoryTransport::new(|_| serde_json::json!({"data": {"me": null}})))
///     .build()?;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// client.raw("query me { me { id } }", ()).operation_name("me").await?;
/// assert_eq!(counter.0.lock().unwrap()[&("me".to_owned(), 200)], 1);
/// # Ok::<(), xurrent_runtime::Error>(())
/// # })?;
/// # Ok::<(), xurrent_runtime::Error>(())
/// ```
pub trait Hook: Send + Sync + 'static {
    /// Called before a request is sent, token requests included.
    ///
    /// # Errors
    /// An error, of [`RequestStart::add_header`] or of your own, ends the call before anything is sent. So
    /// does a panic.
    fn before_request(&self, request: &mut RequestStart<'_>) -> Result<()> {
        let _ = request;
        Ok(())
    }

    /// Called after a response, a failure or the cancellation of a request.
    fn after_request(&self, request: &RequestEnd<'_>) {
        let _ = request;
    }

    /// Called after the success, the failure or the cancellation of a call with all its requests.
    fn after_call(&self, call: &CallEnd<'_>) {
        let _ = call;
    }
}

/// A request before it is sent.
#[derive(Debug)]
pub struct RequestStart<'a> {
    operation: Option<&'a str>,
    host: &'a str,
    headers: Headers<'a>,
    /// The headers that the API prescribes.
    reserved: &'a [HeaderName],
}

/// Headers that are printed without their values.
struct Headers<'a>(&'a mut HeaderMap);

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl RequestStart<'_> {
    /// The name of the operation, such as `people`; none for a request to the token service.
    pub fn operation(&self) -> Option<&str> {
        self.operation
    }

    /// The host of the server.
    pub fn host(&self) -> &str {
        self.host
    }

    /// Adds a header.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it is invalid, when the request
    /// has it already, or when only the client or HTTP itself may set it, such as `authorization`.
    pub fn add_header(&mut self, name: &str, value: &str) -> Result<()> {
        const RESERVED: [HeaderName; 7] = [
            AUTHORIZATION,
            CONNECTION,
            CONTENT_LENGTH,
            CONTENT_TYPE,
            HOST,
            PROXY_AUTHORIZATION,
            TRANSFER_ENCODING,
        ];
        // Without the value, which may be a secret of the user.
        let refuse = |why| Err(Error::configuration(format!("a hook adds the header {name:?}, which {why}")));
        let Ok(header) = HeaderName::try_from(name) else { return refuse("HTTP cannot hold") };
        let Ok(value) = HeaderValue::try_from(value) else {
            return refuse("has a value that HTTP cannot hold");
        };
        if RESERVED.contains(&header) || self.reserved.contains(&header) {
            return refuse("is not for a hook to set");
        }
        if self.headers.0.contains_key(&header) {
            return refuse("is there already");
        }
        self.headers.0.insert(header, value);
        Ok(())
    }
}

/// How a request or a call ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// A response came. That of a request can have any status. That of a call has a status of success, and
    /// may still hold errors of GraphQL or of a payload, which are decoded later.
    Answered,
    /// It failed.
    Failed(&'a Error),
    /// Its caller has dropped it.
    Cancelled,
}

/// The end of a request.
#[derive(Debug)]
#[non_exhaustive]
pub struct RequestEnd<'a> {
    /// The name of the operation; none for a request to the token service.
    pub operation: Option<&'a str>,
    /// The status of the response, if one came.
    pub status: Option<u16>,
    /// The `x-request-id` of the response.
    pub request_id: Option<&'a str>,
    /// How long it took, from the first byte to the last.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome<'a>,
}

/// The end of a call.
#[derive(Debug)]
#[non_exhaustive]
pub struct CallEnd<'a> {
    /// The name of the operation, such as `people`.
    pub operation: &'a str,
    /// What the API calls the client, such as an account.
    pub label: &'a str,
    /// Whether it may change something. A raw document that is not certainly a query may.
    pub is_mutation: bool,
    /// The number of its requests.
    pub attempts: usize,
    /// The status of the last response, if one came.
    pub status: Option<u16>,
    /// The `x-request-id` of the last response.
    pub request_id: Option<&'a str>,
    /// The cost points of the last request, as the server counted them.
    pub cost: Option<u64>,
    /// How much of the time it waited: for a permit, for a quota, before retries.
    pub waited: Duration,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome<'a>,
}

/// All hooks of a client, in the order in which they were added.
pub(crate) struct Hooks {
    pub(crate) hooks: Vec<Arc<dyn Hook>>,
    /// The headers that the API prescribes.
    pub(crate) reserved: Vec<HeaderName>,
}

impl Hooks {
    /// A panic does not affect a request that was sent.
    pub(crate) fn call_each(&self, function: impl Fn(&dyn Hook)) {
        for hook in &self.hooks {
            if catch_unwind(AssertUnwindSafe(|| function(&**hook))).is_err() {
                tracing::warn!("a hook panicked");
            }
        }
    }
}

pub(crate) struct Hooked {
    pub(crate) inner: Arc<dyn Transport>,
    pub(crate) hooks: Arc<Hooks>,
    /// The header with the identifier of a request.
    pub(crate) request_id: HeaderName,
}

impl Hooked {
    /// Calls the hooks before a request, which they may stop.
    fn before<B>(&self, operation: Option<String>, request: &mut http::Request<B>) -> Result<Sent<'_>> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let mut start = RequestStart {
            operation: operation.as_deref(),
            host: &host,
            headers: Headers(request.headers_mut()),
            reserved: &self.hooks.reserved,
        };
        for hook in &self.hooks.hooks {
            catch_unwind(AssertUnwindSafe(|| hook.before_request(&mut start)))
                .unwrap_or_else(|_| Err(Error::configuration("a hook panicked before a request was sent")))
                .map_err(Error::not_executed)?;
        }
        let signatures = sensitive(request.headers()).cloned().collect();
        Ok(Sent { hooked: self, operation, signatures, start: Instant::now(), is_reported: false })
    }
}

/// A request that was sent. Its end is reported, also when it is dropped.
struct Sent<'h> {
    hooked: &'h Hooked,
    operation: Option<String>,
    signatures: Vec<HeaderValue>,
    start: Instant,
    is_reported: bool,
}

impl Sent<'_> {
    async fn response(
        mut self,
        response: BoxFuture<'_, Result<Response<Vec<u8>>>>,
    ) -> Result<Response<Vec<u8>>> {
        let result = response.await;
        self.end(result.as_ref());
        result
    }

    fn end<B>(&mut self, result: Result<&Response<B>, &Error>) {
        match result {
            Ok(response) => {
                let request_id = header_str(response.headers(), &self.hooked.request_id);
                let tokens: Vec<&str> = self.signatures.iter().map(token).collect();
                let request_id = request_id.map(|id| redact(&id, &tokens).into_owned());
                self.report(Some(response.status().as_u16()), request_id.as_deref(), Outcome::Answered);
            }
            Err(error) => self.report(None, error.request_id(), Outcome::Failed(error)),
        }
    }

    fn report(&mut self, status: Option<u16>, request_id: Option<&str>, outcome: Outcome<'_>) {
        self.is_reported = true;
        let (operation, duration) = (self.operation.as_deref(), self.start.elapsed());
        let end = RequestEnd { operation, status, request_id, duration, outcome };
        self.hooked.hooks.call_each(|hook| hook.after_request(&end));
    }
}

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        if !self.is_reported {
            self.report(None, None, Outcome::Cancelled);
        }
    }
}

impl Transport for Hooked {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        Box::pin(async move {
            let sent = self.before(request.operation.clone(), &mut request.http)?;
            sent.response(self.inner.send(request)).await
        })
    }

    fn upload(&self, mut request: UploadRequest) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        Box::pin(async move {
            let sent = self.before(Some(request.operation.clone()), &mut request.http)?;
            sent.response(self.inner.upload(request)).await
        })
    }

    /// Its end is that of the head of the response.
    fn download(&self, mut request: DownloadRequest) -> BoxFuture<'_, Result<Response<DownloadBody>>> {
        Box::pin(async move {
            let mut sent = self.before(Some(request.operation.clone()), &mut request.http)?;
            let result = self.inner.download(request).await;
            sent.end(result.as_ref());
            result
        })
    }

    #[cfg(feature = "subscriptions")]
    fn connect(&self, mut request: WebSocketRequest) -> BoxFuture<'_, Result<Handshake>> {
        Box::pin(async move {
            let mut sent = self.before(Some(request.operation.clone()), &mut request.http)?;
            let result = self.inner.connect(request).await;
            sent.end(result.as_ref().map(|handshake| &handshake.response));
            result
        })
    }

    fn reaches_server(&self) -> bool {
        self.inner.reaches_server()
    }
}
