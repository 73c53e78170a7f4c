//! Exhausted quotas, reported by a response with a status of success.

use super::errors;
use super::http::HttpResponse;
use crate::decode::Decoder;
use crate::error::{Error, ErrorKind};
use crate::retry::retry_after;

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
    let (mut data, mut errors) = (None, None);
    let mut decoder = Decoder::new(&response.body);
    let envelope = decoder.entries("a GraphQL response", &mut |decoder, key| match key {
        "data" => decoder.raw().map(|json| data = Some(json)),
        "errors" => decoder.raw().map(|json| errors = Some(json)),
        _ => decoder.skip(),
    });
    envelope.and_then(|()| decoder.finish()).ok()?;
    if data.is_some_and(|data| data != "null") {
        return None;
    }
    let errors = errors::parse(errors?, &response.secrets);
    let error = Error::graphql(ErrorKind::GraphQl, operation, errors)
        .with_retry_after(retry_after(&response.headers))
        .detect_rate_limit();
    // Without data, nothing was executed. Where data is null, a mutation may have been, in part.
    let error = if data.is_none() { error.not_executed() } else { error };
    error.is_rate_limited().then(|| error.with_request_id(response.request_id.as_deref()))
}
