//! Who sent a delivery: the check that comes before anything is stored.

use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::{HeaderMap, Uri};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use xurrent_webhook::MAX_TOKEN_ID;

/// The longest name that an inbox keeps, in bytes. A real one has some forty. With the id of a token,
/// which may be as long as a verifier accepts it, it is a key of an index: PostgreSQL has room for 2,704.
const LONGEST_NAME: usize = 512;

/// Tells deliveries of Xurrent from everything else that reaches the endpoint.
///
/// The handshake of a new webhook, `webhook.verify`, is the check's as well: it either answers it
/// and returns [`Checked::Answered`], or lets it through to be handled like any other delivery.
pub trait Check: Send + Sync + 'static {
    /// Checks one delivery. `uri` has at least path and query.
    ///
    /// The future is dropped when the sender leaves or the deadline passes.
    ///
    /// # Errors
    ///
    /// [`Refused`] for whatever is not proven. The sender is not told why; the log is.
    fn check<'a>(
        &'a self,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Checked, Refused>>;
}

/// What passed the check.
pub enum Checked {
    /// A delivery, to be stored before it is answered.
    Delivery(Accepted),
    /// The same from a check that lets everything pass only once. If the delivery is not stored, its
    /// sender is told to try again, and the future runs to let it pass then.
    Once(Accepted, BoxFuture<'static, ()>),
    /// A handshake that the check has answered: there is nothing to store.
    Answered,
}

/// A delivery that passed the check: what an inbox keeps.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// `x-xurrent-delivery`: this try to deliver.
    pub id: Option<String>,
    /// `x-xurrent-delivery-origin`, the first try, or [`id`](Self::id) if this is the first one. What
    /// has the same origin is stored once.
    pub origin: Option<String>,
    /// The id of the token that signed it (`jti`). What has the same is stored once, too: the headers
    /// are not signed, so an origin alone would let a recorded delivery in again.
    pub token: Option<String>,
    /// The account that sent it, as the body names it.
    pub account: String,
    /// What happened, such as `request.create`.
    pub event: String,
    /// What it happened to. Deliveries with the same record can be handled in order.
    pub record: Option<String>,
    /// The JSON object inside the signature.
    pub body: Bytes,
}

impl Accepted {
    /// A delivery of which nothing else is known.
    pub fn new(account: impl Into<String>, event: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self {
            id: None,
            origin: None,
            token: None,
            account: account.into(),
            event: event.into(),
            record: None,
            body: body.into(),
        }
    }

    /// Reads the ids from the headers and the rest from a body that is proven already.
    ///
    /// # Errors
    ///
    /// [`Refused`] for a body that is not the object that Xurrent sends.
    pub fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, Refused> {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default)]
            account: String,
            event: String,
            object_id: Option<Value>,
            #[serde(rename = "object_nodeID")]
            object_node_id: Option<String>,
        }
        let read: Body = serde_json::from_slice(&body).map_err(|error| {
            // Its own words quote what it found: somebody's data.
            let (line, column) = (error.line(), error.column());
            let what = if error.is_data() { "another JSON value than expected" } else { "not JSON" };
            let place = format!("line {line}, column {column}");
            Refused::new("malformed", format!("not the body of a delivery: {what} at {place}"))
        })?;
        let id = header(headers, ["x-xurrent-delivery", "x-4me-delivery"]);
        let origin = header(headers, ["x-xurrent-delivery-origin", "x-4me-delivery-origin"]);
        let record = match (read.object_node_id, read.object_id) {
            (Some(node), _) if !node.is_empty() => Some(node),
            // A number is unique among records of a type only.
            (_, Some(Value::Number(number))) => Some(format!("{}/{number}", object(&read.event))),
            (_, Some(Value::String(text))) => Some(format!("{}/{text}", object(&read.event))),
            _ => None,
        };
        Ok(Self {
            origin: origin.or_else(|| id.clone()),
            id,
            token: None,
            account: read.account,
            event: read.event,
            record,
            body,
        })
    }

    /// Names without end are nobody's: no inbox has to index them.
    pub(crate) fn bounded(&self) -> Result<(), Refused> {
        let names = [
            ("delivery id", self.id.as_deref(), LONGEST_NAME),
            ("delivery origin", self.origin.as_deref(), LONGEST_NAME),
            ("token id", self.token.as_deref(), MAX_TOKEN_ID),
            ("account", Some(self.account.as_str()), LONGEST_NAME),
            ("event", Some(self.event.as_str()), LONGEST_NAME),
            ("record", self.record.as_deref(), LONGEST_NAME),
        ];
        for (what, name, limit) in names {
            let length = name.map_or(0, str::len);
            if length > limit {
                let detail = format!("{what} of {length} bytes, {limit} are the limit");
                return Err(Refused::new("malformed", detail));
            }
        }
        Ok(())
    }
}

