//! Answers of the server: data, or a refusal turned into an error, and what must not be seen in them.

use crate::auth::{conceal, conceal_errors, object, token};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::retry::retry_after;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode, Uri};
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

/// What an answer of success is like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Json,
    /// Empty, or JSON that nobody looks at.
    Nothing,
}

/// A successful HTTP answer. Its body may still hold GraphQL errors.
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// What the server reported when the answer was completed.
    pub(crate) errors: Vec<GraphQlError>,
    pub(crate) request_id: Option<String>,
    pub(crate) secrets: Secrets,
}

impl Answer {
    pub(crate) fn new(body: Vec<u8>, request_id: Option<String>, secrets: Secrets) -> Self {
        Self { headers: HeaderMap::new(), body, errors: Vec::new(), request_id, secrets }
    }
}

/// What must not be seen in anything that a server says: the tokens, and a key in the address.
#[derive(Clone)]
pub(crate) struct Secrets {
    /// The header that the request was signed with, those that others may be signed with, or the
    /// path of an address that needs none.
    signatures: Vec<HeaderValue>,
    /// The query of the endpoint's address, and what a call sends that is one.
    texts: Vec<String>,
}

impl Secrets {
    /// An address that opens what is behind it to everybody who knows it.
    pub(crate) fn of_address(address: &Uri) -> Self {
        let path = HeaderValue::try_from(address.path());
        Self { signatures: path.into_iter().collect(), texts: query(address) }
    }

    /// What a request was signed with, what others may be signed with, and the address that it went to.
    pub(crate) fn new(signatures: Vec<HeaderValue>, address: &Uri) -> Self {
        Self { signatures, texts: query(address) }
    }

    /// These, and others.
    pub(crate) fn and(mut self, others: &[String]) -> Self {
        self.texts.extend_from_slice(others);
        self
    }

    fn texts(&self) -> Vec<&str> {
        self.signatures.iter().map(token).chain(self.texts.iter().map(String::as_str)).collect()
    }

    /// Blots them out in a text.
    pub(crate) fn blot_out(&self, text: &str) -> String {
        conceal(text, &self.texts()).into_owned()
    }

    /// Blots them out in what the server reports.
    pub(crate) fn conceal(&self, errors: &mut [GraphQlError]) {
        conceal_errors(errors, &self.texts());
    }
}

pub(crate) fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Tells apart what the server answers: data, which may still hold GraphQL errors, or a refusal.
pub(crate) fn read(
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
    Err(refusal(kind, parts.status, is_json, &body, &secrets)
        .with_status(parts.status.as_u16())
        .with_retry_after(retry_after(&parts.headers))
        .with_request_id(request_id.as_deref()))
}

fn query(address: &Uri) -> Vec<String> {
    address.query().map(str::to_owned).into_iter().collect()
}

/// What the server says in a refusal: the `message` and the `errors` of its JSON, or the beginning
/// of its body.
fn refusal(kind: ErrorKind, status: StatusCode, is_json: bool, body: &[u8], secrets: &Secrets) -> Error {
    const QUOTED: usize = 200;
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: Option<String>,
        errors: Option<Box<RawValue>>,
    }
    if let Some(Refusal { message, errors }) = object(body) {
        let mut errors = errors.map(|errors| reasons(errors.get())).unwrap_or_default();
        secrets.conceal(&mut errors);
        if let Some(message) = message {
            return Error::new(kind, format!("the server answered {status}: {}", secrets.blot_out(&message)))
                .with_errors(errors);
        }
        if !errors.is_empty() {
            return Error::new(kind, format!("the server answered {status}")).with_errors(errors);
        }
    }
    let text = String::from_utf8_lossy(body);
    // Before the cut, which could leave a part of the token.
    let text = secrets.blot_out(text.trim());
    let cut: String = text.chars().take(QUOTED).collect();
    let dots = if cut.len() < text.len() { "…" } else { "" };
    let message = match (cut.is_empty(), is_json) {
        // Data, perhaps a permission to upload: it is for the caller, and not for a log.
        (false, false) if status.is_success() && cut.starts_with('{') => {
            format!("the server answered {status} with data, but does not say that it is JSON")
        }
        (true, _) => format!("the server answered {status} with an empty body"),
        (false, true) => format!("the server answered {status}: {cut}{dots}"),
        (false, false) => {
            format!("the server answered {status} with something that is not JSON: {cut}{dots}")
        }
    };
    Error::new(kind, message)
}

/// Errors as GraphQL has them, pairs of a field and a message, or whatever else a server says.
fn reasons(errors: &str) -> Vec<GraphQlError> {
    #[derive(serde::Deserialize)]
    struct Graphql {
        field: Option<IgnoredAny>,
    }
    let mut reasons = Vec::new();
    match serde_json::from_str::<Vec<&RawValue>>(errors) {
        Ok(items) => items.into_iter().for_each(|item| {
            let is_graphql = object(item.get().as_bytes()).is_some_and(|Graphql { field }| field.is_none());
            match serde_json::from_str(item.get()) {
                Ok(error) if is_graphql => reasons.push(error),
                _ => add_reason(None, serde_json::from_str(item.get()).unwrap_or_default(), &mut reasons),
            }
        }),
        Err(_) => add_reason(None, serde_json::from_str(errors).unwrap_or_default(), &mut reasons),
    }
    reasons
}

/// A text, a field and its message, or fields and their messages. Of what is none of these nothing is
/// lost either.
fn add_reason(field: Option<&str>, reason: Value, reasons: &mut Vec<GraphQlError>) {
    match reason {
        Value::Null => {}
        Value::Array(items) => match items.as_slice() {
            [Value::String(name), message] if field.is_none() => {
                add_reason(Some(name), message.clone(), reasons);
            }
            _ => items.into_iter().for_each(|item| add_reason(field, item, reasons)),
        },
        Value::Object(mut fields) => match (fields.remove("field"), fields.remove("message")) {
            (Some(Value::String(field)), Some(message)) => add_reason(Some(&field), message, reasons),
            (None, Some(message)) => add_reason(field, message, reasons),
            (None, None) => {
                fields.into_iter().for_each(|(field, reason)| add_reason(Some(&field), reason, reasons));
            }
            (named, message) => {
                fields.extend(named.map(|named| ("field".to_owned(), named)));
                fields.extend(message.map(|message| ("message".to_owned(), message)));
                reasons.push(said(field, Value::Object(fields).to_string()));
            }
        },
        Value::String(message) => reasons.push(said(field, message)),
        other => reasons.push(said(field, other.to_string())),
    }
}

fn said(field: Option<&str>, message: String) -> GraphQlError {
    GraphQlError { message, path: field.map(str::to_owned).into_iter().collect(), extensions: None }
}
