//! The lines of a recording: a header, and an entry for each request with its response.

use super::redact::Redactor;
use crate::error::Result;
use crate::redact::REDACTED;
use crate::response::http::object;
use crate::secrets::{sensitive, token};
use crate::transport::Request;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io;
use std::time::Duration;

/// The version of the format.
const VERSION: u32 = 1;

/// A line with its end.
pub(super) fn to_line(line: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string(line)? + "\n")
}

/// The first line of a recording.
#[derive(Serialize, Deserialize)]
pub(super) struct Header {
    recording: Cow<'static, str>,
    version: u32,
    client: Cow<'static, str>,
    /// Whether it has the values of variables and responses.
    values: bool,
}

impl Header {
    /// The values of `recording` and `client` are part of the format, whatever the API.
    pub(super) fn new(values: bool) -> Self {
        let client = concat!("xurrent-rust/", env!("CARGO_PKG_VERSION"));
        Self { recording: "xurrent".into(), version: VERSION, client: client.into(), values }
    }

    /// Checks that a file with this first line can be continued.
    pub(super) fn check(&self, line: &str) -> io::Result<()> {
        let reason = match serde_json::from_str::<Self>(line) {
            Err(_) => "it is not a recording",
            Ok(found) if found.recording != self.recording || found.version != self.version => {
                "it is a recording of another version"
            }
            Ok(found) if found.values == self.values => return Ok(()),
            Ok(_) if self.values => "it is a recording without values",
            Ok(_) => "it is a recording with values",
        };
        Err(io::Error::new(io::ErrorKind::InvalidData, reason))
    }
}

/// The recorded parts of a request in flight.
pub(super) struct SentRequest {
    method: Method,
    address: String,
    tokens: Vec<String>,
    operation: Option<String>,
    is_form: bool,
    body: Bytes,
}

impl SentRequest {
    pub(super) fn new(request: &Request) -> Self {
        let (headers, uri) = (request.http.headers(), request.http.uri());
        let content_type = headers.get(CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
        Self {
            method: request.http.method().clone(),
            address: uri.to_string(),
            operation: request.operation.clone(),
            tokens: sensitive(headers).map(|header| token(header).to_owned()).collect(),
            is_form: content_type.starts_with(b"application/x-www-form-urlencoded"),
            body: request.http.body().clone(),
        }
    }
}

/// A request with its response.
#[derive(Serialize)]
pub(super) struct Entry {
    request: RequestEntry,
    #[serde(rename = "answer", skip_serializing_if = "Option::is_none")]
    response: Option<ResponseEntry>,
    /// Why there was no response.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    ms: u128,
}

#[derive(Serialize, Default)]
struct RequestEntry {
    to: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variables: Option<Box<RawValue>>,
    /// The number of the asynchronous result.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<usize>,
}

#[derive(Serialize)]
struct ResponseEntry {
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<Box<RawValue>>,
    /// A body that is not JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The length of the body in bytes.
    size: usize,
}

#[derive(Deserialize)]
struct Body<'b> {
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    query: String,
    #[serde(borrow)]
    variables: Option<&'b RawValue>,
}

impl Entry {
    pub(super) fn new(
        sent: &SentRequest,
        result: &Result<Response<Vec<u8>>>,
        duration: Duration,
        redactor: &mut Redactor,
    ) -> Self {
        sent.tokens.iter().for_each(|token| redactor.add_secret(Some(token)));
        let request = request_entry(sent, redactor);
        let response = result.as_ref().ok().map(|response| response_entry(response, request.to, redactor));
        let failure = result.as_ref().err().map(|error| redactor.text(&format!("{error:#}")));
        redactor.forget_names();
        Self { request, response, failure, ms: duration.as_millis() }
    }
}

fn request_entry(sent: &SentRequest, redactor: &mut Redactor) -> RequestEntry {
    let to = |to, operation: Option<&String>| RequestEntry {
        to,
        operation: operation.cloned(),
        ..RequestEntry::default()
    };
    if sent.is_form {
        for (_, value) in url::form_urlencoded::parse(&sent.body) {
            redactor.add_secret((value != "client_credentials").then_some(&*value));
        }
        return to("token", None);
    }
    if sent.method == Method::GET {
        // Only asynchronous results are requested without credentials.
        return match sent.tokens.is_empty() {
            false if sent.operation.is_none() => to("introspect", None),
            // REST: URLs in its responses can contain secrets of any form.
            false => to("other", sent.operation.as_ref()),
            true => RequestEntry { number: Some(redactor.result(&sent.address)), ..to("async_result", None) },
        };
    }
    let Ok(body) = serde_json::from_slice::<Body<'_>>(&sent.body) else {
        // An unknown request may contain any secret.
        return to("other", sent.operation.as_ref());
    };
    redactor.remember_names(&body.query);
    RequestEntry {
        document: Some(redactor.document(&body.query)),
        variables: body.variables.and_then(|variables| redactor.json(variables.get())),
        ..to("graphql", body.operation_name.as_ref())
    }
}

fn response_entry(response: &Response<Vec<u8>>, to: &str, redactor: &mut Redactor) -> ResponseEntry {
    /// Other fields of a token response say nothing about the server.
    #[derive(Deserialize, Serialize)]
    struct Grant {
        #[serde(skip_serializing)]
        access_token: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        token_type: Option<Box<RawValue>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_in: Option<Box<RawValue>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Box<RawValue>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_description: Option<Box<RawValue>>,
    }
    let body = response.body();
    let (json, text) = match to {
        "token" => {
            let grant: Option<Grant> = object(body);
            redactor.add_secret(grant.as_ref().and_then(|grant| grant.access_token.as_deref()));
            let grant = grant.and_then(|grant| serde_json::to_string(&grant).ok());
            (grant.and_then(|grant| redactor.json_with_values(&grant)), None)
        }
        "other" => (None, None),
        // Scopes are not personal data.
        "introspect" => {
            (std::str::from_utf8(body).ok().and_then(|text| redactor.json_with_values(text)), None)
        }
        _ => match std::str::from_utf8(body).ok().and_then(|text| redactor.json(text)) {
            Some(json) => (Some(json), None),
            None => (None, redactor.body_text(&String::from_utf8_lossy(body))),
        },
    };
    let headers = headers(response.headers(), redactor);
    ResponseEntry { status: response.status().as_u16(), headers, json, text, size: body.len() }
}

/// The names of all headers, and the values of those that contain no secret.
fn headers(headers: &HeaderMap, redactor: &Redactor) -> Vec<(String, String)> {
    const KEPT: [&str; 8] = [
        "content-type",
        "cache-control",
        "date",
        "documentation-url",
        "retry-after",
        "server",
        "www-authenticate",
        "x-request-id",
    ];
    let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let is_kept = KEPT.contains(&name.as_str())
            || name.as_str().starts_with("x-ratelimit-")
            || name.as_str().starts_with("x-costlimit-")
            || *name == LOCATION;
        let text = String::from_utf8_lossy(value.as_bytes());
        let value = if is_kept { redactor.text(&text) } else { REDACTED.to_owned() };
        (name.to_string(), value)
    };
    headers.iter().map(shown).collect()
}
