//! WebSockets as transports open them, for subscriptions.

use crate::error::Result;
use crate::redact::redact_url;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Response;
use std::fmt;

/// A request to open a WebSocket (RFC 6455, 4.1).
#[non_exhaustive]
pub struct WebSocketRequest {
    /// The URI and the headers of the request, without those of the handshake itself. The header with the token
    /// is marked as sensitive.
    pub http: http::Request<()>,
    /// The name of the operation.
    pub operation: String,
    /// The sub-protocol that the server must select.
    pub protocol: &'static str,
    /// The largest message that is read, in bytes.
    pub max_message_size: usize,
}

impl WebSocketRequest {
    pub(crate) fn new(
        http: http::Request<()>,
        operation: &str,
        protocol: &'static str,
        max_message_size: usize,
    ) -> Self {
        Self { http, operation: operation.to_owned(), protocol, max_message_size }
    }
}

impl fmt::Debug for WebSocketRequest {
    /// Without headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketRequest")
            .field("uri", &redact_url(&self.http.uri().to_string()))
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

/// The response to a [`WebSocketRequest`].
pub struct Handshake {
    /// With status 101 if the server has opened a WebSocket.
    pub response: Response<Vec<u8>>,
    /// The WebSocket; none if the server refused it.
    pub socket: Option<Box<dyn WebSocket>>,
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake").field("status", &self.response.status()).finish_non_exhaustive()
    }
}

/// An open WebSocket.
///
/// Dropping a future of it must not lose a message, and dropping the WebSocket closes the connection.
pub trait WebSocket: Send {
    /// Sends a text. It waits until the text is written.
    fn send(&mut self, text: String) -> BoxFuture<'_, Result<()>>;

    /// Receives the next message. It responds to pings by itself.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) for a message that is too large, otherwise
    /// [`Error::no_response`](crate::Error::no_response): the connection is lost.
    fn receive(&mut self) -> BoxFuture<'_, Result<Message>>;

    /// Sends a close frame with this code, and waits for that of the server.
    fn close(&mut self, code: u16, reason: &'static str) -> BoxFuture<'_, ()>;
}

/// What arrives over a [`WebSocket`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// A text, in UTF-8.
    Text(Bytes),
    /// Binary data.
    Binary,
    /// A ping or a pong of the WebSocket itself: the server is alive.
    Alive,
    /// A close frame, with its code and reason.
    Close(Option<u16>, String),
}
