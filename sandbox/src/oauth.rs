//! OAuth 2 client credentials: the client the sandbox knows and the tokens it has issued.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::secret::Secret;

/// The OAuth client id a sandbox knows unless told otherwise.
pub const DEMO_CLIENT_ID: &str = "sandbox-client-id";

/// The secret of [`DEMO_CLIENT_ID`].
pub const DEMO_CLIENT_SECRET: &str = "sandbox-client-secret";

/// How long an issued token is good for unless told otherwise, as documented for the real server.
const LIFETIME: Duration = Duration::from_secs(3_600);

/// How tokens are issued.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) lifetime: Duration,
    pub(crate) omits_expires_in: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: Secret::new(DEMO_CLIENT_SECRET),
            lifetime: LIFETIME,
            omits_expires_in: false,
        }
    }
}

/// The token endpoint's side of OAuth.
#[derive(Debug)]
pub(crate) struct OAuth {
    pub(crate) settings: Settings,
    issued: Mutex<Issued>,
}

#[derive(Default)]
struct Issued {
    count: u64,
    /// Token to the moment it expires; none for a lifetime without end.
    live: HashMap<String, Option<Instant>>,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("count", &self.count).finish_non_exhaustive()
    }
}

/// Why a token is refused: `error` and `error_description` of RFC 6749, section 5.2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
}

impl OAuth {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, issued: Mutex::default() }
    }

    /// Answers a token request, given the fields of its form, or `None` when it had no form.
    pub(crate) fn grant(&self, form: Option<&[(String, String)]>) -> Result<Value, Refusal> {
        let refuse = |error, description| Err(Refusal { error, description });
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
            && value("client_secret") == Some(self.settings.client_secret.expose());
        if !is_known {
            return refuse("invalid_client", "Client authentication failed");
        }
        if grant_type != "client_credentials" {
            return refuse("unsupported_grant_type", "The grant type must be client_credentials");
        }
        if value("scope").is_some() {
            return refuse("invalid_scope", "Scopes are set on the OAuth application, not in the request");
        }
        let mut answer = json!({ "access_token": self.issue(), "token_type": "bearer" });
        if !self.settings.omits_expires_in {
            answer["expires_in"] = json!(self.settings.lifetime.as_secs());
        }
        Ok(answer)
    }

    fn issue(&self) -> String {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.count += 1;
        let token = format!("sandbox-access-token-{}", issued.count);
        issued.live.insert(token.clone(), Instant::now().checked_add(self.settings.lifetime));
        token
    }

    /// Whether a token was issued here and is still good.
    pub(crate) fn knows(&self, token: &str) -> bool {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        issued.live.retain(|_, end| end.is_none_or(|end| now < end));
        issued.live.contains_key(token)
    }

    /// Makes every issued token invalid.
    pub(crate) fn revoke_all(&self) {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).live.clear();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const GOOD: [(&str, &str); 3] = [
        ("client_id", DEMO_CLIENT_ID),
        ("client_secret", DEMO_CLIENT_SECRET),
        ("grant_type", "client_credentials"),
    ];

    #[test]
    fn tokens_are_good_until_they_expire_or_are_revoked() {
        let oauth = OAuth::new(Settings { lifetime: Duration::from_millis(30), ..Settings::default() });
        let answer = oauth.grant(Some(&form(&GOOD))).unwrap();
        let token = answer["access_token"].as_str().unwrap();
        assert!(oauth.knows(token));
        std::thread::sleep(Duration::from_millis(40));
        assert!(!oauth.knows(token));

        let oauth = OAuth::new(Settings::default());
        let answer = oauth.grant(Some(&form(&GOOD))).unwrap();
        let token = answer["access_token"].as_str().unwrap();
        assert!(oauth.knows(token) && !oauth.knows("other"));
        oauth.revoke_all();
        assert!(!oauth.knows(token));
        let next = oauth.grant(Some(&form(&GOOD))).unwrap();
        assert_ne!(next["access_token"], answer["access_token"]);
    }

    #[test]
    fn a_lifetime_without_end_is_taken() {
        let oauth = OAuth::new(Settings { lifetime: Duration::MAX, ..Settings::default() });
        let answer = oauth.grant(Some(&form(&GOOD))).unwrap();
        assert!(oauth.knows(answer["access_token"].as_str().unwrap()));
    }

    #[test]
    fn refusals_carry_the_codes_of_the_standard() {
        let oauth = OAuth::new(Settings::default());
        let with = |name: &str, value: &str| {
            let mut fields = form(&GOOD);
            fields.retain(|(known, _)| known != name);
            fields.push((name.to_owned(), value.to_owned()));
            fields
        };
        let mut twice = form(&GOOD);
        twice.push(("client_id".to_owned(), DEMO_CLIENT_ID.to_owned()));
        for (fields, error) in [
            (None, "invalid_request"),
            (Some(form(&GOOD[..2])), "invalid_request"),
            (Some(twice), "invalid_request"),
            (Some(form(&GOOD[1..])), "invalid_client"),
            (Some(with("client_id", "other")), "invalid_client"),
            (Some(with("client_secret", "guess")), "invalid_client"),
            (Some(with("grant_type", "password")), "unsupported_grant_type"),
            (Some(with("scope", "request:Read")), "invalid_scope"),
            (Some(with("scope", "")), "invalid_scope"),
        ] {
            let refusal = oauth.grant(fields.as_deref()).unwrap_err();
            assert_eq!(refusal.error, error, "{fields:?}");
        }
    }

    #[test]
    fn secrets_stay_out_of_debug_output() {
        let oauth = OAuth::new(Settings::default());
        let answer = oauth.grant(Some(&form(&GOOD))).unwrap();
        let debug = format!("{oauth:?}");
        assert!(!debug.contains(DEMO_CLIENT_SECRET), "{debug}");
        assert!(!debug.contains(answer["access_token"].as_str().unwrap()), "{debug}");
    }
}
