//! The content of a delivery, with the names and in the order of the documentation.

use heck::ToLowerCamelCase as _;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::event::{self, VERIFY, collection};
use super::record_event::RecordEvent;
use crate::exact_number;
use crate::node_id;
use crate::store::{ME, Record, Store, type_of};
use crate::view::account_id;

#[derive(Debug, Clone)]
pub(crate) struct AccountUrls {
    pub(crate) account: String,
    /// `https://127.0.0.1:4011`
    pub(crate) account_url: String,
    /// `http://127.0.0.1:4010/v1`
    pub(crate) rest_url: String,
}

/// An entry of the `Link` header: the record, or a related one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Link {
    pub(super) uri: String,
    /// `canonical`, `resource` or `related`.
    pub(super) relation: String,
}

/// A JSON object whose fields keep their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Object(Vec<(&'static str, Box<RawValue>)>);

impl Object {
    fn identifying(record: &Record) -> Self {
        Self::default().with("id", record.number).with("nodeID", node_id::encode(&record.key))
    }

    fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        self.0.push((name, to_raw_value(&value).unwrap_or_default()));
        self
    }

    fn with_some(self, name: &'static str, value: Option<impl Serialize>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The content for all webhooks: the event, the record and the payload.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) event: &'static str,
    /// The key of the record.
    object: String,
    payload: Object,
    related: Option<String>,
    pub(super) is_test: bool,
}

const TEST_OBJECT: u64 = 12_345;

impl Message {
    /// `audit_line` is the number of the audit trail entry.
    pub(super) fn of(record_event: &RecordEvent<'_>, audit_line: Option<u64>) -> Self {
        let RecordEvent { event, record, store, note, .. } = *record_event;
        let payload = match record.type_name.as_str() {
            "TimeEntry" => time_entry(store, record),
            "OutOfOfficePeriod" => {
                with_fields(Object::identifying(record), store, record, &OUT_OF_OFFICE_PERIOD)
            }
            "AutomationRule" => Object::default(),
            _ => common(record_event, audit_line),
        };
        let related = note.map(|note| format!("{}/notes/{}", resource_path(&record.key), note.number));
        Self { event, object: record.key.clone(), payload, related, is_test: false }
    }

    pub(super) fn into_test(self) -> Self {
        let type_name = type_of(&self.object);
        Self { object: format!("{type_name}/{TEST_OBJECT}"), is_test: true, ..self }
    }

    pub(super) fn verify(webhook: &str, callback: String) -> Self {
        let payload = Object::default().with("callback", callback);
        Self { event: VERIFY, object: webhook.to_owned(), payload, related: None, is_test: false }
    }

    /// The message to a webhook. The person is the owner of the token.
    pub(super) fn to(&self, webhook: &Record, store: &Store, urls: &AccountUrls) -> Box<RawValue> {
        let person = store.get(ME);
        let message = Object::default()
            .with("webhook_id", webhook.number)
            .with("webhook_nodeID", node_id::encode(&webhook.key))
            .with("account_id", urls.account.as_str())
            .with("account", urls.account_url.as_str())
            .with_some("name", webhook.value("name"))
            .with("event", self.event)
            .with("object_id", number(&self.object))
            .with("object_nodeID", node_id::encode(&self.object))
            .with_some("person_id", person.map(|person| person.number))
            .with_some("person_nodeID", person.map(|person| node_id::encode(&person.key)))
            .with_some("person_name", person.and_then(|person| person.value("name")))
            .with("instance_name", node_id::INSTANCE.trim_end_matches('/'))
            .with("payload", self.payload.clone());
        to_raw_value(&message).unwrap_or_default()
    }

    pub(super) fn links(&self, urls: &AccountUrls) -> Vec<Link> {
        let AccountUrls { account_url, rest_url, .. } = urls;
        let path = resource_path(&self.object);
        let link = |relation: &str, uri: String| Link { uri, relation: relation.to_owned() };
        let related = self.related.as_ref().map(|related| link("related", format!("{rest_url}/{related}")));
        let links = [
            link("canonical", format!("{account_url}/{path}")),
            link("resource", format!("{rest_url}/{path}")),
        ];
        links.into_iter().chain(related).collect()
    }
}

fn resource_path(key: &str) -> String {
    format!("{}/{}", collection(type_of(key)), number(key))
}

fn number(key: &str) -> u64 {
    key.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn to_one<'s>(store: &'s Store, record: &Record, name: &str) -> Option<&'s Record> {
    store.get(record.text(name)?)
}

