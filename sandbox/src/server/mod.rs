//! HTTP in front of the engine: who may ask, what a request must look like, what comes back beside
//! the data.

mod chunked_body;
mod listener;
mod recorded_request;
pub(crate) mod response;
mod upload;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use serde_json::{Value, json};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::async_query;
use crate::engine::{ENGLISH, Engine, Terms};
use crate::fault::{Effect, Fault, Faults, Met, Target};
use crate::form;
use crate::oauth::OAuth;
use crate::replay::Replay;
use crate::secret::Secret;
use crate::storage as attachment;
use crate::webhook;
use listener::{Cutter, SecureWires, Wires};
pub use recorded_request::RecordedRequest;
use response::Reply;

/// The largest request body that is read.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Where tokens are issued.
const TOKEN_PATH: &str = "/token";

/// The user of every token that the sandbox issues.
const OAUTH_USER: &str = "OAuth client";
/// The user of its first personal access token.
const TOKEN_USER: &str = "owner of the personal access token";
/// Who has no token yet: what is limited then is the address.
pub(crate) const ANONYMOUS: &str = "address";

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) oauth: OAuth,
    pub(crate) token: Secret,
    /// Further users, each with a personal access token.
    pub(crate) users: Vec<(String, Secret)>,
    /// Personal access tokens that are no longer good.
    pub(crate) revoked: Mutex<Vec<Secret>>,
    pub(crate) account: String,
    pub(crate) faults: Faults,
    /// How long every GraphQL request waits before anything happens.
    pub(crate) latency: Duration,
    /// What GraphQL requests and polls are answered from, in place of the engine.
    pub(crate) replay: Option<Replay>,
    requests: Mutex<Vec<RecordedRequest>>,
    arrivals: Mutex<Vec<Instant>>,
    next_request: AtomicU64,
}

