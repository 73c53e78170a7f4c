//! With which account and credentials to ask.

use crate::error::Error;
use crate::place::Place;
use secrecy::{ExposeSecret, SecretString};
use xurrent_runtime::{Client, RetryPolicy};

/// The account that a sandbox serves unless told otherwise.
pub const DEMO_ACCOUNT: &str = "wdc";

/// The personal access token that a sandbox takes unless told otherwise. It opens nothing else.
pub const DEMO_TOKEN: &str = "sandbox-personal-access-token";

/// What somebody said about who asks. An empty text counts as nothing said.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The account id.
    pub account: Option<String>,
    /// A personal access token. It is used as it is, also beside client credentials.
    pub token: Option<SecretString>,
    /// The id of an OAuth application.
    pub client_id: Option<String>,
    /// The secret of the OAuth application.
    pub client_secret: Option<SecretString>,
}

/// A place together with an account and credentials for it.
#[derive(Debug, Clone)]
pub struct Access {
    place: Place,
    account: String,
    credentials: Credentials,
}

#[derive(Debug, Clone)]
enum Credentials {
    Token(SecretString),
    Client(String, SecretString),
}

impl Access {
    /// Puts a place and credentials together. What is not given for a place on this machine is
    /// what a sandbox takes: [`DEMO_ACCOUNT`] and [`DEMO_TOKEN`].
    ///
    /// # Errors
    /// [`Error::Usage`] when a part is missing, and says which.
    pub fn new(place: Place, given: Given) -> Result<Self, Error> {
        let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let secret =
            |secret: Option<SecretString>| secret.filter(|secret| !secret.expose_secret().trim().is_empty());
        let usage = |what: &str| Err(Error::Usage(what.to_owned()));
        let demo = place.is_loopback();
        let account = match text(given.account) {
            Some(account) => account,
            None if demo => DEMO_ACCOUNT.to_owned(),
            None => return usage("no account: give --account or set XURRENT_ACCOUNT"),
        };
        let credentials = match (secret(given.token), text(given.client_id), secret(given.client_secret)) {
            (Some(token), _, _) => Credentials::Token(token),
            (None, Some(id), Some(secret)) => Credentials::Client(id, secret),
            (None, Some(_), None) => {
                return usage("a client id without its secret: set XURRENT_CLIENT_SECRET");
            }
            (None, None, Some(_)) => {
                return usage("a client secret without its id: give --client-id or set XURRENT_CLIENT_ID");
            }
            (None, None, None) if demo => Credentials::Token(DEMO_TOKEN.into()),
            (None, None, None) => {
                return usage(
                    "no credentials: set XURRENT_TOKEN, or XURRENT_CLIENT_ID and XURRENT_CLIENT_SECRET",
                );
            }
        };
        let has_token_endpoint = !matches!(&place, Place::Endpoint { token: None, .. });
        if matches!(credentials, Credentials::Client(..)) && !has_token_endpoint {
            return usage("client credentials at an endpoint of your own need --token-endpoint as well");
        }
        Ok(Self { place, account, credentials })
    }

    /// The server's name.
    #[must_use]
    pub fn host(&self) -> String {
        self.place.host()
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    /// A client for the place. Sends nothing.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        let builder = self.place.apply(Client::builder()).account(&self.account);
        let builder = match &self.credentials {
            Credentials::Token(token) => builder.personal_access_token(token.clone()),
            Credentials::Client(id, secret) => builder.client_credentials(id, secret.clone()),
        };
        // The caller decides when to try again.
        let builder = builder.retry(RetryPolicy::never());
        builder.build().map_err(|error| Error::Usage(self.without_secrets(error.to_string())))
    }

    /// The text with every secret blotted out: a server may repeat what it was sent.
    pub(crate) fn without_secrets(&self, text: String) -> String {
        let (Credentials::Token(secret) | Credentials::Client(_, secret)) = &self.credentials;
        text.replace(secret.expose_secret().trim(), "***")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn endpoint(graphql: &str) -> Place {
        Place::Endpoint { graphql: graphql.to_owned(), token: None }
    }

    #[test]
    fn what_is_missing_is_named_before_anything_is_sent() {
        let far = || endpoint("https://graphql.example.com");
        let some = |text: &str| Some(text.to_owned());
        let cases = [
            (Given::default(), "no account"),
            (Given { account: some(" "), token: Some("t".into()), ..Given::default() }, "no account"),
            (Given { account: some("wdc"), ..Given::default() }, "no credentials"),
            (Given { account: some("wdc"), token: Some("".into()), ..Given::default() }, "no credentials"),
            (Given { account: some("wdc"), client_id: some("i"), ..Given::default() }, "without its secret"),
            (
                Given { account: some("wdc"), client_secret: Some("s".into()), ..Given::default() },
                "without its id",
            ),
            (
                Given {
                    account: some("wdc"),
                    client_id: some("i"),
                    client_secret: Some("s".into()),
                    token: None,
                },
                "need --token-endpoint",
            ),
        ];
        for (given, part) in cases {
            let error = Access::new(far(), given).unwrap_err();
            assert!(matches!(&error, Error::Usage(what) if what.contains(part)), "{error}");
        }
    }

    #[test]
    fn a_sandbox_needs_no_credentials() {
        let access = Access::new(endpoint("http://127.0.0.1:4010/graphql"), Given::default()).unwrap();
        assert_eq!(access.account(), DEMO_ACCOUNT);
        assert!(access.client().is_ok());
        assert!(Access::new(endpoint("https://graphql.example.com"), Given::default()).is_err());
    }

    #[test]
    fn secrets_are_neither_shown_nor_repeated() {
        let given =
            Given { account: Some("wdc".to_owned()), token: Some("very-secret".into()), ..Given::default() };
        let access = Access::new(endpoint("http://plain.example.com"), given).unwrap();
        assert!(!format!("{access:?}").contains("very-secret"));
        assert_eq!(access.without_secrets("bad token very-secret.".to_owned()), "bad token ***.");
        let error = access.client().unwrap_err();
        assert!(error.to_string().contains("unencrypted"), "{error}");
    }
}
