//! Calls of the REST interface: for what GraphQL does not have. They share the session with all other
//! calls, and with it tokens, limits, retries, hooks and traces.

mod next;

pub(crate) use next::next_page;

use crate::auth::uri;
use crate::client::Client;
use crate::document::OperationType;
use crate::error::{Error, ErrorKind, Result};
use crate::input::{InputObject, Wire};
use crate::quote::BRIEF;
use crate::response::http::{ExpectedBody, HttpResponse};
use crate::send;
use crate::session::Outgoing;
use bytes::Bytes;
use http::Method;
use reqwest::Url;
use serde::de::DeserializeOwned;

/// One call of the REST interface, ready to be sent.
pub(crate) struct RestCall {
    pub(crate) client: Client,
    /// What hooks and traces call it.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: Option<InputObject>,
    pub(crate) expected: ExpectedBody,
    /// What was sent and must not be seen in anything that a server says about it.
    pub(crate) secrets: Vec<String>,
}

impl Client {
    /// An address of the REST interface, by the segments of its path.
    pub(crate) fn rest_url(&self, segments: &[&str]) -> Result<Url> {
        let missing = || {
            Error::configuration(
                "no REST endpoint: call `.rest_endpoint(\"https://api.xurrent.com/v1\")` beside `.endpoints(..)`",
            )
        };
        let mut url = self.session.rest().cloned().ok_or_else(missing)?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        Ok(url)
    }
}

impl RestCall {
    /// Sends the call, as often as it takes and may be: only what reads is sent again on doubt.
    pub(crate) async fn send(self) -> Result<HttpResponse> {
        let Self { client, operation, method, url, body, expected, secrets } = self;
        let body = match &body {
            None => Bytes::new(),
            Some(body) => serde_json::to_vec(&Wire(body)).map(Bytes::from).map_err(|error| {
                Error::configuration(format!("the fields of `{operation}` cannot be sent")).with_source(error)
            })?,
        };
        let kind = if method == Method::GET { OperationType::Query } else { OperationType::Mutation };
        let uri = uri(&url)?;
        send::call(&client, Outgoing { operation, kind, method, uri: &uri, body, expected, secrets }).await
    }
}

/// Reads a JSON answer.
pub(crate) fn json<T: DeserializeOwned>(answer: &HttpResponse, operation: &'static str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_slice(&answer.body);
    let read = serde_path_to_error::deserialize(&mut json);
    read.map_err(|error| {
        // Without a source: it could repeat what must not be seen.
        let reason = answer.secrets.quote(error.to_string(), BRIEF);
        let message = format!("the answer to `{operation}` cannot be read: {reason}");
        Error::new(ErrorKind::Decode, message).with_request_id(answer.request_id.as_deref())
    })
}
