//! Account and credentials.

use crate::error::Error;
use crate::source::SchemaSource;
use secrecy::{ExposeSecret, SecretString};
use xurrent_runtime::client::ClientConfig;
use xurrent_runtime::{ClientCore, RetryPolicy};

/// The account that a sandbox serves by default.
pub const DEMO_ACCOUNT: &str = "wdc";

/// The personal access token that a sandbox accepts by default. No other server accepts it.
pub const DEMO_TOKEN: &str = "sandbox-personal-access-token";

/// Account and credentials from the command line or the environment. An empty text counts as absent.
#[derive(Debug, Clone, Default)]
pub struct CredentialArguments {
    /// The account id.
    pub account: Option<String>,
    /// A personal access token. It takes precedence over client credentials.
    pub token: Option<SecretString>,
    /// The id of an OAuth application.
    pub client_id: Option<String>,
    /// The secret of the OAuth application.
    pub client_secret: Option<SecretString>,
}

/// A schema source with an account and credentials for it.
#[derive(Debug, Clone)]
pub struct Access {
    source: SchemaSource,
    account: String,
    credentials: Credentials,
}

#[derive(Debug, Clone)]
enum Credentials {
    Token(SecretString),
    Client(String, SecretString),
}

impl Access {
    /// Combines a source and credentials. For a loopback source, [`DEMO_ACCOUNT`] and [`DEMO_TOKEN`]
    /// stand in for those that are absent.
    ///
    /// # Errors
    /// [`Error::Usage`] when a part is missing.
    pub fn new(source: SchemaSource, arguments: CredentialArguments) -> Result<Self, Error> {
        let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let secret =
            |secret: Option<SecretString>| secret.filter(|secret| !secret.expose_secret().trim().is_empty());
        let usage = |message: &str| Err(Error::Usage(message.to_owned()));
        let demo = source.is_loopback();
        let account = match text(arguments.account) {
            Some(account) => account,
            None if demo => DEMO_ACCOUNT.to_owned(),
            None => return usage("no account: give --account or set XURRENT_ACCOUNT"),
        };
        let credentials =
            match (secret(arguments.token), text(arguments.client_id), secret(arguments.client_secret)) {
                (Some(token), _, _) => Credentials::Token(token),
                (None, Some(id), Some(secret)) => Credentials::Client(id, secret),
                (None, Some(_), None) => {
                    return usage("a client id without its secret: set XURRENT_CLIENT_SECRET");
                }
                (None, None, Some(_)) => {
                    return usage(
                        "a client secret without its id: give --client-id or set XURRENT_CLIENT_ID",
                    );
                }
                (None, None, None) if demo => Credentials::Token(DEMO_TOKEN.into()),
                (None, None, None) => {
                    return usage(
                        "no credentials: set XURRENT_TOKEN, or XURRENT_CLIENT_ID and XURRENT_CLIENT_SECRET",
                    );
                }
            };
        let has_token_endpoint = !matches!(&source, SchemaSource::Endpoint { token: None, .. });
        if matches!(credentials, Credentials::Client(..)) && !has_token_endpoint {
            return usage("client credentials with --endpoint need --token-endpoint as well");
        }
        Ok(Self { source, account, credentials })
    }

    /// The server's host name.
    #[must_use]
    pub fn host(&self) -> String {
        self.source.host()
    }

    pub(crate) fn source(&self) -> &SchemaSource {
        &self.source
    }

    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    /// A client for the source. Sends nothing.
    pub(crate) fn client(&self) -> Result<ClientCore, Error> {
        // The caller retries.
        let mut config = ClientConfig { retry: RetryPolicy::never(), ..ClientConfig::default() };
        match &self.credentials {
            Credentials::Token(token) => config.credentials.add_token(token.clone()),
            Credentials::Client(id, secret) => config.credentials.add_client(id.clone(), secret.clone()),
        }
        let client = config.build(self.source.settings(&self.account));
        client.map(|(core, _)| core).map_err(|error| Error::Usage(self.redact(error.to_string())))
    }

    /// The text without secrets: a server may echo them.
    pub(crate) fn redact(&self, text: String) -> String {
        let (Credentials::Token(secret) | Credentials::Client(_, secret)) = &self.credentials;
        text.replace(secret.expose_secret().trim(), "***")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn endpoint(graphql: &str) -> SchemaSource {
        SchemaSource::Endpoint { graphql: graphql.to_owned(), token: None }
    }

    #[test]
    fn missing_arguments_are_named_before_anything_is_sent() {
        let remote = || endpoint("https://graphql.example.com");
        let some = |text: &str| Some(text.to_owned());
        let cases = [
            (CredentialArguments::default(), "no account"),
            (
                CredentialArguments {
                    account: some(" "),
                    token: Some("t".into()),
                    ..CredentialArguments::default()
                },
                "no account",
            ),
            (
                CredentialArguments { account: some("wdc"), ..CredentialArguments::default() },
                "no credentials",
            ),
            (
                CredentialArguments {
                    account: some("wdc"),
                    token: Some("".into()),
                    ..CredentialArguments::default()
                },
                "no credentials",
            ),
            (
                CredentialArguments {
                    account: some("wdc"),
                    client_id: some("i"),
                    ..CredentialArguments::default()
                },
                "without its secret",
            ),
            (
                CredentialArguments {
                    account: some("wdc"),
                    client_secret: Some("s".into()),
                    ..CredentialArguments::default()
                },
                "without its id",
            ),
            (
                CredentialArguments {
                    account: some("wdc"),
                    client_id: some("i"),
                    client_secret: Some("s".into()),
                    token: None,
                },
                "need --token-endpoint",
            ),
        ];
        for (arguments, part) in cases {
            let error = Access::new(remote(), arguments).unwrap_err();
            assert!(matches!(&error, Error::Usage(what) if what.contains(part)), "{error}");
        }
    }

    #[test]
    fn a_sandbox_needs_no_credentials() {
        let access =
            Access::new(endpoint("http://127.0.0.1:4010/graphql"), CredentialArguments::default()).unwrap();
        assert_eq!(access.account(), DEMO_ACCOUNT);
        assert!(access.client().is_ok());
        assert!(
            Access::new(endpoint("https://graphql.example.com"), CredentialArguments::default()).is_err()
        );
    }

    #[test]
    fn secrets_are_redacted() {
        let arguments = CredentialArguments {
            account: Some("wdc".to_owned()),
            token: Some("very-secret".into()),
            ..CredentialArguments::default()
        };
        let access = Access::new(endpoint("http://plain.example.com"), arguments).unwrap();
        assert!(!format!("{access:?}").contains("very-secret"));
        assert_eq!(access.redact("bad token very-secret.".to_owned()), "bad token ***.");
        let error = access.client().unwrap_err();
        assert!(error.to_string().contains("unencrypted"), "{error}");
    }
}
