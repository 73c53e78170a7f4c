//! Archiving, trashing and restoring records, through the REST interface.
//!
//! An archived record has the state `archived`, is in the view `archive` only, and an entry of the root connection
//! `archive` refers to it; a trashed one likewise. Restoring reverts that. `updatedAt` stays: no document says that it
//! changes, so a program must not rely on it.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::engine::Engine;
use crate::model::Model;
use crate::mutation::change::Change;
use crate::mutation::change_store;
use crate::node_id;
use crate::rest::{self, NOT_ALLOWED, NOT_FOUND, PATH, Refused, RestResult, invalid};
use crate::scopes::UPDATE;
use crate::server::api_request::ApiRequest;
use crate::server::response::ApiResponse;
use crate::server::state::ServerState;
use crate::store::{Fields, ME, Record, type_of};

/// The records that the REST interface archives, and their names in a path.
const TYPES: [(&str, &str); 8] = [
    ("cis", "ConfigurationItem"),
    ("people", "Person"),
    ("problems", "Problem"),
    ("projects", "Project"),
    ("releases", "Release"),
    ("requests", "Request"),
    ("time_entries", "TimeEntry"),
    ("workflows", "Workflow"),
];

/// The configuration items that can be archived.
const UNUSED: [&str; 7] = [
    "archived",
    "being_repaired",
    "broken_down",
    "lost_or_stolen",
    "removed",
    "to_be_removed",
    "undergoing_maintenance",
];

/// The states that end a request, a problem, a project, a release or a workflow.
const ENDED: [&str; 2] = ["completed", "solved"];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transition {
    Archive,
    Trash,
    Restore,
}

/// The type of the record, its id and the transition of a path.
pub(crate) fn of(path: &str) -> Option<(&'static str, &str, Transition)> {
    let mut segments = path.strip_prefix(PATH)?.strip_prefix('/')?.split('/');
    let (collection, id, action) = (segments.next()?, segments.next()?, segments.next()?);
    let transition = match action {
        "archive" => Transition::Archive,
        "trash" => Transition::Trash,
        "restore" => Transition::Restore,
        _ => return None,
    };
    let (_, type_name) = TYPES.iter().find(|(known, _)| *known == collection)?;
    segments.next().is_none().then_some((type_name, id, transition))
}

pub(crate) async fn respond(server: &Arc<ServerState>, request: &ApiRequest) -> ApiResponse {
    let (headers, uri) = (&request.parts.headers, &request.parts.uri);
    let routed = || {
        let (type_name, id, transition) = of(uri.path()).ok_or(NOT_FOUND)?;
        if request.parts.method != Method::POST {
            return Err(NOT_ALLOWED);
        }
        let is_plain = uri.query().is_none() && request.body.as_ref().is_none_or(|body| body.is_empty());
        is_plain.then_some(()).ok_or((StatusCode::BAD_REQUEST, "This request has no parameters"))?;
        let (engine, language) = (Arc::clone(&server.engine), rest::language(headers).to_owned());
        let key = key(&engine, type_name, id)?;
        Ok(move |_| run(&engine, &language, &key, transition))
    };
    rest::respond(server, headers, routed).await
}

/// The key of an existing record, by its number or its id in GraphQL.
fn key(engine: &Engine, type_name: &str, id: &str) -> Result<String, Refused> {
    let key = match id.parse::<u64>() {
        Ok(number) => format!("{type_name}/{number}"),
        Err(_) => node_id::decode(id).ok_or(NOT_FOUND)?,
    };
    let is_known = type_of(&key) == type_name && engine.snapshot().get(&key).is_some();
    is_known.then_some(key).ok_or(NOT_FOUND)
}

fn run(engine: &Engine, language: &str, key: &str, transition: Transition) -> RestResult {
    rest::allow(engine, type_of(key), UPDATE)?;
    let (outcome, applied) = change_store(&engine.account, language, |change| {
        match refusal(change.model, change.store.get(key)?, transition) {
            Some(reason) => change.refuse(&["base"], reason),
            None => apply(change, key, transition),
        }
        Some(key.to_owned())
    });
    if let Some(outbox) = engine.outbox() {
        outbox.announce(engine.model(), applied.as_slice());
    }
    let record = outcome.key.as_deref().and_then(|key| outcome.store.get(key));
    let Some(record) = record else {
        let reasons = outcome.errors.iter().filter_map(|error| error["message"].as_str());
        return Err(invalid(&reasons.map(|reason| ("base", reason)).collect::<Vec<_>>()));
    };
    let mut entry = json!({ "id": record.number, "nodeID": node_id::encode(&record.key) });
    if let Some(state @ ("archived" | "trashed")) = record.text("lifeCycleState") {
        entry[state] = json!(true);
    }
    Ok(ApiResponse::json(StatusCode::OK, &entry))
}

/// Why a record cannot be archived, trashed or restored.
fn refusal(model: &Model, record: &Record, transition: Transition) -> Option<&'static str> {
    let state = record.text("lifeCycleState").unwrap_or("active");
    let has = |field| model.has_field(&record.type_name, field);
    let status = record.text("status").unwrap_or_default();
    match transition {
        Transition::Restore if state == "archived" || state == "trashed" => None,
        Transition::Restore => Some("The record is neither archived nor trashed"),
        _ if state != "active" => Some("The record is no longer active"),
        _ if record.type_name == "ConfigurationItem" => {
            (!UNUSED.contains(&status)).then_some("The configuration item is in use")
        }
        _ if has("status") => (!ENDED.contains(&status)).then_some("The record is not completed"),
        _ if has("disabled") => (!record.is_true("disabled")).then_some("The record is not disabled"),
        _ => None,
    }
}

fn apply(change: &mut Change<'_>, key: &str, transition: Transition) {
    let (state, list) = match transition {
        Transition::Archive => ("archived", Some("Archive")),
        Transition::Trash => ("trashed", Some("Trash")),
        Transition::Restore => ("active", None),
    };
    for (list, field) in [("Archive", "archived"), ("Trash", "trashed")] {
        let is_of_record = |fields: &Fields| fields.get(field).and_then(Value::as_str) == Some(key);
        if let Some(entry) = change.first(list, is_of_record) {
            change.remove(&entry);
        }
    }
    change.set(key, "lifeCycleState", json!(state));
    if let Some(list) = list.filter(|list| change.model.is_record(list)) {
        let entry = change.insert(list);
        change.set_all(&entry, json!({ state: key, format!("{state}By"): ME }));
    }
}
