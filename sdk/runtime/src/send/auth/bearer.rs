//! The header `Authorization` of a token.

use crate::error::{Error, Result};
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let mut header = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_| Error::configuration("invalid token: it has characters that no HTTP header can hold"))?;
    header.set_sensitive(true);
    Ok(header)
}