/// The body is somebody's data: only its length is shown.
impl fmt::Debug for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, origin, token: _, account, event, record, body } = self;
        f.debug_struct("Accepted")
            .field("id", id)
            .field("origin", origin)
            .field("account", account)
            .field("event", event)
            .field("record", record)
            .field("body", &format_args!("{} bytes", body.len()))
            .finish_non_exhaustive()
    }
}

/// Why a delivery was refused: for the log, never for the sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refused {
    reason: &'static str,
    detail: String,
}

impl Refused {
    /// `reason` is one of a few fixed words, which metrics count by; `detail` is a sentence without
    /// secrets. In the log, its control characters are escaped and it is cut after 500 bytes.
    pub fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    /// The word that metrics count by.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

/// What an event is about: `request` of `request.create`.
fn object(event: &str) -> &str {
    event.split_once('.').map_or(event, |(object, _)| object)
}

/// The first of these headers that says something.
fn header(headers: &HeaderMap, names: [&str; 2]) -> Option<String> {
    let values = names.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    values.map(str::trim).find(|value| !value.is_empty()).map(str::to_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    fn read(pairs: &[(&'static str, &'static str)], body: &'static str) -> Accepted {
        Accepted::read(&headers(pairs), Bytes::from_static(body.as_bytes())).unwrap()
    }

    #[test]
    fn the_first_try_is_its_own_origin() {
        let body = r#"{"event":"request.create","account":"https://wdc.xurrent.com"}"#;
        let first = read(&[("x-xurrent-delivery", "a")], body);
        assert_eq!((first.id.as_deref(), first.origin.as_deref()), (Some("a"), Some("a")));
        let second = read(&[("x-xurrent-delivery", "b"), ("x-xurrent-delivery-origin", "a")], body);
        assert_eq!((second.id.as_deref(), second.origin.as_deref()), (Some("b"), Some("a")));
        let older = read(&[("X-4me-Delivery", "c")], body);
        assert_eq!(older.origin.as_deref(), Some("c"));
        assert_eq!(read(&[("x-xurrent-delivery", " ")], body).origin, None);
    }

    #[test]
    fn numbers_of_two_types_are_two_records() {
        let node = read(&[], r#"{"event":"task.update","object_id":7,"object_nodeID":"eHl6"}"#);
        assert_eq!(node.record.as_deref(), Some("eHl6"));
        let task = read(&[], r#"{"event":"task.update","object_id":7}"#);
        let request = read(&[], r#"{"event":"request.update","object_id":"7"}"#);
        assert_eq!(task.record.as_deref(), Some("task/7"));
        assert_eq!(request.record.as_deref(), Some("request/7"));
        assert_eq!(read(&[], r#"{"event":"automation_rule","object_id":null}"#).record, None);
    }

    #[test]
    fn what_xurrent_never_sends_is_refused() {
        for body in ["", "[]", "null", "{}", r#"{"event":7}"#, "{\"event\":\"a\""] {
            let refused = Accepted::read(&HeaderMap::new(), Bytes::from_static(body.as_bytes())).unwrap_err();
            assert_eq!(refused.reason(), "malformed", "{body}");
        }
        let mut long = Accepted::new("a", "e", "{}");
        assert_eq!(long.bounded(), Ok(()));
        long.origin = Some("x".repeat(LONGEST_NAME + 1));
        assert!(long.bounded().unwrap_err().to_string().starts_with("delivery origin of 513 bytes"));
    }

    #[test]
    fn neither_body_nor_token_is_shown() {
        let mut accepted = Accepted::new("a", "e", "{\"note\":\"private\"}");
        accepted.token = Some("jti-1".to_owned());
        let shown = format!("{accepted:?}");
        assert!(!shown.contains("private") && !shown.contains("jti-1"), "{shown}");
    }
}
