//! One request, one answer.

use crate::error::{Error, ErrorKind, Result};
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

static ACCOUNT: HeaderName = HeaderName::from_static("x-xurrent-account");
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Sends JSON to one endpoint in the name of one account.
pub(crate) struct Transport {
    http: reqwest::Client,
    endpoint: Url,
    headers: HeaderMap,
}

/// A successful HTTP answer. Its body may still hold GraphQL errors.
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    pub(crate) request_id: Option<String>,
}

impl Transport {
    pub(crate) fn new(
        http: reqwest::Client,
        endpoint: Url,
        account: &str,
        token: &SecretString,
    ) -> Result<Self> {
        let mut headers = HeaderMap::new();
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
            .map_err(|_| Error::configuration("the token has characters that no HTTP header can hold"))?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
        let account = HeaderValue::try_from(account)
            .map_err(|_| Error::configuration("the account has characters that no HTTP header can hold"))?;
        headers.insert(ACCOUNT.clone(), account);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Self { http, endpoint, headers })
    }

    /// Sends one request body and waits for the whole answer.
    pub(crate) async fn send(&self, body: Vec<u8>) -> Result<Answer> {
        let request = self.http.post(self.endpoint.clone()).headers(self.headers.clone()).body(body);
        let response = request.send().await.map_err(|error| self.unreachable(error))?;
        let status = response.status();
        let request_id = header(response.headers(), &REQUEST_ID);
        let is_json = header(response.headers(), &CONTENT_TYPE)
            .is_some_and(|content_type| content_type.to_ascii_lowercase().contains("json"));
        let body = response
            .bytes()
            .await
            .map_err(|error| self.unreachable(error).with_request_id(request_id.as_deref()))?;
        let failed = |kind| {
            Error::new(kind, refusal(status, is_json, &body))
                .with_status(status.as_u16())
                .with_request_id(request_id.as_deref())
        };
        if matches!(status.as_u16(), 401 | 403) {
            return Err(failed(ErrorKind::Unauthorized));
        }
        if !status.is_success() || !is_json {
            return Err(failed(ErrorKind::Status));
        }
        Ok(Answer { body: body.into(), request_id })
    }

    fn unreachable(&self, error: reqwest::Error) -> Error {
        let host = self.endpoint.host_str().unwrap_or_default();
        let what = if error.is_timeout() { "did not answer in time" } else { "cannot be reached" };
        Error::new(ErrorKind::Transport, format!("{host} {what}")).with_source(error.without_url())
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("endpoint", &self.endpoint.as_str()).finish_non_exhaustive()
    }
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// What the server says in a refusal: the `message` of its JSON, or the beginning of its body.
fn refusal(status: reqwest::StatusCode, is_json: bool, body: &[u8]) -> String {
    const QUOTED: usize = 200;
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: String,
    }
    if let Ok(Refusal { message }) = serde_json::from_slice(body) {
        return format!("the server answered {status}: {message}");
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let cut: String = text.chars().take(QUOTED).collect();
    let dots = if cut.len() < text.len() { "…" } else { "" };
    match (cut.is_empty(), is_json) {
        (true, _) => format!("the server answered {status} with an empty body"),
        (false, true) => format!("the server answered {status}: {cut}{dots}"),
        (false, false) => {
            format!("the server answered {status} with something that is not JSON: {cut}{dots}")
        }
    }
}
