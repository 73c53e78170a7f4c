//! WebSockets over the HTTP client: a request that is upgraded (RFC 6455), then frames by `tungstenite`.

use super::body::{self, Limit};
use super::clients::{CERTIFICATES, Clients, cannot_be_built, own_client};
use super::failure::unanswered;
use super::websocket::{Handshake, Message, WebSocket, WebSocketRequest};
use crate::error::{Error, ErrorKind, Result};
use ::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use ::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use futures_util::future::BoxFuture;
use futures_util::{SinkExt as _, StreamExt as _};
use std::sync::{Arc, OnceLock};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as FrameError, Message as Frame};

/// The largest response that opens no WebSocket.
const MAX_REFUSAL: Limit = Limit { size: 1 << 20, advice: "" };

/// Applies the settings of the client to a builder.
type Finish = Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// The HTTP clients that open WebSockets: of HTTP/1.1, which is what can be upgraded.
pub(super) enum Upgrades {
    /// Built with the first subscription, since certificates take time to read.
    Own { clients: OnceLock<Clients>, finish: Finish, user_agent: &'static str },
    /// Built from the user's builder.
    Given(Clients),
    /// The user has given a builder for requests only.
    Missing,
}

impl Upgrades {
    /// `given` is the user's builder for WebSockets; `is_replaced` says whether the one for requests is the
    /// user's.
    pub(super) fn new(
        given: Option<reqwest::ClientBuilder>,
        is_replaced: bool,
        user_agent: &'static str,
        finish: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Result<Self> {
        Ok(match given {
            Some(builder) => {
                let client = finish(builder.connection_verbose(false)).http1_only().build();
                Self::Given(Clients::one(client.map_err(cannot_be_built)?))
            }
            None if is_replaced => Self::Missing,
            None => Self::Own { clients: OnceLock::new(), finish: Arc::new(finish), user_agent },
        })
    }

    fn clients(&self) -> Result<&Clients> {
        match self {
            Self::Given(clients) => Ok(clients),
            Self::Missing => Err(Error::configuration(
                "`http_client` is for requests: give `subscription_http_client` a builder with the same settings",
            )),
            Self::Own { clients, finish, user_agent } => {
                if let Some(clients) = clients.get() {
                    return Ok(clients);
                }
                let (finish, user_agent) = (Arc::clone(finish), *user_agent);
                let built = Clients::new(move || finish(own_client(user_agent)).http1_only(), CERTIFICATES)?;
                Ok(clients.get_or_init(|| built))
            }
        }
    }

    /// Opens a WebSocket. A response with another status than 101 is no error.
    pub(super) async fn connect(&self, request: WebSocketRequest) -> Result<Handshake> {
        let WebSocketRequest { mut http, protocol, max_message_size, .. } = request;
        let host = http.uri().host().unwrap_or_default().to_owned();
        let client = self.clients()?.get(http.uri().scheme_str())?;
        let key = generate_key();
        let headers = http.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        let invalid = |_| Error::configuration("invalid request");
        headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::try_from(&key).map_err(invalid)?);
        let request = reqwest::Request::try_from(http.map(|()| reqwest::Body::default()))
            .map_err(|error| Error::configuration("invalid request").with_source(error.without_url()))?;
        let mut response = client.execute(request).await.map_err(|error| unanswered(&host, error))?;
        let status = response.status();
        let lost = |error: reqwest::Error| {
            let message = format!("{host} answered {status}, but the connection broke off");
            Error::new(ErrorKind::Transport, message).with_source(error.without_url())
        };
        if status != StatusCode::SWITCHING_PROTOCOLS {
            let damaged = |error| Error::no_response(error);
            let response = body::read(response, MAX_REFUSAL, lost, damaged).await?;
            return Ok(Handshake { response, socket: None });
        }
        check(&host, response.headers(), &derive_accept_key(key.as_bytes()), protocol)?;
        let mut opened = Response::new(Vec::new());
        *opened.status_mut() = status;
        std::mem::swap(opened.headers_mut(), response.headers_mut());
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(max_message_size))
            .max_frame_size(Some(max_message_size));
        let upgraded = response.upgrade().await.map_err(lost)?;
        let frames = WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await;
        Ok(Handshake {
            response: opened,
            socket: Some(Box::new(Upgraded { frames, host, max_message_size })),
        })
    }
}

/// How much is read at once: most subscriptions wait most of the time.
const BUFFER: usize = 16 * 1024;

/// Checks the response to a handshake (RFC 6455, 4.1): that it is one to this request, and that the server has
/// selected the sub-protocol.
fn check(host: &str, headers: &HeaderMap, accept: &str, protocol: &str) -> Result<()> {
    let is = |name: HeaderName, expected: &str| {
        headers.get(name).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(expected.as_bytes()))
    };
    let why = if !is(UPGRADE, "websocket") {
        "to another protocol than WebSocket".to_owned()
    } else if headers.get(SEC_WEBSOCKET_ACCEPT).is_none_or(|value| value.as_bytes() != accept.as_bytes()) {
        "but not this request: the header `sec-websocket-accept` is wrong".to_owned()
    } else if !is(SEC_WEBSOCKET_PROTOCOL, protocol) {
        format!("but has not selected the sub-protocol `{protocol}`: it may only have the older `graphql-ws`")
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Decode, format!("{host} has switched protocols, {why}")))
}

struct Upgraded {
    frames: WebSocketStream<reqwest::Upgraded>,
    host: String,
    max_message_size: usize,
}

impl Upgraded {
    fn lost(&self, error: FrameError) -> Error {
        if let FrameError::Capacity(CapacityError::MessageTooLong { .. }) = error {
            let message = format!(
                "{} sent a message of more than {} bytes: ask for less, or raise `max_event_size`",
                self.host, self.max_message_size
            );
            return Error::new(ErrorKind::Decode, message);
        }
        Error::new(ErrorKind::Transport, format!("the connection to {} is lost", self.host))
            .with_source(error)
    }
}

impl WebSocket for Upgraded {
    fn send(&mut self, text: String) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.frames.send(Frame::text(text)).await.map_err(|error| self.lost(error)) })
    }

    fn receive(&mut self) -> BoxFuture<'_, Result<Message>> {
        Box::pin(async move {
            match self.frames.next().await {
                Some(Ok(Frame::Text(text))) => Ok(Message::Text(text.into())),
                Some(Ok(Frame::Binary(_))) => Ok(Message::Binary),
                Some(Ok(Frame::Close(Some(CloseFrame { code, reason })))) => {
                    Ok(Message::Close(Some(code.into()), reason.as_str().to_owned()))
                }
                Some(Ok(Frame::Close(None))) => Ok(Message::Close(None, String::new())),
                Some(Ok(Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_))) => Ok(Message::Alive),
                Some(Err(error)) => Err(self.lost(error)),
                None => Err(self.lost(FrameError::ConnectionClosed)),
            }
        })
    }

    fn close(&mut self, code: u16, reason: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let frame = CloseFrame { code: code.into(), reason: reason.into() };
            // A server that has gone needs no farewell. What it still sends is read, so that its side of the
            // connection is not reset before it has read ours.
            if self.frames.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.frames.next().await {}
            }
        })
    }
}
