//! A request, with its body unless that is streamed.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use serde_json::Value;

use super::state::has_type;

/// The size limit of request bodies.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

pub(crate) struct ApiRequest {
    pub(crate) parts: Parts,
    pub(crate) is_secure: bool,
    /// The body; none if it is incomplete, too large or streamed.
    pub(crate) body: Option<Bytes>,
    /// The body, if it is JSON.
    pub(crate) json: Option<Value>,
    /// The fields of the body, if it is a form.
    pub(super) form: Option<Vec<(String, String)>>,
}

impl ApiRequest {
    /// Reads the body.
    pub(super) async fn read(&mut self, body: Body) {
        self.body = to_bytes(body, BODY_LIMIT).await.ok();
        let body = self.body.as_deref().unwrap_or_default();
        if has_type(&self.parts.headers, "application/x-www-form-urlencoded") && self.body.is_some() {
            self.form = Some(form_urlencoded::parse(body).into_owned().collect());
        }
        self.json = serde_json::from_slice(body).ok();
    }
}
