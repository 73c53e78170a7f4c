//! The credentials of a client, as they are configured.

use super::name;
use crate::auth::{ClientCredentials, Credentials};
use crate::error::{Error, Result};
use crate::secrets::MIN_SECRET_LEN;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The credentials of a client, in the order in which they were added.
#[derive(Default)]
pub struct CredentialsConfig {
    tokens: Vec<TokenConfig>,
    /// A user was named before any token.
    misplaced_user: bool,
}

struct TokenConfig {
    credentials: Secret,
    user: Option<String>,
}

enum Secret {
    Token(SecretString),
    Client(String, SecretString),
}

impl CredentialsConfig {
    /// Adds a personal access token.
    pub fn add_token(&mut self, token: SecretString) {
        self.tokens.push(TokenConfig { credentials: Secret::Token(token), user: None });
    }

    /// Adds client credentials.
    pub fn add_client(&mut self, id: String, secret: SecretString) {
        self.tokens.push(TokenConfig { credentials: Secret::Client(id, secret), user: None });
    }

    /// Names the user of the last token.
    pub fn shares_limits_of(&mut self, name: String) {
        match self.tokens.last_mut() {
            Some(token) => token.user = Some(name),
            None => self.misplaced_user = true,
        }
    }

    /// The secrets to redact.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().flat_map(|token| match &token.credentials {
            Secret::Token(token) => vec![token.expose_secret()],
            // An id is none by itself: a short one may be any word.
            Secret::Client(id, secret) if id.len() < MIN_SECRET_LEN => vec![secret.expose_secret()],
            Secret::Client(id, secret) => vec![id.as_str(), secret.expose_secret()],
        })
    }

    /// The credentials, each with the index of its user, and how many users there are.
    pub(crate) fn check(
        &self,
        endpoint: Option<&Url>,
        margin: Duration,
    ) -> Result<(Vec<(Credentials, usize)>, usize)> {
        if self.misplaced_user {
            return Err(Error::configuration(
                "`shares_limits_of` names the user of the token before it: there is none",
            ));
        }
        if self.tokens.is_empty() {
            return Err(Error::configuration(
                "no credentials: call `.personal_access_token(..)` or `.client_credentials(..)`",
            ));
        }
        let (mut pool, mut users) = (Vec::with_capacity(self.tokens.len()), Vec::new());
        for (index, token) in self.tokens.iter().enumerate() {
            let is_same = |other: &TokenConfig| other.credentials.is(&token.credentials);
            if let Some(first) = self.tokens[..index].iter().position(is_same) {
                let (one, other) = (index + 1, first + 1);
                return Err(Error::configuration(format!("token {one} is the same as token {other}")));
            }
            let known = users.iter().position(|user| token.user.is_some() && *user == &token.user);
            let user = known.unwrap_or_else(|| {
                users.push(&token.user);
                users.len() - 1
            });
            let name = name(index, self.tokens.len());
            if token.user.as_ref().is_some_and(|user| user.trim().is_empty()) {
                return Err(
                    Error::configuration("the name of its user is empty").with_token_name(name.as_deref())
                );
            }
            let credentials = token.credentials.check(endpoint, margin);
            pool.push((credentials.map_err(|error| error.with_token_name(name.as_deref()))?, user));
        }
        Ok((pool, users.len()))
    }
}

impl Secret {
    fn check(&self, endpoint: Option<&Url>, margin: Duration) -> Result<Credentials> {
        match self {
            Self::Token(token) => Credentials::token(token),
            Self::Client(id, secret) => {
                let endpoint = endpoint
                    .ok_or_else(|| Error::configuration("no token endpoint: client credentials need one"))?;
                let client = ClientCredentials::new(id.clone(), secret.clone(), endpoint.clone(), margin)?;
                Ok(Credentials::Client(Arc::new(client)))
            }
        }
    }

    fn is(&self, other: &Self) -> bool {
        let same = |one: &SecretString, other: &SecretString| one.expose_secret() == other.expose_secret();
        match (self, other) {
            (Self::Token(one), Self::Token(other)) => same(one, other),
            (Self::Client(id, one), Self::Client(other_id, other)) => id == other_id && same(one, other),
            _ => false,
        }
    }
}

impl fmt::Debug for CredentialsConfig {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.tokens).finish()
    }
}

impl fmt::Debug for TokenConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.credentials {
            Secret::Token(_) => "personal access token",
            Secret::Client(..) => "client credentials",
        })?;
        self.user.as_ref().map_or(Ok(()), |user| write!(f, " of user {user:?}"))
    }
}
