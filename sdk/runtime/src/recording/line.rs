//! The lines of a recording.

use super::redact::Redactor;
use crate::auth::object;
use crate::error::Result;
use crate::secrets::token;
use crate::transport::Request;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io;
use std::time::Duration;

/// Changes with the form of the lines.
const VERSION: u32 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    recording: Cow<'static, str>,
    version: u32,
    client: Cow<'static, str>,
    /// Whether there are values of variables and of answers.
    values: bool,
}

impl Head {
    pub(super) fn new(values: bool) -> Self {
        let client = concat!("xurrent-rust/", env!("CARGO_PKG_VERSION"));
        Self { recording: "xurrent".into(), version: VERSION, client: client.into(), values }
    }

    pub(super) fn to_json(&self) -> io::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }

    /// Whether a file that begins like this is one that can be continued.
    pub(super) fn check(&self, line: &str) -> io::Result<()> {
        let refused = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why.to_owned()));
        let Ok(there) = serde_json::from_str::<Self>(line) else {
            return refused("it has something else in it than a recording");
        };
        if there.recording != self.recording || there.version != self.version {
            return refused("it has a recording of another version in it");
        }
        match there.values == self.values {
            true => Ok(()),
            false if self.values => refused("it has a recording without values in it"),
            false => refused("it has a recording with values in it"),
        }
    }
}

/// What is kept of a request while it is under way.
pub(super) struct Asked {
    method: Method,
    address: String,
    token: Option<String>,
    operation: Option<String>,
    is_form: bool,
    body: Bytes,
}

impl Asked {
    pub(super) fn of(request: &Request) -> Self {
        let (headers, uri) = (request.http.headers(), request.http.uri());
        let content_type = headers.get(CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
        Self {
            method: request.http.method().clone(),
            address: uri.to_string(),
            operation: request.operation.clone(),
            token: headers.get(AUTHORIZATION).map(|signature| token(signature).to_owned()),
            is_form: content_type.starts_with(b"application/x-www-form-urlencoded"),
            body: request.http.body().clone(),
        }
    }
}

/// One exchange.
#[derive(Serialize)]
pub(super) struct Line {
    request: Sent,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Received>,
    /// Why there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    ms: u128,
}

#[derive(Serialize, Default)]
struct Sent {
    to: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variables: Option<Box<RawValue>>,
    /// Which result of asynchronous work was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<usize>,
}

#[derive(Serialize)]
struct Received {
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<Box<RawValue>>,
    /// What is no JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// How long the body was, in bytes.
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

impl Line {
    pub(super) fn new(
        asked: &Asked,
        result: &Result<Response<Vec<u8>>>,
        duration: Duration,
        redactor: &mut Redactor,
    ) -> Self {
        redactor.add_secret(asked.token.as_deref());
        let request = sent(asked, redactor);
        let answer = result.as_ref().ok().map(|answer| received(answer, request.to, redactor));
        let failure = result.as_ref().err().map(|error| redactor.text(&error.to_string()));
        redactor.forget_names();
        Self { request, answer, failure, ms: duration.as_millis() }
    }

    pub(super) fn to_json(&self) -> io::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }
}

fn sent(asked: &Asked, redactor: &mut Redactor) -> Sent {
    if asked.is_form {
        for (_, value) in url::form_urlencoded::parse(&asked.body) {
            redactor.add_secret((value != "client_credentials").then_some(&*value));
        }
        return Sent { to: "token", ..Sent::default() };
    }
    if asked.method == Method::GET {
        // Nothing else is asked for without credentials.
        return match asked.token {
            Some(_) if asked.operation.is_none() => Sent { to: "introspect", ..Sent::default() },
            // Of the REST interface: addresses in its answers can hold secrets of any form.
            Some(_) => Sent { to: "other", operation: asked.operation.clone(), ..Sent::default() },
            None => {
                let number = Some(redactor.result(&asked.address));
                Sent { to: "async_result", number, ..Sent::default() }
            }
        };
    }
    let Ok(body) = serde_json::from_slice::<Body<'_>>(&asked.body) else {
        // Of what is not known nothing is known to be no secret.
        return Sent { to: "other", operation: asked.operation.clone(), ..Sent::default() };
    };
    redactor.remember_names(&body.query);
    Sent {
        to: "graphql",
        operation: body.operation_name,
        document: Some(redactor.document(&body.query)),
        variables: body.variables.and_then(|variables| redactor.json(variables.get())),
        number: None,
    }
}

fn received(answer: &Response<Vec<u8>>, to: &str, redactor: &mut Redactor) -> Received {
    /// Whatever else there is beside the token says nothing about the server.
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
    let body = answer.body();
    let (json, text) = match to {
        "token" => {
            let grant: Option<Grant> = object(body);
            redactor.add_secret(grant.as_ref().and_then(|grant| grant.access_token.as_deref()));
            let grant = grant.and_then(|grant| serde_json::to_string(&grant).ok());
            (grant.and_then(|grant| redactor.said(&grant)), None)
        }
        "other" => (None, None),
        // Scopes are no values of anybody's.
        "introspect" => (std::str::from_utf8(body).ok().and_then(|text| redactor.said(text)), None),
        _ => match std::str::from_utf8(body).ok().and_then(|text| redactor.json(text)) {
            Some(json) => (Some(json), None),
            None => (None, redactor.page(&String::from_utf8_lossy(body))),
        },
    };
    let headers = headers(answer.headers(), redactor);
    Received { status: answer.status().as_u16(), headers, json, text, size: body.len() }
}

/// All names, and the values of those that are known to hold no secret.
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
        let value = if is_kept { redactor.text(&text) } else { super::redact::LEFT_OUT.to_owned() };
        (name.to_string(), value)
    };
    headers.iter().map(shown).collect()
}
