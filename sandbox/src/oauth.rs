//! OAuth 2 client credentials: the client and its issued tokens.

use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

use crate::defaults::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET};

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
            // As documented for the real server.
            lifetime: Duration::from_secs(3_600),
            omits_expires_in: false,
        }
    }
}

#[derive(Debug)]
pub(crate) struct OAuth {
    pub(crate) settings: OAuthSettings,
    /// The issued tokens and their expiry; none for an unlimited lifetime.
    issued: Mutex<Vec<(SecretString, Option<Instant>)>>,
}

impl OAuth {
    pub(crate) fn new(settings: OAuthSettings) -> Self {
        Self { settings, issued: Mutex::default() }
    }

    /// Responds to a token request with this form, or without one.
    ///
    /// # Errors
    /// `error` and `error_description` of RFC 6749, section 5.2.
    pub(crate) fn grant(
        &self,
        form: Option<&[(String, String)]>,
    ) -> Result<Value, (&'static str, &'static str)> {
        let Some(form) = form else {
            return Err(("invalid_request", "The body must be application/x-www-form-urlencoded"));
        };
        let values = |name: &str| -> Vec<&str> {
            form.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
        };
        if form.iter().any(|(name, _)| values(name).len() > 1) {
            return Err(("invalid_request", "A parameter is given more than once"));
        }
        let value = |name: &str| values(name).first().copied();
        let Some(grant_type) = value("grant_type") else {
            return Err(("invalid_request", "Missing required parameter: grant_type"));
        };
        let is_known = value("client_id") == Some(self.settings.client_id.as_str())
            && value("client_secret") == Some(self.settings.client_secret.expose_secret());
        if !is_known {
            return Err(("invalid_client", "Client authentication failed"));
        }
        if grant_type != "client_credentials" {
            return Err(("unsupported_grant_type", "The grant type must be client_credentials"));
        }
        if value("scope").is_some() {
            return Err(("invalid_scope", "Scopes are set on the OAuth application, not in the request"));
        }
        let mut response = json!({ "access_token": self.issue(), "token_type": "bearer" });
        if !self.settings.omits_expires_in {
            response["expires_in"] = json!(self.settings.lifetime.as_secs());
        }
        Ok(response)
    }

    fn issue(&self) -> String {
        let mut issued = self.issued.lock();
        let token = format!("sandbox-access-token-{}", issued.len() + 1);
        issued.push((token.as_str().into(), Instant::now().checked_add(self.settings.lifetime)));
        token
    }

    pub(crate) fn is_valid(&self, token: &str) -> bool {
        let now = Instant::now();
        let is_live = |end: &Option<Instant>| end.is_none_or(|end| now < end);
        self.issued.lock().iter().any(|(issued, end)| issued.expose_secret() == token && is_live(end))
    }

    pub(crate) fn revoke_all(&self) {
        self.issued.lock().iter_mut().for_each(|(_, end)| *end = Some(Instant::now()));
    }
}
