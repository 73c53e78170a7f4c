//! What all requests of the REST interface have in common.

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::engine::{ENGLISH, Engine};
use crate::limits::QuotaSnapshot;
use crate::server::response::ApiResponse;
use crate::server::state::{ANONYMOUS, ServerState, header};

pub(crate) const PATH: &str = "/v1";

pub(crate) type RestResult<T = ApiResponse> = Result<T, Box<ApiResponse>>;

/// The status and the message of a request that is refused before it is charged.
pub(crate) type Refused = (StatusCode, &'static str);

pub(crate) const NOT_FOUND: Refused = (StatusCode::NOT_FOUND, "Not found");
pub(crate) const NOT_ALLOWED: Refused = (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");

/// Authorizes a request, routes it to its handler, charges it and runs the handler.
pub(crate) async fn respond<H>(
    server: &Arc<ServerState>,
    headers: &HeaderMap,
    route: impl FnOnce() -> Result<H, Refused>,
) -> ApiResponse
where
    H: FnOnce(QuotaSnapshot) -> RestResult + Send + 'static,
{
    let limits = &server.engine.limits;
    let user = server.user(headers).unwrap_or(ANONYMOUS);
    let handler = match server.authorize(headers).and_then(|()| route()) {
        Ok(handler) => handler,
        Err((status, message)) => return ApiResponse::message(status, message).quota(limits.look(user)),
    };
    let quota = match limits.charge(user) {
        Ok(quota) => quota,
        Err(exceeded) => return ApiResponse::too_many(&exceeded),
    };
    // Changes can take long, so they must not block the threads of the connections.
    let run = tokio::task::spawn_blocking(move || handler(quota));
    let response = run.await.unwrap_or_else(|_| Ok(ApiResponse::internal_error()));
    response.unwrap_or_else(|response| *response).quota(quota)
}

/// The language of messages.
pub(crate) fn language(headers: &HeaderMap) -> &str {
    header(headers, "x-xurrent-language").unwrap_or(ENGLISH)
}

/// Requires the scope for an action on records of a type.
pub(crate) fn allow(engine: &Engine, record_type: &str, action: &str) -> RestResult<()> {
    let allowed = engine.require(record_type, action);
    allowed.map_err(|message| Box::new(ApiResponse::message(StatusCode::FORBIDDEN, &message)))
}

/// A validation error, from pairs of a field, or `base`, and a message.
pub(crate) fn invalid<S: AsRef<str>, M: AsRef<str>>(errors: &[(S, M)]) -> Box<ApiResponse> {
    let errors: Vec<Value> =
        errors.iter().map(|(field, message)| json!([field.as_ref(), message.as_ref()])).collect();
    let body = json!({ "message": "Validation Failed", "errors": errors });
    Box::new(ApiResponse::json(StatusCode::UNPROCESSABLE_ENTITY, &body))
}
