//! Credentials: personal access tokens and OAuth 2.0 client credentials.

mod oauth;

pub(crate) use oauth::{ClientCredentials, DEFAULT_MARGIN};

use crate::api::Authentication;
use crate::error::{Error, Result};
use crate::limits::Permit;
use crate::transport::Transport;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// The credentials that requests are signed with.
pub(crate) enum Credentials {
    /// A personal access token.
    Token(HeaderValue),
    /// OAuth 2.0 client credentials, which are exchanged for tokens.
    Client(Arc<ClientCredentials>),
}

impl Credentials {
    pub(crate) fn token(token: &SecretString, authentication: &Authentication) -> Result<Self> {
        if token.expose_secret().trim().is_empty() {
            return Err(Error::configuration("the personal access token is empty"));
        }
        authentication.value(token).map(Self::Token)
    }

    /// Those of an API without tokens: a header that is not sent.
    pub(crate) fn none() -> Self {
        Self::Token(HeaderValue::from_static(""))
    }

    /// The header for the next request, unless a token request is needed first.
    pub(crate) fn held(&self) -> Option<HeaderValue> {
        match self {
            Self::Token(header) => Some(header.clone()),
            Self::Client(credentials) => credentials.held(),
        }
    }

    /// Fetches a token with this permit. None when a token request of another Tokio runtime was awaited in
    /// vain: the caller tries again with a new permit.
    pub(crate) async fn fetch(
        &self,
        transport: &Arc<dyn Transport>,
        permit: Permit,
    ) -> Result<Option<HeaderValue>> {
        match self {
            Self::Token(header) => {
                permit.unused();
                Ok(Some(header.clone()))
            }
            Self::Client(credentials) => credentials.fetch(transport, permit).await,
        }
    }

    /// Drops a header that the server refused. Returns whether another one can be fetched.
    pub(crate) fn refused(&self, header: &HeaderValue) -> bool {
        match self {
            Self::Token(_) => false,
            Self::Client(credentials) => {
                credentials.forget(header);
                true
            }
        }
    }
}
