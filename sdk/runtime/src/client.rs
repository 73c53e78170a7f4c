//! The client and how it is built.

use crate::error::{Error, Result};
use crate::transport::Transport;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;

/// A connection to one Xurrent account. Cheap to clone; clones share the connection pool.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) transport: Arc<Transport>,
}

impl Client {
    /// Starts the configuration of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

/// Collects the configuration of a [`Client`]; [`build`](Self::build) checks it.
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    account: Option<String>,
    endpoints: Option<(String, String)>,
    token: Option<SecretString>,
}

impl ClientBuilder {
    /// The account to work in: `wdc` for `https://wdc.xurrent.com`.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// The addresses of the GraphQL endpoint and of the token endpoint, for example
    /// `https://graphql.xurrent.com` and `https://oauth.xurrent.com/token`.
    ///
    /// Plain `http` is accepted for loopback addresses only: a token must not travel in the open.
    /// A personal access token is sent as it is, so with one the token endpoint is never called.
    pub fn endpoints(mut self, graphql: impl Into<String>, token: impl Into<String>) -> Self {
        self.endpoints = Some((graphql.into(), token.into()));
        self
    }

    /// A personal access token. Made in Xurrent under "My profile", with the scopes it may use.
    pub fn personal_access_token(mut self, token: impl Into<SecretString>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when a part is missing or
    /// cannot be used, and says which.
    pub fn build(self) -> Result<Client> {
        let account = required(self.account, "account", "`.account(\"wdc\")`")?;
        let token = self
            .token
            .ok_or_else(|| Error::configuration("no credentials: call `.personal_access_token(..)`"))?;
        let (graphql, token_endpoint) = self.endpoints.ok_or_else(|| {
            Error::configuration(
                "no endpoints: call `.endpoints(\"https://graphql.xurrent.com\", \"https://oauth.xurrent.com/token\")`",
            )
        })?;
        if account.chars().any(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')) {
            return Err(Error::configuration(format!(
                "{account:?} is no account id: give the part before the domain, such as `wdc`"
            )));
        }
        if token.expose_secret().trim().is_empty() {
            return Err(Error::configuration("the personal access token is empty"));
        }
        let graphql = endpoint(&graphql)?;
        endpoint(&token_endpoint)?;
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(120))
            // A redirect would send the token to an address that nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("xurrent-rust/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Error::configuration("the HTTP client cannot be built").with_source(error))?;
        let transport = Transport::new(http, graphql, &account, &token)?;
        Ok(Client { transport: Arc::new(transport) })
    }
}

fn required(value: Option<String>, what: &str, call: &str) -> Result<String> {
    match value {
        Some(value) if !value.trim().is_empty() => Ok(value),
        Some(_) => Err(Error::configuration(format!("the {what} is empty"))),
        None => Err(Error::configuration(format!("no {what}: call {call}"))),
    }
}

fn endpoint(text: &str) -> Result<Url> {
    let url = Url::parse(text)
        .map_err(|error| Error::configuration(format!("{text:?} is no URL")).with_source(error))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(Error::configuration(format!("{text:?} has no host"))),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::configuration("the endpoint must not hold a user name or a password"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        "http" => Err(Error::configuration(format!(
            "{text:?} would send the token unencrypted: use https, or a loopback address"
        ))),
        other => Err(Error::configuration(format!("{other:?} is no scheme to reach an API with: use https"))),
    }
}
