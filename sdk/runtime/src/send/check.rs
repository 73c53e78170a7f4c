//! Introspection of the client's tokens.

use crate::api::uri;
use crate::auth::{TokenInfo, read_token_info};
use crate::error::{Error, ErrorKind, Result};
use crate::pool::WaitBudget;
use crate::response::http::request_id;
use crate::retry::RetryPolicy;
use crate::session::Session;
use crate::transport::Request;
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, Uri};
use std::time::Duration;

/// How long the introspection of a token may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Introspects all tokens: returns the scopes that all of them have.
pub(crate) async fn check(session: &Session, policy: RetryPolicy) -> Result<TokenInfo> {
    let endpoint = session.api.introspection.as_ref();
    let endpoint =
        endpoint.ok_or_else(|| Error::configuration("the API has no token introspection endpoint"))?;
    let (pool, endpoint) = (&session.pool, uri(endpoint)?);
    let mut wait = WaitBudget::new(policy);
    let mut scopes: Option<Vec<String>> = None;
    for token in 0..pool.len() {
        let info = check_token(session, &endpoint, token, &mut wait).await;
        let info = info.map_err(|error| error.with_token_name(pool.name(token)))?;
        pool.accepted(token);
        match &mut scopes {
            None => scopes = Some(info.scopes),
            Some(scopes) => scopes.retain(|scope| info.scopes.contains(scope)),
        }
    }
    let scopes = scopes.unwrap_or_default();
    if scopes.is_empty() {
        let message = format!("no scope is common to all {} tokens", pool.len());
        return Err(Error::new(ErrorKind::Unauthorized, message));
    }
    Ok(TokenInfo { scopes })
}

async fn check_token(
    session: &Session,
    endpoint: &Uri,
    token: usize,
    wait: &mut WaitBudget,
) -> Result<TokenInfo> {
    let (mut response, mut signature) = introspect(session, endpoint, token, wait).await?;
    if response.status() == StatusCode::UNAUTHORIZED && session.pool.credentials(token).refused(&signature) {
        (response, signature) = introspect(session, endpoint, token, wait).await?;
    }
    let secrets = session.secrets(signature);
    read_token_info(endpoint.host().unwrap_or_default(), &session.api.headers, &response, &secrets)
        .map_err(|error| error.with_request_id(request_id(response.headers(), &secrets).as_deref()))
}

async fn introspect(
    session: &Session,
    endpoint: &Uri,
    token: usize,
    wait: &mut WaitBudget,
) -> Result<(Response<Vec<u8>>, HeaderValue)> {
    let credentials = session.pool.credentials(token);
    let mut held = credentials.held();
    let signature = loop {
        if let Some(signature) = held {
            break signature;
        }
        let permit = session.pool.acquire_for(token, wait).await?;
        held = credentials.fetch(&session.transport, permit).await?;
    };
    let request = session.request(Method::GET, endpoint, signature.clone(), Bytes::new());
    let permit = session.pool.acquire_for(token, wait).await?;
    let time = TIMEOUT.min(session.settings.request_timeout);
    let response = session.transport.send(Request::new(request, time)).await;
    permit.answered();
    let response = response.map_err(|error| error.redacted(&session.secrets(signature.clone())))?;
    Ok((response, signature))
}
