//! What a delivery says, in the order and with the names that the documentation has.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::event::{VERIFY, collection};
use super::record_event::Happened;
use crate::exact_number;
use crate::node_id;
use crate::relation;
use crate::store::{Record, Store};
use crate::view::{ME, account_id};

/// Whose deliveries these are, and where things can be looked at.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// The id text of the account: `wdc`.
    pub(crate) account: String,
    /// `https://127.0.0.1:4011`
    pub(crate) account_url: String,
    /// `http://127.0.0.1:4010/v1`
    pub(crate) rest_url: String,
}

/// One of the header `Link`: where the record is, or what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Link {
    pub(super) uri: String,
    /// `canonical`, `resource` or `related`.
    pub(super) relation: String,
}

/// An object whose fields stay in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Object(Vec<(&'static str, Content)>);

#[derive(Debug, Clone)]
enum Content {
    Value(Value),
    Object(Object),
}

impl From<Object> for Content {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl<V: Into<Value>> From<V> for Content {
    fn from(value: V) -> Self {
        Self::Value(value.into())
    }
}

impl Object {
    fn with(mut self, name: &'static str, content: impl Into<Content>) -> Self {
        self.0.push((name, content.into()));
        self
    }

    /// Left out when there is none.
    fn with_some(self, name: &'static str, content: Option<impl Into<Content>>) -> Self {
        match content {
            Some(content) => self.with(name, content),
            None => self,
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, content) in &self.0 {
            match content {
                Content::Value(value) => map.serialize_entry(name, value)?,
                Content::Object(object) => map.serialize_entry(name, object)?,
            }
        }
        map.end()
    }
}

/// What a webhook is told: the event, the record and the payload.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) event: &'static str,
    /// The key of the record.
    object: String,
    payload: Object,
    related: Option<String>,
    pub(super) is_test: bool,
}

/// The number of the record that a test is about, whatever it is.
const TEST_OBJECT: u64 = 12_345;

impl Message {
    /// `audit_line` is the number of the entry in the audit trail.
    pub(super) fn of(happened: &Happened<'_>, audit_line: Option<u64>) -> Self {
        let Happened { event, record, store, note, .. } = *happened;
        let payload = match record.type_name.as_str() {
            "TimeEntry" => time_entry(store, record),
            "OutOfOfficePeriod" => out_of_office_period(store, record),
            "AutomationRule" => Object::default(),
            _ => common(happened, audit_line),
        };
        let related = note.map(|note| format!("{}/notes/{}", place(&record.key), note.number));
        Self { event, object: record.key.clone(), payload, related, is_test: false }
    }

    /// The same as a test of a webhook has it, which is about no record.
    pub(super) fn into_test(self) -> Self {
        let type_name = relation::type_of(&self.object);
        Self { object: format!("{type_name}/{TEST_OBJECT}"), is_test: true, ..self }
    }

    /// Asks to prove whose the address of the webhook is.
    pub(super) fn verify(webhook: &str, callback: String) -> Self {
        let payload = Object::default().with("callback", callback);
        Self { event: VERIFY, object: webhook.to_owned(), payload, related: None, is_test: false }
    }

    /// For this webhook. The person is who holds the token.
    pub(super) fn to(&self, webhook: &Record, store: &Store, places: &Places) -> Box<RawValue> {
        let person = store.get(ME);
        let message = Object::default()
            .with("webhook_id", webhook.number)
            .with("webhook_nodeID", node_id::encode(&webhook.key))
            .with("account_id", places.account.as_str())
            .with("account", places.account_url.as_str())
            .with_some("name", field(webhook, "name"))
            .with("event", self.event)
            .with("object_id", number(&self.object))
            .with("object_nodeID", node_id::encode(&self.object))
            .with_some("person_id", person.map(|person| person.number))
            .with_some("person_nodeID", person.map(|person| node_id::encode(&person.key)))
            .with_some("person_name", person.and_then(|person| field(person, "name")))
            .with("instance_name", node_id::INSTANCE.trim_end_matches('/'))
            .with("payload", self.payload.clone());
        to_raw_value(&message).unwrap_or_default()
    }

    /// The links of the header `Link`.
    pub(super) fn links(&self, places: &Places) -> Vec<Link> {
        let Places { account_url, rest_url, .. } = places;
        let place = place(&self.object);
        let link = |relation: &str, uri: String| Link { uri, relation: relation.to_owned() };
        let related = self.related.as_ref().map(|related| link("related", format!("{rest_url}/{related}")));
        let links = [
            link("canonical", format!("{account_url}/{place}")),
            link("resource", format!("{rest_url}/{place}")),
        ];
        links.into_iter().chain(related).collect()
    }
}

fn place(key: &str) -> String {
    format!("{}/{}", collection(relation::type_of(key)), number(key))
}

fn number(key: &str) -> u64 {
    key.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn field(record: &Record, name: &str) -> Option<Value> {
    record.fields.get(name).filter(|value| !value.is_null()).cloned()
}

fn to_one<'s>(store: &'s Store, record: &Record, name: &str) -> Option<&'s Record> {
    store.get(record.fields.get(name)?.as_str()?)
}

