//! What the sandbox keeps of the requests it has answered.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde_json::Value;

/// What stands in a record where something secret was.
const LEFT_OUT: &str = "[left out]";

/// A request the sandbox has answered.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// `POST`, ...
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// Whose token came along; none without a token that was good.
    pub user: Option<String>,
    /// Names in lower case, in the order they came. The value of `authorization` is left out: a
    /// recorded request may end up in a test's output.
    pub headers: Vec<(String, String)>,
    /// The body, if it was JSON. Bodies sent to `/token` are only kept as [`form`](Self::form),
    /// because they can hold a secret.
    pub body: Option<Value>,
    /// The fields of a form, in the order they came; empty for every other body. The value of the
    /// client secret is left out, in whatever field it came, and so are the policy and the signature of
    /// an upload. The file of an upload is none of the fields.
    pub form: Vec<(String, String)>,
    /// The HTTP status of the answer; 0 when a fault cut the connection before it.
    pub status: u16,
}

pub(super) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = if name == AUTHORIZATION {
                LEFT_OUT.to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.to_string(), value)
        })
        .collect()
}

/// The form of an upload without what is good for further ones.
pub(super) fn permission(form: &[(String, String)]) -> Vec<(String, String)> {
    let is_secret = |name: &str| {
        let name = name.to_lowercase();
        ["policy", "signature", "credential"].iter().any(|secret| name.contains(secret))
    };
    let kept = |(name, value): &(String, String)| {
        (name.clone(), if is_secret(name) { LEFT_OUT.to_owned() } else { value.clone() })
    };
    form.iter().map(kept).collect()
}

/// A form without the secret: neither the real one nor a wrong one.
pub(super) fn form(form: &[(String, String)], secret: &str) -> Vec<(String, String)> {
    form.iter()
        .map(|(name, value)| {
            let is_secret = name.to_lowercase().contains("secret") || value == secret;
            (name.clone(), if is_secret { LEFT_OUT.to_owned() } else { value.clone() })
        })
        .collect()
}
