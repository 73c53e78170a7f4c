//! One connection of a subscription, from the request for a WebSocket to the last message.

use super::close::{closed, is_temporary};
use super::message::{COMPLETE, Message, PING, PONG, PROTOCOL, init};
use super::queue::{Dropped, Queue};
use crate::client::ClientCore;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::ReportedLimits;
use crate::pool::TokenAttempts;
use crate::quote::BRIEF;
use crate::response::errors;
use crate::response::http::{HttpResponse, check_status};
use crate::secrets::Secrets;
use crate::send::attempts::{CallState, Sending, UNAUTHORIZED_CLOSE};
use crate::session::{Acquired, Session};
use crate::transport::{Handshake, Message as Received, WebSocket, WebSocketRequest};
use http::{HeaderValue, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// How long the end of a connection may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Close codes that this client sends.
const NORMAL: u16 = 1000;
const INVALID_MESSAGE: u16 = 4400;

/// Opens a connection and subscribes.
pub(super) struct Connect<'c> {
    pub(super) client: &'c ClientCore,
    pub(super) name: &'static str,
    pub(super) subscribe: &'c str,
}

/// A connection with a subscription.
pub(super) struct Connection {
    session: Arc<Session>,
    name: &'static str,
    socket: Box<dyn WebSocket>,
    /// The token of the connection, with its index.
    token: (usize, HeaderValue),
    secrets: Secrets,
    /// The request id of the handshake.
    pub(super) request_id: Option<String>,
    /// Whether an event has arrived.
    pub(super) has_events: bool,
}

/// How a connection ended.
pub(super) enum End {
    /// The server has no more events.
    Complete,
    /// The stream was dropped.
    Dropped,
    /// The connection was lost, or the subscription failed.
    Lost(Error),
}

impl From<Dropped> for End {
    fn from(_: Dropped) -> Self {
        Self::Dropped
    }
}

impl Sending for Connect<'_> {
    type Output = Connection;

    async fn attempt(&mut self, call: &mut CallState<'_>) -> Result<Connection> {
        let session = &self.client.session;
        let settings = &session.subscriptions;
        let Acquired { token, permit, signature } = call.acquire().await?;
        let (payload, texts) = settings.payload(&signature)?;
        let secrets = session.secrets(signature.clone()).with(&texts);
        call.begin();
        let mut request = http::Request::new(());
        *request.uri_mut() = settings.endpoint.clone();
        session.sign(request.headers_mut(), signature.clone());
        request.headers_mut().extend(session.api.call_headers.clone());
        let max_size = usize::try_from(settings.max_event_size).unwrap_or(usize::MAX);
        let request = WebSocketRequest::new(request, self.name, PROTOCOL, max_size);
        let limit = settings.acknowledge_timeout;
        let deadline = Instant::now() + limit;
        let late =
            |_| Error::new(ErrorKind::Timeout, format!("no subscription within the time limit of {limit:?}"));
        let handshake = timeout_at(deadline, session.transport.connect(request)).await;
        permit.answered();
        let handshake = handshake.map_err(late).and_then(|result| result);
        let handshake = handshake.map_err(|error| error.redacted(&secrets));
        let Handshake { response, socket } =
            handshake.inspect_err(|error| call.unanswered(error.request_id()))?;
        let request_id = session.request_id(response.headers(), &secrets);
        let reported = ReportedLimits::read(response.headers(), &session.api);
        call.responded(response.status(), request_id.as_deref(), reported.last_cost);
        session.pool.note(token, &reported);
        let Some(socket) = socket else {
            let status = response.status();
            let error = refused(check_status(response, true, request_id, secrets), status);
            return Err(match error.kind() {
                ErrorKind::Unauthorized => error.with_token_name(session.pool.name(token)),
                _ => error,
            });
        };
        let mut connection = Connection {
            session: Arc::clone(session),
            name: self.name,
            socket,
            token: (token, signature),
            secrets,
            request_id,
            has_events: false,
        };
        let begun = timeout_at(deadline, connection.begin(init(payload), self.subscribe)).await;
        begun.map_err(late).and_then(|result| result).map_err(|error| {
            let error = error.with_request_id(connection.request_id.as_deref());
            match error.kind() {
                ErrorKind::Unauthorized => error.with_token_name(session.pool.name(token)),
                _ => error,
            }
        })?;
        session.pool.accepted(token);
        Ok(connection)
    }

    fn may_retry(&self, error: &Error, _call: &CallState<'_>) -> bool {
        is_temporary(error)
    }

    fn timed_out(&self, limit: Duration, _call: &CallState<'_>) -> Error {
        Error::new(ErrorKind::Timeout, format!("no subscription within the time limit of {limit:?}"))
    }
}