impl Shared {
    pub(crate) fn new(engine: Engine, oauth: OAuth, token: Secret, account: String) -> Self {
        Self {
            engine,
            oauth,
            token,
            users: Vec::new(),
            revoked: Mutex::default(),
            account,
            faults: Faults::default(),
            latency: Duration::ZERO,
            replay: None,
            requests: Mutex::default(),
            arrivals: Mutex::default(),
            next_request: AtomicU64::new(1),
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn arrivals(&self) -> Vec<Instant> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The user behind a token.
    pub(crate) fn user(&self, token: &str) -> Option<&str> {
        let revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        if revoked.iter().any(|revoked| revoked.expose() == token) {
            return None;
        }
        if token == self.token.expose() {
            return Some(TOKEN_USER);
        }
        let user =
            self.users.iter().find(|(_, known)| token == known.expose()).map(|(name, _)| name.as_str());
        user.or_else(|| self.oauth.knows(token).then_some(OAUTH_USER))
    }
}

/// Where a request came in.
#[derive(Clone)]
struct Door {
    shared: Arc<Shared>,
    is_secure: bool,
}

/// Serves http until `stopped` has something to say or its sender is gone.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, stopped: watch::Receiver<()>) {
    serve_wires(Wires(listener), Door { shared, is_secure: false }, stopped).await;
}

/// Serves the same over https, and what is only there over https.
pub(crate) async fn serve_secure(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    shared: Arc<Shared>,
    stopped: watch::Receiver<()>,
) {
    serve_wires(SecureWires::new(listener, acceptor), Door { shared, is_secure: true }, stopped).await;
}

async fn serve_wires<L>(wires: L, door: Door, mut stopped: watch::Receiver<()>)
where
    L: Listener<Addr: fmt::Debug>,
    Cutter: for<'a> Connected<IncomingStream<'a, L>>,
{
    let app = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(door);
    // Serving a bound listener has no error that anyone could act on.
    let _ = axum::serve(wires, app.into_make_service_with_connect_info::<Cutter>())
        .with_graceful_shutdown(async move {
            let _ = stopped.changed().await;
        })
        .await;
}

async fn answer(
    State(Door { shared, is_secure }): State<Door>,
    ConnectInfo(cutter): ConnectInfo<Cutter>,
    request: Request,
) -> Response {
    shared.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
    let (parts, body) = request.into_parts();
    if parts.uri.path() == attachment::PATH {
        return upload(&shared, &cutter, &parts, body).await;
    }
    let body = to_bytes(body, BODY_LIMIT).await;
    let path = parts.uri.path();
    let fields = fields(&parts.headers, &body);
    let json = body
        .as_ref()
        .ok()
        .filter(|_| path != TOKEN_PATH)
        .and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
    let fault = match path {
        "/" | "/graphql" => {
            wait(shared.latency).await;
            shared.faults.next(&Met {
                target: Target::GraphQl,
                operation: json.as_ref().and_then(|body| body["operationName"].as_str()),
                user: bearer(&parts.headers).and_then(|token| shared.user(token)),
            })
        }
        TOKEN_PATH => shared.faults.next(&Met::only(Target::TokenCall)),
        _ if path.starts_with(async_query::PATH) => shared.faults.next(&Met::only(Target::AsyncResult)),
        _ if is_secure && path.starts_with(webhook::PATH) => {
            shared.faults.next(&Met::only(Target::Discovery))
        }
        _ if webhook::rest::below(path).is_some() => shared.faults.next(&Met {
            target: Target::Rest,
            operation: None,
            user: bearer(&parts.headers).and_then(|token| shared.user(token)),
        }),
        _ => None,
    };
    if let Some(fault) = &fault {
        wait(fault.delay).await;
    }
    let effect = fault.as_ref().map(|fault| &fault.effect);
    let user = bearer(&parts.headers).and_then(|token| shared.user(token)).map(str::to_owned);
    let mut reply = match path {
        _ if fault.as_ref().is_some_and(Fault::replaces_execution) => {
            Reply::message(StatusCode::INTERNAL_SERVER_ERROR, "")
        }
        "/" | "/graphql" => {
            graphql(&shared, &parts.method, &parts.headers, body, json.as_ref(), effect).await
        }
        TOKEN_PATH => token(&shared, &parts.method, fields.as_deref()),
        "/introspect" => introspect(&shared, &parts.method, &parts.headers),
        _ if path.starts_with(async_query::PATH) => {
            async_result(&shared, &parts.method, path, &parts.headers)
        }
        _ if let Some(number) = webhook::callback_number(path) => {
            callback(&shared.engine, &parts.method, number, parts.uri.query())
        }
        _ if is_secure && path.starts_with(webhook::PATH) => {
            webhook::publish(&shared.engine, &parts.method, path)
        }
        _ if webhook::rest::below(path).is_some() => {
            let sent = match (&json, &body) {
                (Some(json), _) => webhook::rest::Sent::Json(json),
                (None, Ok(body)) if body.is_empty() => webhook::rest::Sent::Nothing,
                _ => webhook::rest::Sent::Other,
            };
            webhook::rest::answer(&shared, &parts, is_secure, sent).await
        }
        _ => {
            Reply::message(StatusCode::NOT_FOUND, "Not found").standing(shared.engine.limits.look(ANONYMOUS))
        }
    };
    match effect {
        Some(Effect::Errors(messages)) => reply.add_errors(messages),
        Some(Effect::Status(status, body)) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            reply = Reply::text(status, body.clone());
        }
        _ => {}
    }
    let is_cut = reply.is_cut || matches!(effect, Some(Effect::CutBefore | Effect::CutAfter));
    let number = shared.next_request.fetch_add(1, Ordering::Relaxed);
    let recorded = RecordedRequest {
        method: parts.method.to_string(),
        path: path.to_owned(),
        user,
        headers: recorded_request::headers(&parts.headers),
        body: json,
        form: recorded_request::form(
            fields.as_deref().unwrap_or_default(),
            shared.oauth.settings.client_secret.expose(),
        ),
        status: if is_cut { 0 } else { reply.status.as_u16() },
    };
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    if is_cut {
        cutter.cut();
    }
    reply.into_response(number, fault)
}

/// An upload to the attachment storage, of which nothing is kept in memory on the way.
async fn upload(shared: &Shared, cutter: &Cutter, parts: &Parts, body: Body) -> Response {
    let fault = shared.faults.next(&Met::only(Target::Upload));
    if let Some(fault) = &fault {
        wait(fault.delay).await;
    }
    let effect = fault.as_ref().map(|fault| &fault.effect);
    let nothing = Reply::message(StatusCode::INTERNAL_SERVER_ERROR, "");
    let done = match effect {
        Some(Effect::CutBefore) => upload::Upload { reply: nothing, fields: Vec::new() },
        Some(Effect::Status(status, text)) => {
            upload::drain(body).await;
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            upload::Upload { reply: Reply::text(status, text.clone()), fields: Vec::new() }
        }
        _ => upload::take(shared, parts, body).await,
    };
    let is_cut = matches!(effect, Some(Effect::CutBefore | Effect::CutAfter));
    let user = bearer(&parts.headers).and_then(|token| shared.user(token)).map(str::to_owned);
    let recorded = RecordedRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        headers: recorded_request::headers(&parts.headers),
        body: None,
        form: recorded_request::permission(&done.fields),
        user,
        status: if is_cut { 0 } else { done.reply.status.as_u16() },
    };
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    if is_cut {
        cutter.cut();
    }
    done.reply.into_response(shared.next_request.fetch_add(1, Ordering::Relaxed), fault)
}

