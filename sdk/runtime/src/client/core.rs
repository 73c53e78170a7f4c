//! The part that the clients of all APIs share.

use crate::auth::TokenInfo;
use crate::error::Result;
use crate::limits::Budget;
use crate::retry::RetryPolicy;
use crate::secrets::Secrets;
use crate::send::check::check;
use crate::session::Session;
use crate::transport::UploadRequest;
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use http::{Response, Uri};
use std::sync::Arc;
use tracing::Span;

/// The part that the clients of all APIs share: a session and a retry policy. Calls are made of it, and
/// crates for an API make their own kinds of calls of it.
#[derive(Clone, Debug)]
pub struct ClientCore {
    pub(crate) session: Arc<Session>,
    pub(crate) retry: RetryPolicy,
}

impl ClientCore {
    /// The same client with another retry policy.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        Self { session: Arc::clone(&self.session), retry: policy }
    }

    /// The retry policy.
    pub fn retry(&self) -> RetryPolicy {
        self.retry
    }

    /// Sets the retry policy of this clone.
    pub fn set_retry(&mut self, policy: RetryPolicy) {
        self.retry = policy;
    }

    /// The remaining limits of all users together.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.session.pool.budget()
    }

    /// The remaining limits of each user.
    #[must_use]
    pub fn budgets(&self) -> Vec<Budget> {
        self.session.pool.budgets()
    }

    /// Introspects all tokens.
    ///
    /// # Errors
    /// See `check` of any client.
    pub async fn check(&self) -> Result<TokenInfo> {
        Box::pin(check(&self.session, self.retry)).await
    }

    /// The GraphQL endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &Uri {
        &self.session.graphql
    }

    /// The largest page of a connection.
    pub(crate) fn max_page_size(&self) -> usize {
        self.session.api.max_page_size
    }

    /// Opens the span of a call.
    #[must_use]
    pub fn span(&self, operation: &str) -> Span {
        self.session.span(operation)
    }

    /// The secrets of all tokens in use.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        self.session.all_secrets()
    }

    /// Sends a `GET` to another server, once and without credentials.
    ///
    /// # Errors
    /// Those of the transport.
    pub async fn get_unsigned(&self, operation: &str, uri: &Uri) -> Result<Response<Vec<u8>>> {
        let mut request = http::Request::new(bytes::Bytes::new());
        *request.uri_mut() = uri.clone();
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        self.session.send(request, operation).await
    }

    /// Sends a request whose body is streamed, once.
    ///
    /// # Errors
    /// Those of the transport.
    pub async fn upload(&self, request: UploadRequest) -> Result<Response<Vec<u8>>> {
        self.session.transport.upload(request).await
    }

    /// Adds a token and the headers that the API prescribes.
    pub fn sign(&self, headers: &mut HeaderMap, token: HeaderValue) {
        self.session.sign(headers, token);
    }
}
