//! The REST interface for managing webhooks.
//!
//! Changes are executed as GraphQL mutations, so they have the same rules and effects.

use axum::http::header::{LINK, LOCATION};
use axum::http::{HeaderValue, Method, StatusCode};
use heck::{ToLowerCamelCase as _, ToSnakeCase as _};
use serde_json::{Map, Value, json};
use std::sync::Arc;

use super::event::known;
use super::record::{LAST_ERROR, WEBHOOK, is_disabled};
use super::verify_and_test::WebhookTestError;
use crate::engine::{Engine, RequestContext};
use crate::limits::QuotaSnapshot;
use crate::node_id;
use crate::rest::{self, NOT_ALLOWED, NOT_FOUND, PATH, Refused, RestResult, invalid};
use crate::scopes::{CREATE, DELETE, READ, UPDATE};
use crate::server::api_request::ApiRequest;
use crate::server::response::ApiResponse;
use crate::server::state::{ServerState, header};
use crate::store::Record;

const FIELDS: [&str; 8] = [
    "event",
    "uri",
    "name",
    "description",
    "mail_exceptions_to",
    "app_offering_references",
    "openid_connect_discovery",
    "disabled",
];

const LISTED: [&str; 5] = ["name", "event", "uri", "created_at", "updated_at"];

const PAGE_SIZE: usize = 20;
const MAX_PAGE_SIZE: usize = 100;

type Handler = fn(&RestRequest) -> RestResult;

