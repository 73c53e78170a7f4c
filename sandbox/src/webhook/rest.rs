//! The REST interface, as far as webhooks are managed through it.
//!
//! What is changed goes through the same mutations as with GraphQL, so that it has the same rules and
//! the same consequences. What is read comes from the same records.

use axum::http::header::{LINK, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{LAST_ERROR, NotTested, WEBHOOK, is_disabled, is_event};
use crate::engine::{ENGLISH, Engine, Terms};
use crate::form;
use crate::limits::Standing;
use crate::node_id;
use crate::scopes::{CREATE, DELETE, READ, UPDATE};
use crate::server::response::Reply;
use crate::server::{ANONYMOUS, Shared, bearer, credentials, has_type, header};
use crate::store::Record;

/// Where the interface is.
pub(crate) const PATH: &str = "/v1";

/// How many entries a page has unless something is said.
const PAGE_SIZE: usize = 20;
const MAX_PAGE_SIZE: usize = 100;

/// The fields that can be set, with what they are called in inputs of mutations.
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

/// Those that are true or false.
const FLAGS: [&str; 2] = ["openid_connect_discovery", "disabled"];

/// What a request asks for.
enum Route {
    /// All webhooks, or only those that are disabled or not.
    List(Option<bool>),
    Create,
    Get(String),
    Update(String),
    Delete(String),
    Test(String),
}

/// The body of a request: none, JSON, or something else.
pub(crate) enum Sent<'b> {
    Nothing,
    Json(&'b Value),
    Other,
}

/// What stands behind `/v1/webhooks` in a path, if it is there.
pub(crate) fn below(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(PATH)?.strip_prefix("/webhooks")?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

pub(crate) async fn answer(shared: &Arc<Shared>, parts: &Parts, is_secure: bool, sent: Sent<'_>) -> Reply {
    let limits = &shared.engine.limits;
    let user = bearer(&parts.headers).and_then(|token| shared.user(token)).unwrap_or(ANONYMOUS);
    let refused = |status, why: &str| Reply::message(status, why).standing(limits.look(user));
    if let Err((status, why)) = credentials(shared, &parts.headers) {
        return refused(status, why);
    }
    let route = match Route::read(&shared.engine, &parts.method, parts.uri.path()) {
        Ok(route) => route,
        Err(StatusCode::METHOD_NOT_ALLOWED) => {
            return refused(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
        }
        Err(status) => return refused(status, "Not found"),
    };
    let body = match (&route, sent) {
        (Route::Create | Route::Update(_), Sent::Json(Value::Object(body))) => {
            if !has_type(&parts.headers, "application/json") {
                return refused(StatusCode::BAD_REQUEST, "The content type must be application/json");
            }
            body.clone()
        }
        (Route::Create | Route::Update(_), _) => {
            return refused(StatusCode::BAD_REQUEST, "The body is not a JSON object");
        }
        (_, Sent::Nothing) => Map::new(),
        (_, _) => return refused(StatusCode::BAD_REQUEST, "This request has no body"),
    };
    let standing = match limits.charge(user) {
        Ok(standing) => standing,
        Err(refused) => return Reply::too_many(&refused),
    };
    let language = header(&parts.headers, "x-xurrent-language").unwrap_or(ENGLISH).to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let (worker, address) = (Arc::clone(shared), address(parts, is_secure));
    // As documents, which can take a while.
    let run = tokio::task::spawn_blocking(move || {
        let engine = &worker.engine;
        let interface = Interface { engine, standing, language: &language };
        match route {
            Route::List(disabled) => interface.list(disabled, &query, &address),
            _ if !query.is_empty() => Err(invalid(&[(None, "This request has no parameters")])),
            Route::Create => interface.create(&body),
            Route::Get(key) => interface.get(&key),
            Route::Update(key) => interface.update(&key, &body),
            Route::Delete(key) => interface.delete(&key),
            Route::Test(key) => interface.test(&key),
        }
    });
    match run.await {
        Ok(Ok(reply)) => reply.standing(standing),
        Ok(Err(reply)) => reply.standing(standing),
        Err(_) => Reply::internal_error().standing(standing),
    }
}

/// Where the client has found what it asks for.
fn address(parts: &Parts, is_secure: bool) -> String {
    let scheme = if is_secure { "https" } else { "http" };
    let host = header(&parts.headers, "host").unwrap_or("localhost");
    format!("{scheme}://{host}{}", parts.uri.path())
}

impl Route {
    fn read(engine: &Engine, method: &Method, path: &str) -> Result<Self, StatusCode> {
        let rest = below(path).filter(|_| engine.model().is_record(WEBHOOK));
        let rest = rest.ok_or(StatusCode::NOT_FOUND)?.trim_end_matches('/');
        let segments: Vec<&str> = rest.split('/').skip(1).collect();
        let key = |id: &str| {
            let number = id.parse::<u64>().ok().map(|number| format!("{WEBHOOK}/{number}"));
            number.or_else(|| node_id::decode(id)).ok_or(StatusCode::NOT_FOUND)
        };
        match (method.as_str(), segments.as_slice()) {
            ("GET", []) => Ok(Self::List(None)),
            ("GET", ["enabled"]) => Ok(Self::List(Some(false))),
            ("GET", ["disabled"]) => Ok(Self::List(Some(true))),
            ("POST", []) => Ok(Self::Create),
            (_, [] | ["enabled" | "disabled"]) => Err(StatusCode::METHOD_NOT_ALLOWED),
            ("GET", [id]) => key(id).map(Self::Get),
            ("PATCH", [id]) => key(id).map(Self::Update),
            ("DELETE", [id]) => key(id).map(Self::Delete),
            ("POST", [id, "test"]) => key(id).map(Self::Test),
            (_, [_] | [_, "test"]) => Err(StatusCode::METHOD_NOT_ALLOWED),
            _ => Err(StatusCode::NOT_FOUND),
        }
    }
}

/// What a request leads to. What is wrong with it is a reply as well.
type Answered<T> = Result<T, Box<Reply>>;

/// The interface for one request.
struct Interface<'a> {
    engine: &'a Engine,
    standing: Standing,
    language: &'a str,
}

impl Interface<'_> {
    fn allow(&self, action: &str) -> Answered<()> {
        let allowed = self.engine.require(WEBHOOK, action);
        allowed.map_err(|why| refusal(StatusCode::FORBIDDEN, &why))
    }

    fn get(&self, key: &str) -> Answered<Reply> {
        self.allow(READ)?;
        self.one(key, StatusCode::OK)
    }

    fn one(&self, key: &str, status: StatusCode) -> Answered<Reply> {
        let store = self.engine.snapshot();
        match store.get(key).filter(|record| record.type_name == WEBHOOK) {
            Some(webhook) => Ok(Reply::json(status, &Value::Object(whole(webhook)))),
            None => Err(refusal(StatusCode::NOT_FOUND, "Not found")),
        }
    }

    /// Newest first. Which page comes next is in a cursor that only the server understands.
    fn list(&self, disabled: Option<bool>, query: &str, address: &str) -> Answered<Reply> {
        self.allow(READ)?;
        let page = Page::read(query)?;
        let store = self.engine.snapshot();
        let is_wanted = |webhook: &&Record| disabled.is_none_or(|wanted| is_disabled(webhook) == wanted);
        let mut webhooks: Vec<&Record> = store.records(WEBHOOK).filter(is_wanted).collect();
        webhooks.reverse();
        let start = match page.after {
            None => 0,
            Some(after) => webhooks.partition_point(|webhook| webhook.number >= after),
        };
        let end = (start + page.size).min(webhooks.len());
        let entries: Vec<Value> =
            webhooks[start..end].iter().map(|webhook| Value::Object(entry(webhook))).collect();
        let mut links = vec![format!("<{address}?per_page={}>; rel=\"first\"", page.size)];
        if start > 0 {
            let before = start.saturating_sub(page.size);
            let after = before.checked_sub(1).map(|last| cursor(webhooks[last].number));
            let after = after.map(|after| format!("&search_after={after}")).unwrap_or_default();
            links.push(format!("<{address}?per_page={}{after}>; rel=\"prev\"", page.size));
        }
        if end < webhooks.len() {
            let after = cursor(webhooks[end - 1].number);
            links.push(format!("<{address}?per_page={}&search_after={after}>; rel=\"next\"", page.size));
        }
        let mut reply = Reply::json(StatusCode::OK, &Value::Array(entries));
        if let Ok(links) = HeaderValue::try_from(links.join(", ")) {
            reply = reply.header(LINK, links);
        }
        let counts = [
            ("x-pagination-per-page", page.size),
            ("x-pagination-current-page", start / page.size + 1),
            ("x-pagination-total-pages", webhooks.len().div_ceil(page.size)),
            ("x-pagination-total-entries", webhooks.len()),
        ];
        let with = |reply: Reply, (name, count)| {
            reply.header(HeaderName::from_static(name), HeaderValue::from(count))
        };
        Ok(counts.into_iter().fold(reply, with))
    }

    fn create(&self, body: &Map<String, Value>) -> Answered<Reply> {
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
        let location = HeaderValue::try_from(location).map_err(|_| Box::new(Reply::internal_error()))?;
        // Not 201: that is what a policy is answered with.
        Ok(self.one(&key, StatusCode::OK)?.header(LOCATION, location))
    }

    fn update(&self, key: &str, body: &Map<String, Value>) -> Answered<Reply> {
        self.one(key, StatusCode::OK)?;
        let mut input = input(body)?;
        input.insert("id".to_owned(), json!(node_id::encode(key)));
        self.change(UPDATE, input)?;
        self.one(key, StatusCode::OK)
    }

    fn delete(&self, key: &str) -> Answered<Reply> {
        self.one(key, StatusCode::OK)?;
        let input = json!({ "id": node_id::encode(key) });
        self.run(DELETE, "WebhookDeleteMutationInput", input, "success")?;
        Ok(Reply::text(StatusCode::NO_CONTENT, String::new()))
    }

    fn test(&self, key: &str) -> Answered<Reply> {
        self.allow(UPDATE)?;
        match self.engine.test_webhook(key) {
            Ok(()) => Ok(Reply::text(StatusCode::NO_CONTENT, String::new())),
            Err(why @ NotTested::Unknown) => Err(refusal(StatusCode::NOT_FOUND, &why.to_string())),
            Err(why) => Err(invalid(&[(None, &why.to_string())])),
        }
    }

    /// Changes a webhook with a mutation and returns its key.
    fn change(&self, action: &str, input: Map<String, Value>) -> Answered<String> {
        let input_type = format!("{WEBHOOK}{action}Input");
        let payload = self.run(action, &input_type, Value::Object(input), "webhook { id }")?;
        let id = payload["webhook"]["id"].as_str().and_then(node_id::decode);
        id.ok_or_else(|| Box::new(Reply::internal_error()))
    }

    /// Runs a mutation. What it refuses is a reply as REST puts it.
    fn run(&self, action: &str, input_type: &str, input: Value, wanted: &str) -> Answered<Value> {
        self.allow(action)?;
        let mutation = format!("webhook{action}");
        let query = format!(
            "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ errors {{ path message }} {wanted} }} }}"
        );
        let terms = Terms {
            language: self.language,
            standing: self.standing,
            max_nodes: self.engine.max_nodes,
            pages: None,
        };
        let body = json!({ "query": query, "variables": { "input": input } }).to_string();
        let answer: Value =
            serde_json::from_str(&self.engine.respond(body.as_bytes(), &terms)).unwrap_or_default();
        let message = |error: &Value| error["message"].as_str().unwrap_or_default().to_owned();
        if let Some(errors) = answer["errors"].as_array() {
            let messages: Vec<String> = errors.iter().map(message).collect();
            let errors: Vec<_> = messages.iter().map(|message| (None, message.as_str())).collect();
            return Err(invalid(&errors));
        }
        let payload = answer["data"][&mutation].clone();
        let errors = payload["errors"].as_array().cloned().unwrap_or_default();
        if errors.is_empty() {
            return Ok(payload);
        }
        let names: BTreeMap<&str, &str> = FIELDS.iter().map(|(rest, graphql)| (*graphql, *rest)).collect();
        let told: Vec<(Option<&str>, String)> = errors
            .iter()
            .map(|error| {
                (error["path"][0].as_str().map(|name| *names.get(name).unwrap_or(&name)), message(error))
            })
            .collect();
        Err(invalid(&told.iter().map(|(field, message)| (*field, message.as_str())).collect::<Vec<_>>()))
    }
}

fn refusal(status: StatusCode, why: &str) -> Box<Reply> {
    Box::new(Reply::message(status, why))
}

/// What is wrong with a request: pairs of a field and a message.
fn invalid(errors: &[(Option<&str>, &str)]) -> Box<Reply> {
    let errors: Vec<Value> =
        errors.iter().map(|(field, why)| json!([field.unwrap_or("base"), why])).collect();
    let body = json!({ "message": "Validation Failed", "errors": errors });
    Box::new(Reply::json(StatusCode::UNPROCESSABLE_ENTITY, &body))
}

/// The input of a mutation. A field that is not known is refused rather than passed over, and so is a
/// value of another type.
fn input(body: &Map<String, Value>) -> Answered<Map<String, Value>> {
    let (mut input, mut errors) = (Map::new(), Vec::new());
    for (name, value) in body {
        match FIELDS.iter().find(|(rest, _)| rest == name) {
            None => errors.push((Some(name.as_str()), "is not a field of a webhook")),
            Some((field, graphql)) if FLAGS.contains(field) => {
                input.insert((*graphql).to_owned(), Value::Bool(is_true(value)));
            }
            Some(("app_offering_references", graphql)) if value.is_array() || value.is_null() => {
                input.insert((*graphql).to_owned(), value.clone());
            }
            Some(("app_offering_references", _)) => errors.push((Some(name), "is not a list")),
            Some(_) if !value.is_string() && !value.is_null() => {
                errors.push((Some(name), "is not a text"));
            }
            Some(("event", _)) if value.as_str().is_some_and(|event| !is_event(event)) => {
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

/// What the interface takes for true. Everything else is false.
fn is_true(value: &Value) -> bool {
    let text = value.as_str().map(str::to_uppercase).unwrap_or_else(|| value.to_string().to_uppercase());
    matches!(text.as_str(), "1" | "T" | "Y" | "TRUE" | "YES" | "ON")
}

/// A webhook as lists have it. `disabled` is there only when it is true, and a text, as the documentation
/// has it.
fn entry(webhook: &Record) -> Map<String, Value> {
    let mut entry = Map::new();
    entry.insert("id".to_owned(), json!(webhook.number));
    entry.insert("nodeID".to_owned(), json!(node_id::encode(&webhook.key)));
    let mut put = |name: &str, field: &str| {
        if let Some(value) = webhook.fields.get(field).filter(|value| !value.is_null()) {
            entry.insert(name.to_owned(), value.clone());
        }
    };
    for (name, field) in [
        ("name", "name"),
        ("event", "event"),
        ("uri", "uri"),
        ("created_at", "createdAt"),
        ("updated_at", "updatedAt"),
    ] {
        put(name, field);
    }
    if is_disabled(webhook) {
        put("last_error", LAST_ERROR);
        entry.insert("disabled".to_owned(), json!("true"));
    }
    entry
}

/// A webhook by itself.
fn whole(webhook: &Record) -> Map<String, Value> {
    let mut whole = entry(webhook);
    for (name, field) in [
        ("description", "description"),
        ("mail_exceptions_to", "mailExceptionsTo"),
        ("app_offering_references", "appOfferingReferences"),
        ("openid_connect_discovery", "openidConnectDiscovery"),
    ] {
        if let Some(value) = webhook.fields.get(field) {
            whole.insert(name.to_owned(), value.clone());
        }
    }
    whole
}

/// Which entries of a list are asked for.
struct Page {
    size: usize,
    /// Behind the entry with this number.
    after: Option<u64>,
}

impl Page {
    fn read(query: &str) -> Answered<Self> {
        let mut page = Self { size: PAGE_SIZE, after: None };
        let refused = |name: &str, why| invalid(&[(Some(name), why)]);
        for (name, value) in form::parse(query.as_bytes()).unwrap_or_default() {
            match name.as_str() {
                "per_page" => {
                    let size = value.parse().ok().filter(|size| (1..=MAX_PAGE_SIZE).contains(size));
                    page.size = size.ok_or_else(|| refused("per_page", "is not a number from 1 to 100"))?;
                }
                "search_after" => {
                    let number = node_id::decode(&value)
                        .and_then(|cursor| cursor.strip_prefix("cursor/")?.parse().ok());
                    page.after = Some(number.ok_or_else(|| refused("search_after", "is not a cursor"))?);
                }
                _ => return Err(refused(&name, "is not a parameter of this list")),
            }
        }
        Ok(page)
    }
}

fn cursor(number: u64) -> String {
    node_id::encode(&format!("cursor/{number}"))
}
