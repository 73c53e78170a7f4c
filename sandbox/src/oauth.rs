//! OAuth 2 client credentials: the client and its issued tokens.

use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::defaults::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET};

/// The default lifetime of an issued token, as documented for the real server.
const LIFETIME: Duration = Duration::from_secs(3_600);

/// The settings of the token endpoint.
#[derive(Debug, Clone)]
pub(crate) struct OAuthSettings {
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
    pub(crate) lifetime: Duration,
    pub(crate) omits_expires_in: bool,
}

impl Default for OAuthSettings {
    fn default() -> Self {
        Self {
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: DEMO_CLIENT_SECRET.into(),
            lifetime: LIFETIME,
            omits_expires_in: false,
        }
    }
}

/// The token endpoint.
#[derive(Debug)]
pub(crate) struct OAuth {
    pub(crate) settings: OAuthSettings,
    issued: Mutex<Issued>,
}

#[derive(Default)]
struct Issued {
    count: u64,
    /// The expiry of each token; none for an unlimited lifetime.
    live: HashMap<String, Option<Instant>>,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("count", &self.count).finish_non_exhaustive()
    }
}

/// `error` and `error_description` of RFC 6749, section 5.2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TokenError {
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
}

impl OAuth {
    pub(crate) fn new(settings: OAuthSettings) -> Self {
        Self { settings, issued: Mutex::default() }
    }

    /// Responds to a token request with this form, or without one.
    pub(crate) fn grant(&self, form: Option<&[(String, String)]>) -> Result<Value, TokenError> {
        let refuse = |error, description| Err(TokenError { error, description });
        let Some(form) = form else {
            return refuse("invalid_request", "The body must be application/x-www-form-urlencoded");
        };
        let values = |name: &str| -> Vec<&str> {
            form.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
        };
        if form.iter().any(|(name, _)| values(name).len() > 1) {
            return refuse("invalid_request", "A parameter is given more than once");
        }
        let value = |name: &str| values(name).first().copied();
        let Some(grant_type) = value("grant_type") else {
            return refuse("invalid_request", "Missing required parameter: grant_type");
        };
        let is_known = value("client_id") == Some(self.settings.client_id.as_str())
            && value("client_secret") == Some(self.settings.client_secret.expose_secret());
        if !is_known {
            return refuse("invalid_client", "Client authentication failed");
        }
        if grant_type != "client_credentials" {
            return refuse("unsupported_grant_type", "The grant type must be client_credentials");
        }
        if value("scope").is_some() {
            return refuse("invalid_scope", "Scopes are set on the OAuth application, not in the request");
        }
        let mut response = json!({ "access_token": self.issue(), "token_type": "bearer" });
        if !self.settings.omits_expires_in {
            response["expires_in"] = json!(self.settings.lifetime.as_secs());
        }
        Ok(response)
    }

    fn issue(&self) -> String {
        let mut issued = self.issued.lock();
        issued.count += 1;
        let token = format!("sandbox-access-token-{}", issued.count);
        issued.live.insert(token.clone(), Instant::now().checked_add(self.settings.lifetime));
        token
    }

    /// Whether a token was issued here and has not expired.
    pub(crate) fn is_valid(&self, token: &str) -> bool {
        let mut issued = self.issued.lock();
        let now = Instant::now();
        issued.live.retain(|_, end| end.is_none_or(|end| now < end));
        issued.live.contains_key(token)
    }

    /// Revokes every issued token.
    pub(crate) fn revoke_all(&self) {
        self.issued.lock().live.clear();
    }
}
