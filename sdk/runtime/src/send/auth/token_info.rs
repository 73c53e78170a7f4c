//! Token introspection (RFC 7662): the scopes of a token.

use crate::error::{Error, ErrorKind, Result};
use crate::response::http::{error_message, object};
use crate::secrets::Secrets;
use http::{HeaderMap, HeaderName, Response, StatusCode};
use serde::Deserialize;

/// The description of a token by the server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// Its scopes, such as `request:Read`.
    pub scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Introspection {
    #[serde(default)]
    active: bool,
    scopes: Option<Vec<String>>,
}

/// Reads the response of the introspection endpoint at `host`.
pub(crate) fn read(
    host: &str,
    headers: &HeaderMap,
    response: &Response<Vec<u8>>,
    secrets: &Secrets,
) -> Result<TokenInfo> {
    let refused_header = || names_a_header(headers, response.body());
    let status = response.status();
    let fail =
        |kind, what: &str| Err(Error::new(kind, format!("{host} {what}")).with_status(status.as_u16()));
    if status != StatusCode::OK {
        let (kind, what) = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                (ErrorKind::Unauthorized, "does not accept the token".to_owned())
            }
            StatusCode::BAD_REQUEST if let Some(name) = refused_header() => (
                ErrorKind::Configuration,
                format!("refused the header `{name}`, or the token does not match it"),
            ),
            _ => (ErrorKind::TokenService, format!("answered {status} instead of describing the token")),
        };
        let words =
            error_message(response.body(), secrets).map(|words| format!(": {words}")).unwrap_or_default();
        return fail(kind, &format!("{what}{words}"));
    }
    match object(response.body()) {
        Some(Introspection { active: true, scopes }) => match scopes.unwrap_or_default() {
            scopes if scopes.is_empty() => fail(ErrorKind::Unauthorized, "reports a token without scopes"),
            scopes => Ok(TokenInfo { scopes }),
        },
        Some(Introspection { active: false, .. }) => {
            fail(ErrorKind::Unauthorized, "reports that the token is not active")
        }
        None => fail(ErrorKind::TokenService, "sent an invalid description of the token"),
    }
}

/// The header of the API that a refusal names.
fn names_a_header<'h>(headers: &'h HeaderMap, body: &[u8]) -> Option<&'h str> {
    let body = String::from_utf8_lossy(body).to_ascii_lowercase();
    headers.keys().map(HeaderName::as_str).find(|name| body.contains(name))
}
