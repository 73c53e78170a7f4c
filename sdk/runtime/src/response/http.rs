//! HTTP responses: success with a body, or an error with the message of the server.

use super::errors;
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::outdated::Sent;
use crate::quote::{BRIEF, MESSAGE};
use crate::retry::retry_after;
use crate::secrets::Secrets;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use http::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// A response with a status of success. Its body may still hold GraphQL errors.
#[non_exhaustive]
pub struct HttpResponse {
    /// Its status, one of success.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
    /// The errors that the server reported while remaining pages were fetched.
    pub(crate) errors: Vec<GraphQlError>,
    /// Its request id, safe to print.
    pub request_id: Option<String>,
    /// The secrets that it may repeat.
    pub secrets: Secrets,
    /// The request, where its document is of this crate.
    pub(crate) sent: Option<Box<Sent>>,
}

impl HttpResponse {
    /// A response with this body and status 200.
    pub fn new(body: Vec<u8>, request_id: Option<String>, secrets: Secrets) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body,
            errors: Vec::new(),
            request_id,
            secrets,
            sent: None,
        }
    }
}

/// A header, if it is text.
pub fn header_str(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Returns a response with a status of success and a JSON body, or none where it `may_be_empty`, and an error
/// for any other, with the message of the server.
pub fn check_status(
    response: Response<Vec<u8>>,
    may_be_empty: bool,
    request_id: Option<String>,
    secrets: Secrets,
) -> Result<HttpResponse> {
    let (parts, body) = response.into_parts();
    let is_json = header_str(&parts.headers, &CONTENT_TYPE)
        .is_some_and(|content_type| content_type.to_ascii_lowercase().contains("json"));
    let kind = match parts.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorKind::Unauthorized,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
        status if status.is_success() && (is_json || may_be_empty && body.is_empty()) => {
            return Ok(HttpResponse {
                status: parts.status,
                headers: parts.headers,
                ..HttpResponse::new(body, request_id, secrets)
            });
        }
        _ => ErrorKind::Status,
    };
    Err(status_error(kind, parts.status, is_json, &body, &secrets)
        .with_retry_after(retry_after(&parts.headers))
        .detect_rate_limit()
        .with_status(parts.status.as_u16())
        .with_request_id(request_id.as_deref()))
}

fn status_error(kind: ErrorKind, status: StatusCode, is_json: bool, body: &[u8], secrets: &Secrets) -> Error {
    let (message, errors) = message_and_errors(body, secrets);
    let body = body.trim_ascii();
    let quoted = || secrets.quote(body, BRIEF);
    let detail = match (message, body.first()) {
        (Some(message), _) => format!(": {message}"),
        (None, _) if !errors.is_empty() => String::new(),
        (None, None) => " with an empty body".to_owned(),
        (None, Some(_)) if is_json => format!(": {}", quoted()),
        // Data is for the caller and not for a log: it may grant permission to upload.
        (None, Some(b'{')) if status.is_success() => " with data, but without a JSON content type".to_owned(),
        (None, Some(_)) => format!(" with something that is not JSON: {}", quoted()),
    };
    Error::new(kind, format!("the server answered {status}{detail}")).with_errors(errors)
}

fn message_and_errors(body: &[u8], secrets: &Secrets) -> (Option<String>, Vec<GraphQlError>) {
    #[derive(serde::Deserialize)]
    struct Body {
        message: Option<String>,
        errors: Option<Box<RawValue>>,
    }
    let Some(Body { message, errors }) = object(body) else { return (None, Vec::new()) };
    let errors = errors.map(|errors| errors::parse(errors.get(), secrets));
    (message.map(|message| secrets.quote(message, MESSAGE)), errors.unwrap_or_default())
}

/// The message and the errors of a body in one text, or its beginning; none if it is empty.
pub(crate) fn error_message(body: &[u8], secrets: &Secrets) -> Option<String> {
    let (message, errors) = message_and_errors(body, secrets);
    let messages: Vec<String> = message.into_iter().chain(errors.iter().map(ToString::to_string)).collect();
    let text = match messages.is_empty() {
        true => secrets.quote(body.trim_ascii(), BRIEF),
        false => secrets.quote(messages.join("; "), MESSAGE),
    };
    (!text.is_empty()).then_some(text)
}

/// Reads a JSON object. Serde by itself would also take an array for one.
pub fn object<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let body = body.trim_ascii_start();
    if body.first() == Some(&b'{') { serde_json::from_slice(body).ok() } else { None }
}
