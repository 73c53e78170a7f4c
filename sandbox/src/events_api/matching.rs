//! Adds an event to the open request that it belongs to, or creates a request.
//!
//! Source: <https://developer.xurrent.com/v1/requests/events/>

use heck::ToLowerCamelCase as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::parameters::{CI, Event};
use crate::mutation::change::Change;
use crate::node_id;
use crate::store::{Fields, ME, Record, Store};

pub(super) const REQUEST: &str = "Request";

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The source of an event that has none.
const SOURCE: &str = "Event";

/// The input fields that can change a request.
const CHANGES: [&str; 9] = [
    "note",
    "completionReason",
    "desiredCompletionAt",
    "downtimeStartAt",
    "downtimeEndAt",
    "status",
    "waitingUntil",
    "teamId",
    "memberId",
];

/// Returns the key of the request, and whether it is new.
pub(super) fn submit(change: &mut Change<'_>, event: Event) -> Option<(String, bool)> {
    let Event { mut input, references } = event;
    let (mut ci, mut service_instance, mut requested_for) = (None, None, None);
    let mut requested_by = None;
    for reference in references {
        let Some(key) = reference.find(change.store) else {
            change.refuse(&[&reference.parameter], "not found");
            continue;
        };
        let id = json!(node_id::encode(&key));
        let (field, id) = match reference.name {
            CI => ("configurationItemIds".to_owned(), json!([id])),
            name => (format!("{}Id", name.to_lower_camel_case()), id),
        };
        input.insert(field, id);
        match reference.name {
            CI => ci = Some(key),
            "service_instance" => service_instance = Some(key),
            "requested_for" => requested_for = Some(key),
            "requested_by" => requested_by = Some(key),
            _ => {}
        }
    }
    if !change.errors.is_empty() {
        return None;
    }
    if service_instance.is_none()
        && let Some(first) = ci.as_deref().and_then(|ci| first_service_instance(change.store, ci))
    {
        input.insert("serviceInstanceId".to_owned(), json!(node_id::encode(&first)));
        service_instance = Some(first);
    }
    let category = if service_instance.is_some() { "incident" } else { "other" };
    for (name, value) in [("source", SOURCE), ("category", category)] {
        input.entry(name).or_insert_with(|| json!(value));
    }
    if input["category"] == "incident" {
        input.entry("impact").or_insert_with(|| json!("top"));
    }
    let requested_for = requested_for.or(requested_by).unwrap_or_else(|| ME.to_owned());
    let wanted = Wanted { input: &input, ci, service_instance, requested_for };
    let matched = open_requests(change).find(|request| wanted.fits(change.store, request));
    let Some(key) = matched.map(|request| request.key.clone()) else {
        return Some((change.create(REQUEST, &input)?, true));
    };
    let is_new_note = input.get("note").is_some_and(|note| !has_note(change.store, &key, note));
    if is_new_note {
        input.retain(|name, _| CHANGES.contains(&name.as_str()));
        input.insert("id".to_owned(), json!(node_id::encode(&key)));
        change.update(REQUEST, &input)?;
    }
    Some((key, false))
}

/// What an open request is compared with.
struct Wanted<'a> {
    input: &'a Fields,
    ci: Option<String>,
    service_instance: Option<String>,
    requested_for: String,
}

impl Wanted<'_> {
    fn fits(&self, store: &Store, request: &Record) -> bool {
        let is_same = |name: &str| request.value(name) == self.input.get(name);
        if !is_same("source") {
            return false;
        }
        match &self.ci {
            Some(ci) => {
                request.list("configurationItems").iter().any(|known| known == ci)
                    && request.text("serviceInstance") == self.service_instance.as_deref()
            }
            None => {
                let has_same_note = match self.input.get("note") {
                    Some(note) => has_note(store, &request.key, note),
                    None => notes(store, &request.key).next().is_none(),
                };
                is_same("subject")
                    && has_same_note
                    && request.text("requestedFor") == Some(&self.requested_for)
            }
        }
    }
}

/// The open requests of the last 24 hours, newest first.
fn open_requests<'c>(change: &'c Change<'_>) -> impl Iterator<Item = &'c Record> {
    let now: Option<Timestamp> = change.now.parse().ok();
    let is_recent = move |request: &Record| {
        let created: Option<Timestamp> = request.text("createdAt").and_then(|text| text.parse().ok());
        now.zip(created).is_some_and(|(now, created)| now.duration_since(created) <= DAY)
    };
    let mut requests: Vec<&Record> = change
        .store
        .records(REQUEST)
        .filter(|request| request.text("status") != Some("completed") && is_recent(request))
        .collect();
    requests.reverse();
    requests.into_iter()
}

fn first_service_instance(store: &Store, ci: &str) -> Option<String> {
    store.get(ci)?.list("serviceInstances").first()?.as_str().map(str::to_owned)
}

fn has_note(store: &Store, request: &str, text: &Value) -> bool {
    notes(store, request).any(|note| note.value("text") == Some(text))
}

/// The notes of a request, without internal ones.
fn notes<'s>(store: &'s Store, request: &str) -> impl Iterator<Item = &'s Record> {
    let notes = store.get(request).map_or(&[][..], |request| request.list("notes"));
    let notes = notes.iter().filter_map(|note| store.get(note.as_str()?));
    notes.filter(|note| !note.is_true("internal"))
}
