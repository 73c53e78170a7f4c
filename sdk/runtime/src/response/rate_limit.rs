//! Exhausted quotas, reported by a response with a status of success.

use super::errors;
use super::http::HttpResponse;
use crate::error::{Error, ErrorKind};
use crate::retry::retry_after;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Envelope<'j> {
    #[serde(default, borrow, deserialize_with = "present")]
    data: Option<&'j RawValue>,
    #[serde(borrow)]
    errors: &'j RawValue,
}

/// Decodes null as present, too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Detects an exhausted quota in a response without data. Only bodies that begin with `errors`,
/// `extensions` or null data are parsed, so that all others cost nothing.
pub(crate) fn limited(response: &HttpResponse, operation: &str) -> Option<Error> {
    let begin = response.body.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
    let is_likely = begin.starts_with(b"\"errors\"") || begin.starts_with(b"\"extensions\"") || {
        let data =
            begin.strip_prefix(b"\"data\"").and_then(|rest| rest.trim_ascii_start().strip_prefix(b":"));
        data.is_some_and(|data| data.trim_ascii_start().starts_with(b"null"))
    };
    if !is_likely {
        return None;
    }
    let envelope: Envelope<'_> = serde_json::from_slice(&response.body).ok()?;
    if envelope.data.is_some_and(|data| data.get() != "null") {
        return None;
    }
    let errors = errors::parse(envelope.errors.get(), &response.secrets);
    let error = Error::graphql(ErrorKind::GraphQl, operation, errors)
        .with_retry_after(retry_after(&response.headers))
        .detect_rate_limit();
    // Without data, nothing was executed. Where data is null, a mutation may have been, in part.
    let error = if envelope.data.is_none() { error.not_executed() } else { error };
    error.is_rate_limited().then(|| error.with_request_id(response.request_id.as_deref()))
}
