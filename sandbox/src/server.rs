//! HTTP in front of the engine: who may ask, what a request must look like, what comes back beside
//! the data.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::engine::Engine;
use crate::limits::Standing;

/// The largest request body that is read.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// A request the sandbox has answered.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// `POST`, ...
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// Names in lower case, in the order they came. The value of `authorization` is left out: a
    /// recorded request may end up in a test's output.
    pub headers: Vec<(String, String)>,
    /// The body, if it was JSON.
    pub body: Option<Value>,
    /// The HTTP status of the answer.
    pub status: u16,
}

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) token: String,
    pub(crate) account: String,
    requests: Mutex<Vec<RecordedRequest>>,
    next_request: AtomicU64,
}

impl Shared {
    pub(crate) fn new(engine: Engine, token: String, account: String) -> Self {
        Self { engine, token, account, requests: Mutex::new(Vec::new()), next_request: AtomicU64::new(1) }
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

/// An answer before its headers: status, body and what it cost.
type Answer = (StatusCode, String, Standing);

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await;
    let json = body.as_ref().ok().and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
    let refusal = refusal(&shared, &parts.method, parts.uri.path(), &parts.headers, &body, &json);
    let (status, answer, standing) = match (refusal, &json) {
        (Some((status, why)), _) => (status, message(why), shared.engine.standing()),
        (None, Some(json)) => execute(&shared, json.clone()).await,
        (None, None) => internal_error(&shared),
    };
    let response = response(&shared, status, answer, &standing);
    let recorded = RecordedRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        headers: recorded_headers(&parts.headers),
        body: json,
        status: status.as_u16(),
    };
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    response
}

/// Documents can take a while, so they do not run where connections are served.
async fn execute(shared: &Arc<Shared>, body: Value) -> Answer {
    let worker = Arc::clone(shared);
    match tokio::task::spawn_blocking(move || worker.engine.respond(&body)).await {
        Ok((answer, standing)) => (StatusCode::OK, answer, standing),
        Err(_) => internal_error(shared),
    }
}

/// How the server puts what is wrong with a request as a whole.
fn message(text: &str) -> String {
    json!({ "message": text }).to_string()
}

fn internal_error(shared: &Shared) -> Answer {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        message("The sandbox failed to answer; this is a bug in the sandbox"),
        shared.engine.standing(),
    )
}

/// Why a request does not get as far as the engine.
fn refusal(
    shared: &Shared,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: &Result<Bytes, axum::Error>,
    json: &Option<Value>,
) -> Option<(StatusCode, &'static str)> {
    if !matches!(path, "/" | "/graphql") {
        return Some((StatusCode::NOT_FOUND, "Not found"));
    }
    if method != Method::POST {
        return Some((StatusCode::METHOD_NOT_ALLOWED, "Use POST"));
    }
    if bearer(headers) != Some(shared.token.as_str()) {
        return Some((StatusCode::UNAUTHORIZED, "Bad credentials"));
    }
    let account = header(headers, "x-xurrent-account").or_else(|| header(headers, "x-4me-account"));
    if account != Some(shared.account.as_str()) {
        return Some((StatusCode::BAD_REQUEST, "Invalid x-xurrent-account header"));
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(is_json) {
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

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn recorded_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = if name == AUTHORIZATION {
                "[left out]".to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.to_string(), value)
        })
        .collect()
}

fn response(shared: &Shared, status: StatusCode, body: String, standing: &Standing) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let number = shared.next_request.fetch_add(1, Ordering::Relaxed);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    // Looks like the UUID of the real server, but tells which request of a run it was.
    if let Ok(id) = HeaderValue::from_str(&format!("5a9db0c0-0000-4000-8000-{number:012x}")) {
        headers.insert("x-request-id", id);
    }
    for (name, value) in [
        ("x-ratelimit-limit", standing.request_limit),
        ("x-ratelimit-remaining", standing.request_remaining),
        ("x-ratelimit-reset", standing.reset),
        ("x-costlimit-limit", standing.cost_limit),
        ("x-costlimit-cost", standing.cost),
        ("x-costlimit-remaining", standing.cost_remaining),
        ("x-costlimit-reset", standing.reset),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
    response
}
