//! The credentials of a client, as they are configured.

use super::Token;
use crate::api::{Api, Authentication};
use crate::auth::{ClientCredentials, Credentials};
use crate::error::{Error, Result};
use crate::secrets::MIN_SECRET_LEN;
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
    /// The client id; none for a personal access token.
    id: Option<String>,
    /// The client secret, or the token.
    secret: SecretString,
    user: Option<String>,
}

impl CredentialsConfig {
    /// Adds client credentials, or a personal access token, which has no id.
    pub fn add(&mut self, id: Option<String>, secret: SecretString) {
        self.tokens.push(TokenConfig { id, secret, user: None });
    }

    /// Names the user of the last token.
    pub fn shares_limits_of(&mut self, name: String) {
        match self.tokens.last_mut() {
            Some(token) => token.user = Some(name),
            None => self.misplaced_user = true,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The secrets to redact.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        // A short id may be any word.
        let ids = self.tokens.iter().filter_map(|token| token.id.as_deref());
        let secrets = self.tokens.iter().map(|token| token.secret.expose_secret());
        secrets.chain(ids.filter(|id| id.len() >= MIN_SECRET_LEN))
    }

    /// The tokens, and how many users there are.
    pub(crate) fn check(&self, api: &Api, margin: Duration) -> Result<(Vec<Token>, usize)> {
        let refuse = |why: &str| Err(Error::configuration(why));
        if self.misplaced_user {
            return refuse("`shares_limits_of` names the user of the token before it: there is none");
        }
        if api.authentication == Authentication::None {
            return match self.tokens.is_empty() {
                true => Ok((vec![Token::new(Credentials::none(), 0, None)], 1)),
                false => refuse("the API takes no token: add neither tokens nor client credentials"),
            };
        }
        if self.tokens.is_empty() {
            return refuse("no credentials: call `.personal_access_token(..)` or `.client_credentials(..)`");
        }
        let (mut pool, mut users) = (Vec::with_capacity(self.tokens.len()), Vec::new());
        for (index, token) in self.tokens.iter().enumerate() {
            if let Some(first) = self.tokens[..index].iter().position(|other| other.is_same(token)) {
                let (one, other) = (index + 1, first + 1);
                return refuse(&format!("token {one} is the same as token {other}"));
            }
            let known = users.iter().position(|user| token.user.is_some() && *user == &token.user);
            let user = known.unwrap_or_else(|| {
                users.push(&token.user);
                users.len() - 1
            });
            let count = self.tokens.len();
            let name = (count > 1).then(|| format!("token {} of {count}", index + 1));
            let credentials = token.check(api, margin);
            let credentials = credentials.map_err(|error| error.with_token_name(name.as_deref()))?;
            pool.push(Token::new(credentials, user, name));
        }
        Ok((pool, users.len()))
    }
}

impl TokenConfig {
    fn check(&self, api: &Api, margin: Duration) -> Result<Credentials> {
        if self.user.as_ref().is_some_and(|user| user.trim().is_empty()) {
            return Err(Error::configuration("the name of its user is empty"));
        }
        let Some(id) = &self.id else { return Credentials::token(&self.secret, &api.authentication) };
        let missing = || Error::configuration("no token endpoint: client credentials need one");
        let endpoint = api.token.clone().ok_or_else(missing)?;
        let authentication = api.authentication.clone();
        let client =
            ClientCredentials::new(id.clone(), self.secret.clone(), endpoint, margin, authentication)?;
        Ok(Credentials::Client(Arc::new(client)))
    }

    fn is_same(&self, other: &Self) -> bool {
        self.id == other.id && self.secret.expose_secret() == other.secret.expose_secret()
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
        f.write_str(if self.id.is_some() { "client credentials" } else { "personal access token" })?;
        self.user.as_ref().map_or(Ok(()), |user| write!(f, " of user {user:?}"))
    }
}
