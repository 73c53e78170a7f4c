//! The REST interface for managing webhooks.
//!
//! Changes are executed as GraphQL mutations, so they have the same rules and effects.

use axum::http::header::{LINK, LOCATION};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;

use super::event::known;
use super::page::{Page, cursor};
use super::record::{LAST_ERROR, WEBHOOK, is_disabled};
use super::verify_and_test::WebhookTestError;
use crate::engine::{ENGLISH, Engine, RequestContext};
use crate::limits::QuotaSnapshot;
use crate::node_id;
use crate::scopes::{CREATE, DELETE, READ, UPDATE};
use crate::server::api_request::ApiRequest;
use crate::server::response::ApiResponse;
use crate::server::state::{ANONYMOUS, ServerState, has_type, header};
use crate::store::Record;

/// The path of the REST interface.
pub(crate) const PATH: &str = "/v1";

/// The writable fields, with their names in mutation inputs.
const FIELDS: [(&str, &str); 8] = [
    ("event", "event"),
    ("uri", "uri"),
    ("name", "name"),
    ("description", "description"),
    ("mail_exceptions_to", "mailExceptionsTo"),
    ("app_offering_references", "appOfferingReferences"),
    ("openid_connect_discovery", "openidConnectDiscovery"),
    ("disabled", "disabled"),
];

/// The fields that lists do not have.
const FULL_ONLY: [&str; 4] =
    ["description", "mail_exceptions_to", "app_offering_references", "openid_connect_discovery"];

/// The boolean fields.
const FLAGS: [&str; 2] = ["openid_connect_discovery", "disabled"];

enum Route {
    /// All webhooks, or those that are disabled or not.
    List(Option<bool>),
    Create,
    Get(String),
    Update(String),
    Delete(String),
    Test(String),
}

