//! In whose name a request is sent.

mod oauth;
mod token_info;

pub(crate) use oauth::{ClientCredentials, DEFAULT_MARGIN};
pub use token_info::TokenInfo;
pub(crate) use token_info::read as read_token_info;
pub(crate) use xurrent_values::redact::redact as conceal;

use crate::error::{Error, Result};
use crate::limits::Permit;
use crate::transport::Transport;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The ways to sign in.
pub(crate) enum Credentials {
    /// A personal access token, sent as it is.
    Token(HeaderValue),
    /// OAuth 2.0 client credentials, exchanged for tokens that expire.
    Client(Arc<ClientCredentials>),
}

impl Credentials {
    pub(crate) fn token(token: &SecretString) -> Result<Self> {
        if token.expose_secret().trim().is_empty() {
            return Err(Error::configuration("the personal access token is empty"));
        }
        bearer(token).map(Self::Token)
    }

    /// The header for the next request, if it needs no token call.
    pub(crate) fn held(&self) -> Option<HeaderValue> {
        match self {
            Self::Token(header) => Some(header.clone()),
            Self::Client(credentials) => credentials.held(),
        }
    }

    /// The header for the next request, by a token call in this permit. None when a token call of another
    /// runtime was waited for in vain: there is none any more, and it can be asked again in a new permit.
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

    /// The server refused this header. True when another one may be tried.
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

fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let mut header = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_| Error::configuration("the token has characters that no HTTP header can hold"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// Reads a JSON object. Serde by itself would also take an array for one.
#[must_use]
pub fn object<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let body = body.trim_ascii_start();
    if body.first() == Some(&b'{') { serde_json::from_slice(body).ok() } else { None }
}

/// The token in the header of a request.
#[must_use]
pub fn token(header: &HeaderValue) -> &str {
    let header = std::str::from_utf8(header.as_bytes()).unwrap_or_default();
    header.strip_prefix("Bearer ").unwrap_or(header)
}
