//! Recorded requests, with their secrets redacted.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde_json::Value;

/// Replaces secrets.
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
    headers
        .iter()
        .map(|(name, value)| {
            let value = if name == AUTHORIZATION {
                REDACTED.to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.to_string(), value)
        })
        .collect()
}

/// The form of an upload, with the permission redacted.
pub(super) fn permission(form: &[(String, String)]) -> Vec<(String, String)> {
    let secrets = ["policy", "signature", "credential"];
    redact(form, |name, _| secrets.iter().any(|secret| name.contains(secret)))
}

/// A form with the client secret redacted, whether right or wrong.
pub(super) fn form(form: &[(String, String)], secret: &str) -> Vec<(String, String)> {
    redact(form, |name, value| name.contains("secret") || value == secret)
}

/// Redacts secret values, by the lower-case name and the value.
fn redact(form: &[(String, String)], is_secret: impl Fn(&str, &str) -> bool) -> Vec<(String, String)> {
    let redacted = |(name, value): &(String, String)| {
        let is_secret = is_secret(&name.to_lowercase(), value);
        (name.clone(), if is_secret { REDACTED.to_owned() } else { value.clone() })
    };
    form.iter().map(redacted).collect()
}
