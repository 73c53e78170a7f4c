//! The parameters of an event.

use super::enums::{EventCategory, EventCompletionReason, EventImpact, EventStatus};
use super::reference::{CiReference, Parameter, RecordNumber, Reference, Value, text};
use std::borrow::Cow;
use std::fmt;
use xurrent_runtime::{Error, InputObject, InputValue, OpenEnum, Result, Timestamp};

/// The status in which a request is no longer open.
const COMPLETED: &str = "completed";

/// An event, for `Client::event_create`. What is not set gets the default of the server: the category is
/// `incident` with a service instance and otherwise `other`, the impact of an incident is `top`, the source is
/// `Event`, and the service instance is the first one of the configuration item.
///
/// A parameter that is set twice has the last value. A blank text, an enum value that the schema does not
/// have, a number that is not one of a record, or a completion reason without the status `completed` is an error
/// of the call, which names all of them and sends nothing.
///
/// ```
/// use xurrent_platform::events::{CiReference, NewEvent};
/// # use xurrent_runtime::jiff::Timestamp;
///
/// let event = NewEvent::new("Disk is full")
///     .source("Zabbix")
///     .source_id("4711")
///     .note("/var has 0 bytes left")
///     .ci(CiReference::by_source("Lansweeper", "web-1"))
///     .team("Unix Servers")
///     .member("carla@example.com")
///     .requested_for(56)
///     .downtime_start_at("2026-11-29T10:02:30Z".parse::<Timestamp>()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "an event does nothing until it is given to a call"]
pub struct NewEvent {
    /// The setters that were called, each with its parameters.
    parameters: Vec<(&'static str, Vec<Parameter>)>,
}

impl NewEvent {
    /// An event with this subject, which is the only required parameter.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { parameters: Vec::new() }.text("subject", subject.into())
    }

    /// The name of the monitoring tool. It is part of what the server [matches](super) events by.
    pub fn source(self, source: impl Into<String>) -> Self {
        self.text("source", source.into())
    }

    /// The id of the event in the monitoring tool. The server stores it in the request that it creates, but
    /// does not match events by it.
    pub fn source_id(self, id: impl Into<String>) -> Self {
        self.text("sourceID", id.into())
    }

    /// The text of a note of the request. Of an event that is matched with an open request, only one with a
    /// text that no note of the request has changes the request.
    pub fn note(self, text: impl Into<String>) -> Self {
        self.text("note", text.into())
    }

    /// The text of an internal note of the request, if one is created.
    pub fn internal_note(self, text: impl Into<String>) -> Self {
        self.text("internal_note", text.into())
    }

    /// The configuration item. It is part of what the server [matches](super) events by.
    pub fn ci(self, ci: impl Into<CiReference>) -> Self {
        self.set("ci", ci.into().into_parameters())
    }

    /// The service instance, instead of the first one of the configuration item. It is part of what the server
    /// [matches](super) events by.
    pub fn service_instance(self, instance: impl Into<Reference>) -> Self {
        self.reference("service_instance", "service_instance_id", instance.into())
    }

    /// The category: a `RequestCategory`.
    pub fn category(self, category: impl EventCategory) -> Self {
        self.value("category", &category)
    }

    /// The impact: a `RequestImpact`.
    pub fn impact(self, impact: impl EventImpact) -> Self {
        self.value("impact", &impact)
    }

    /// The status: a `RequestStatus`. An event that completes a request is [never sent twice](super).
    pub fn status(self, status: impl EventStatus) -> Self {
        self.value("status", &status)
    }

    /// Why the request is completed: a `RequestCompletionReason`. It needs the status `completed`.
    pub fn completion_reason(self, reason: impl EventCompletionReason) -> Self {
        self.value("completion_reason", &reason)
    }

    /// When the request is to be completed. Sent in whole seconds, as all points in time of an event.
    pub fn desired_completion_at(self, time: impl Into<Timestamp>) -> Self {
        self.time("desired_completion_at", time.into())
    }

    /// When the outage of the service started.
    pub fn downtime_start_at(self, time: impl Into<Timestamp>) -> Self {
        self.time("downtime_start_at", time.into())
    }

    /// When the outage of the service ended.
    pub fn downtime_end_at(self, time: impl Into<Timestamp>) -> Self {
        self.time("downtime_end_at", time.into())
    }

    /// When a request that waits is assigned again.
    pub fn waiting_until(self, time: impl Into<Timestamp>) -> Self {
        self.time("waiting_until", time.into())
    }

    /// The team that the request is assigned to.
    pub fn team(self, team: impl Into<Reference>) -> Self {
        self.reference("team", "team_id", team.into())
    }

    /// The person that the request is assigned to.
    pub fn member(self, person: impl Into<Reference>) -> Self {
        self.reference("member", "member_id", person.into())
    }

