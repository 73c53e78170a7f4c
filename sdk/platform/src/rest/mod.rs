//! Calls of the REST interface, for what GraphQL does not offer. They use the client's tokens, limits,
//! retries, hooks and traces.

mod next_page;

pub(crate) use next_page::next_page;

use crate::settings::Platform;
use bytes::Bytes;
use http::Method;
use serde::de::DeserializeOwned;
use url::Url;
use xurrent_runtime::input::Wire;
use xurrent_runtime::send::{BRIEF, CallRequest, HttpResponse, call};
use xurrent_runtime::{ClientCore, Error, ErrorKind, InputObject, OperationType, Result, uri};

#[derive(Debug, Clone)]
pub(crate) struct RestClient {
    pub(crate) core: ClientCore,
    pub(crate) platform: Platform,
}

#[derive(Clone)]
pub(crate) struct RestCall {
    /// Its name in hooks and traces.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: Option<InputObject>,
    pub(crate) may_be_empty: bool,
    /// The secrets that it sends, which a server may repeat.
    pub(crate) secrets: Vec<String>,
}

impl RestCall {
    /// A call without a body that expects JSON, by the segments of its path.
    pub(crate) fn new<'p>(
        client: &RestClient,
        operation: &'static str,
        method: Method,
        path: impl Iterator<Item = &'p str>,
    ) -> Result<Self> {
        let missing = || {
            Error::configuration(
                "no REST endpoint: call `.rest_endpoint(\"https://api.xurrent.com/v1\")` beside `.endpoints(..)`",
            )
        };
        let mut url = client.platform.rest.clone().ok_or_else(missing)?;
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        Ok(Self { operation, method, url, body: None, may_be_empty: false, secrets: Vec::new() })
    }

    /// Sends the call. Only a `GET` is retried when it may have been executed.
    pub(crate) async fn send(self, client: &ClientCore) -> Result<HttpResponse> {
        let Self { operation, method, url, body, may_be_empty, secrets } = self;
        let body = match &body {
            None => Bytes::new(),
            Some(body) => serde_json::to_vec(&Wire(body)).map(Bytes::from).map_err(|error| {
                Error::configuration(format!("the fields of `{operation}` cannot be sent")).with_reason(error)
            })?,
        };
        let kind = if method == Method::GET { OperationType::Query } else { OperationType::Mutation };
        let uri = uri(&url)?;
        call(client, CallRequest { operation, kind, method, uri: &uri, body, may_be_empty, secrets }).await
    }
}

pub(crate) fn json<T: DeserializeOwned>(response: &HttpResponse, operation: &'static str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_slice(&response.body);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        // Without a source, which could repeat a secret.
        let reason = response.secrets.quote(error.to_string(), BRIEF);
        let message = format!("could not decode the response to `{operation}`: {reason}");
        Error::new(ErrorKind::Decode, message).with_request_id(response.request_id.as_deref())
    })
}
