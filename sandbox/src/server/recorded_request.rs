//! Recorded requests, with their secrets redacted.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

const REDACTED: &str = "[redacted]";

/// A request that the sandbox has responded to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// `POST`, ...
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The user of the token; none without a valid token.
    pub user: Option<String>,
    /// Headers in the order received, with names in lower case. The value of `authorization` is redacted:
    /// a recorded request may be printed by a test.
    pub headers: Vec<(String, String)>,
    /// The body, if it was JSON. Bodies sent to `/token` are kept as [`form`](Self::form) only, because
    /// they can contain a secret.
    pub body: Option<Value>,
    /// The fields of a form, in the order received; empty for other bodies. The client secret is redacted
    /// in every field, as are the policy and the signature of an upload. The file of an upload is not
    /// included.
    pub form: Vec<(String, String)>,
    /// The HTTP status of the response; 0 if a fault cut the connection before it.
    pub status: u16,
}

pub(super) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let recorded = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.to_string(), if name == AUTHORIZATION { REDACTED.to_owned() } else { value.into_owned() })
    });
    recorded.collect()
}

/// A form without the client secret, whether right or wrong, and the permission of an upload.
pub(super) fn form(mut form: Vec<(String, String)>, secret: &SecretString) -> Vec<(String, String)> {
    for (name, value) in &mut form {
        let name = name.to_lowercase();
        let is_secret =
            ["secret", "policy", "signature", "credential"].iter().any(|part| name.contains(part));
        if is_secret || value == secret.expose_secret() {
            *value = REDACTED.to_owned();
        }
    }
    form
}
