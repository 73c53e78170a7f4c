//! HTTP in front of the engine: who may ask, what a request must look like, what comes back beside
//! the data.

mod record;
mod reply;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::async_query;
use crate::engine::{ENGLISH, Engine};
use crate::form;
use crate::oauth::OAuth;
use crate::secret::Secret;
pub use record::RecordedRequest;
use reply::Reply;

/// The largest request body that is read.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) oauth: OAuth,
    pub(crate) token: Secret,
    pub(crate) account: String,
    requests: Mutex<Vec<RecordedRequest>>,
    next_request: AtomicU64,
}

impl Shared {
    pub(crate) fn new(engine: Engine, oauth: OAuth, token: Secret, account: String) -> Self {
        Self {
            engine,
            oauth,
            token,
            account,
            requests: Mutex::new(Vec::new()),
            next_request: AtomicU64::new(1),
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Serves until `stopped` is resolved or its sender is gone.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let app = Router::new().fallback(answer).with_state(shared);
    // Serving a bound listener has no error that anyone could act on.
    let _ = axum::serve(listener, app)
        .with_graceful_shutdown(async {
            let _ = stopped.await;
        })
        .await;
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await;
    let path = parts.uri.path();
    let fields = fields(&parts.headers, &body);
    let json = body
        .as_ref()
        .ok()
        .filter(|_| path != "/token")
        .and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
    let reply = match path {
        "/" | "/graphql" => graphql(&shared, &parts.method, &parts.headers, body, json.as_ref()).await,
        "/token" => token(&shared, &parts.method, fields.as_deref()),
        "/introspect" => introspect(&shared, &parts.method, &parts.headers),
        _ if path.starts_with(async_query::PATH) => {
            async_result(&shared, &parts.method, path, &parts.headers)
        }
        _ => Reply::message(StatusCode::NOT_FOUND, "Not found").standing(shared.engine.standing()),
    };
    let status = reply.status;
    let number = shared.next_request.fetch_add(1, Ordering::Relaxed);
    let recorded = RecordedRequest {
        method: parts.method.to_string(),
        path: path.to_owned(),
        headers: record::headers(&parts.headers),
        body: json,
        form: record::form(
            fields.as_deref().unwrap_or_default(),
            shared.oauth.settings.client_secret.expose(),
        ),
        status: status.as_u16(),
    };
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    reply.into_response(number)
}

/// The token endpoint.
fn token(shared: &Shared, method: &Method, form: Option<&[(String, String)]>) -> Reply {
    if method != Method::POST {
        return Reply::message(StatusCode::METHOD_NOT_ALLOWED, "Use POST");
    }
    match shared.oauth.grant(form) {
        Ok(answer) => Reply::json(StatusCode::OK, &answer),
        Err(refusal) => Reply::json(
            StatusCode::BAD_REQUEST,
            &json!({ "error": refusal.error, "error_description": refusal.description }),
        ),
    }
}

/// What a token may do.
fn introspect(shared: &Shared, method: &Method, headers: &HeaderMap) -> Reply {
    if method != Method::GET {
        return Reply::message(StatusCode::METHOD_NOT_ALLOWED, "Use GET");
    }
    match credentials(shared, headers) {
        Some((status, why)) => Reply::message(status, why),
        None => {
            Reply::json(StatusCode::OK, &json!({ "active": true, "scopes": shared.engine.granted_scopes() }))
        }
    }
}

/// The result of asynchronous work. Its address is all one needs to have it, so whoever sends
/// credentials along gives them away and is told so.
fn async_result(shared: &Shared, method: &Method, path: &str, headers: &HeaderMap) -> Reply {
    if method != Method::GET {
        return Reply::message(StatusCode::METHOD_NOT_ALLOWED, "Use GET");
    }
    if headers.contains_key(AUTHORIZATION) {
        return Reply::message(StatusCode::BAD_REQUEST, "Send no credentials to this address");
    }
    match path.strip_prefix(async_query::PATH).and_then(|number| shared.engine.poll(number)) {
        Some(result) => Reply::text(StatusCode::OK, result),
        None => Reply::message(StatusCode::NOT_FOUND, "Not found"),
    }
}

async fn graphql(
    shared: &Arc<Shared>,
    method: &Method,
    headers: &HeaderMap,
    body: Result<Bytes, axum::Error>,
    json: Option<&Value>,
) -> Reply {
    if let Some((status, why)) = refusal(shared, method, headers, &body, json) {
        return Reply::message(status, why).standing(shared.engine.standing());
    }
    // Documents can take a while, so they do not run where connections are served.
    let worker = Arc::clone(shared);
    let language = header(headers, "x-xurrent-language").unwrap_or(ENGLISH).to_owned();
    let run =
        tokio::task::spawn_blocking(move || worker.engine.respond(&body.unwrap_or_default(), &language));
    match run.await {
        Ok((answer, standing)) => Reply::text(StatusCode::OK, answer).standing(standing),
        Err(_) => Reply::internal_error().standing(shared.engine.standing()),
    }
}

/// Why a request does not get as far as the engine.
fn refusal(
    shared: &Shared,
    method: &Method,
    headers: &HeaderMap,
    body: &Result<Bytes, axum::Error>,
    json: Option<&Value>,
) -> Option<(StatusCode, &'static str)> {
    if method != Method::POST {
        return Some((StatusCode::METHOD_NOT_ALLOWED, "Use POST"));
    }
    if let Some(refusal) = credentials(shared, headers) {
        return Some(refusal);
    }
    if !has_type(headers, "application/json") {
        return Some((StatusCode::BAD_REQUEST, "The content type must be application/json"));
    }
    if body.is_err() {
        return Some((
            StatusCode::PAYLOAD_TOO_LARGE,
            "The body is cut short or larger than the sandbox takes",
        ));
    }
    match json {
        Some(Value::Object(_)) => None,
        Some(_) => Some((StatusCode::BAD_REQUEST, "The body is not a JSON object")),
        None => Some((StatusCode::BAD_REQUEST, "The body is not JSON")),
    }
}

/// What is wrong with the token or the account of a request.
fn credentials(shared: &Shared, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
    let is_known =
        bearer(headers).is_some_and(|token| token == shared.token.expose() || shared.oauth.knows(token));
    if !is_known {
        return Some((StatusCode::UNAUTHORIZED, "Bad credentials"));
    }
    let account = header(headers, "x-xurrent-account").or_else(|| header(headers, "x-4me-account"));
    if account != Some(shared.account.as_str()) {
        return Some((StatusCode::BAD_REQUEST, "Invalid x-xurrent-account header"));
    }
    None
}

/// The fields of the body, if it is a form.
fn fields(headers: &HeaderMap, body: &Result<Bytes, axum::Error>) -> Option<Vec<(String, String)>> {
    let body = body.as_ref().ok()?;
    has_type(headers, "application/x-www-form-urlencoded").then(|| form::parse(body)).flatten()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type
        .and_then(|content_type| content_type.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}
