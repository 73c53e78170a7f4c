//! Answers of the server: data, or a refusal turned into an error, and what must not be seen in them.

use crate::auth::{conceal, object, token};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::quote::{BRIEF, MESSAGE};
use crate::reported;
use crate::retry::retry_after;
use crate::transport::REQUEST_ID;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode, Uri};
use serde_json::value::RawValue;

/// The body of a successful response.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// JSON.
    Json,
    /// Empty, or JSON that nobody looks at.
    Nothing,
}

/// What is shorter, and no token or secret by its nature, is none.
pub const LONG: usize = 8;

/// A successful HTTP answer. Its body may still hold GraphQL errors.
#[non_exhaustive]
pub struct Answer {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
    /// What the server reported when the answer was completed.
    pub(crate) errors: Vec<GraphQlError>,
    /// Its request id.
    pub request_id: Option<String>,
    /// The secrets that it may repeat.
    pub secrets: Secrets,
}

impl Answer {
    /// A response with this body.
    #[must_use]
    pub fn new(body: Vec<u8>, request_id: Option<String>, secrets: Secrets) -> Self {
        Self { headers: HeaderMap::new(), body, errors: Vec::new(), request_id, secrets }
    }
}

/// What must not be seen in anything that a server says: the tokens, and a key in the address.
#[derive(Clone)]
pub struct Secrets {
    /// The header that the request was signed with, and those that others may be signed with.
    signatures: Vec<HeaderValue>,
    /// The query of the endpoint's address, and what a call sends that is one.
    texts: Vec<String>,
}

impl Secrets {
    /// An address that opens what is behind it to everybody who knows it.
    #[must_use]
    pub fn of_address(address: &Uri) -> Self {
        let mut texts = query(address);
        texts.extend(address.path().split('/').filter(|part| part.len() >= LONG).map(str::to_owned));
        texts.extend(Some(address.path().to_owned()).filter(|path| path.len() > 1));
        Self { signatures: Vec::new(), texts }
    }

    /// What a request was signed with, what others may be signed with, and the address that it went to.
    #[must_use]
    pub fn new(signatures: Vec<HeaderValue>, address: &Uri) -> Self {
        Self { signatures, texts: query(address) }
    }

    /// These, and others.
    #[must_use]
    pub fn and(mut self, others: &[String]) -> Self {
        self.texts.extend_from_slice(others);
        self
    }

    /// All of them.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.signatures.iter().map(token).chain(self.texts.iter().map(String::as_str)).collect()
    }

    /// Blots them out in a text.
    pub(crate) fn blot_out(&self, text: &str) -> String {
        conceal(text, &self.texts()).into_owned()
    }
}

/// A header, if it is text.
#[must_use]
pub fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The request id that an answer has, as it can be shown.
#[must_use]
pub fn request_id(headers: &HeaderMap, secrets: &Secrets) -> Option<String> {
    headers.get(&REQUEST_ID)?.to_str().ok().map(|id| secrets.quote(id, BRIEF))
}

/// Tells apart what the server answers: data, which may still hold GraphQL errors, or a refusal.
///
/// # Errors
/// The refusal.
pub fn read(
    answer: Response<Vec<u8>>,
    expected: Expected,
    request_id: Option<String>,
    secrets: Secrets,
) -> Result<Answer> {
    let (parts, body) = answer.into_parts();
    let is_json = header(&parts.headers, &CONTENT_TYPE)
        .is_some_and(|content_type| content_type.to_ascii_lowercase().contains("json"));
    let kind = match parts.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorKind::Unauthorized,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
        status if status.is_success() && (is_json || expected == Expected::Nothing && body.is_empty()) => {
            return Ok(Answer { headers: parts.headers, ..Answer::new(body, request_id, secrets) });
        }
        _ => ErrorKind::Status,
    };
    let error = refusal(kind, parts.status, is_json, &body, &secrets);
    Err(error
        .with_retry_after(retry_after(&parts.headers))
        .limited()
        .with_status(parts.status.as_u16())
        .with_request_id(request_id.as_deref()))
}

/// The query of an address, and those of its values that can be a key: a short one may be any number or
/// word.
fn query(address: &Uri) -> Vec<String> {
    let Some(query) = address.query() else { return Vec::new() };
    let values = url::form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned());
    values.filter(|value| value.len() >= LONG).chain([query.to_owned()]).collect()
}

/// What the server says in a refusal: the `message` and the `errors` of its JSON, or the beginning
/// of its body.
fn refusal(kind: ErrorKind, status: StatusCode, is_json: bool, body: &[u8], secrets: &Secrets) -> Error {
    let (message, errors) = words(body, secrets);
    if let Some(message) = message {
        return Error::new(kind, format!("the server answered {status}: {message}")).with_errors(errors);
    }
    if !errors.is_empty() {
        return Error::new(kind, format!("the server answered {status}")).with_errors(errors);
    }
    let body = body.trim_ascii();
    let quoted = secrets.quote(body, BRIEF);
    let message = match (body.first(), is_json) {
        // Data, perhaps a permission to upload: it is for the caller, and not for a log.
        (Some(b'{'), false) if status.is_success() => {
            format!("the server answered {status} with data, but does not say that it is JSON")
        }
        (None, _) => format!("the server answered {status} with an empty body"),
        (Some(_), true) => format!("the server answered {status}: {quoted}"),
        (Some(_), false) => {
            format!("the server answered {status} with something that is not JSON: {quoted}")
        }
    };
    Error::new(kind, message)
}

/// The `message` and the `errors` of a refusal in JSON.
fn words(body: &[u8], secrets: &Secrets) -> (Option<String>, Vec<GraphQlError>) {
    #[derive(serde::Deserialize)]
    struct Words {
        message: Option<String>,
        errors: Option<Box<RawValue>>,
    }
    let Some(Words { message, errors }) = object(body) else { return (None, Vec::new()) };
    let errors = errors.map(|errors| reported::errors(errors.get(), secrets));
    (message.map(|message| secrets.quote(message, MESSAGE)), errors.unwrap_or_default())
}

/// What a server says in a refusal, in one text; nothing when it says nothing.
pub(crate) fn message_of(body: &[u8], secrets: &Secrets) -> Option<String> {
    let (message, errors) = words(body, secrets);
    let words: Vec<String> = message.into_iter().chain(errors.iter().map(ToString::to_string)).collect();
    let words = match words.is_empty() {
        true => secrets.quote(body.trim_ascii(), BRIEF),
        false => words.join("; "),
    };
    (!words.is_empty()).then(|| secrets.quote(words, MESSAGE))
}