/// The part of a path after `/v1/webhooks`.
pub(super) fn subpath(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(PATH)?.strip_prefix("/webhooks")?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

pub(super) async fn respond(server: &Arc<ServerState>, request: &ApiRequest) -> ApiResponse {
    let limits = &server.engine.limits;
    let headers = request.headers();
    let user = server.user(headers).unwrap_or(ANONYMOUS);
    let checked = server.authorize(headers).and_then(|()| {
        let route = Route::of(&server.engine, request.method(), request.path())?;
        let body = route.body(request)?;
        Ok((route, body))
    });
    let (route, body) = match checked {
        Ok(checked) => checked,
        Err((status, message)) => return ApiResponse::message(status, message).quota(limits.look(user)),
    };
    let quota = match limits.charge(user) {
        Ok(quota) => quota,
        Err(exceeded) => return ApiResponse::too_many(&exceeded),
    };
    let language = header(headers, "x-xurrent-language").unwrap_or(ENGLISH).to_owned();
    let query = request.parts.uri.query().unwrap_or_default().to_owned();
    let scheme = if request.is_secure { "https" } else { "http" };
    let url = format!("{scheme}://{}{}", header(headers, "host").unwrap_or("localhost"), request.path());
    let engine = Arc::clone(&server.engine);
    // Mutations can take long, so they must not block the threads of the connections.
    let run = tokio::task::spawn_blocking(move || {
        let request = RestRequest { engine: &engine, quota, language: &language };
        match route {
            Route::List(disabled) => request.list(disabled, &query, &url),
            _ if !query.is_empty() => Err(invalid(&[(None, "This request has no parameters")])),
            Route::Create => request.create(&body),
            Route::Get(key) => request.get(&key),
            Route::Update(key) => request.update(&key, &body),
            Route::Delete(key) => request.delete(&key),
            Route::Test(key) => request.test(&key),
        }
    });
    match run.await {
        Ok(Ok(response)) => response.quota(quota),
        Ok(Err(response)) => response.quota(quota),
        Err(_) => ApiResponse::internal_error().quota(quota),
    }
}

impl Route {
    fn of(engine: &Engine, method: &Method, path: &str) -> Result<Self, (StatusCode, &'static str)> {
        const NOT_FOUND: (StatusCode, &str) = (StatusCode::NOT_FOUND, "Not found");
        const NOT_ALLOWED: (StatusCode, &str) = (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
        let rest = subpath(path).filter(|_| engine.model().is_record(WEBHOOK));
        let rest = rest.ok_or(NOT_FOUND)?.trim_end_matches('/');
        let segments: Vec<&str> = rest.split('/').skip(1).collect();
        let key = |id: &str| {
            let number = id.parse::<u64>().ok().map(|number| format!("{WEBHOOK}/{number}"));
            number.or_else(|| node_id::decode(id)).ok_or(NOT_FOUND)
        };
        match (method.as_str(), segments.as_slice()) {
            ("GET", []) => Ok(Self::List(None)),
            ("GET", ["enabled"]) => Ok(Self::List(Some(false))),
            ("GET", ["disabled"]) => Ok(Self::List(Some(true))),
            ("POST", []) => Ok(Self::Create),
            (_, [] | ["enabled" | "disabled"]) => Err(NOT_ALLOWED),
            ("GET", [id]) => key(id).map(Self::Get),
            ("PATCH", [id]) => key(id).map(Self::Update),
            ("DELETE", [id]) => key(id).map(Self::Delete),
            ("POST", [id, "test"]) => key(id).map(Self::Test),
            (_, [_] | [_, "test"]) => Err(NOT_ALLOWED),
            _ => Err(NOT_FOUND),
        }
    }

    /// The body of the request; empty for routes without one.
    fn body(&self, request: &ApiRequest) -> Result<Map<String, Value>, (StatusCode, &'static str)> {
        let is_empty = request.body.as_ref().is_ok_and(|body| body.is_empty());
        match (self, &request.json) {
            (Self::Create | Self::Update(_), Some(Value::Object(body))) => {
                match has_type(request.headers(), "application/json") {
                    true => Ok(body.clone()),
                    false => Err((StatusCode::BAD_REQUEST, "The content type must be application/json")),
                }
            }
            (Self::Create | Self::Update(_), _) => {
                Err((StatusCode::BAD_REQUEST, "The body is not a JSON object"))
            }
            _ if is_empty => Ok(Map::new()),
            _ => Err((StatusCode::BAD_REQUEST, "This request has no body")),
        }
    }
}

/// A response, or the response of an error.
type RestResult<T = ApiResponse> = Result<T, Box<ApiResponse>>;

/// The context of one request.
struct RestRequest<'a> {
    engine: &'a Engine,
    quota: QuotaSnapshot,
    language: &'a str,
}

impl RestRequest<'_> {
    fn allow(&self, action: &str) -> RestResult<()> {
        let allowed = self.engine.require(WEBHOOK, action);
        allowed.map_err(|message| error(StatusCode::FORBIDDEN, &message))
    }

    fn get(&self, key: &str) -> RestResult {
        self.allow(READ)?;
        self.one(key)
    }

    fn one(&self, key: &str) -> RestResult {
        let store = self.engine.snapshot();
        match store.get(key).filter(|record| record.type_name == WEBHOOK) {
            Some(webhook) => Ok(ApiResponse::json(StatusCode::OK, &entry(webhook, true))),
            None => Err(error(StatusCode::NOT_FOUND, "Not found")),
        }
    }

    /// Lists webhooks, newest first. Pages are linked by opaque cursors.
    fn list(&self, disabled: Option<bool>, query: &str, url: &str) -> RestResult {
        self.allow(READ)?;
        let page = Page::read(query).map_err(|(name, message)| invalid(&[(Some(&name), message)]))?;
        let store = self.engine.snapshot();
        let is_wanted = |webhook: &&Record| disabled.is_none_or(|wanted| is_disabled(webhook) == wanted);
        let mut webhooks: Vec<&Record> = store.records(WEBHOOK).filter(is_wanted).collect();
        webhooks.reverse();
        let start = match page.after {
            None => 0,
            Some(after) => webhooks.partition_point(|webhook| webhook.number >= after),
        };
        let end = (start + page.size).min(webhooks.len());
        let entries: Vec<Value> = webhooks[start..end].iter().map(|webhook| entry(webhook, false)).collect();
        // A page starts after the entry before its first index.
        let link = |relation: &str, first: usize| {
            let after =
                first.checked_sub(1).map(|last| format!("&search_after={}", cursor(webhooks[last].number)));
            format!("<{url}?per_page={}{}>; rel=\"{relation}\"", page.size, after.unwrap_or_default())
        };
        let mut links = vec![link("first", 0)];
        links.extend((start > 0).then(|| link("prev", start.saturating_sub(page.size))));
        links.extend((end < webhooks.len()).then(|| link("next", end)));
        let mut response = ApiResponse::json(StatusCode::OK, &Value::Array(entries));
        if let Ok(links) = HeaderValue::try_from(links.join(", ")) {
            response = response.header(LINK, links);
        }
        for (name, count) in [
            ("x-pagination-per-page", page.size),
            ("x-pagination-current-page", start / page.size + 1),
            ("x-pagination-total-pages", webhooks.len().div_ceil(page.size)),
            ("x-pagination-total-entries", webhooks.len()),
        ] {
            response = response.header(HeaderName::from_static(name), HeaderValue::from(count));
        }
        Ok(response)
    }

    fn create(&self, body: &Map<String, Value>) -> RestResult {
        let missing: Vec<_> = ["event", "uri"]
            .into_iter()
            .filter(|field| body.get(*field).is_none_or(Value::is_null))
            .map(|field| (Some(field), "can't be blank"))
            .collect();
        if !missing.is_empty() {
            return Err(invalid(&missing));
        }
        let key = self.change(CREATE, input(body)?)?;
        let number = key.rsplit('/').next().unwrap_or_default();
        let location = format!("{}/webhooks/{number}", self.engine.policies().account_url());
        let location = HeaderValue::try_from(location).map_err(|_| ApiResponse::internal_error())?;
        // 200 by the documentation; only policies get 201.
        Ok(self.one(&key)?.header(LOCATION, location))
    }

    fn update(&self, key: &str, body: &Map<String, Value>) -> RestResult {
        self.one(key)?;
        let mut input = input(body)?;
        input.insert("id".to_owned(), json!(node_id::encode(key)));
        self.change(UPDATE, input)?;
        self.one(key)
    }

    fn delete(&self, key: &str) -> RestResult {
        self.one(key)?;
        let input = json!({ "id": node_id::encode(key) });
        self.run(DELETE, "WebhookDeleteMutationInput", input, "success")?;
        Ok(ApiResponse::text(StatusCode::NO_CONTENT, String::new()))
    }

    fn test(&self, key: &str) -> RestResult {
        self.allow(UPDATE)?;
        match self.engine.test_webhook(key) {
            Ok(()) => Ok(ApiResponse::text(StatusCode::NO_CONTENT, String::new())),
            Err(WebhookTestError::Unknown) => Err(error(StatusCode::NOT_FOUND, "Not found")),
            Err(other) => Err(invalid(&[(None, &other.to_string())])),
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
            language: self.language,
            quota: self.quota,
            max_nodes: self.engine.max_nodes,
            pages: None,
        };
        let body = json!({ "query": query, "variables": { "input": input } }).to_string();
        let response: Value =
            serde_json::from_str(&self.engine.respond(body.as_bytes(), &context)).unwrap_or_default();
        let payload = &response["data"][&mutation];
        let errors =
            [&response["errors"], &payload["errors"]].into_iter().filter_map(Value::as_array).flatten();
        let errors: Vec<_> = errors
            .map(|error| {
                let field = error["path"][0].as_str().filter(|name| *name != mutation);
                let name = field
                    .map(|name| FIELDS.iter().find(|(_, graphql)| *graphql == name).map_or(name, |it| it.0));
                (name, error["message"].as_str().unwrap_or_default())
            })
            .collect();
        if errors.is_empty() { Ok(payload.clone()) } else { Err(invalid(&errors)) }
    }
}

