//! Verified deliveries.

use super::Event;
use super::decode_macro::objects;
use super::error::{Error, Result};
use super::links::Links;
use super::payload::{CommonPayload, OutOfOfficePeriodPayload, TimeEntryPayload, VerifyPayload};
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::ops::Deref;
use xurrent_values::decode::{DecodeError, Decoder};
use xurrent_values::scalar::{Id, Json};

objects! {
    /// The signed part of a [`Delivery`].
    Message {
        /// The number of the webhook.
        webhook_id: i64 = "webhook_id",
        /// The same in GraphQL.
        webhook_node_id: Option<Id> = "webhook_nodeID",
        /// The account's id: `wdc`.
        account_id: Option<String> = "account_id",
        /// The address of the account: `https://wdc.xurrent.com`.
        account: String = "account",
        /// The custom URL of the account.
        custom_url: Option<String> = "custom_url",
        /// The name of the webhook.
        name: Option<String> = "name",
        /// The event.
        event: Event = "event",
        /// The number of the record that the event is about.
        object_id: i64 = "object_id",
        /// The same in GraphQL: what `Client::node` of the crate `xurrent` takes.
        object_node_id: Option<Id> = "object_nodeID",
        /// The number of the person who caused the event; `None` for the system.
        person_id: Option<i64> = "person_id",
        /// The same in GraphQL.
        person_node_id: Option<Id> = "person_nodeID",
        /// The person's name.
        person_name: Option<String> = "person_name",
        /// The environment that the account is in.
        instance_name: Option<String> = "instance_name",
        /// The payload, as it was received.
        raw_payload: Json = "payload",
    }
}

/// A verified delivery: a signed message, and values of its headers, which are not signed.
///
/// It dereferences to its [`Message`]: `delivery.event`, `delivery.object_id`.
///
/// It can be written and read with `serde_json`, to be stored and worked on later; what the webhook
/// said is kept as it was received. Whoever reads it trusts the place where it was stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
#[non_exhaustive]
pub struct Delivery {
    /// The message.
    #[serde(skip_serializing)]
    pub message: Message,
    /// The id of this delivery: `x-xurrent-delivery`.
    pub id: Option<String>,
    /// The id of the first attempt, on later ones: `x-xurrent-delivery-origin`.
    pub origin: Option<String>,
    /// Links to the record and to related records.
    pub links: Links,
    /// Whether a signature was verified. Only false after
    /// [`dangerously_accept_unsigned`](super::VerifierBuilder::dangerously_accept_unsigned).
    pub signed: bool,
    /// Issuer and `jti` of the token, as the replay store has them.
    pub(super) token: Option<String>,
    /// The message, as it was received.
    #[serde(rename = "message")]
    raw: Json,
}

/// The serialized form of a delivery.
#[derive(Deserialize)]
struct Stored {
    id: Option<String>,
    origin: Option<String>,
    links: Links,
    signed: bool,
    token: Option<String>,
    message: Json,
}

impl TryFrom<Stored> for Delivery {
    type Error = DecodeError;

    fn try_from(stored: Stored) -> std::result::Result<Self, DecodeError> {
        let Stored { id, origin, links, signed, token, message: raw } = stored;
        let message = Message::decode(&mut Decoder::new(raw.as_text().as_bytes()))?;
        Ok(Self { message, id, origin, links, signed, token, raw })
    }
}

impl Deref for Delivery {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

/// What an event brings along, by its type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Payload {
    /// Of `time_entry.*`.
    TimeEntry(Box<TimeEntryPayload>),
    /// Of `out_of_office_period.*`.
    OutOfOfficePeriod(Box<OutOfOfficePeriodPayload>),
    /// Of `webhook.verify`.
    Verify(VerifyPayload),
    /// Of `automation_rule`, which is whatever the rule puts there, and of events that are not known.
    Other(Json),
    /// Of all other events.
    Common(Box<CommonPayload>),
}

impl Delivery {
    pub(super) fn read(headers: &HeaderMap, json: &str) -> std::result::Result<Self, DecodeError> {
        let mut decoder = Decoder::new(json.as_bytes());
        let message = Message::decode(&mut decoder)?;
        decoder.finish()?;
        Ok(Self::new(headers, json, message))
    }

    /// `message` is what was read from `json`.
    pub(super) fn new(headers: &HeaderMap, json: &str, message: Message) -> Self {
        Self {
            message,
            id: id(headers, ["x-xurrent-delivery", "x-4me-delivery"]),
            origin: id(headers, ["x-xurrent-delivery-origin", "x-4me-delivery-origin"]),
            links: Links::read(headers),
            signed: false,
            token: None,
            raw: Json::from_read(json),
        }
    }

    /// Decodes a delivery that was verified before, from its [`raw`](Self::raw) JSON and its
    /// [`token_id`](Self::token_id). The ids and links of its headers are empty.
    ///
    /// # Errors
    /// When the JSON is not a delivery.
    pub fn from_raw(json: &str, token_id: Option<String>) -> std::result::Result<Self, DecodeError> {
        Ok(Self { token: token_id, ..Self::read(&HeaderMap::new(), json)? })
    }

    /// The id that all attempts share: store the delivery once under it. Like all headers, it is not signed.
    #[must_use]
    pub fn origin_id(&self) -> Option<&str> {
        self.origin.as_deref().or(self.id.as_deref())
    }

    /// Issuer and `jti` of the token that signed it, separated by a line feed: what is never accepted
    /// twice. Nothing when it is not signed or its token has no id.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The message, as it was received.
    #[must_use]
    pub fn raw(&self) -> &Json {
        &self.raw
    }

    /// The payload as a type of yours, or as one of this module:
    ///
    /// ```
    /// # use xurrent_webhook::Delivery;
    /// #[derive(serde::Deserialize)]
    /// struct Approval {
    ///     approved_by: String,
    ///     level: u8,
    /// }
    /// # fn example(delivery: Delivery) -> xurrent_webhook::Result<()> {
    /// let approval: Approval = delivery.payload()?; // of an automation rule
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the payload is not of that type. The error has the event, the delivery's id and the value's path.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T> {
        let mut json = serde_json::Deserializer::from_str(self.raw_payload.as_text());
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let what = format!("the payload of `{}` is not a {}", self.event, std::any::type_name::<T>());
            let mut error = Error::new(what).with_cause(&error);
            error.delivery_id.clone_from(&self.id);
            error
        })
    }

    /// The payload as the type for the event.
    ///
    /// # Errors
    /// If it is not of that type. [`raw_payload`](Message::raw_payload) has it in any case.
    pub fn typed_payload(&self) -> Result<Payload> {
        Ok(match (self.event.object(), &self.event) {
            ("time_entry", _) => Payload::TimeEntry(self.payload()?),
            ("out_of_office_period", _) => Payload::OutOfOfficePeriod(self.payload()?),
            (_, Event::WebhookVerify) => Payload::Verify(self.payload()?),
            (_, Event::AutomationRule | Event::Unrecognized(_)) => Payload::Other(self.raw_payload.clone()),
            _ if self.raw_payload.as_text() == "null" => Payload::Other(self.raw_payload.clone()),
            _ => Payload::Common(self.payload()?),
        })
    }
}

/// The first of two headers that is present, if it can be an id.
fn id(headers: &HeaderMap, names: [&str; 2]) -> Option<String> {
    /// A UUID has 36.
    const LONGEST: usize = 128;
    let value = names.iter().find_map(|name| headers.get(*name))?;
    let text = value.to_str().ok()?.trim();
    (!text.is_empty() && text.len() <= LONGEST).then(|| text.to_owned())
}