/// The payload of events without a specific one.
fn common(record_event: &RecordEvent<'_>, audit_line: Option<u64>) -> Object {
    let RecordEvent { record, store, note, event, .. } = *record_event;
    let related = |name: &str| to_one(store, record, name).map(|related| reference(store, related));
    // By the documentation, `risk.status-changed` does not have it.
    let previous_status = record_event.previous_status.filter(|_| event != "risk.status-changed");
    Object::default()
        .with_some("audit_line_id", audit_line)
        .with_some("audit_line_nodeID", audit_line.map(|number| node_id::node_id("AuditLine", number)))
        .with_some("note_id", note.map(|note| note.number))
        .with_some("note_nodeID", note.map(|note| node_id::encode(&note.key)))
        .with_some("source", record.value("source"))
        .with_some("sourceID", record.value("sourceID"))
        .with_some("status", record.value("status"))
        .with_some("previous_status", previous_status)
        .with_some("team", related("team"))
        .with_some("member", related("member"))
}

fn reference(store: &Store, record: &Record) -> Object {
    let account = to_one(store, record, "account").map(|account| {
        Object::default().with_some("id", account_id(account)).with_some("name", account.value("name"))
    });
    Object::identifying(record)
        .with_some("name", record.value("name"))
        .with_some("subject", record.value("subject"))
        .with_some("sourceID", record.value("sourceID"))
        .with_some("disabled", record.is_true("disabled").then_some(true))
        .with_some("account", account)
}

/// How a payload shows a field of a record; null without a value.
#[derive(Clone, Copy)]
enum Shown {
    Value,
    Flag,
    /// As a string, in which REST writes numbers that must keep their digits.
    Decimal,
    Reference,
    /// A reference to the assignment, in the field for its type.
    Assignment,
}

/// Adds fields of a record.
fn with_fields(
    object: Object,
    store: &Store,
    record: &Record,
    fields: &[(Shown, &[&'static str])],
) -> Object {
    let fields = fields.iter().flat_map(|(shown, names)| names.iter().map(|name| (*shown, *name)));
    fields.fold(object, |object, (shown, name)| {
        let field = field_name(name);
        match shown {
            Shown::Value => object.with(name, record.value(&field)),
            Shown::Flag => object.with(name, record.is_true(&field)),
            Shown::Decimal => object.with(name, record.value(&field).and_then(exact_number::of)),
            Shown::Reference => {
                object.with(name, to_one(store, record, &field).map(|other| reference(store, other)))
            }
            Shown::Assignment => {
                let assignment = to_one(store, record, "assignment");
                let assignment = assignment.filter(|other| event::object(&other.type_name) == name);
                object.with(name, assignment.map(|other| reference(store, other)))
            }
        }
    })
}

/// The field of a name in payloads: `startedAt` for `started_at`.
fn field_name(name: &str) -> String {
    match name {
        "sla" => "serviceLevelAgreement".to_owned(),
        _ if name.ends_with("ID") => name.to_owned(),
        _ => name.to_lower_camel_case(),
    }
}

/// The fields of a time entry before its note.
const TIME_ENTRY: [(Shown, &[&str]); 8] = [
    (Shown::Value, &["date", "started_at", "time_spent"]),
    (Shown::Flag, &["correction", "deleted"]),
    (Shown::Value, &["description"]),
    (Shown::Reference, &["effort_class", "time_allocation"]),
    (Shown::Decimal, &["charge", "charge_rate"]),
    (Shown::Value, &["charge_type", "charge_currency", "cost_currency", "rateID", "agreementID"]),
    (Shown::Reference, &["customer", "organization", "person", "team", "service", "service_instance", "sla"]),
    (Shown::Assignment, &["request", "problem", "task", "project_task"]),
];

const OUT_OF_OFFICE_PERIOD: [(Shown, &[&str]); 4] = [
    (Shown::Reference, &["person", "approval_delegate"]),
    (Shown::Value, &["reason", "start_at", "end_at"]),
    (Shown::Reference, &["effort_class", "time_allocation"]),
    (Shown::Value, &["source", "sourceID", "created_at", "updated_at"]),
];

fn time_entry(store: &Store, entry: &Record) -> Object {
    let note = to_one(store, entry, "note");
    let object = with_fields(Object::identifying(entry), store, entry, &TIME_ENTRY)
        .with("note_id", note.map(|note| note.number))
        .with("note_nodeID", note.map(|note| node_id::encode(&note.key)));
    with_fields(object, store, entry, &[(Shown::Value, &["created_at", "updated_at"])])
}