    /// The person who submitted the request, instead of the owner of the token.
    pub fn requested_by(self, person: impl Into<Reference>) -> Self {
        self.reference("requested_by", "requested_by_id", person.into())
    }

    /// The person for whom the request was submitted, instead of the one who submitted it. It is part of what
    /// the server [matches](super) events without a configuration item by.
    pub fn requested_for(self, person: impl Into<Reference>) -> Self {
        self.reference("requested_for", "requested_for_id", person.into())
    }

    /// The organization that the request was passed on to.
    pub fn supplier(self, organization: impl Into<Reference>) -> Self {
        self.reference("supplier", "supplier_id", organization.into())
    }

    /// The id of the request at the supplier.
    pub fn supplier_request_id(self, id: impl Into<String>) -> Self {
        self.text("supplier_requestID", id.into())
    }

    /// The account in which the request is created. Required when the owner of the token is registered in a
    /// directory account.
    pub fn support_domain(self, account: impl Into<String>) -> Self {
        self.text("support_domain", account.into())
    }

    /// The request template. Other parameters take precedence over its fields. An event with a template is
    /// [never sent twice](super).
    pub fn template(self, template: impl Into<RecordNumber>) -> Self {
        self.number("template_id", template.into())
    }

    /// The problem that the request belongs to.
    pub fn problem(self, problem: impl Into<RecordNumber>) -> Self {
        self.number("problem_id", problem.into())
    }

    /// The workflow that the request belongs to.
    pub fn workflow(self, workflow: impl Into<RecordNumber>) -> Self {
        self.number("workflow_id", workflow.into())
    }

    fn text(self, name: &'static str, value: String) -> Self {
        self.set(name, vec![(name, text(value))])
    }

    fn number(self, name: &'static str, number: RecordNumber) -> Self {
        self.set(name, vec![(name, number.into_value())])
    }

    fn reference(self, by_name: &'static str, by_number: &'static str, record: Reference) -> Self {
        self.set(by_name, vec![record.into_parameter(by_name, by_number)])
    }

    fn time(self, name: &'static str, time: Timestamp) -> Self {
        let value = match time {
            Timestamp::At(instant, _) => Ok(InputValue::Text(Cow::Owned(format!("{instant:.0}")))),
            other => Err(format!("{:?}; expected a point in time", other.to_string())),
        };
        self.set(name, vec![(name, value)])
    }

    fn value<E: OpenEnum>(self, name: &'static str, value: &E) -> Self {
        self.known_value(name, value.as_str(), E::VALUES)
    }

    fn known_value(self, name: &'static str, value: &str, known: &[&str]) -> Self {
        let value = match known.contains(&value) {
            true => Ok(InputValue::Text(Cow::Owned(value.to_owned()))),
            false => Err(format!("{value:?}; expected one of {}", known.join(", "))),
        };
        self.set(name, vec![(name, value)])
    }

    fn set(mut self, setter: &'static str, parameters: Vec<Parameter>) -> Self {
        self.parameters.retain(|(known, _)| *known != setter);
        self.parameters.push((setter, parameters));
        self
    }

    fn values(&self) -> impl Iterator<Item = &(&'static str, Value)> {
        self.parameters.iter().flat_map(|(_, parameters)| parameters)
    }

    /// The body of the request, or an error with all mistakes.
    pub(super) fn body(&self) -> Result<InputObject> {
        let mut object = InputObject::new();
        let mut mistakes = Vec::new();
        for (name, value) in self.values() {
            match value {
                Ok(value) => object.set(name, value.clone()),
                Err(mistake) => mistakes.push(format!("`{name}` is {mistake}")),
            }
        }
        if self.has("completion_reason") && !self.is_completed() {
            mistakes.push(format!("`completion_reason` needs the status `{COMPLETED}`"));
        }
        if mistakes.is_empty() {
            return Ok(object);
        }
        Err(Error::configuration(format!("invalid event: {}", mistakes.join("; "))))
    }

    /// Whether the server matches a second copy with the request of the first, and then changes nothing. The
    /// module documents why. The owner of the token is whom a request is for by default.
    pub(super) fn is_idempotent(&self, has_one_user: bool) -> bool {
        let is_matched_without_ci =
            self.has("note") && (has_one_user || self.has("requested_for") || self.has("requested_by"));
        self.has("source")
            && (self.has("ci") || is_matched_without_ci)
            && !self.has("template_id")
            && !self.is_completed()
    }

    fn has(&self, setter: &str) -> bool {
        self.parameters.iter().any(|(known, _)| *known == setter)
    }

    fn is_completed(&self) -> bool {
        let is_completed = |value: &Value| matches!(value, Ok(InputValue::Text(text)) if text == COMPLETED);
        self.values().any(|(name, value)| *name == "status" && is_completed(value))
    }
}

impl fmt::Debug for NewEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.values() {
            match value {
                Ok(value) => map.entry(name, value),
                Err(mistake) => map.entry(name, mistake),
            };
        }
        map.finish()
    }
}