fn error(status: StatusCode, message: &str) -> Box<ApiResponse> {
    Box::new(ApiResponse::message(status, message))
}

/// A validation error, from pairs of a field and a message.
fn invalid(errors: &[(Option<&str>, &str)]) -> Box<ApiResponse> {
    let errors: Vec<Value> =
        errors.iter().map(|(field, message)| json!([field.unwrap_or("base"), message])).collect();
    let body = json!({ "message": "Validation Failed", "errors": errors });
    Box::new(ApiResponse::json(StatusCode::UNPROCESSABLE_ENTITY, &body))
}

/// The mutation input for a body. Unknown fields and values of another type are refused.
fn input(body: &Map<String, Value>) -> RestResult<Map<String, Value>> {
    let (mut input, mut errors) = (Map::new(), Vec::new());
    for (name, value) in body {
        match FIELDS.iter().find(|(rest, _)| rest == name) {
            None => errors.push((Some(name.as_str()), "is not a field of a webhook")),
            Some((field, graphql)) if FLAGS.contains(field) => {
                input.insert((*graphql).to_owned(), Value::Bool(is_true(value)));
            }
            Some(("app_offering_references", _)) if !value.is_array() && !value.is_null() => {
                errors.push((Some(name), "is not a list"));
            }
            Some((field, _))
                if !value.is_string() && !value.is_null() && *field != "app_offering_references" =>
            {
                errors.push((Some(name), "is not a text"));
            }
            Some(("event", _)) if value.as_str().is_some_and(|event| known(event).is_none()) => {
                errors.push((Some(name), "is not included in the list"));
            }
            Some(("event" | "uri" | "name", _)) if value.is_null() => {
                errors.push((Some(name), "can't be blank"));
            }
            Some((_, graphql)) => drop(input.insert((*graphql).to_owned(), value.clone())),
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
    for (name, field) in [
        ("name", "name"),
        ("event", "event"),
        ("uri", "uri"),
        ("created_at", "createdAt"),
        ("updated_at", "updatedAt"),
    ] {
        if let Some(value) = webhook.value(field) {
            entry[name] = value.clone();
        }
    }
    if is_disabled(webhook) {
        entry["disabled"] = json!("true");
        if let Some(error) = webhook.value(LAST_ERROR) {
            entry["last_error"] = error.clone();
        }
    }
    for (name, field) in FIELDS.iter().filter(|(name, _)| is_full && FULL_ONLY.contains(name)) {
        if let Some(value) = webhook.fields.get(*field) {
            entry[name] = value.clone();
        }
    }
    entry
}
