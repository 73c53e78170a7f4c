//! The transport in memory, for tests of code that uses the client.

use super::{BoxFuture, Request, Transport};
use crate::error::Result;
use crate::secrets::sensitive;
use crate::send::lock;
use ::http::Response;
use ::http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex};

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
    pub fn requests(&self) -> Vec<MemoryRequest> {
        lock(&self.inner.requests).clone()
    }
}

impl Transport for MemoryTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        let Request { http, operation, .. } = request;
        let mut variables: Value = serde_json::from_slice(http.body()).unwrap_or_default();
        let (mut operation, mut document) = (operation.unwrap_or_default(), String::new());
        if let Some(query) = variables.get("query").and_then(Value::as_str) {
            document = query.to_owned();
            operation = variables["operationName"].as_str().unwrap_or_default().to_owned();
            variables = variables["variables"].take();
        } else if !operation.is_empty() && sensitive(http.headers()).next().is_some() {
            let path = http.uri().path_and_query().map_or("/", |path| path.as_str());
            document = format!("{} {path}", http.method());
        }
        let request = MemoryRequest { operation, document, variables };
        let answer = (self.inner.answer)(&request);
        lock(&self.inner.requests).push(request);
        let mut response = Response::new(answer.to_string().into_bytes());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
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
