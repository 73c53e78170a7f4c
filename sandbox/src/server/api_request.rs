//! A request whose body has been read.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use serde_json::Value;

use super::state::has_type;

/// The size limit of request bodies.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

pub(crate) struct ApiRequest {
    pub(crate) parts: Parts,
    pub(crate) is_secure: bool,
    pub(crate) body: Result<Bytes, axum::Error>,
    /// The body, if it is JSON.
    pub(crate) json: Option<Value>,
    /// The fields of the body, if it is a form.
    pub(crate) form: Option<Vec<(String, String)>>,
}

impl ApiRequest {
    pub(super) async fn read(parts: Parts, body: Body, is_secure: bool) -> Self {
        let body = to_bytes(body, BODY_LIMIT).await;
        let is_form = has_type(&parts.headers, "application/x-www-form-urlencoded");
        let form = body.as_ref().ok().filter(|_| is_form);
        let form = form.map(|body| form_urlencoded::parse(body).into_owned().collect());
        let json = body.as_ref().ok().and_then(|body| serde_json::from_slice(body).ok());
        Self { parts, is_secure, body, json, form }
    }

    pub(crate) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    pub(crate) fn method(&self) -> &Method {
        &self.parts.method
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }
}
