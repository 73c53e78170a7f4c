//! The HTTP endpoints of webhooks: verification callbacks, OpenID Connect discovery and REST.

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, Method, StatusCode};
use std::sync::Arc;

use super::policy::PATH as DISCOVERY_PATH;
use super::rest;
use crate::engine::Engine;
use crate::fault::RequestKind;
use crate::server::api_request::ApiRequest;
use crate::server::response::ApiResponse;
use crate::server::state::ServerState;

/// The cache lifetime of discovery documents: an hour, as on the real server.
const CACHED: HeaderValue = HeaderValue::from_static("max-age=3600, public");

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint<'p> {
    /// `/webhooks/219/verify`, with the number of the webhook.
    Callback(&'p str),
    Discovery,
    Rest,
}

impl<'p> Endpoint<'p> {
    pub(crate) fn of(path: &'p str, is_secure: bool) -> Option<Self> {
        let number = path.strip_prefix("/webhooks/").and_then(|rest| rest.strip_suffix("/verify"));
        match number {
            Some(number) => Some(Self::Callback(number)),
            None if is_secure && path.starts_with(DISCOVERY_PATH) => Some(Self::Discovery),
            None => rest::subpath(path).map(|_| Self::Rest),
        }
    }

    /// The kind of request that faults select; none for callbacks.
    pub(crate) fn kind(self) -> Option<RequestKind> {
        match self {
            Self::Callback(_) => None,
            Self::Discovery => Some(RequestKind::Discovery),
            Self::Rest => Some(RequestKind::Rest),
        }
    }

    pub(crate) async fn respond(self, server: &Arc<ServerState>, request: &ApiRequest) -> ApiResponse {
        match self {
            Self::Callback(number) => callback(&server.engine, request, number),
            Self::Discovery => discovery(&server.engine, request),
            Self::Rest => rest::respond(server, request).await,
        }
    }
}

/// Receives the callback of a handshake. It needs no credentials but the code.
fn callback(engine: &Engine, request: &ApiRequest, number: &str) -> ApiResponse {
    if request.method() != Method::GET && request.method() != Method::POST {
        return ApiResponse::message(StatusCode::METHOD_NOT_ALLOWED, "Use GET or POST");
    }
    match engine.verify_by_callback(number, request.parts.uri.query().unwrap_or_default()) {
        Some(true) => ApiResponse::message(StatusCode::OK, "Verification successful"),
        Some(false) => {
            ApiResponse::message(StatusCode::FORBIDDEN, "The verification code is wrong or no longer valid")
        }
        None => ApiResponse::not_found(),
    }
}

fn discovery(engine: &Engine, request: &ApiRequest) -> ApiResponse {
    if request.method() != Method::GET {
        return ApiResponse::message(StatusCode::METHOD_NOT_ALLOWED, "Use GET");
    }
    match engine.policies().document(&engine.snapshot(), request.path()) {
        Some(document) => ApiResponse::json(StatusCode::OK, &document).header(CACHE_CONTROL, CACHED),
        None => ApiResponse::not_found(),
    }
}
