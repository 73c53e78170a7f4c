//! Introspection of the client's tokens (RFC 7662).

use crate::api::uri;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::WaitBudget;
use crate::response::http::{error_message, object};
use crate::retry::RetryPolicy;
use crate::secrets::Secrets;
use crate::session::{JSON, Session};
use crate::transport::Request;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use serde::Deserialize;
use std::time::Duration;

/// How long the introspection of a token may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The description of a token by the server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// Its scopes, such as `request:Read`.
    pub scopes: Vec<String>,
}

/// Introspects all tokens: returns the scopes that all of them have.
pub(crate) async fn check(session: &Session, policy: RetryPolicy) -> Result<TokenInfo> {
    let endpoint = session.api.introspection.as_ref();
    let endpoint =
        endpoint.ok_or_else(|| Error::configuration("the API has no token introspection endpoint"))?;
    let (pool, endpoint) = (&session.pool, uri(endpoint)?);
    let mut wait = WaitBudget::new(policy);
    let mut common: Option<Vec<String>> = None;
    for token in 0..pool.tokens.len() {
        let scopes = check_token(session, &endpoint, token, &mut wait).await;
        let scopes = scopes.map_err(|error| error.with_token_name(pool.name(token)))?;
        pool.accepted(token);
        match &mut common {
            None => common = Some(scopes),
            Some(common) => common.retain(|scope| scopes.contains(scope)),
        }
    }
    let scopes = common.unwrap_or_default();
    if scopes.is_empty() {
        let message = format!("no scope is common to all {} tokens", pool.tokens.len());
        return Err(Error::new(ErrorKind::Unauthorized, message));
    }
    Ok(TokenInfo { scopes })
}

async fn check_token(
    session: &Session,
    endpoint: &Uri,
    token: usize,
    wait: &mut WaitBudget,
) -> Result<Vec<String>> {
    let (mut response, mut signature) = introspect(session, endpoint, token, wait).await?;
    if response.status() == StatusCode::UNAUTHORIZED
        && session.pool.tokens[token].credentials.refused(&signature)
    {
        (response, signature) = introspect(session, endpoint, token, wait).await?;
    }
    let secrets = session.secrets(signature);
    read_scopes(&response, &session.api.headers, &secrets).map_err(|(kind, why)| {
        Error::new(kind, format!("{} {why}", endpoint.host().unwrap_or_default()))
            .with_status(response.status().as_u16())
            .with_request_id(session.request_id(response.headers(), &secrets).as_deref())
    })
}

async fn introspect(
    session: &Session,
    endpoint: &Uri,
    token: usize,
    wait: &mut WaitBudget,
) -> Result<(Response<Vec<u8>>, HeaderValue)> {
    let credentials = &session.pool.tokens[token].credentials;
    let mut held = credentials.held();
    let signature = loop {
        if let Some(signature) = held {
            break signature;
        }
        let permit = session.pool.acquire_for(token, wait).await?;
        held = credentials.fetch(&session.transport, permit).await?;
    };
    let request = session.request(Method::GET, endpoint, signature.clone(), (JSON, Bytes::new()));
    let permit = session.pool.acquire_for(token, wait).await?;
    let time = TIMEOUT.min(session.request_timeout);
    let response = session.transport.send(Request::new(request, time)).await;
    permit.answered();
    let response = response.map_err(|error| error.redacted(&session.secrets(signature.clone())))?;
    Ok((response, signature))
}

/// The scopes in the response of the introspection endpoint. `headers` are those of the API.
fn read_scopes(
    response: &Response<Vec<u8>>,
    headers: &HeaderMap,
    secrets: &Secrets,
) -> Result<Vec<String>, (ErrorKind, String)> {
    #[derive(Deserialize)]
    struct Introspection {
        #[serde(default)]
        active: bool,
        scopes: Option<Vec<String>>,
    }
    let (status, body) = (response.status(), response.body());
    let (kind, why) = match status {
        StatusCode::OK => {
            let (kind, why) = match object(body) {
                Some(Introspection { active: true, scopes }) => match scopes.unwrap_or_default() {
                    scopes if !scopes.is_empty() => return Ok(scopes),
                    _ => (ErrorKind::Unauthorized, "reports a token without scopes"),
                },
                Some(_) => (ErrorKind::Unauthorized, "reports that the token is not active"),
                None => (ErrorKind::TokenService, "sent an invalid description of the token"),
            };
            return Err((kind, why.to_owned()));
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            (ErrorKind::Unauthorized, "does not accept the token".to_owned())
        }
        _ => match names_a_header(headers, body).filter(|_| status == StatusCode::BAD_REQUEST) {
            Some(name) => {
                let why = format!("refused the header `{name}`, or the token does not match it");
                (ErrorKind::Configuration, why)
            }
            None => (ErrorKind::TokenService, format!("answered {status} instead of describing the token")),
        },
    };
    let detail = error_message(body, secrets).map(|message| format!(": {message}"));
    Err((kind, why + &detail.unwrap_or_default()))
}

/// The header of the API that a refusal names.
fn names_a_header<'h>(headers: &'h HeaderMap, body: &[u8]) -> Option<&'h str> {
    let body = String::from_utf8_lossy(body).to_ascii_lowercase();
    headers.keys().map(HeaderName::as_str).find(|name| body.contains(name))
}
