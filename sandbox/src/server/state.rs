//! The state that all requests share, and the check of their credentials.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::recorded_request::RecordedRequest;
use crate::bulk::jobs::Jobs;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::oauth::OAuth;
use crate::replay::Replay;

/// The user of every token that the sandbox issues.
const OAUTH_USER: &str = "OAuth client";
/// The user of the default personal access token.
pub(crate) const TOKEN_USER: &str = "owner of the personal access token";
/// The user of requests without a valid token: their limit is that of the address.
pub(crate) const ANONYMOUS: &str = "address";

#[derive(Debug)]
pub(crate) struct ServerState {
    pub(crate) engine: Arc<Engine>,
    pub(crate) oauth: OAuth,
    pub(crate) bulk: Jobs,
    pub(crate) users: Vec<(String, SecretString)>,
    pub(crate) revoked: Mutex<Vec<SecretString>>,
    pub(crate) account: String,
    pub(crate) faults: Mutex<VecDeque<Fault>>,
    /// The delay of every GraphQL request.
    pub(crate) latency: Duration,
    /// Responds to GraphQL requests and polls in place of the engine.
    pub(crate) replay: Option<Replay>,
    pub(crate) requests: Mutex<Vec<RecordedRequest>>,
    pub(crate) arrivals: Mutex<Vec<Instant>>,
}

impl ServerState {
    /// The user of the token in the headers, if it is valid.
    pub(crate) fn user(&self, headers: &HeaderMap) -> Option<&str> {
        let (scheme, token) = header(headers, AUTHORIZATION.as_str())?.split_once(' ')?;
        let token = token.trim();
        let is_revoked = self.revoked.lock().iter().any(|revoked| revoked.expose_secret() == token);
        if !scheme.eq_ignore_ascii_case("bearer") || is_revoked {
            return None;
        }
        let user = self.users.iter().find(|(_, known)| token == known.expose_secret());
        user.map(|(name, _)| name.as_str()).or_else(|| self.oauth.is_valid(token).then_some(OAUTH_USER))
    }

    /// Checks the token and the account of a request.
    pub(crate) fn authorize(&self, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
        if self.user(headers).is_none() {
            return Err((StatusCode::UNAUTHORIZED, "Bad credentials"));
        }
        let account = header(headers, "x-xurrent-account").or_else(|| header(headers, "x-4me-account"));
        if account != Some(self.account.as_str()) {
            return Err((StatusCode::BAD_REQUEST, "Invalid x-xurrent-account header"));
        }
        Ok(())
    }
}

pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether the content type is `expected`, with or without parameters.
pub(crate) fn has_type(headers: &HeaderMap, expected: &str) -> bool {
    let content_type = header(headers, CONTENT_TYPE.as_str()).and_then(|value| value.split(';').next());
    content_type.is_some_and(|found| found.trim().eq_ignore_ascii_case(expected))
}
