//! Transports: how requests reach the server, over HTTP or in memory.

mod body;
mod clients;
mod failure;
pub(crate) mod http;
mod memory;
#[cfg(feature = "subscriptions")]
mod upgrade;
#[cfg(feature = "subscriptions")]
mod websocket;

pub(crate) use http::Http;
pub use http::HttpSettings;
pub use memory::{MemoryRequest, MemoryTransport};
#[cfg(feature = "subscriptions")]
pub use websocket::{Handshake, Message, WebSocket, WebSocketRequest};

use crate::error::{Error, Result};
use crate::redact::redact_url;
use bytes::Bytes;
use futures_core::Stream;
use http_body_util::combinators::BoxBody;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;
use tokio::runtime::Handle;

/// A future in a box.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The Tokio runtime of the caller, without which sockets and timers panic.
pub fn require_runtime() -> Result<Handle> {
    Handle::try_current().map_err(|_| {
        Error::configuration("no Tokio runtime: make the call within one, for example under `#[tokio::main]`")
    })
}

/// One request with its timeout.
#[non_exhaustive]
pub struct Request {
    /// Method, URI, headers and body. The header with the token is marked as sensitive.
    pub http: ::http::Request<Bytes>,
    /// How long the request and its response may take.
    pub timeout: Duration,
    /// The name of the operation; none for a request to the token service.
    pub operation: Option<String>,
}

impl fmt::Debug for Request {
    /// Without headers and body: that of a token request holds the client secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", self.http.method())
            .field("uri", &redact_url(&self.http.uri().to_string()))
            .field("bytes", &self.http.body().len())
            .field("timeout", &self.timeout)
            .field("operation", &self.operation)
            .finish()
    }
}

impl Request {
    pub(crate) fn new(http: ::http::Request<Bytes>, timeout: Duration) -> Self {
        Self { http, timeout, operation: None }
    }
}

/// A streamed body of known length. An error of it must break the request off, so that no server takes it
/// for whole.
pub type UploadBody = BoxBody<Bytes, io::Error>;

/// A request with a streamed body, such as a file. It has no time limit: its sender cancels it when it
/// stalls.
#[non_exhaustive]
pub struct UploadRequest {
    /// Method, URI, headers and body. The header with a token, if there is one, is marked as sensitive.
    pub http: ::http::Request<UploadBody>,
    /// The name of the operation.
    pub operation: String,
}

impl UploadRequest {
    /// A request of this operation.
    pub fn new(http: ::http::Request<UploadBody>, operation: impl Into<String>) -> Self {
        Self { http, operation: operation.into() }
    }
}

impl fmt::Debug for UploadRequest {
    /// Without headers and body, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadRequest")
            .field("uri", &redact_url(&self.http.uri().to_string()))
            .finish_non_exhaustive()
    }
}

/// The chunks of a streamed response. An error means that it is not whole.
pub type DownloadBody = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// A request whose response is streamed, such as a file. It has no time limit: its sender cancels it when it
/// stalls.
#[non_exhaustive]
pub struct DownloadRequest {
    /// URI and headers of a `GET`. The URI may grant access by itself.
    pub http: ::http::Request<()>,
    /// The name of the operation.
    pub operation: String,
}

impl DownloadRequest {
    /// A request of this operation.
    pub fn new(http: ::http::Request<()>, operation: impl Into<String>) -> Self {
        Self { http, operation: operation.into() }
    }
}

impl fmt::Debug for DownloadRequest {
    /// Without the URI and the headers, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadRequest").field("operation", &self.operation).finish_non_exhaustive()
    }
}

/// Sends requests and receives responses. Set your own with
/// [`ClientBuilder::transport`](crate::ClientBuilder::transport), or use [`MemoryTransport`].
///
/// A response with a status of failure is a response, not an error. A transport must not follow
/// redirects, which would send the token to another address.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request, once, and waits for the whole response. A failure is
    /// [`Error::not_sent`](crate::Error::not_sent), [`Error::no_response`](crate::Error::no_response) or
    /// [`Error::timed_out`](crate::Error::timed_out).
    fn send(&self, request: Request) -> BoxFuture<'_, Result<::http::Response<Vec<u8>>>>;

    /// Sends one request with a streamed body, once, and waits for the whole response, of which no more
    /// than a mebibyte need be read. Failures are those of [`send`](Self::send). By default, a transport
    /// refuses such requests.
    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<::http::Response<Vec<u8>>>> {
        drop(request);
        Box::pin(async { Err(Error::configuration("this transport does not support uploads")) })
    }

    /// Sends one request, once, and waits for the head of the response, whose body is a stream. A body that
    /// breaks off must end with an error, and a content coding is not undone. The version of the response is
    /// that of HTTP. Failures are those of [`send`](Self::send). By default, a transport refuses such requests.
    fn download(&self, request: DownloadRequest) -> BoxFuture<'_, Result<::http::Response<DownloadBody>>> {
        drop(request);
        Box::pin(async { Err(Error::configuration("this transport does not support downloads")) })
    }

    /// Opens a WebSocket, once, and waits for the end of its handshake. Failures are those of
    /// [`send`](Self::send). By default, a transport refuses such requests.
    #[cfg(feature = "subscriptions")]
    fn connect(&self, request: WebSocketRequest) -> BoxFuture<'_, Result<Handshake>> {
        drop(request);
        Box::pin(async { Err(Error::configuration("this transport does not support subscriptions")) })
    }

    /// Whether requests reach a server, so that the client keeps the rate limit of the API by default.
    fn reaches_server(&self) -> bool {
        true
    }
}
