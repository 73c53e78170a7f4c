//! What webhook policies publish: OpenID Connect discovery, for everybody.

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, Method, StatusCode};

use crate::engine::Engine;
use crate::server::response::Reply;

/// How long the documents may be kept: an hour, as those of the real server.
const CACHED: HeaderValue = HeaderValue::from_static("max-age=3600, public");

pub(crate) fn publish(engine: &Engine, method: &Method, path: &str) -> Reply {
    if method != Method::GET {
        return Reply::message(StatusCode::METHOD_NOT_ALLOWED, "Use GET");
    }
    match engine.policies().document(&engine.snapshot(), path) {
        Some(document) => Reply::json(StatusCode::OK, &document).header(CACHE_CONTROL, CACHED),
        None => Reply::message(StatusCode::NOT_FOUND, "Not found"),
    }
}
