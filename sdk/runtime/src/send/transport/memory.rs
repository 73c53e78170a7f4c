//! In memory: for tests of code that uses the client.

use super::{BoxFuture, Request, Transport, UploadRequest};
use crate::error::{Error, Result};
use crate::upload::ATTACHMENT_STORAGE;
use bytes::Bytes;
use serde_json::{Value, json};
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
pub struct MemoryTransport {
    inner: Arc<Inner>,
    takes_uploads: bool,
}

struct Inner {
    answer: Box<dyn Fn(&MemoryRequest) -> Value + Send + Sync>,
    requests: Mutex<Vec<MemoryRequest>>,
    uploads: Mutex<Vec<MemoryUpload>>,
}

/// A GraphQL request as the server would have seen it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MemoryRequest {
    /// The name of the operation: for a call of the client the name of its root field,
    /// `asyncResult` for a result that is fetched later, and the like of `webhooksApi.create` for the
    /// REST interface.
    pub operation: String,
    /// The GraphQL document; for the REST interface the like of `POST /v1/webhooks`.
    pub document: String,
    /// The values of its variables, or what was sent to the REST interface.
    pub variables: Value,
}

/// A file as the attachment storage would have seen it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryUpload {
    /// The key that it was given: `uploads/<number>/<name>`, the first number being 1.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What is said to be in it.
    pub content_type: String,
    /// What is in it.
    pub content: Bytes,
}

impl MemoryTransport {
    /// `answer` returns the whole response, `{"data": ..}` or `{"errors": ..}`.
    pub fn new(answer: impl Fn(&MemoryRequest) -> Value + Send + Sync + 'static) -> Self {
        let (requests, uploads) = (Mutex::default(), Mutex::default());
        let inner = Arc::new(Inner { answer: Box::new(answer), requests, uploads });
        Self { inner, takes_uploads: false }
    }

    /// Takes uploads of files of any kind and size, and keeps them. It answers the query
    /// `attachmentStorage` by itself then.
    #[must_use]
    pub fn take_uploads(mut self) -> Self {
        self.takes_uploads = true;
        self
    }

    /// The files that were uploaded so far.
    #[must_use]
    pub fn uploads(&self) -> Vec<MemoryUpload> {
        lock(&self.inner.uploads).clone()
    }

    /// The requests so far, in the order in which they were sent.
    #[must_use]
    pub fn requests(&self) -> Vec<MemoryRequest> {
        lock(&self.inner.requests).clone()
    }

    fn answer(&self, request: &MemoryRequest) -> Value {
        if !self.takes_uploads || request.operation != ATTACHMENT_STORAGE.name {
            return (self.inner.answer)(request);
        }
        json!({"data": {"attachmentStorage": {
            "uploadUri": "https://storage.invalid/",
            "provider": "s3",
            "providerParameters": {},
            "sizeLimit": i64::MAX,
            "allowedExtensions": [],
        }}})
    }

    async fn take(&self, request: UploadRequest) -> Result<::http::Response<Vec<u8>>> {
        let mut body = request.http.into_body();
        let (name, content_type) = (body.form.name.clone(), body.form.content_type.clone());
        let (head, tail) = (body.form.head.len(), body.form.tail.len());
        let mut content = Vec::new();
        while let Some(piece) = poll_fn(|context| body.poll_piece(context)).await {
            content.extend_from_slice(&piece.map_err(Error::no_response)?);
        }
        content.truncate(content.len() - tail);
        let content = Bytes::from(content).slice(head..);
        let mut uploads = lock(&self.inner.uploads);
        let key = format!("uploads/{}/{name}", uploads.len() + 1);
        let escaped = key.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        uploads.push(MemoryUpload { key, name, content_type, content });
        let answer = format!("<PostResponse><Key>{escaped}</Key></PostResponse>");
        let mut answer = ::http::Response::new(answer.into_bytes());
        *answer.status_mut() = ::http::StatusCode::CREATED;
        Ok(answer)
    }
}

/// `POST /v1/webhooks`
fn rest(request: &Request) -> String {
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
                        rest(&request)
                    }
                    _ => String::new(),
                },
                operation: request.operation.unwrap_or_default(),
                variables: body,
            },
        };
        let answer = self.answer(&request);
        lock(&self.inner.requests).push(request);
        let mut response = ::http::Response::new(answer.to_string().into_bytes());
        let json = ::http::HeaderValue::from_static("application/json");
        response.headers_mut().insert(::http::header::CONTENT_TYPE, json);
        Box::pin(async { Ok(response) })
    }

    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<::http::Response<Vec<u8>>>> {
        if self.takes_uploads {
            return Box::pin(self.take(request));
        }
        let message = "this transport takes no uploads: call `.take_uploads()`";
        Box::pin(async move { Err(Error::configuration(message)) })
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
