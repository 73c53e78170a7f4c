//! Answers before they are sent: status, body, and the headers that go with them.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::chunked_body;
use crate::fault::{Effect, Fault};
use crate::limits::{Standing, TooMany};
use crate::replay::Replayed;

/// An answer on its way out.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    body: String,
    /// Where the limits stand, on answers of the API itself.
    standing: Option<Standing>,
    retry_after: Option<u64>,
    is_xml: bool,
    /// In place of headers with the same names.
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The connection is closed in place of an answer.
    pub(crate) is_cut: bool,
}

impl Reply {
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::text(status, body.to_string())
    }

    pub(crate) fn text(status: StatusCode, body: String) -> Self {
        Self {
            status,
            body,
            standing: None,
            retry_after: None,
            is_xml: false,
            headers: Vec::new(),
            is_cut: false,
        }
    }

    pub(crate) fn xml(status: StatusCode, element: &str) -> Self {
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{element}");
        Self { is_xml: true, ..Self::text(status, body) }
    }

    /// How the server puts what is wrong with a request as a whole.
    pub(crate) fn message(status: StatusCode, text: &str) -> Self {
        Self::json(status, &json!({ "message": text }))
    }

    /// What a recording has for a request.
    pub(crate) fn replayed(replayed: Replayed) -> Self {
        match replayed {
            Replayed::Answer(status, body, headers) => Self { headers, ..Self::text(status, body) },
            Replayed::Nothing => Self { is_cut: true, ..Self::message(StatusCode::BAD_GATEWAY, "") },
            Replayed::Unknown(why) => Self::json(
                StatusCode::OK,
                &json!({ "errors": [{ "message": format!("The recording: {why}") }] }),
            ),
        }
    }

    pub(crate) fn internal_error() -> Self {
        let text = "The sandbox failed to answer; this is a bug in the sandbox";
        Self::message(StatusCode::INTERNAL_SERVER_ERROR, text)
    }

    /// The answer to a request beyond a limit.
    pub(crate) fn too_many(refused: &TooMany) -> Self {
        let body = json!({
            "message": "Too many requests",
            "documentation_url": "https://developer.xurrent.com/v1/general/rate_limiting/",
        });
        let mut reply = Self::json(StatusCode::TOO_MANY_REQUESTS, &body).standing(refused.standing);
        reply.retry_after = Some(refused.retry_after);
        reply
    }

    /// Puts errors beside the data, unless there are some already.
    pub(crate) fn add_errors(&mut self, messages: &[String]) {
        let Some(rest) = self.body.strip_prefix('{').filter(|rest| rest.starts_with("\"data\"")) else {
            return;
        };
        let errors: Vec<Value> = messages.iter().map(|message| json!({ "message": message })).collect();
        self.body = format!("{{\"errors\":{},{rest}", Value::from(errors));
    }

    pub(crate) fn standing(mut self, standing: Standing) -> Self {
        self.standing = Some(standing);
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// `number` tells which request of the run this answers.
    pub(crate) fn into_response(self, number: u64, fault: Option<Fault>) -> Response {
        let length = self.body.len();
        let body = match fault.as_ref().map(|fault| &fault.effect) {
            Some(Effect::CutBody) => chunked_body::half(&self.body),
            Some(Effect::SlowBody(duration)) => chunked_body::slow(&self.body, *duration),
            _ => Body::from(self.body),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if self.status != StatusCode::NO_CONTENT {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
            let content_type =
                if self.is_xml { "application/xml" } else { "application/json; charset=utf-8" };
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        // Looks like the UUID of the real server, but tells which request of a run it was.
        if let Ok(id) = HeaderValue::from_str(&format!("5a9db0c0-0000-4000-8000-{number:012x}")) {
            headers.insert("x-request-id", id);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        match self.standing {
            None => {
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            Some(standing) => {
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
            }
        }
        // A header can come several times.
        for (name, _) in &self.headers {
            headers.remove(name);
        }
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        for (name, value) in fault.into_iter().flat_map(|fault| fault.headers) {
            headers.insert(name, value);
        }
        response
    }
}
