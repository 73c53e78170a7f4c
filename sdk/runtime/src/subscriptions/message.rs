//! Messages of `graphql-transport-ws`, as JSON.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt::Write as _;

/// The sub-protocol.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";

/// The id of the one operation of a connection.
const ID: &str = "1";

pub(super) const PING: &str = r#"{"type":"ping"}"#;
pub(super) const PONG: &str = r#"{"type":"pong"}"#;
pub(super) const COMPLETE: &str = r#"{"id":"1","type":"complete"}"#;

/// A message of the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message<'m> {
    Acknowledged,
    Ping,
    Pong,
    /// An event: a GraphQL response as JSON.
    Next(&'m str),
    /// The operation failed before its first event: a list of GraphQL errors as JSON.
    Errors(&'m str),
    Complete,
}

#[derive(Deserialize)]
struct Wire<'m> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'m, str>,
    #[serde(borrow)]
    id: Option<Cow<'m, str>>,
    #[serde(borrow)]
    payload: Option<&'m RawValue>,
}

impl<'m> Message<'m> {
    /// Reads a message. None for one that the protocol does not have here.
    pub(super) fn read(json: &'m [u8]) -> Option<Self> {
        let Wire { kind, id, payload } = serde_json::from_slice(json).ok()?;
        let of_operation = id.as_deref() == Some(ID);
        match (&*kind, payload) {
            ("connection_ack", _) => Some(Self::Acknowledged),
            ("ping", _) => Some(Self::Ping),
            ("pong", _) => Some(Self::Pong),
            ("next", Some(payload)) if of_operation => Some(Self::Next(payload.get())),
            ("error", Some(payload)) if of_operation => Some(Self::Errors(payload.get())),
            ("complete", _) if of_operation => Some(Self::Complete),
            _ => None,
        }
    }
}

/// `connection_init` with a payload in JSON.
pub(super) fn init(payload: Option<String>) -> String {
    match payload {
        Some(payload) => format!(r#"{{"type":"connection_init","payload":{payload}}}"#),
        None => r#"{"type":"connection_init"}"#.to_owned(),
    }
}

/// `subscribe` with the body that a request of the operation would have.
pub(super) fn subscribe(body: &str) -> String {
    let mut text = String::with_capacity(body.len() + 48);
    // Writing to a `String` does not fail.
    let _ = write!(text, r#"{{"id":"{ID}","type":"subscribe","payload":{body}}}"#);
    text
}
