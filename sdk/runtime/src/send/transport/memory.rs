//! The transport in memory, for tests of code that uses the client.

use super::{BoxFuture, Request, Transport};
use crate::error::Result;
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Answers requests with a function, without a socket, and keeps them for assertions.
///
/// ```
/// # use xurrent_runtime::{Client, MemoryTransport};
/// # use serde_json::json;
/// let transport = MemoryTransport::new(|request| match request.operation.as_str() {
///     "me" => json!({"data": {"me": null}}),
///     other => json!({"errors": [{"message": format!("no answer for {other}")}]}),
/// });
/// let client = Client::builder()
///     .personal_access_token("token")
///     .transport(transport.clone())
///     .build()?;
/// // ... call your code with the client ...
/// assert!(transport.requests().is_empty());
/// # Ok::<(), xurrent_runtime::Error>(())
/// ```
#[derive(Clone)]
pub struct MemoryTransport {
    inner: Arc<Inner>,
}

struct Inner {
    answer: Box<dyn Fn(&MemoryRequest) -> Value + Send + Sync>,
    requests: Mutex<Vec<MemoryRequest>>,
}

/// A GraphQL request as the server would have seen it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MemoryRequest {
    /// The name of the operation: for a call of the client, the name of its root field.
    pub operation: String,
    /// The GraphQL document; of a request that is not GraphQL, the method and path, such as
    /// `POST /v1/people`.
    pub document: String,
    /// The values of its variables; of a request that is not GraphQL, its body.
    pub variables: Value,
}

impl MemoryTransport {
    /// A transport that answers with this function, which returns the whole response: `{"data": ..}` or
    /// `{"errors": ..}`.
    pub fn new(answer: impl Fn(&MemoryRequest) -> Value + Send + Sync + 'static) -> Self {
        Self { inner: Arc::new(Inner { answer: Box::new(answer), requests: Mutex::default() }) }
    }

    /// The requests so far, in the order in which they were sent.
    #[must_use]
    pub fn requests(&self) -> Vec<MemoryRequest> {
        lock(&self.inner.requests).clone()
    }
}

/// Method and path, such as `POST /v1/people`.
fn method_and_path(request: &Request) -> String {
    let path = request.http.uri().path_and_query().map_or("/", |path| path.as_str());
    format!("{} {path}", request.http.method())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Transport for MemoryTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<::http::Response<Vec<u8>>>> {
        let mut body: Value = serde_json::from_slice(request.http.body()).unwrap_or_default();
        let request = match body.get("query").and_then(Value::as_str).map(str::to_owned) {
            Some(document) => MemoryRequest {
                operation: body["operationName"].as_str().unwrap_or_default().to_owned(),
                document,
                variables: body["variables"].take(),
            },
            None => MemoryRequest {
                document: match &request.operation {
                    Some(_) if request.http.headers().contains_key(::http::header::AUTHORIZATION) => {
                        method_and_path(&request)
                    }
                    _ => String::new(),
                },
                operation: request.operation.unwrap_or_default(),
                variables: body,
            },
        };
        let answer = (self.inner.answer)(&request);
        lock(&self.inner.requests).push(request);
        let mut response = ::http::Response::new(answer.to_string().into_bytes());
        let json = ::http::HeaderValue::from_static("application/json");
        response.headers_mut().insert(::http::header::CONTENT_TYPE, json);
        Box::pin(async { Ok(response) })
    }

    fn reaches_server(&self) -> bool {
        false
    }
}

impl fmt::Debug for MemoryTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTransport").field("requests", &self.requests().len()).finish()
    }
}
