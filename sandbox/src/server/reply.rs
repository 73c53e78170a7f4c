//! Answers before they are sent: status, body, and the headers that go with them.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::limits::Standing;

/// An answer on its way out.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    body: String,
    /// Where the limits stand, on answers of the API itself.
    standing: Option<Standing>,
}

impl Reply {
    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        Self::text(status, body.to_string())
    }

    pub(super) fn text(status: StatusCode, body: String) -> Self {
        Self { status, body, standing: None }
    }

    /// How the server puts what is wrong with a request as a whole.
    pub(super) fn message(status: StatusCode, text: &str) -> Self {
        Self::json(status, &json!({ "message": text }))
    }

    pub(super) fn internal_error() -> Self {
        let text = "The sandbox failed to answer; this is a bug in the sandbox";
        Self::message(StatusCode::INTERNAL_SERVER_ERROR, text)
    }

    pub(super) fn standing(mut self, standing: Standing) -> Self {
        self.standing = Some(standing);
        self
    }

    /// `number` tells which request of the run this answers.
    pub(super) fn into_response(self, number: u64) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        // Looks like the UUID of the real server, but tells which request of a run it was.
        if let Ok(id) = HeaderValue::from_str(&format!("5a9db0c0-0000-4000-8000-{number:012x}")) {
            headers.insert("x-request-id", id);
        }
        let Some(standing) = self.standing else {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            return response;
        };
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
}
