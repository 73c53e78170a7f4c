//! Deliveries in an inbox.

use super::error::Rejection;
use bytes::Bytes;
use http::HeaderMap;
use std::fmt;
use std::ops::Deref;
use std::time::SystemTime;
use xurrent_webhook::{DecodeErrorKind, Delivery, MAX_TOKEN_ID, PathSegment};

/// The longest id, account, event or record in bytes. Those of Xurrent have about 40. An account and a
/// token id form the key of an index, which PostgreSQL limits to 2,704 bytes.
const MAX_KEY: usize = 512;

/// The number of a delivery in its inbox. Numbers grow in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueId(pub i64);

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A delivery that a handler gets: a verified and decoded [`webhook::Delivery`](Delivery), with its
/// place in the inbox.
///
/// An inbox stores the JSON, the ids and the token id of a delivery, but not its `Link` headers: `links`
/// is empty, and `signed` is true if the delivery was signed with a token that has an id.
pub type QueuedDelivery = Queued<Delivery>;

/// A delivery from the inbox. It dereferences to the delivery itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Queued<D> {
    /// The number in the inbox.
    pub queue_id: QueueId,
    /// When the delivery was stored.
    pub received: SystemTime,
    /// The number of the current attempt to handle it, from 1.
    pub attempt: u32,
    /// The delivery.
    pub delivery: D,
}

impl<D> Deref for Queued<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.delivery
    }
}

/// Without the delivery, which is private data.
impl<D> fmt::Debug for Queued<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queue_id, received, attempt, delivery: _ } = self;
        f.debug_struct("Queued")
            .field("queue_id", &queue_id.0)
            .field("received", received)
            .field("attempt", attempt)
            .finish_non_exhaustive()
    }
}

/// An authenticated delivery as an inbox stores it: JSON, and the values that the inbox looks it up by.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawDelivery {
    /// `x-xurrent-delivery`: the id of this attempt to deliver.
    pub id: Option<String>,
    /// `x-xurrent-delivery-origin`: the id of the first attempt, which is [`id`](Self::id) if this is
    /// the first one. Deliveries with the same origin are stored once.
    pub origin: Option<String>,
    /// The id of the token that signed the delivery. Deliveries with the same token are stored once:
    /// headers are not signed, so the origin alone does not prevent a replay.
    pub token: Option<String>,
    /// The account that sent the delivery, as the body names it.
    pub account: String,
    /// The event, such as `request.create`.
    pub event: String,
    /// The record that the event is about. Workers can handle the deliveries of a record in order.
    pub record: Option<String>,
    /// The verified JSON object.
    pub body: Bytes,
}

impl RawDelivery {
    /// A delivery without ids and record.
    pub fn new(account: impl Into<String>, event: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { account: account.into(), event: event.into(), body: body.into(), ..Self::default() }
    }

    /// Reads a delivery from the headers and from a body that the caller has authenticated.
    ///
    /// # Errors
    ///
    /// [`Rejection`] when the body is not a delivery of Xurrent.
    pub fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, Rejection> {
        Ok(Self::from_delivery(&decode(&body, None)?, headers, body))
    }

    /// `body` is the JSON that `delivery` was decoded from.
    pub(crate) fn from_delivery(delivery: &Delivery, headers: &HeaderMap, body: Bytes) -> Self {
        let id = header(headers, ["x-xurrent-delivery", "x-4me-delivery"]);
        let origin = header(headers, ["x-xurrent-delivery-origin", "x-4me-delivery-origin"]);
        let record = match &delivery.object_node_id {
            Some(id) => id.as_str().to_owned(),
            // A number is unique only among records of one type.
            None => format!("{}/{}", delivery.event.object(), delivery.object_id),
        };
        Self {
            origin: origin.or_else(|| id.clone()),
            id,
            token: delivery.token_id().map(str::to_owned),
            account: delivery.account.clone(),
            event: delivery.event.as_str().to_owned(),
            record: Some(record),
            body,
        }
    }

    /// Decodes the delivery.
    ///
    /// # Errors
    ///
    /// [`Rejection`] when the body is not a delivery of Xurrent.
    pub fn decode(self) -> Result<Delivery, Rejection> {
        let signed = self.token.is_some();
        let mut delivery = decode(&self.body, self.token)?;
        // Only repeated attempts carry an origin.
        delivery.origin = self.origin.filter(|origin| self.id.as_ref() != Some(origin));
        delivery.id = self.id;
        delivery.signed = signed;
        Ok(delivery)
    }

    /// Rejects values that are too long to be indexed.
    pub(crate) fn check_lengths(&self) -> Result<(), Rejection> {
        let values = [
            ("delivery id", self.id.as_deref(), MAX_KEY),
            ("delivery origin", self.origin.as_deref(), MAX_KEY),
            ("token id", self.token.as_deref(), MAX_TOKEN_ID),
            ("account", Some(self.account.as_str()), MAX_KEY),
            ("event", Some(self.event.as_str()), MAX_KEY),
            ("record", self.record.as_deref(), MAX_KEY),
        ];
        for (name, value, limit) in values {
            let length = value.map_or(0, str::len);
            if length > limit {
                let detail = format!("{name} of {length} bytes exceeds the limit of {limit} bytes");
                return Err(Rejection::new("malformed", detail));
            }
        }
        Ok(())
    }
}

/// Without the token, and with the length of the body instead of private data.
impl fmt::Debug for RawDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, origin, token: _, account, event, record, body } = self;
        f.debug_struct("RawDelivery")
            .field("id", id)
            .field("origin", origin)
            .field("account", account)
            .field("event", event)
            .field("record", record)
            .field("body", &format_args!("{} bytes", body.len()))
            .finish_non_exhaustive()
    }
}

fn decode(body: &[u8], token: Option<String>) -> Result<Delivery, Rejection> {
    let rejection = |problem: &str| Rejection::new("malformed", format!("body is not a delivery: {problem}"));
    let text = std::str::from_utf8(body).map_err(|_| rejection("not UTF-8"))?;
    Delivery::from_raw(text, token).map_err(|error| {
        // The error's own message can quote private data.
        let field = match error.path().last() {
            Some(PathSegment::Key(key)) => key,
            _ => "",
        };
        match error.kind() {
            DecodeErrorKind::Syntax { .. } => rejection("invalid JSON"),
            DecodeErrorKind::Missing => rejection(&format!("field `{field}` is missing")),
            _ => rejection(&format!("invalid value of field `{field}`")),
        }
    })
}

/// The first of these headers that is not blank.
fn header(headers: &HeaderMap, names: [&str; 2]) -> Option<String> {
    let values = names.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    values.map(str::trim).find(|value| !value.is_empty()).map(str::to_owned)
}
