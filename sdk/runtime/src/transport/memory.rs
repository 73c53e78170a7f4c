//! In memory: for tests of code that uses the client.

use super::{BoxFuture, Request, Transport};
use crate::error::Result;
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Answers requests with a function of yours, without a socket, and remembers them.
///
/// ```
/// # use xurrent_runtime::{Client, MemoryTransport};
/// # use serde_json::json;
/// let transport = MemoryTransport::new(|request| match request.operation.as_str() {
///     "me" => json!({"data": {"me": null}}),
///     other => json!({"errors": [{"message": format!("no answer for {other}")}]}),
/// });
/// let client = Client::builder()
///     .account("test")
///     .personal_access_token("token")
///     .transport(transport.clone())
///     .build()?;
/// // ... call your code with the client ...
/// assert!(transport.requests().is_empty());
/// # Ok::<(), xurrent_runtime::Error>(())
/// ```
#[derive(Clone)]
pub struct MemoryTransport(Arc<Inner>);

struct Inner {
    answer: Box<dyn Fn(&MemoryRequest) -> Value + Send + Sync>,
    requests: Mutex<Vec<MemoryRequest>>,
}

/// A GraphQL request as the server would have seen it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MemoryRequest {
    /// The name of the operation: for a call of the client the name of its root field, and
    /// `asyncResult` for a result that is fetched later.
    pub operation: String,
    /// The GraphQL document.
    pub document: String,
    /// The values of its variables.
    pub variables: Value,
}

impl MemoryTransport {
    /// `answer` returns the whole response, `{"data": ..}` or `{"errors": ..}`.
    pub fn new(answer: impl Fn(&MemoryRequest) -> Value + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { answer: Box::new(answer), requests: Mutex::default() }))
    }

    /// The requests so far, in the order in which they were sent.
    #[must_use]
    pub fn requests(&self) -> Vec<MemoryRequest> {
        self.0.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for MemoryTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<::http::Response<Vec<u8>>>> {
        let mut body: Value = serde_json::from_slice(request.http.body()).unwrap_or_default();
        let request = MemoryRequest {
            operation: match &body {
                Value::Null => request.operation.unwrap_or_default(),
                body => body["operationName"].as_str().unwrap_or_default().to_owned(),
            },
            document: body["query"].as_str().unwrap_or_default().to_owned(),
            variables: body["variables"].take(),
        };
        let answer = (self.0.answer)(&request);
        self.0.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
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
