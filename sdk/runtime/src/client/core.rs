//! The part that the clients of all APIs share.

use crate::api::Api;
use crate::error::Result;
use crate::limits::Budget;
use crate::retry::RetryPolicy;
use crate::secrets::Secrets;
use crate::send::check::{TokenInfo, check};
use crate::session::Session;
use crate::transport::{DownloadBody, DownloadRequest, UploadRequest};
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use http::{Response, Uri};
use std::sync::Arc;
use tracing::Span;

/// The part that the clients of all APIs share: a session and a retry policy. Calls are made of it, and
/// crates for an API make their own kinds of calls of it.
#[derive(Clone, Debug)]
pub struct ClientCore {
    pub(crate) session: Arc<Session>,
    /// The retry policy of this clone.
    pub retry: RetryPolicy,
}

impl ClientCore {
    /// The same client with these values for headers of all requests, and with this label, such as for
    /// another account. It shares the tokens, the limits and the connections.
    #[must_use]
    pub fn with_headers(&self, headers: HeaderMap, label: impl Into<String>) -> Self {
        let mut session = Session::clone(&self.session);
        session.api.headers = headers;
        session.api.label = label.into();
        Self { session: Arc::new(session), retry: self.retry }
    }

    /// The remaining limits of all users together.
    pub fn budget(&self) -> Budget {
        self.session.pool.budget()
    }

    /// The remaining limits of each user.
    pub fn budgets(&self) -> Vec<Budget> {
        self.session.pool.budgets()
    }

    /// Introspects all tokens.
    pub async fn check(&self) -> Result<TokenInfo> {
        Box::pin(check(&self.session, self.retry)).await
    }

    /// What the API prescribes.
    pub fn api(&self) -> &Api {
        &self.session.api
    }

    /// The GraphQL endpoint.
    pub fn endpoint(&self) -> &Uri {
        &self.session.graphql
    }

    /// Opens the span of a call.
    pub fn span(&self, operation: &str) -> Span {
        (self.api().span)(operation, &self.api().label)
    }

    /// The secrets of all tokens in use.
    pub fn secrets(&self) -> Secrets {
        Secrets::new(self.session.pool.held().collect(), &self.session.graphql)
    }

    /// The request id of a response, safe to print.
    pub fn request_id(&self, headers: &HeaderMap, secrets: &Secrets) -> Option<String> {
        self.session.request_id(headers, secrets)
    }

    /// Sends a `GET` to another server, once and without credentials.
    pub async fn get_unsigned(&self, operation: &str, uri: &Uri) -> Result<Response<Vec<u8>>> {
        let mut request = http::Request::new(bytes::Bytes::new());
        *request.uri_mut() = uri.clone();
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        self.session.send(request, operation).await
    }

    /// Sends a request whose body is streamed, once.
    pub async fn upload(&self, request: UploadRequest) -> Result<Response<Vec<u8>>> {
        self.session.transport.upload(request).await
    }

    /// Sends a request whose response is streamed, once and without credentials.
    pub async fn download(&self, request: DownloadRequest) -> Result<Response<DownloadBody>> {
        self.session.transport.download(request).await
    }

    /// The secrets that a response to a request with this signature may repeat.
    pub fn secrets_of(&self, signature: HeaderValue) -> Secrets {
        self.session.secrets(signature)
    }

    /// Adds a token and the headers that the API prescribes.
    pub fn sign(&self, headers: &mut HeaderMap, token: HeaderValue) {
        self.session.sign(headers, token);
    }
}