/// The payload of all events without one of their own.
fn common(happened: &Happened<'_>, audit_line: Option<u64>) -> Object {
    let Happened { record, store, note, event, .. } = *happened;
    let related = |name: &str| to_one(store, record, name).map(|related| reference(store, related));
    // The documentation does not name `risk.status-changed` among those that have it.
    let previous_status = happened.previous_status.filter(|_| event != "risk.status-changed");
    Object::default()
        .with_some("audit_line_id", audit_line)
        .with_some("audit_line_nodeID", audit_line.map(|number| node_id::node_id("AuditLine", number)))
        .with_some("note_id", note.map(|note| note.number))
        .with_some("note_nodeID", note.map(|note| node_id::encode(&note.key)))
        .with_some("source", field(record, "source"))
        .with_some("sourceID", field(record, "sourceID"))
        .with_some("status", field(record, "status"))
        .with_some("previous_status", previous_status.cloned())
        .with_some("team", related("team"))
        .with_some("member", related("member"))
}

/// A record that is named in a payload.
fn reference(store: &Store, record: &Record) -> Object {
    let account = to_one(store, record, "account").map(|account| {
        Object::default().with_some("id", account_id(account)).with_some("name", field(account, "name"))
    });
    Object::default()
        .with("id", record.number)
        .with("nodeID", node_id::encode(&record.key))
        .with_some("name", field(record, "name"))
        .with_some("subject", field(record, "subject"))
        .with_some("sourceID", field(record, "sourceID"))
        .with_some("disabled", field(record, "disabled").filter(|disabled| *disabled == Value::Bool(true)))
        .with_some("account", account)
}

/// A record in a payload that has all of its fields: what is not filled is null.
struct Whole<'a> {
    store: &'a Store,
    record: &'a Record,
    object: Object,
}

impl<'a> Whole<'a> {
    fn new(store: &'a Store, record: &'a Record) -> Self {
        let object = Object::default().with("id", record.number).with("nodeID", node_id::encode(&record.key));
        Self { store, record, object }
    }

    fn put(mut self, name: &'static str, content: impl Into<Content>) -> Self {
        self.object = self.object.with(name, content);
        self
    }

    fn value(self, name: &'static str, from: &str) -> Self {
        let value = field(self.record, from).unwrap_or_default();
        self.put(name, value)
    }

    fn flag(self, name: &'static str) -> Self {
        let is_set = self.record.fields.get(name) == Some(&Value::Bool(true));
        self.put(name, is_set)
    }

    /// As a text, which is how the REST interface writes numbers that must not lose digits.
    fn decimal(self, name: &'static str, from: &str) -> Self {
        let text = self.record.fields.get(from).and_then(exact_number::of).map(String::from);
        self.put(name, text.map_or(Value::Null, Value::from))
    }

    fn record(self, name: &'static str, from: &str) -> Self {
        let content = match to_one(self.store, self.record, from) {
            Some(record) => reference(self.store, record).into(),
            None => Content::from(Value::Null),
        };
        self.put(name, content)
    }
}

fn time_entry(store: &Store, entry: &Record) -> Object {
    let note = to_one(store, entry, "note");
    let (note_id, note_node_id) = (note.map(|note| note.number), note.map(|note| node_id::encode(&note.key)));
    let mut whole = Whole::new(store, entry)
        .value("date", "date")
        .value("started_at", "startedAt")
        .value("time_spent", "timeSpent")
        .flag("correction")
        .flag("deleted")
        .value("description", "description")
        .record("effort_class", "effortClass")
        .record("time_allocation", "timeAllocation")
        .decimal("charge", "charge")
        .decimal("charge_rate", "chargeRate")
        .value("charge_type", "chargeType")
        .value("charge_currency", "chargeCurrency")
        .value("cost_currency", "costCurrency")
        .value("rateID", "rateID")
        .value("agreementID", "agreementID")
        .record("customer", "customer")
        .record("organization", "organization")
        .record("person", "person")
        .record("team", "team")
        .record("service", "service")
        .record("service_instance", "serviceInstance")
        .record("sla", "serviceLevelAgreement");
    let assignment = to_one(store, entry, "assignment");
    for (name, type_name) in
        [("request", "Request"), ("problem", "Problem"), ("task", "Task"), ("project_task", "ProjectTask")]
    {
        let assignment = assignment.filter(|record| record.type_name == type_name);
        let content = assignment.map(|record| Content::from(reference(store, record)));
        whole = whole.put(name, content.unwrap_or(Content::Value(Value::Null)));
    }
    whole
        .put("note_id", note_id)
        .put("note_nodeID", note_node_id)
        .value("created_at", "createdAt")
        .value("updated_at", "updatedAt")
        .object
}

fn out_of_office_period(store: &Store, period: &Record) -> Object {
    Whole::new(store, period)
        .record("person", "person")
        .record("approval_delegate", "approvalDelegate")
        .value("reason", "reason")
        .value("start_at", "startAt")
        .value("end_at", "endAt")
        .record("effort_class", "effortClass")
        .record("time_allocation", "timeAllocation")
        .value("source", "source")
        .value("sourceID", "sourceID")
        .value("created_at", "createdAt")
        .value("updated_at", "updatedAt")
        .object
}
