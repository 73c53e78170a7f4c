//! A request, with its body unless that is streamed.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde_json::{Map, Value};

use super::state::has_type;

const BODY_LIMIT: usize = 4 * 1024 * 1024;

pub(crate) struct ApiRequest {
    pub(crate) parts: Parts,
    pub(crate) is_secure: bool,
    /// The body; none if it is incomplete, too large or streamed.
    pub(crate) body: Option<Bytes>,
    pub(crate) json: Option<Value>,
    /// The fields of the body, if it is a form.
    pub(crate) form: Option<Vec<(String, String)>>,
}

impl ApiRequest {
    pub(super) async fn read(&mut self, body: Body) {
        self.body = to_bytes(body, BODY_LIMIT).await.ok();
        let body = self.body.as_deref().unwrap_or_default();
        if has_type(&self.parts.headers, "application/x-www-form-urlencoded") && self.body.is_some() {
            self.form = Some(form_urlencoded::parse(body).into_owned().collect());
        }
        self.json = serde_json::from_slice(body).ok();
    }

    /// The body, which must be a JSON object.
    pub(crate) fn json_object(&self) -> Result<&Map<String, Value>, (StatusCode, &'static str)> {
        match &self.json {
            _ if !has_type(&self.parts.headers, "application/json") => {
                Err((StatusCode::BAD_REQUEST, "The content type must be application/json"))
            }
            _ if self.body.is_none() => {
                Err((StatusCode::PAYLOAD_TOO_LARGE, "The body is incomplete or too large"))
            }
            Some(Value::Object(body)) => Ok(body),
            Some(_) => Err((StatusCode::BAD_REQUEST, "The body is not a JSON object")),
            None => Err((StatusCode::BAD_REQUEST, "The body is not JSON")),
        }
    }
}
