//! The transport in memory, for tests of code that uses the client.

use super::{BoxFuture, DownloadBody, DownloadRequest, Request, Transport, UploadRequest};
use crate::error::{Error, Result};
use crate::secrets::sensitive;
use crate::send::lock;
use ::http::Response;
use ::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt as _;
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

#[cfg(feature = "subscriptions")]
type MakeEvents = Box<dyn Fn(&MemoryRequest) -> Vec<Value> + Send + Sync>;

struct Inner {
    answer: Box<dyn Fn(&MemoryRequest) -> Value + Send + Sync>,
    #[cfg(feature = "subscriptions")]
    events: std::sync::OnceLock<MakeEvents>,
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
    /// The values of its variables; of a request that is not GraphQL, its body: a string if that is not JSON.
    pub variables: Value,
}

impl MemoryTransport {
    /// A transport that answers with this function, which returns the whole response: `{"data": ..}` or
    /// `{"errors": ..}`. For a file that is downloaded, it returns a string with the content.
    pub fn new(answer: impl Fn(&MemoryRequest) -> Value + Send + Sync + 'static) -> Self {
        let inner = Inner {
            answer: Box::new(answer),
            #[cfg(feature = "subscriptions")]
            events: std::sync::OnceLock::new(),
            requests: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Answers subscriptions as well, with the responses that this function returns, such as `{"data": ..}`: one for
    /// each event. Then the stream ends. The function that is given first stays.
    #[cfg(feature = "subscriptions")]
    #[must_use]
    pub fn with_events(self, events: impl Fn(&MemoryRequest) -> Vec<Value> + Send + Sync + 'static) -> Self {
        let _ = self.inner.events.set(Box::new(events));
        self
    }

    /// The requests so far, in the order in which they were sent.
    pub fn requests(&self) -> Vec<MemoryRequest> {
        lock(&self.inner.requests).clone()
    }
}

impl Inner {
    fn answer(&self, request: MemoryRequest) -> Value {
        let answer = (self.answer)(&request);
        lock(&self.requests).push(request);
        answer
    }
}

/// A body as JSON, or as text.
fn body(body: &[u8]) -> Value {
    let text = || (!body.is_empty()).then(|| String::from_utf8_lossy(body).into());
    serde_json::from_slice(body).ok().or_else(text).unwrap_or_default()
}

fn json(answer: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(answer.to_string().into_bytes());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

impl Transport for MemoryTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        let Request { http, operation, .. } = request;
        let mut variables = body(http.body());
        let (mut operation, mut document) = (operation.unwrap_or_default(), String::new());
        if let Some(query) = variables.get("query").and_then(Value::as_str) {
            document = query.to_owned();
            operation = variables["operationName"].as_str().unwrap_or_default().to_owned();
            variables = variables["variables"].take();
        } else if !operation.is_empty() && sensitive(http.headers()).next().is_some() {
            let path = http.uri().path_and_query().map_or("/", |path| path.as_str());
            document = format!("{} {path}", http.method());
        }
        let answer = self.inner.answer(MemoryRequest { operation, document, variables });
        Box::pin(async move { Ok(json(&answer)) })
    }

    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        Box::pin(async move {
            let UploadRequest { http, operation } = request;
            let path = http.uri().path_and_query().map_or("/", |path| path.as_str());
            let document = format!("{} {path}", http.method());
            let form = http.into_body().collect().await.map_err(Error::no_response)?.to_bytes();
            let answer = self.inner.answer(MemoryRequest { operation, document, variables: body(&form) });
            Ok(json(&answer))
        })
    }

    fn download(&self, request: DownloadRequest) -> BoxFuture<'_, Result<Response<DownloadBody>>> {
        let request =
            MemoryRequest { operation: request.operation, document: String::new(), variables: Value::Null };
        let content = match self.inner.answer(request) {
            Value::String(content) => content,
            other => other.to_string(),
        };
        let length = HeaderValue::from(content.len());
        let content: DownloadBody = Box::pin(stream::iter([Ok(Bytes::from(content))]));
        let mut response = Response::new(content);
        response.headers_mut().insert(CONTENT_LENGTH, length);
        Box::pin(async { Ok(response) })
    }

    #[cfg(feature = "subscriptions")]
    fn connect(&self, request: super::WebSocketRequest) -> BoxFuture<'_, Result<super::Handshake>> {
        drop(request);
        Box::pin(async {
            if self.inner.events.get().is_none() {
                return Err(Error::configuration("the transport has no events: call `.with_events(..)`"));
            }
            let mut response = Response::new(Vec::new());
            *response.status_mut() = ::http::StatusCode::SWITCHING_PROTOCOLS;
            let socket = socket::MemorySocket::new(Arc::clone(&self.inner));
            Ok(super::Handshake { response, socket: Some(Box::new(socket)) })
        })
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

#[cfg(feature = "subscriptions")]
mod socket {
    //! The WebSocket in memory, which answers a subscription with a list of events.

    use super::{Inner, MemoryRequest};
    use crate::error::Result;
    use crate::send::lock;
    use crate::transport::{BoxFuture, Message, WebSocket};
    use serde_json::{Value, json};
    use std::collections::VecDeque;
    use std::future::pending;
    use std::sync::Arc;

    pub(super) struct MemorySocket {
        transport: Arc<Inner>,
        /// What the client has not received yet.
        messages: VecDeque<Value>,
    }

    impl MemorySocket {
        pub(super) fn new(transport: Arc<Inner>) -> Self {
            Self { transport, messages: VecDeque::new() }
        }

        fn answer(&mut self, mut message: Value) {
            match message["type"].as_str() {
                Some("connection_init") => self.messages.push_back(json!({"type": "connection_ack"})),
                Some("ping") => self.messages.push_back(json!({"type": "pong"})),
                Some("subscribe") => {
                    let (id, mut body) = (message["id"].take(), message["payload"].take());
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    let request = MemoryRequest {
                        operation: text(&body["operationName"]),
                        document: text(&body["query"]),
                        variables: body["variables"].take(),
                    };
                    let events =
                        self.transport.events.get().map(|events| events(&request)).unwrap_or_default();
                    lock(&self.transport.requests).push(request);
                    let next = |payload| json!({"id": id, "type": "next", "payload": payload});
                    self.messages.extend(events.into_iter().map(next));
                    self.messages.push_back(json!({"id": id, "type": "complete"}));
                }
                _ => {}
            }
        }
    }

    impl WebSocket for MemorySocket {
        fn send(&mut self, text: String) -> BoxFuture<'_, Result<()>> {
            // The client sends JSON.
            self.answer(serde_json::from_str(&text).unwrap_or_default());
            Box::pin(async { Ok(()) })
        }

        fn receive(&mut self) -> BoxFuture<'_, Result<Message>> {
            Box::pin(async {
                match self.messages.pop_front() {
                    Some(message) => Ok(Message::Text(message.to_string().into())),
                    None => pending().await,
                }
            })
        }

        fn close(&mut self, _code: u16, _reason: &'static str) -> BoxFuture<'_, ()> {
            Box::pin(async {})
        }
    }
}
