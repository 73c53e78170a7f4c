//! Responses before they are sent: status, body and headers.

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, IntoHeaderName, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use std::io;
use std::time::Duration;
use tokio::time::sleep;

use crate::fault::{Effect, Fault};
use crate::limits::{LimitExceeded, QuotaSnapshot};

const COST_RESET: &str = "x-costlimit-reset";

/// The number of chunks of a slow body.
const CHUNKS: usize = 10;

/// The time for the first half of a cut body to be sent.
const HEAD_START: Duration = Duration::from_millis(20);

pub(crate) struct ApiResponse {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    pub(crate) headers: HeaderMap,
    /// The connection is closed instead of responding.
    pub(crate) is_cut: bool,
}

impl ApiResponse {
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::text(status, body.to_string())
    }

    pub(crate) fn text(status: StatusCode, body: String) -> Self {
        Self::binary(status, body.into_bytes())
    }

    pub(crate) fn binary(status: StatusCode, body: Vec<u8>) -> Self {
        Self { status, body, headers: HeaderMap::new(), is_cut: false }
    }

    pub(crate) fn xml(status: StatusCode, element: &str) -> Self {
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{element}");
        Self::text(status, body).header(CONTENT_TYPE, HeaderValue::from_static("application/xml"))
    }

    /// An error of the request as a whole, in the form of the server.
    pub(crate) fn message(status: StatusCode, text: &str) -> Self {
        Self::json(status, &json!({ "message": text }))
    }

    pub(crate) fn not_found() -> Self {
        Self::message(StatusCode::NOT_FOUND, "Not found")
    }

    pub(crate) fn internal_error() -> Self {
        Self::message(StatusCode::INTERNAL_SERVER_ERROR, "The sandbox failed; this is a bug in the sandbox")
    }

    pub(crate) fn too_many(exceeded: &LimitExceeded) -> Self {
        let body = json!({
            "message": "Too many requests",
            "documentation_url": "https://developer.xurrent.com/v1/general/rate_limiting/",
        });
        let response = Self::json(StatusCode::TOO_MANY_REQUESTS, &body).quota(exceeded.quota);
        response.header(RETRY_AFTER, exceeded.retry_after)
    }

    /// Adds errors beside the data, unless the response has errors.
    pub(crate) fn add_errors(&mut self, messages: &[String]) {
        let body = std::str::from_utf8(&self.body).unwrap_or_default();
        let Some(rest) = body.strip_prefix('{').filter(|rest| rest.starts_with("\"data\"")) else {
            return;
        };
        let errors: Vec<Value> = messages.iter().map(|message| json!({ "message": message })).collect();
        self.body = format!("{{\"errors\":{},{rest}", Value::from(errors)).into_bytes();
    }

    /// Adds the headers of the limits, which responses of the API itself have.
    pub(crate) fn quota(self, quota: QuotaSnapshot) -> Self {
        self.header("x-ratelimit-limit", quota.request_limit)
            .header("x-ratelimit-remaining", quota.request_remaining)
            .header("x-ratelimit-reset", quota.reset)
            .header("x-costlimit-limit", quota.cost_limit)
            .header("x-costlimit-cost", quota.cost)
            .header("x-costlimit-remaining", quota.cost_remaining)
            .header(COST_RESET, quota.reset)
    }

    pub(crate) fn header(mut self, name: impl IntoHeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    /// `number` is the number of the request.
    pub(crate) fn into_response(self, number: usize, fault: Option<Fault>) -> Response {
        let length = self.body.len();
        let body = match fault.as_ref().map(|fault| &fault.effect) {
            Some(Effect::CutBody) => half(&self.body),
            Some(Effect::SlowBody(duration)) => slow(&self.body, *duration),
            _ => Body::from(self.body),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if self.status != StatusCode::NO_CONTENT {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        }
        // In the form of the real server's UUID, with the number of the request.
        if let Ok(id) = HeaderValue::from_str(&format!("5a9db0c0-0000-4000-8000-{number:012x}")) {
            headers.insert("x-request-id", id);
        }
        if !self.headers.contains_key(COST_RESET) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        headers.extend(self.headers);
        for (name, value) in fault.into_iter().flat_map(|fault| fault.headers) {
            headers.insert(name, value);
        }
        response
    }
}

/// A body that takes `duration` to send.
fn slow(body: &[u8], duration: Duration) -> Body {
    let length = body.len().div_ceil(CHUNKS).max(1);
    let chunks: Vec<Bytes> = body.chunks(length).map(Bytes::copy_from_slice).collect();
    let pause = duration / u32::try_from(chunks.len()).unwrap_or(1).max(1);
    Body::from_stream(stream::iter(chunks).then(move |chunk| async move {
        sleep(pause).await;
        io::Result::Ok(chunk)
    }))
}

/// Half of a body, followed by a broken connection.
fn half(body: &[u8]) -> Body {
    let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
    let broken = stream::once(async {
        sleep(HEAD_START).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    Body::from_stream(stream::iter([Ok(half)]).chain(broken))
}