async fn wait(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

/// The token endpoint.
fn token(shared: &Shared, method: &Method, form: Option<&[(String, String)]>) -> Reply {
    if method != Method::POST {
        return Reply::message(StatusCode::METHOD_NOT_ALLOWED, "Use POST");
    }
    // An address has no hourly budget, only the limit of bursts.
    if let Err(refused) = shared.engine.limits.admit(ANONYMOUS) {
        return Reply::too_many(&refused);
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
        Err((status, why)) => Reply::message(status, why),
        Ok(_) => {
            Reply::json(StatusCode::OK, &json!({ "active": true, "scopes": shared.engine.granted_scopes() }))
        }
    }
}

/// The proof that the address of a webhook is its owner's. The code in it is all it takes.
fn callback(engine: &Engine, method: &Method, number: &str, query: Option<&str>) -> Reply {
    if method != Method::GET && method != Method::POST {
        return Reply::message(StatusCode::METHOD_NOT_ALLOWED, "Use GET or POST");
    }
    match engine.take_callback(number, query.unwrap_or_default()) {
        Some(true) => Reply::message(StatusCode::OK, "Verification successful"),
        Some(false) => {
            Reply::message(StatusCode::FORBIDDEN, "The verification code is wrong or no longer valid")
        }
        None => Reply::message(StatusCode::NOT_FOUND, "Not found"),
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
    if let Some(replay) = &shared.replay {
        return Reply::replayed(replay.result(path.strip_prefix(async_query::PATH).unwrap_or_default()));
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
    effect: Option<&Effect>,
) -> Reply {
    let limits = &shared.engine.limits;
    let user = bearer(headers).and_then(|token| shared.user(token)).unwrap_or(ANONYMOUS);
    if let Some((status, why)) = refusal(shared, method, headers, &body, json) {
        return Reply::message(status, why).standing(limits.look(user));
    }
    if let Some((replay, json)) = shared.replay.as_ref().zip(json) {
        return Reply::replayed(replay.graphql(json));
    }
    let standing = match limits.charge(user) {
        Ok(standing) => standing,
        Err(refused) => return Reply::too_many(&refused),
    };
    // Documents can take a while, so they do not run where connections are served.
    let worker = Arc::clone(shared);
    let language = header(headers, "x-xurrent-language").unwrap_or(ENGLISH).to_owned();
    let (max_nodes, pages) = match effect {
        Some(Effect::MaxNodes(limit)) => ((*limit).min(shared.engine.max_nodes), None),
        Some(Effect::Pages(fault)) => (shared.engine.max_nodes, Some(*fault)),
        _ => (shared.engine.max_nodes, None),
    };
    let run = tokio::task::spawn_blocking(move || {
        let terms = Terms { language: &language, standing, max_nodes, pages };
        worker.engine.respond(&body.unwrap_or_default(), &terms)
    });
    match run.await {
        Ok(answer) => Reply::text(StatusCode::OK, answer).standing(standing),
        Err(_) => Reply::internal_error().standing(limits.look(user)),
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
    if let Err(refusal) = credentials(shared, headers) {
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

/// What is wrong with the token or the account of a request, if something is.
pub(crate) fn credentials(shared: &Shared, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
    if bearer(headers).and_then(|token| shared.user(token)).is_none() {
        return Err((StatusCode::UNAUTHORIZED, "Bad credentials"));
    }
    let account = header(headers, "x-xurrent-account").or_else(|| header(headers, "x-4me-account"));
    if account != Some(shared.account.as_str()) {
        return Err((StatusCode::BAD_REQUEST, "Invalid x-xurrent-account header"));
    }
    Ok(())
}

/// The fields of the body, if it is a form.
fn fields(headers: &HeaderMap, body: &Result<Bytes, axum::Error>) -> Option<Vec<(String, String)>> {
    let body = body.as_ref().ok()?;
    has_type(headers, "application/x-www-form-urlencoded").then(|| form::parse(body)).flatten()
}

pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

pub(crate) fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type
        .and_then(|content_type| content_type.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}
