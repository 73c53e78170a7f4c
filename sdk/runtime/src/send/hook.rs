//! What a user hangs onto every call and every request: logs, counters, headers.

use crate::auth::{conceal, token};
use crate::error::{Error, Result};
use crate::transport::{BoxFuture, REQUEST_ID, Request, Transport, UploadRequest};
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, PROXY_AUTHORIZATION, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, Uri};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Is told of every call and every request of a client. Give it to
/// [`ClientBuilder::hook`](crate::ClientBuilder::hook).
///
/// All functions are called while a call is under way: they should be short, and hand longer work to
/// a task or a channel. One that panics after a request or a call changes nothing of it. Nothing that
/// a hook sees shows a token or a secret, nor a value of a variable.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::{Arc, Mutex};
/// use xurrent_runtime::{Client, Hook, MemoryTransport, RequestEnd, RequestStart, Result};
///
/// /// Requests by operation and status.
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
    /// A request is about to be sent; token calls are among them.
    ///
    /// # Errors
    /// An error, of [`RequestStart::add_header`] or of your own, ends the call before anything is
    /// sent, and so does a panic.
    fn before_request(&self, request: &mut RequestStart<'_>) -> Result<()> {
        let _ = request;
        Ok(())
    }

    /// A request was answered, has failed, or is no longer waited for.
    fn after_request(&self, request: &RequestEnd<'_>) {
        let _ = request;
    }

    /// A call, with all its requests, was answered, has failed, or is no longer waited for.
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

/// Headers of which only the names are redact_url.
struct Headers<'a>(&'a mut HeaderMap);

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl RequestStart<'_> {
    /// The name of the operation, such as `people`; none for a request to the token service.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.operation
    }

    /// The server that it goes to.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host
    }

    /// Sends a header along.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when HTTP cannot hold it, when it
    /// is there already, or when it is one that the client or HTTP itself has to set, such as
    /// `authorization`.
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
        // The value is left out: it may be a secret of the user's.
        let unusable =
            |why| Err(Error::configuration(format!("a hook adds the header {name:?}, which {why}")));
        let Ok(header) = HeaderName::try_from(name) else {
            return unusable("HTTP cannot hold");
        };
        let Ok(value) = HeaderValue::try_from(value) else {
            return unusable("has a value that HTTP cannot hold");
        };
        if RESERVED.contains(&header) || self.reserved.contains(&header) {
            return unusable("is not for a hook to set");
        }
        if self.headers.0.contains_key(&header) {
            return unusable("is there already");
        }
        self.headers.0.insert(header, value);
        Ok(())
    }
}

/// How a request or a call ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// An answer came. That of a request can have any status; that of a call has one of success, and
    /// can still hold errors of GraphQL or of a payload, which are read later.
    Answered,
    /// It failed.
    Failed(&'a Error),
    /// Whoever waited for it does so no longer.
    Cancelled,
}

/// What became of one request.
#[derive(Debug)]
#[non_exhaustive]
pub struct RequestEnd<'a> {
    /// The name of the operation; none for a request to the token service.
    pub operation: Option<&'a str>,
    /// The status of the answer; none when no answer came.
    pub status: Option<u16>,
    /// The `x-request-id` of the answer.
    pub request_id: Option<&'a str>,
    /// How long it took, from the first byte to the last.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome<'a>,
}

/// What became of one call.
#[derive(Debug)]
#[non_exhaustive]
pub struct CallEnd<'a> {
    /// The name of the operation, such as `people`.
    pub operation: &'a str,
    /// What the API calls the client: for Xurrent, the account.
    pub label: &'a str,
    /// Whether it may change something. A document of your own that is not surely a query may.
    pub is_mutation: bool,
    /// How many requests were made for it.
    pub attempts: usize,
    /// The status of the last answer; none when no answer came.
    pub status: Option<u16>,
    /// The `x-request-id` of the last answer.
    pub request_id: Option<&'a str>,
    /// The cost points of the last request, as the server counted them.
    pub cost: Option<u64>,
    /// How much of the time was spent waiting: for a turn, for a budget, before it was sent again.
    pub waited: Duration,
    /// How long it took in all.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome<'a>,
}