/// The error of a response that opens no WebSocket.
fn refused(response: Result<HttpResponse>, status: StatusCode) -> Error {
    let no_socket = || {
        let message = format!("the server answered {status} to the request for a WebSocket");
        Error::new(
            ErrorKind::Status,
            format!("{message}: set `subscription_endpoint`, if it has another one"),
        )
    };
    response.map_or_else(|error| error, |_| no_socket())
}

impl Connection {
    /// Initialises the connection, and subscribes.
    async fn begin(&mut self, init: String, subscribe: &str) -> Result<()> {
        self.socket.send(init).await?;
        loop {
            let received = self.socket.receive().await?;
            let Received::Text(json) = &received else {
                self.check(received)?;
                continue;
            };
            match Message::read(json) {
                Some(Message::Acknowledged) => break,
                Some(Message::Ping) => self.socket.send(PONG.to_owned()).await?,
                Some(Message::Pong) => {}
                _ => return Err(self.unexpected(json)),
            }
        }
        self.socket.send(subscribe.to_owned()).await
    }

    /// Passes events on until the connection or the stream ends.
    pub(super) async fn pass_on(&mut self, queue: &Queue) -> End {
        let end = self.events(queue).await.unwrap_or_else(|end| end);
        let farewell = async {
            match &end {
                End::Dropped => {
                    let _ = self.socket.send(COMPLETE.to_owned()).await;
                    self.socket.close(NORMAL, "").await;
                }
                End::Lost(error) if error.kind() == ErrorKind::Decode => {
                    self.socket.close(INVALID_MESSAGE, "invalid message").await;
                }
                End::Complete | End::Lost(_) => self.socket.close(NORMAL, "").await,
            }
        };
        let _ = timeout(CLOSE_TIMEOUT, farewell).await;
        end
    }

    async fn events(&mut self, queue: &Queue) -> Result<End, End> {
        let interval = self.session.subscriptions.ping_interval;
        let mut is_asked = false;
        loop {
            let received = queue.unless_dropped(timeout(interval, self.socket.receive())).await?;
            let received = match received {
                Ok(received) => received.map_err(End::Lost)?,
                Err(_) if is_asked => return Err(silent(2 * interval)),
                Err(_) => {
                    is_asked = true;
                    self.send(queue, PING).await?;
                    continue;
                }
            };
            is_asked = false;
            let Received::Text(json) = &received else {
                self.check(received).map_err(End::Lost)?;
                continue;
            };
            match Message::read(json) {
                Some(Message::Next(payload)) => {
                    self.has_events = true;
                    let (body, id) = (payload.as_bytes().to_vec(), self.request_id.clone());
                    queue.push_event(HttpResponse::new(body, id, self.secrets.clone())).await?;
                }
                Some(Message::Ping) => self.send(queue, PONG).await?,
                Some(Message::Pong) => {}
                Some(Message::Complete) => return Ok(End::Complete),
                Some(Message::Errors(errors)) => return Ok(End::Lost(self.failed(errors))),
                Some(Message::Acknowledged) | None => return Ok(End::Lost(self.unexpected(json))),
            }
        }
    }

    async fn send(&mut self, queue: &Queue, text: &str) -> Result<(), End> {
        let interval = self.session.subscriptions.ping_interval;
        let sent = queue.unless_dropped(timeout(interval, self.socket.send(text.to_owned()))).await?;
        sent.map_err(|_| silent(interval))?.map_err(End::Lost)
    }

    /// Checks what is no text.
    fn check(&self, received: Received) -> Result<()> {
        match received {
            Received::Alive | Received::Text(_) => Ok(()),
            Received::Close(code, reason) => Err(closed(code, &reason, &self.secrets)),
            Received::Binary => Err(self.unexpected(b"binary data")),
        }
    }

    fn unexpected(&self, message: &[u8]) -> Error {
        let message = self.secrets.quote(message, BRIEF);
        Error::new(
            ErrorKind::Decode,
            format!("the server sent what `{PROTOCOL}` does not have here: {message}"),
        )
    }

    /// The error of an operation that the server does not execute.
    fn failed(&self, errors: &str) -> Error {
        let errors = errors::parse(errors, &self.secrets);
        Error::graphql(ErrorKind::GraphQl, self.name, errors)
    }

    /// Whether the server has refused the token of this connection, and there is another one.
    pub(super) fn changes_token(&self, error: &Error) -> bool {
        let (token, signature) = &self.token;
        error.status() == Some(UNAUTHORIZED_CLOSE)
            && self.session.pool.refused(*token, signature, &mut TokenAttempts::default())
    }
}

fn silent(time: Duration) -> End {
    End::Lost(Error::new(ErrorKind::Timeout, format!("the server has been silent for {time:?}")))
}
