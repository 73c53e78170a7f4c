//! The endpoints: GraphQL, tokens, asynchronous results, attachment storage, webhooks, events, life cycles, exports, imports.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::{HeaderValue, Method, StatusCode};
use serde_json::json;
use std::sync::Arc;

use super::api_request::ApiRequest;
use super::response::ApiResponse;
use super::state::{ANONYMOUS, ServerState, header};
use super::upload;
use crate::async_query;
use crate::bulk;
use crate::engine::{ENGLISH, RequestContext};
use crate::events_api;
use crate::fault::{Effect, RequestKind};
use crate::life_cycle;
use crate::storage;
use crate::webhook::{DISCOVERY_PATH, KeyAction, rest};

/// The cache lifetime of discovery documents: an hour, as on the real server.
const CACHED: HeaderValue = HeaderValue::from_static("max-age=3600, public");

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint<'p> {
    GraphQl,
    Token,
    Introspect,
    /// With the number of the `AsyncQuery`.
    AsyncResult(&'p str),
    Upload,
    /// The callback of a handshake, with the number of the webhook.
    Callback(&'p str),
    /// A document of OpenID Connect discovery; over https only.
    Discovery(&'p str),
    /// Webhooks, in the REST interface.
    Rest,
    /// The Events API, in the REST interface.
    Events,
    /// Exports and imports, in the REST interface, and their files.
    Bulk(bulk::Route<'p>),
    /// Archives, trashes or restores a record, in the REST interface.
    LifeCycle,
    /// Control over signing keys, which the API lacks.
    Keys(KeyAction),
    NotFound,
}

impl<'p> Endpoint<'p> {
    pub(super) fn of(path: &'p str, is_secure: bool) -> Self {
        let callback = || path.strip_prefix("/webhooks/")?.strip_suffix("/verify").map(Self::Callback);
        match path {
            "/" | "/graphql" => Self::GraphQl,
            "/token" => Self::Token,
            "/introspect" => Self::Introspect,
            storage::PATH => Self::Upload,
            events_api::PATH => Self::Events,
            _ if is_secure && path.starts_with(DISCOVERY_PATH) => Self::Discovery(path),
            _ if rest::subpath(path).is_some() => Self::Rest,
            _ if life_cycle::of(path).is_some() => Self::LifeCycle,
            _ => match (bulk::Route::of(path), path.strip_prefix(async_query::PATH)) {
                (Some(route), _) => Self::Bulk(route),
                (None, Some(number)) => Self::AsyncResult(number),
                (None, None) => {
                    callback().or_else(|| KeyAction::of(path).map(Self::Keys)).unwrap_or(Self::NotFound)
                }
            },
        }
    }

    /// Whether its body is read while it arrives.
    pub(super) fn is_streamed(self) -> bool {
        match self {
            Self::Bulk(route) => route.is_streamed(),
            other => other == Self::Upload,
        }
    }

    /// The kind of request that faults select; none for endpoints without faults.
    pub(super) fn kind(self) -> Option<RequestKind> {
        match self {
            Self::GraphQl => Some(RequestKind::GraphQl),
            Self::Token => Some(RequestKind::TokenCall),
            Self::AsyncResult(_) => Some(RequestKind::AsyncResult),
            Self::Upload => Some(RequestKind::Upload),
            Self::Discovery(_) => Some(RequestKind::Discovery),
            Self::Bulk(route) if route.is_file() => Some(RequestKind::Download),
            Self::Rest | Self::Events | Self::LifeCycle | Self::Bulk(_) => Some(RequestKind::Rest),
            Self::Introspect | Self::Callback(_) | Self::Keys(_) | Self::NotFound => None,
        }
    }

    pub(super) async fn respond(
        self,
        server: &Arc<ServerState>,
        request: &mut ApiRequest,
        body: Body,
        effect: Option<&Effect>,
    ) -> ApiResponse {
        let method = &request.parts.method;
        let (is_allowed, allowed) = match self {
            Self::Token | Self::Events | Self::Keys(_) => (method == Method::POST, "POST"),
            Self::Introspect | Self::AsyncResult(_) | Self::Discovery(_) => (method == Method::GET, "GET"),
            Self::Callback(_) => (method == Method::GET || method == Method::POST, "GET or POST"),
            Self::Bulk(route) => (method == route.method(), route.method()),
            _ => (true, ""),
        };
        if !is_allowed {
            return ApiResponse::message(StatusCode::METHOD_NOT_ALLOWED, &format!("Use {allowed}"));
        }
        match self {
            Self::GraphQl => graphql(server, request, effect).await,
            Self::Token => token(server, request.form.as_deref()),
            Self::Introspect => introspect(server, request),
            Self::AsyncResult(number) => async_result(server, request, number),
            Self::Upload => upload::receive(server, request, body).await,
            Self::Callback(number) => callback(server, request, number),
            Self::Discovery(path) => {
                let document = server.engine.policies().document(&server.engine.snapshot(), path);
                let response = document.map(|document| ApiResponse::json(StatusCode::OK, &document));
                response.map_or_else(ApiResponse::not_found, |it| it.header(CACHE_CONTROL, CACHED))
            }
            Self::Rest => rest::respond(server, request).await,
            Self::Events => events_api::respond(server, request).await,
            Self::Bulk(route) => route.respond(server, request, body).await,
            Self::LifeCycle => life_cycle::respond(server, request).await,
            Self::Keys(action) => keys(server, request, action).await,
            Self::NotFound => ApiResponse::not_found().quota(server.engine.limits.look(ANONYMOUS)),
        }
    }
}

async fn graphql(server: &Arc<ServerState>, request: &ApiRequest, effect: Option<&Effect>) -> ApiResponse {
    let limits = &server.engine.limits;
    let headers = &request.parts.headers;
    let user = server.user(headers).unwrap_or(ANONYMOUS);
    let checked = match request.parts.method {
        Method::POST => server.authorize(headers).and_then(|()| request.json_object()),
        _ => Err((StatusCode::METHOD_NOT_ALLOWED, "Use POST")),
    };
    let body = match checked {
        Ok(body) => body,
        Err((status, message)) => return ApiResponse::message(status, message).quota(limits.look(user)),
    };
    if let Some(replay) = &server.replay {
        return replay.graphql(body);
    }
    let quota = match limits.charge(user) {
        Ok(quota) => quota,
        Err(exceeded) => return ApiResponse::too_many(&exceeded),
    };
    let worker = Arc::clone(server);
    let language = header(headers, "x-xurrent-language").unwrap_or(ENGLISH).to_owned();
    let max_nodes = match effect {
        Some(Effect::MaxNodes(limit)) => server.engine.max_nodes.min(*limit),
        _ => server.engine.max_nodes,
    };
    let pages = effect.and_then(Effect::page_fault);
    let body = request.body.clone().unwrap_or_default();
    // Executing a document can take long, so it must not block the threads of the connections.
    let run = tokio::task::spawn_blocking(move || {
        let context = RequestContext { language: &language, quota, max_nodes, pages };
        worker.engine.respond(&body, &context)
    });
    match run.await {
        Ok(body) => ApiResponse::text(StatusCode::OK, body).quota(quota),
        Err(_) => ApiResponse::internal_error().quota(limits.look(user)),
    }
}

fn token(server: &ServerState, form: Option<&[(String, String)]>) -> ApiResponse {
    // An address has no hourly budget, only the limit of bursts.
    if let Err(exceeded) = server.engine.limits.admit(ANONYMOUS) {
        return ApiResponse::too_many(&exceeded);
    }
    match server.oauth.grant(form) {
        Ok(token) => ApiResponse::json(StatusCode::OK, &token),
        Err((error, description)) => ApiResponse::json(
            StatusCode::BAD_REQUEST,
            &json!({ "error": error, "error_description": description }),
        ),
    }
}

fn introspect(server: &ServerState, request: &ApiRequest) -> ApiResponse {
    if let Err((status, message)) = server.authorize(&request.parts.headers) {
        return ApiResponse::message(status, message);
    }
    let scopes = server.engine.granted_scopes();
    ApiResponse::json(StatusCode::OK, &json!({ "active": true, "scopes": scopes }))
}

/// Responds to a poll. The URL is the only secret: a client that sends its token there leaks it, so
/// such a request is refused.
fn async_result(server: &ServerState, request: &ApiRequest, number: &str) -> ApiResponse {
    if request.parts.headers.contains_key(AUTHORIZATION) {
        return ApiResponse::message(StatusCode::BAD_REQUEST, "Send no credentials to this address");
    }
    if let Some(replay) = &server.replay {
        return replay.result(number);
    }
    let result = server.engine.poll(number);
    result.map_or_else(ApiResponse::not_found, |result| ApiResponse::text(StatusCode::OK, result))
}

/// Rotates or retires keys. It needs no credentials: only programs of this machine reach the sandbox.
async fn keys(server: &Arc<ServerState>, request: &ApiRequest, action: KeyAction) -> ApiResponse {
    let query = request.parts.uri.query().unwrap_or_default().to_owned();
    let worker = Arc::clone(server);
    // Generating an RSA key is slow.
    match tokio::task::spawn_blocking(move || action.run(&worker.engine, &query)).await {
        Ok(Ok(changed)) => ApiResponse::json(StatusCode::OK, &changed),
        Ok(Err(message)) => ApiResponse::message(StatusCode::NOT_FOUND, &message),
        Err(_) => ApiResponse::internal_error(),
    }
}

/// Receives the callback of a handshake. It needs no credentials but the code.
fn callback(server: &ServerState, request: &ApiRequest, number: &str) -> ApiResponse {
    let query = request.parts.uri.query().unwrap_or_default();
    match server.engine.verify_by_callback(number, query) {
        Some(true) => ApiResponse::message(StatusCode::OK, "Verification successful"),
        Some(false) => {
            ApiResponse::message(StatusCode::FORBIDDEN, "The verification code is wrong or no longer valid")
        }
        None => ApiResponse::not_found(),
    }
}
