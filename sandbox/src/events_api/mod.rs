//! The Events API of the REST interface.
//!
//! [`parameters`] reads an event strictly, and [`matching`] adds it to an open request or creates one.

mod matching;
mod parameters;

use axum::http::StatusCode;
use heck::ToSnakeCase as _;
use serde_json::{Map, Value, json};
use std::sync::Arc;

use crate::engine::Engine;
use crate::mutation::change_store;
use crate::node_id;
use crate::rest::{self, NOT_FOUND, Refused, RestResult, invalid};
use crate::scopes::CREATE;
use crate::server::api_request::ApiRequest;
use crate::server::response::ApiResponse;
use crate::server::state::ServerState;
use crate::store::{Record, Store};
use matching::REQUEST;
use parameters::Event;

pub(crate) const PATH: &str = "/v1/events";

/// The leaf fields of a request in a response, as in GraphQL.
const LEAVES: [&str; 12] = [
    "subject",
    "category",
    "impact",
    "status",
    "completionReason",
    "source",
    "sourceID",
    "supplierRequestID",
    "desiredCompletionAt",
    "waitingUntil",
    "createdAt",
    "updatedAt",
];

/// The to-one fields of a request in a response, as in GraphQL.
const REFERENCES: [&str; 5] = ["serviceInstance", "team", "member", "requestedBy", "requestedFor"];

pub(crate) async fn respond(server: &Arc<ServerState>, request: &ApiRequest) -> ApiResponse {
    let headers = &request.parts.headers;
    let routed = || {
        if !server.engine.model().is_record(REQUEST) {
            return Err(NOT_FOUND);
        }
        let parameters = parameters(request)?;
        let (engine, language) = (Arc::clone(&server.engine), rest::language(headers).to_owned());
        Ok(move |_| submit(&engine, &language, &parameters))
    };
    rest::respond(server, headers, routed).await
}

/// The parameters, in the body or in the query.
fn parameters(request: &ApiRequest) -> Result<Map<String, Value>, Refused> {
    let query = request.parts.uri.query().unwrap_or_default();
    if query.is_empty() {
        return request.json_object().cloned();
    }
    if request.body.as_ref().is_none_or(|body| !body.is_empty()) {
        return Err((StatusCode::BAD_REQUEST, "Parameters are in the query or in the body, not in both"));
    }
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    Ok(pairs.map(|(name, value)| (name, Value::from(value))).collect())
}

fn submit(engine: &Engine, language: &str, parameters: &Map<String, Value>) -> RestResult {
    rest::allow(engine, REQUEST, CREATE)?;
    let event = Event::read(engine.model(), parameters).map_err(|errors| invalid(&errors))?;
    let mut is_new = false;
    let (outcome, applied) = change_store(&engine.account, language, |change| {
        let (key, is_created) = matching::submit(change, event)?;
        is_new = is_created;
        Some(key)
    });
    if let Some(outbox) = engine.outbox() {
        outbox.announce(engine.model(), applied.as_slice());
    }
    let request = outcome.key.as_deref().and_then(|key| outcome.store.get(key));
    let Some(request) = request else {
        let errors = outcome.errors.iter().map(|error| {
            let field = error["path"][0].as_str().unwrap_or("base").to_snake_case();
            (parameters::name(&field).to_owned(), error["message"].as_str().unwrap_or_default())
        });
        return Err(invalid(&errors.collect::<Vec<_>>()));
    };
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(ApiResponse::json(status, &entry(&outcome.store, request)))
}

/// A request in a response.
fn entry(store: &Store, request: &Record) -> Value {
    let mut entry = json!({ "id": request.number, "nodeID": node_id::encode(&request.key) });
    let reference = |key: &str| {
        let record = store.get(key)?;
        Some(json!({ "id": record.number, "name": record.value("name") }))
    };
    for name in LEAVES {
        entry[parameters::name(&name.to_snake_case())] = json!(request.value(name));
    }
    for name in REFERENCES {
        entry[name.to_snake_case()] = json!(request.text(name).and_then(reference));
    }
    let ci = request.list("configurationItems").first().and_then(Value::as_str);
    entry["ci"] = json!(ci.and_then(reference));
    entry
}
