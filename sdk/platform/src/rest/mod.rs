//! Calls of the REST interface, for what GraphQL does not offer. They use the client's tokens, limits,
//! retries, hooks and traces.

mod next_page;

pub(crate) use next_page::next_page;

use crate::settings::Platform;
use bytes::Bytes;
#[cfg(feature = "export")]
use http::HeaderValue;
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
    pub(crate) body: Option<RestBody>,
    pub(crate) may_be_empty: bool,
    /// Whether it may be executed twice, as a `GET` may.
    pub(crate) is_idempotent: bool,
    /// The secrets that it sends, which a server may repeat.
    pub(crate) secrets: Vec<String>,
}

#[derive(Clone)]
pub(crate) enum RestBody {
    Json(InputObject),
    /// Another content type, with the text.
    #[cfg(feature = "export")]
    Form(HeaderValue, Bytes),
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
        Ok(Self {
            operation,
            is_idempotent: method == Method::GET,
            method,
            url,
            body: None,
            may_be_empty: false,
            secrets: Vec::new(),
        })
    }

    /// Sends the call. Only an idempotent one is retried when it may have been executed.
    pub(crate) async fn send(self, client: &ClientCore) -> Result<HttpResponse> {
        let Self { operation, method, url, body, may_be_empty, is_idempotent, secrets } = self;
        let (content_type, body) = match &body {
            None => (None, Bytes::new()),
            Some(RestBody::Json(body)) => {
                let body = serde_json::to_vec(&Wire(body)).map_err(|error| {
                    let message = format!("the fields of `{operation}` cannot be sent");
                    Error::configuration(message).with_reason(error)
                })?;
                (None, body.into())
            }
            #[cfg(feature = "export")]
            Some(RestBody::Form(content_type, body)) => (Some(content_type.clone()), body.clone()),
        };
        let kind = if method == Method::GET { OperationType::Query } else { OperationType::Mutation };
        let uri = uri(&url)?;
        let uri = &uri;
        let request = CallRequest {
            operation,
            kind,
            is_idempotent,
            method,
            uri,
            content_type,
            body,
            may_be_empty,
            secrets,
        };
        call(client, request).await
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