/// The part of a path after `/v1/webhooks`.
pub(crate) fn subpath(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(PATH)?.strip_prefix("/webhooks")?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

pub(crate) async fn respond(server: &Arc<ServerState>, request: &ApiRequest) -> ApiResponse {
    let (headers, uri) = (&request.parts.headers, &request.parts.uri);
    let routed = || {
        let (handler, key) = route(&server.engine, &request.parts.method, uri.path())?;
        let body = body(request, &key)?;
        let scheme = if request.is_secure { "https" } else { "http" };
        let host = header(headers, "host").unwrap_or("localhost");
        let is_list = request.parts.method == Method::GET && key.is_empty();
        let url = format!("{scheme}://{host}{}", uri.path());
        let (engine, language) = (Arc::clone(&server.engine), rest::language(headers).to_owned());
        let query = uri.query().unwrap_or_default().to_owned();
        Ok(move |quota| {
            let request = RestRequest { engine, quota, language, url, query, key, body };
            match request.query.as_str() {
                query if is_list || query.is_empty() => handler(&request),
                _ => Err(invalid(&[("base", "This request has no parameters")])),
            }
        })
    };
    rest::respond(server, headers, routed).await
}

/// The handler of a request, and the key of the webhook in the path, or an empty string.
fn route(engine: &Engine, method: &Method, path: &str) -> Result<(Handler, String), Refused> {
    let rest = subpath(path).filter(|_| engine.model().is_record(WEBHOOK)).ok_or(NOT_FOUND)?;
    let segments: Vec<&str> = rest.trim_end_matches('/').split('/').skip(1).collect();
    let handler: Handler = match (method.as_str(), segments.as_slice()) {
        ("GET", []) => |request| request.list(None),
        ("GET", ["enabled"]) => |request| request.list(Some(false)),
        ("GET", ["disabled"]) => |request| request.list(Some(true)),
        ("POST", []) => RestRequest::create,
        (_, [] | ["enabled" | "disabled"]) => return Err(NOT_ALLOWED),
        ("GET", [_]) => |request| request.allow(READ).and_then(|()| request.one(&request.key)),
        ("PATCH", [_]) => RestRequest::update,
        ("DELETE", [_]) => RestRequest::delete,
        ("POST", [_, "test"]) => RestRequest::test,
        (_, [_] | [_, "test"]) => return Err(NOT_ALLOWED),
        _ => return Err(NOT_FOUND),
    };
    let [id, ..] = segments[..] else { return Ok((handler, String::new())) };
    let key = match id.parse::<u64>() {
        _ if id == "enabled" || id == "disabled" => String::new(),
        Ok(number) => format!("{WEBHOOK}/{number}"),
        Err(_) => node_id::decode(id).ok_or(NOT_FOUND)?,
    };
    Ok((handler, key))
}

/// The body of a request to create or update a webhook; other requests have none.
fn body(request: &ApiRequest, key: &str) -> Result<Map<String, Value>, Refused> {
    let method = &request.parts.method;
    if method != Method::PATCH && (method != Method::POST || !key.is_empty()) {
        let is_empty = request.body.as_ref().is_some_and(|body| body.is_empty());
        return is_empty.then(Map::new).ok_or((StatusCode::BAD_REQUEST, "This request has no body"));
    }
    request.json_object().cloned()
}

struct RestRequest {
    engine: Arc<Engine>,
    quota: QuotaSnapshot,
    language: String,
    /// The URL without the query.
    url: String,
    query: String,
    /// The key of the webhook, or an empty string.
    key: String,
    body: Map<String, Value>,
}

impl RestRequest {
    fn allow(&self, action: &str) -> RestResult<()> {
        rest::allow(&self.engine, WEBHOOK, action)
    }

    fn one(&self, key: &str) -> RestResult {
        let store = self.engine.snapshot();
        let webhook = store.get(key).filter(|record| record.type_name == WEBHOOK);
        let webhook = webhook.ok_or_else(|| Box::new(ApiResponse::not_found()))?;
        Ok(ApiResponse::json(StatusCode::OK, &entry(webhook, true)))
    }

    /// Lists webhooks, newest first. Pages are linked by opaque cursors.
    fn list(&self, disabled: Option<bool>) -> RestResult {
        self.allow(READ)?;
        let (size, after) = page(&self.query)?;
        let store = self.engine.snapshot();
        let is_wanted = |webhook: &&Record| disabled.is_none_or(|wanted| is_disabled(webhook) == wanted);
        let mut webhooks: Vec<&Record> = store.records(WEBHOOK).filter(is_wanted).collect();
        webhooks.reverse();
        let start = after.map_or(0, |after| webhooks.partition_point(|webhook| webhook.number >= after));
        let end = (start + size).min(webhooks.len());
        let entries: Vec<Value> = webhooks[start..end].iter().map(|webhook| entry(webhook, false)).collect();
        // A page starts after the entry before its first index.
        let link = |relation: &str, first: usize| {
            let cursor = |last: usize| node_id::encode(&format!("cursor/{}", webhooks[last].number));
            let after = first.checked_sub(1).map(|last| format!("&search_after={}", cursor(last)));
            format!("<{}?per_page={size}{}>; rel=\"{relation}\"", self.url, after.unwrap_or_default())
        };
        let mut links = vec![link("first", 0)];
        links.extend((start > 0).then(|| link("prev", start.saturating_sub(size))));
        links.extend((end < webhooks.len()).then(|| link("next", end)));
        let response = ApiResponse::json(StatusCode::OK, &Value::Array(entries))
            .header("x-pagination-per-page", size)
            .header("x-pagination-current-page", start / size + 1)
            .header("x-pagination-total-pages", webhooks.len().div_ceil(size))
            .header("x-pagination-total-entries", webhooks.len());
        let links = HeaderValue::try_from(links.join(", ")).map_err(|_| ApiResponse::internal_error())?;
        Ok(response.header(LINK, links))
    }

    fn create(&self) -> RestResult {
        let mut missing = vec![("event", "can't be blank"), ("uri", "can't be blank")];
        missing.retain(|(field, _)| self.body.get(*field).is_none_or(Value::is_null));
        if !missing.is_empty() {
            return Err(invalid(&missing));
        }
        let key = self.change(CREATE, input(&self.body)?)?;
        let number = key.rsplit('/').next().unwrap_or_default();
        let location = format!("{}/webhooks/{number}", self.engine.policies().account_url);
        let location = HeaderValue::try_from(location).map_err(|_| ApiResponse::internal_error())?;
        // 200 by the documentation; only policies get 201.
        Ok(self.one(&key)?.header(LOCATION, location))
    }

    fn update(&self) -> RestResult {
        self.one(&self.key)?;
        let mut input = input(&self.body)?;
        input.insert("id".to_owned(), json!(node_id::encode(&self.key)));
        self.change(UPDATE, input)?;
        self.one(&self.key)
    }

    fn delete(&self) -> RestResult {
        self.one(&self.key)?;
        let input = json!({ "id": node_id::encode(&self.key) });
        self.run(DELETE, "WebhookDeleteMutationInput", input, "success")?;
        Ok(ApiResponse::text(StatusCode::NO_CONTENT, String::new()))
    }

    fn test(&self) -> RestResult {
        self.allow(UPDATE)?;
        match self.engine.test_webhook(&self.key) {
            Ok(()) => Ok(ApiResponse::text(StatusCode::NO_CONTENT, String::new())),
            Err(WebhookTestError::Unknown) => Err(Box::new(ApiResponse::not_found())),
            Err(other) => Err(invalid(&[("base", &other.to_string())])),
        }
    }

    /// Changes a webhook with a mutation and returns its key.
    fn change(&self, action: &str, input: Map<String, Value>) -> RestResult<String> {
        let input_type = format!("{WEBHOOK}{action}Input");
        let payload = self.run(action, &input_type, Value::Object(input), "webhook { id }")?;
        let id = payload["webhook"]["id"].as_str().and_then(node_id::decode);
        id.ok_or_else(|| Box::new(ApiResponse::internal_error()))
    }

    /// Runs a mutation. Its errors become an error response of REST.
    fn run(&self, action: &str, input_type: &str, input: Value, wanted: &str) -> RestResult<Value> {
        self.allow(action)?;
        let mutation = format!("webhook{action}");
        let query = format!(
            "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ errors {{ path message }} {wanted} }} }}"
        );
        let context = RequestContext {
            language: &self.language,
            quota: self.quota,
            max_nodes: self.engine.max_nodes,
            pages: None,
        };
        let body = json!({ "query": query, "variables": { "input": input } }).to_string();
        let response: Value =
            serde_json::from_str(&self.engine.respond(body.as_bytes(), &context)).unwrap_or_default();
        let payload = &response["data"][&mutation];
        let errors = [&response["errors"], &payload["errors"]].into_iter().filter_map(Value::as_array);
        let errors = errors.flatten().map(|error| {
            let field = error["path"][0].as_str().filter(|name| *name != mutation).unwrap_or("base");
            (field.to_snake_case(), error["message"].as_str().unwrap_or_default())
        });
        let errors: Vec<(String, &str)> = errors.collect();
        if errors.is_empty() { Ok(payload.clone()) } else { Err(invalid(&errors)) }
    }
}

/// Reads the query of a list: the size of the page, and the number of the entry before it.
fn page(query: &str) -> RestResult<(usize, Option<u64>)> {
    let (mut size, mut after) = (PAGE_SIZE, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let refused = |message| invalid(&[(&name, message)]);
        match name.as_ref() {
            "per_page" => {
                let given = value.parse().ok().filter(|size| (1..=MAX_PAGE_SIZE).contains(size));
                size = given.ok_or_else(|| refused("is not a number from 1 to 100"))?;
            }
            "search_after" => {
                let cursor = node_id::decode(&value);
                let number = cursor.and_then(|cursor| cursor.strip_prefix("cursor/")?.parse().ok());
                after = Some(number.ok_or_else(|| refused("is not a cursor"))?);
            }
            _ => return Err(refused("is not a parameter of this list")),
        }
    }
    Ok((size, after))
}

/// The mutation input for a body. Unknown fields and values of another type are refused.
fn input(body: &Map<String, Value>) -> RestResult<Map<String, Value>> {
    let (mut input, mut errors) = (Map::new(), Vec::new());
    for (name, value) in body {
        let read = match (name.as_str(), value) {
            (name, _) if !FIELDS.contains(&name) => Err("is not a field of a webhook"),
            ("openid_connect_discovery" | "disabled", _) => Ok(Value::Bool(is_true(value))),
            ("app_offering_references", Value::Array(_) | Value::Null) => Ok(value.clone()),
            ("app_offering_references", _) => Err("is not a list"),
            ("event" | "uri" | "name", Value::Null) => Err("can't be blank"),
            ("event", Value::String(event)) if known(event).is_none() => Err("is not included in the list"),
            (_, Value::String(_) | Value::Null) => Ok(value.clone()),
            _ => Err("is not a text"),
        };
        match read {
            Ok(value) => drop(input.insert(name.to_lower_camel_case(), value)),
            Err(message) => errors.push((name, message)),
        }
    }
    if errors.is_empty() { Ok(input) } else { Err(invalid(&errors)) }
}

/// Whether REST reads the value as true; all others are false.
fn is_true(value: &Value) -> bool {
    let text = value.as_str().map(str::to_uppercase).unwrap_or_else(|| value.to_string().to_uppercase());
    matches!(text.as_str(), "1" | "T" | "Y" | "TRUE" | "YES" | "ON")
}

/// A webhook in a list, or with more fields by itself. By the documentation, `disabled` is present only if
/// true, as a string.
fn entry(webhook: &Record, is_full: bool) -> Value {
    let mut entry = json!({ "id": webhook.number, "nodeID": node_id::encode(&webhook.key) });
    for name in LISTED {
        if let Some(value) = webhook.value(&name.to_lower_camel_case()) {
            entry[name] = value.clone();
        }
    }
    if is_disabled(webhook) {
        entry["disabled"] = json!("true");
        if let Some(error) = webhook.value(LAST_ERROR) {
            entry["last_error"] = error.clone();
        }
    }
    for name in FIELDS.iter().filter(|name| is_full && **name != "disabled" && !LISTED.contains(name)) {
        if let Some(value) = webhook.fields.get(&name.to_lower_camel_case()) {
            entry[*name] = value.clone();
        }
    }
    entry
}