/// All hooks of a client, in the order in which they were given.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    hooks: Arc<[Arc<dyn Hook>]>,
    /// The headers that the API prescribes.
    reserved: Arc<[HeaderName]>,
}

impl Hooks {
    pub(crate) fn new(hooks: Vec<Arc<dyn Hook>>, reserved: Vec<HeaderName>) -> Self {
        Self { hooks: hooks.into(), reserved: reserved.into() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.hooks.is_empty()
    }

    pub(crate) fn after_call(&self, call: &CallEnd<'_>) {
        self.tell(|hook| hook.after_call(call));
    }

    /// What was sent cannot be taken back: a panic changes nothing of it.
    fn tell(&self, what: impl Fn(&dyn Hook)) {
        for hook in &*self.hooks {
            if catch_unwind(AssertUnwindSafe(|| what(&**hook))).is_err() {
                tracing::warn!("a hook panicked");
            }
        }
    }
}

/// A transport that tells hooks what it carries.
pub(crate) struct Hooked {
    pub(crate) inner: Arc<dyn Transport>,
    pub(crate) hooks: Hooks,
}

impl Hooked {
    /// Hooks may stop a request, and add headers to it.
    fn before(&self, operation: Option<&str>, uri: &Uri, headers: &mut HeaderMap) -> Result<()> {
        let host = uri.host().unwrap_or_default();
        let reserved = &self.hooks.reserved;
        let mut start = RequestStart { operation, host, headers: Headers(headers), reserved };
        for hook in &*self.hooks.hooks {
            catch_unwind(AssertUnwindSafe(|| hook.before_request(&mut start)))
                .unwrap_or_else(|_| Err(Error::configuration("a hook panicked before a request was sent")))
                .map_err(Error::not_executed)?;
        }
        Ok(())
    }

    /// Waits for what was sent, signed like that, and tells how it ended.
    async fn told(
        &self,
        operation: Option<String>,
        signature: Option<HeaderValue>,
        sent: BoxFuture<'_, Result<Response<Vec<u8>>>>,
    ) -> Result<Response<Vec<u8>>> {
        let mut end = End { hooks: &self.hooks, operation, start: Instant::now(), is_told: false };
        let result = sent.await;
        match &result {
            Ok(answer) => {
                let request_id = answer.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok());
                let signature = signature.as_ref().map(token).unwrap_or_default();
                let request_id = request_id.map(|id| conceal(id, &[signature]));
                end.tell(Some(answer.status().as_u16()), request_id.as_deref(), Outcome::Answered);
            }
            Err(error) => end.tell(None, error.request_id(), Outcome::Failed(error)),
        }
        result
    }
}

/// Tells the end of a request, also of one that is dropped on its way.
struct End<'h> {
    hooks: &'h Hooks,
    operation: Option<String>,
    start: Instant,
    is_told: bool,
}

impl End<'_> {
    fn tell(&mut self, status: Option<u16>, request_id: Option<&str>, outcome: Outcome<'_>) {
        self.is_told = true;
        let (operation, duration) = (self.operation.as_deref(), self.start.elapsed());
        let end = RequestEnd { operation, status, request_id, duration, outcome };
        self.hooks.tell(|hook| hook.after_request(&end));
    }
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        if !self.is_told {
            self.tell(None, None, Outcome::Cancelled);
        }
    }
}

impl Transport for Hooked {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        Box::pin(async move {
            let (operation, uri) = (request.operation.clone(), request.http.uri().clone());
            self.before(operation.as_deref(), &uri, request.http.headers_mut())?;
            let signature = request.http.headers().get(AUTHORIZATION).cloned();
            self.told(operation, signature, self.inner.send(request)).await
        })
    }

    fn upload(&self, mut request: UploadRequest) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        Box::pin(async move {
            let (operation, uri) = (request.operation.clone(), request.http.uri().clone());
            self.before(Some(&operation), &uri, request.http.headers_mut())?;
            let signature = request.http.headers().get(AUTHORIZATION).cloned();
            self.told(Some(operation), signature, self.inner.upload(request)).await
        })
    }

    fn reaches_server(&self) -> bool {
        self.inner.reaches_server()
    }
}
