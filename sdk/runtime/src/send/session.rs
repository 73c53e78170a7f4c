//! The connection of a client to its API: tokens, headers, transport.

use crate::api::Api;
use crate::error::{Error, Result};
use crate::hook::Hooks;
use crate::limits::Permit;
use crate::pool::{Pool, TokenAttempts, WaitBudget};
use crate::quote::BRIEF;
use crate::redact::redact_url;
use crate::response::http::header_str;
use crate::secrets::{Secrets, sensitive};
#[cfg(feature = "subscriptions")]
use crate::send::subscription_config::SubscriptionSettings;
use crate::transport::{Request, Transport};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, Response, Uri};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The content type of GraphQL and of most other requests.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How long one request may take by default.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) api: Api,
    pub(crate) graphql: Uri,
    pub(crate) request_timeout: Duration,
    pub(crate) hooks: Arc<Hooks>,
    /// Whether `tracing` gets the values of variables.
    pub(crate) trace_variables: bool,
    /// How many requests may fetch remaining pages for one response.
    pub(crate) max_nested_requests: usize,
    #[cfg(feature = "subscriptions")]
    pub(crate) subscriptions: SubscriptionSettings,
}

/// The permission to send one request now.
pub struct Acquired {
    /// The index of the token.
    pub(crate) token: usize,
    pub(crate) permit: Permit,
    /// The value of the header that carries the token.
    pub signature: HeaderValue,
}

impl Acquired {
    /// Returns the permit after the response, or after the request has failed.
    pub fn release(self) {
        self.permit.answered();
    }
}

impl Session {
    /// Acquires a token and a permit of its user's rate limiter. Fails with the token that could not be
    /// fetched, if that is why.
    pub(crate) async fn acquire(
        &self,
        tokens: &mut TokenAttempts,
        wait: &mut WaitBudget,
    ) -> Result<Acquired, (Option<usize>, Error)> {
        // Also a token that is good for one call only is used for this one.
        let mut fetched: Vec<(usize, HeaderValue)> = Vec::new();
        loop {
            let (token, permit) = self.pool.acquire(tokens, wait).await.map_err(|error| (None, error))?;
            let ours = fetched.iter().find(|(of, _)| *of == token).map(|(_, header)| header.clone());
            if let Some(signature) = ours.or_else(|| self.pool.tokens[token].credentials.held()) {
                return Ok(Acquired { token, permit, signature });
            }
            match self.pool.tokens[token].credentials.fetch(&self.transport, permit).await {
                Ok(Some(header)) => fetched.push((token, header)),
                Ok(None) => {}
                Err(error) => return Err((Some(token), error.with_token_name(self.pool.name(token)))),
            }
            tokens.preferred = Some(token);
        }
    }

    /// Adds a token and the headers that the API prescribes.
    pub(crate) fn sign(&self, headers: &mut HeaderMap, token: HeaderValue) {
        headers.extend(self.api.headers.clone());
        if let Some(name) = self.api.authentication.header() {
            headers.insert(name, token);
        }
    }

    pub(crate) fn request(
        &self,
        method: Method,
        uri: &Uri,
        token: HeaderValue,
        (content_type, body): (HeaderValue, Bytes),
    ) -> http::Request<Bytes> {
        let mut request = http::Request::new(body);
        (*request.method_mut(), *request.uri_mut()) = (method, uri.clone());
        let headers = request.headers_mut();
        self.sign(headers, token);
        headers.insert(CONTENT_TYPE, content_type);
        request
    }

    pub(crate) async fn send(
        &self,
        request: http::Request<Bytes>,
        operation: &str,
    ) -> Result<Response<Vec<u8>>> {
        let mut request = Request::new(request, self.request_timeout);
        request.operation = Some(operation.to_owned());
        self.transport.send(request).await
    }

    /// The request id of a response, safe to print.
    pub(crate) fn request_id(&self, headers: &HeaderMap, secrets: &Secrets) -> Option<String> {
        header_str(headers, &self.api.request_id).map(|id| secrets.quote(id, BRIEF))
    }

    /// The secrets that a response to a request with this signature may repeat.
    pub(crate) fn secrets(&self, signature: HeaderValue) -> Secrets {
        let mut signatures = vec![signature];
        signatures.extend(sensitive(&self.api.headers).cloned());
        if self.pool.tokens.len() > 1 {
            signatures.extend(self.pool.held());
        }
        let mut secrets = Secrets::new(signatures, &self.graphql);
        secrets.missing_scopes = self.api.missing_scopes;
        secrets
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("graphql", &redact_url(&self.graphql.to_string()))
            .field("label", &self.api.label)
            .field("tokens", &self.pool.tokens.len())
            .finish_non_exhaustive()
    }
}
