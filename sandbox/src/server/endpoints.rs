//! The endpoints beside the attachment storage: GraphQL, tokens, asynchronous results, webhooks.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

use super::api_request::ApiRequest;
use super::response::ApiResponse;
use super::state::{ANONYMOUS, ServerState, has_type, header};
use crate::async_query;
use crate::engine::{ENGLISH, RequestContext};
use crate::fault::{Effect, RequestKind};
use crate::webhook;

/// The endpoint at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint<'p> {
    GraphQl,
    Token,
    Introspect,
    /// With the number of the `AsyncQuery`.
    AsyncResult(&'p str),
    Webhook(webhook::Endpoint<'p>),
    NotFound,
}

impl<'p> Endpoint<'p> {
    pub(super) fn of(path: &'p str, is_secure: bool) -> Self {
        match path {
            "/" | "/graphql" => Self::GraphQl,
            "/token" => Self::Token,
            "/introspect" => Self::Introspect,
            _ => match path.strip_prefix(async_query::PATH) {
                Some(number) => Self::AsyncResult(number),
                None => webhook::Endpoint::of(path, is_secure).map_or(Self::NotFound, Self::Webhook),
            },
        }
    }

    /// The kind of request that faults select; none for endpoints without faults.
    pub(super) fn kind(self) -> Option<RequestKind> {
        match self {
            Self::GraphQl => Some(RequestKind::GraphQl),
            Self::Token => Some(RequestKind::TokenCall),
            Self::AsyncResult(_) => Some(RequestKind::AsyncResult),
            Self::Webhook(endpoint) => endpoint.kind(),
            Self::Introspect | Self::NotFound => None,
        }
    }

    pub(super) async fn respond(
        self,
        server: &Arc<ServerState>,
        request: &ApiRequest,
        effect: Option<&Effect>,
    ) -> ApiResponse {
        let allowed = match self {
            Self::Token => Method::POST,
            Self::Introspect | Self::AsyncResult(_) => Method::GET,
            _ => request.method().clone(),
        };
        if request.method() != allowed {
            return ApiResponse::message(StatusCode::METHOD_NOT_ALLOWED, &format!("Use {allowed}"));
        }
        match self {
            Self::GraphQl => graphql(server, request, effect).await,
            Self::Token => token(server, request.form.as_deref()),
            Self::Introspect => introspect(server, request),
            Self::AsyncResult(number) => async_result(server, request, number),
            Self::Webhook(endpoint) => endpoint.respond(server, request).await,
            Self::NotFound => ApiResponse::not_found().quota(server.engine.limits.look(ANONYMOUS)),
        }
    }
}

async fn graphql(server: &Arc<ServerState>, request: &ApiRequest, effect: Option<&Effect>) -> ApiResponse {
    let limits = &server.engine.limits;
    let user = server.user(request.headers()).unwrap_or(ANONYMOUS);
    if let Err((status, message)) = check_graphql(server, request) {
        return ApiResponse::message(status, message).quota(limits.look(user));
    }
    if let Some((replay, json)) = server.replay.as_ref().zip(request.json.as_ref()) {
        return ApiResponse::replayed(replay.graphql(json));
    }
    let quota = match limits.charge(user) {
        Ok(quota) => quota,
        Err(exceeded) => return ApiResponse::too_many(&exceeded),
    };
    let worker = Arc::clone(server);
    let language = header(request.headers(), "x-xurrent-language").unwrap_or(ENGLISH).to_owned();
    let max_nodes = match effect {
        Some(Effect::MaxNodes(limit)) => server.engine.max_nodes.min(*limit),
        _ => server.engine.max_nodes,
    };
    let pages = effect.and_then(Effect::page_fault);
    let body = request.body.as_ref().cloned().unwrap_or_default();
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

/// Checks a GraphQL request before it counts.
fn check_graphql(server: &ServerState, request: &ApiRequest) -> Result<(), (StatusCode, &'static str)> {
    if request.method() != Method::POST {
        return Err((StatusCode::METHOD_NOT_ALLOWED, "Use POST"));
    }
    server.authorize(request.headers())?;
    if !has_type(request.headers(), "application/json") {
        return Err((StatusCode::BAD_REQUEST, "The content type must be application/json"));
    }
    if request.body.is_err() {
        return Err((StatusCode::PAYLOAD_TOO_LARGE, "The body is incomplete or too large"));
    }
    match request.json {
        Some(Value::Object(_)) => Ok(()),
        Some(_) => Err((StatusCode::BAD_REQUEST, "The body is not a JSON object")),
        None => Err((StatusCode::BAD_REQUEST, "The body is not JSON")),
    }
}

fn token(server: &ServerState, form: Option<&[(String, String)]>) -> ApiResponse {
    // An address has no hourly budget, only the limit of bursts.
    if let Err(exceeded) = server.engine.limits.admit(ANONYMOUS) {
        return ApiResponse::too_many(&exceeded);
    }
    match server.oauth.grant(form) {
        Ok(token) => ApiResponse::json(StatusCode::OK, &token),
        Err(error) => ApiResponse::json(
            StatusCode::BAD_REQUEST,
            &json!({ "error": error.error, "error_description": error.description }),
        ),
    }
}

fn introspect(server: &ServerState, request: &ApiRequest) -> ApiResponse {
    match server.authorize(request.headers()) {
        Err((status, message)) => ApiResponse::message(status, message),
        Ok(()) => {
            let scopes = server.engine.granted_scopes();
            ApiResponse::json(StatusCode::OK, &json!({ "active": true, "scopes": scopes }))
        }
    }
}

/// Responds to a poll. The URL is the only secret: a client that sends its token there leaks it, so
/// such a request is refused.
fn async_result(server: &ServerState, request: &ApiRequest, number: &str) -> ApiResponse {
    if request.headers().contains_key(axum::http::header::AUTHORIZATION) {
        return ApiResponse::message(StatusCode::BAD_REQUEST, "Send no credentials to this address");
    }
    if let Some(replay) = &server.replay {
        return ApiResponse::replayed(replay.result(number));
    }
    match server.engine.poll(number) {
        Some(result) => ApiResponse::text(StatusCode::OK, result),
        None => ApiResponse::not_found(),
    }
}
