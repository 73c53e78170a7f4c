//! A transport that answers from a script and remembers what was sent.

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use xurrent_runtime::transport::{BoxFuture, Request};
use xurrent_runtime::{Error, Result, Transport};

/// One answer of the script.
#[derive(Clone)]
pub(crate) struct Answer {
    status: u16,
    content_type: &'static str,
    body: String,
    delay: Duration,
    headers: Vec<(&'static str, String)>,
    /// No answer at all.
    failure: Option<fn() -> Error>,
}

impl Answer {
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

pub(crate) fn json(status: u16, body: &str) -> Answer {
    Answer {
        status,
        content_type: "application/json",
        body: body.to_owned(),
        delay: Duration::ZERO,
        headers: Vec::new(),
        failure: None,
    }
}

/// The server was not reached.
pub(crate) fn not_sent() -> Answer {
    Answer { failure: Some(|| Error::not_sent("connection refused")), ..json(0, "") }
}

/// The connection broke on the way.
pub(crate) fn no_answer() -> Answer {
    Answer { failure: Some(|| Error::no_response("connection reset")), ..json(0, "") }
}

pub(crate) fn status(status: u16, body: &str) -> Answer {
    Answer { content_type: "text/html", ..json(status, body) }
}

/// A token with a lifetime, written as it is.
pub(crate) fn token(token: &str, expires_in: &str) -> Answer {
    json(200, &format!(r#"{{"access_token":"{token}","token_type":"bearer","expires_in":{expires_in}}}"#))
}

/// Any data.
pub(crate) fn graphql() -> Answer {
    json(200, r#"{"data":{"a":1}}"#)
}

/// What was sent.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) uri: String,
    headers: HeaderMap,
    pub(crate) sensitive: bool,
    pub(crate) body: String,
    pub(crate) timeout: Duration,
    pub(crate) at: Instant,
}

impl Sent {
    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        self.headers.get(HeaderName::from_static(name)).map(|value| value.to_str().unwrap())
    }
}

#[derive(Clone)]
pub(crate) struct Script(Arc<Mutex<(VecDeque<Answer>, Vec<Sent>)>>);

impl Script {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self(Arc::new(Mutex::new((answers.into_iter().collect(), Vec::new()))))
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.0.lock().unwrap().1.clone()
    }

    pub(crate) fn token_calls(&self) -> usize {
        self.sent().iter().filter(|sent| sent.uri.ends_with("/token")).count()
    }

    /// Drops the next answer, which is for a token call that should not come.
    pub(crate) fn skip_token(&self) {
        self.0.lock().unwrap().0.pop_front();
    }
}

impl Transport for Script {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        let mut script = self.0.lock().unwrap();
        let headers = request.http.headers().clone();
        script.1.push(Sent {
            method: request.http.method().to_string(),
            uri: request.http.uri().to_string(),
            sensitive: headers.values().any(HeaderValue::is_sensitive),
            headers,
            body: String::from_utf8(request.http.body().to_vec()).unwrap(),
            timeout: request.timeout,
            at: Instant::now(),
        });
        let answer = script.0.pop_front().expect("the script has no answer left");
        Box::pin(async move {
            tokio::time::sleep(answer.delay).await;
            if let Some(failure) = answer.failure {
                return Err(failure());
            }
            let mut response = Response::new(answer.body.into_bytes());
            *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
            response.headers_mut().insert("content-type", HeaderValue::from_static(answer.content_type));
            for (name, value) in answer.headers {
                response.headers_mut().insert(name, HeaderValue::try_from(value).unwrap());
            }
            Ok(response)
        })
    }
}
