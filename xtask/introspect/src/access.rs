//! The server, the account and the credentials.

use crate::arguments::{AlsoLocation, Location as Source, SourceArguments};
use crate::error::Error;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};
use xurrent_platform::{Location, Region, Stage, Xurrent};
use xurrent_runtime::client::ClientConfig;
use xurrent_runtime::{ClientCore, RetryPolicy};

/// The account that a sandbox serves by default.
pub const DEMO_ACCOUNT: &str = "wdc";

/// The personal access token that a sandbox accepts by default. No other server accepts it.
pub const DEMO_TOKEN: &str = "sandbox-personal-access-token";

/// A schema source with an account and credentials for it.
#[derive(Debug)]
pub(crate) struct Access {
    settings: Xurrent,
    /// The server's host name, with the port if it is not the default one.
    pub(crate) host: String,
    /// Whether the server is on this machine.
    pub(crate) is_loopback: bool,
    pub(crate) account: String,
    /// Whether it is the second of two environments, whose credentials are in other variables.
    pub(crate) is_second: bool,
    credentials: Credentials,
}

#[derive(Debug)]
enum Credentials {
    Token(SecretString),
    Client(String, SecretString),
}

impl SourceArguments {
    /// Adds what the environment holds. Credentials of the command line take precedence over it.
    pub(crate) fn or_environment(self) -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let has_client = self.client_id.is_some() || self.client_secret.is_some();
        Self {
            account: self.account.or_else(|| variable("XURRENT_ACCOUNT")),
            token: self.token.or_else(|| variable("XURRENT_TOKEN").filter(|_| !has_client)),
            client_id: self.client_id.or_else(|| variable("XURRENT_CLIENT_ID")),
            client_secret: self.client_secret.or_else(|| variable("XURRENT_CLIENT_SECRET")),
            ..self
        }
    }
}

impl AlsoLocation {
    /// The second environment, with the region and the account of the first by default, and credentials of its own: a
    /// secret of the first is none of the second.
    ///
    /// # Errors
    /// [`Error::Usage`] when the credentials are missing.
    pub(crate) fn of_environment(self, first: &SourceArguments) -> Result<SourceArguments, Error> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
        let Self { also_endpoint: endpoint, also_stage: stage, also_domain: domain } = self;
        let token = variable("XURRENT_ALSO_TOKEN");
        let client_id = variable("XURRENT_ALSO_CLIENT_ID").filter(|_| token.is_none());
        let client_secret = variable("XURRENT_ALSO_CLIENT_SECRET").filter(|_| token.is_none());
        let is_loopback = endpoint.as_deref().is_some_and(is_loopback);
        let has_client = client_id.is_some() && client_secret.is_some() && endpoint.is_none();
        if token.is_none() && !has_client && !is_loopback {
            return Err(Error::Usage(match endpoint {
                Some(_) => "no credentials for --also-endpoint: set XURRENT_ALSO_TOKEN".to_owned(),
                None => "no credentials for the second environment: set XURRENT_ALSO_TOKEN, or \
                         XURRENT_ALSO_CLIENT_ID and XURRENT_ALSO_CLIENT_SECRET"
                    .to_owned(),
            }));
        }
        Ok(SourceArguments {
            region: first.region.clone().filter(|_| stage.is_some()),
            location: Source { endpoint, stage, domain },
            token_endpoint: None,
            account: variable("XURRENT_ALSO_ACCOUNT").or_else(|| first.account.clone()),
            token,
            client_id: client_id.filter(|_| has_client),
            client_secret: client_secret.filter(|_| has_client),
        })
    }
}

impl Access {
    /// Combines a source and credentials. An empty text counts as absent. For a loopback source,
    /// [`DEMO_ACCOUNT`] and [`DEMO_TOKEN`] stand in for those that are absent.
    ///
    /// # Errors
    /// [`Error::Usage`] when a part is missing.
    pub(crate) fn new(arguments: SourceArguments) -> Result<Self, Error> {
        let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let usage = |message: &str| Err(Error::Usage(message.to_owned()));
        let SourceArguments { location, token_endpoint, region, .. } = arguments;
        let is_loopback = location.endpoint.as_deref().is_some_and(is_loopback);
        let account = match text(arguments.account) {
            Some(account) => account,
            None if is_loopback => DEMO_ACCOUNT.to_owned(),
            None => return usage("no account: give --account or set XURRENT_ACCOUNT"),
        };
        let client = (text(arguments.client_id), text(arguments.client_secret));
        let credentials = match (text(arguments.token), client) {
            (Some(token), _) => Credentials::Token(token.into()),
            (None, (Some(_), Some(_))) if location.endpoint.is_some() && token_endpoint.is_none() => {
                return usage("client credentials with --endpoint need --token-endpoint as well");
            }
            (None, (Some(id), Some(secret))) => Credentials::Client(id, secret.into()),
            (None, (Some(_), None)) => {
                return usage("a client id without its secret: set XURRENT_CLIENT_SECRET");
            }
            (None, (None, Some(_))) => {
                return usage("a client secret without its id: give --client-id or set XURRENT_CLIENT_ID");
            }
            (None, (None, None)) if is_loopback => Credentials::Token(DEMO_TOKEN.into()),
            (None, (None, None)) => {
                return usage(
                    "no credentials: set XURRENT_TOKEN, or XURRENT_CLIENT_ID and XURRENT_CLIENT_SECRET",
                );
            }
        };
        let known = |_| Error::Usage("unknown stage or region".to_owned());
        let stage = location.stage.map(|stage| stage.parse::<Stage>()).transpose().map_err(known)?;
        let region = region.map(|region| region.parse::<Region>()).transpose().map_err(known)?;
        let host = match (&location.endpoint, &location.domain) {
            (Some(graphql), _) => endpoint_host(graphql),
            (None, Some(domain)) => format!("graphql.{domain}"),
            (None, None) => {
                let stage = stage.unwrap_or(Stage::Production);
                format!("graphql.{}", stage.domain(region.unwrap_or(Region::Global)))
            }
        };
        // Only client credentials use the token endpoint.
        let endpoints = location.endpoint.map(|graphql| (graphql.clone(), token_endpoint.unwrap_or(graphql)));
        let location = Location { stage, region, domain: location.domain, endpoints, rest_endpoint: None };
        let settings = Xurrent { account: Some(account.clone()), location, ..Xurrent::default() };
        Ok(Self { settings, host, is_loopback, account, is_second: false, credentials })
    }

    /// As the second of two environments.
    pub(crate) fn second(self) -> Self {
        Self { is_second: true, ..self }
    }

    /// A client for the source. Sends nothing.
    pub(crate) fn client(&self) -> Result<ClientCore, Error> {
        // The caller retries.
        let mut config = ClientConfig { retry: RetryPolicy::never(), ..ClientConfig::default() };
        match &self.credentials {
            Credentials::Token(token) => config.credentials.add(None, token.clone()),
            Credentials::Client(id, secret) => config.credentials.add(Some(id.clone()), secret.clone()),
        }
        let client = config.build(self.settings.clone());
        client.map(|(core, _)| core).map_err(|error| Error::Usage(self.redact(format!("{error:#}"))))
    }

    /// The text without secrets: a server may echo them.
    pub(crate) fn redact(&self, text: String) -> String {
        let (Credentials::Token(secret) | Credentials::Client(_, secret)) = &self.credentials;
        text.replace(secret.expose_secret().trim(), "***")
    }
}

fn is_loopback(graphql: &str) -> bool {
    match Url::parse(graphql).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn endpoint_host(address: &str) -> String {
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(Url::host_str);
    match (host, url.as_ref().and_then(Url::port)) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "the endpoint".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::arguments::Location;
    use std::sync::{Arc, Mutex};
    use xurrent_runtime::transport::{BoxFuture, Request};
    use xurrent_runtime::{RawQuery, Result, Transport};

    fn endpoint(graphql: &str) -> Location {
        Location { endpoint: Some(graphql.to_owned()), ..Location::default() }
    }

    fn access(location: Location, region: Option<&str>) -> Access {
        Access::new(SourceArguments {
            location,
            region: region.map(str::to_owned),
            account: Some("a".to_owned()),
            token: Some("t".to_owned()),
            ..SourceArguments::default()
        })
        .unwrap()
    }

    #[test]
    fn missing_arguments_are_named_before_anything_is_sent() {
        let location = || endpoint("https://graphql.example.com");
        let some = |text: &str| Some(text.to_owned());
        let cases = [
            (SourceArguments::default(), "no account"),
            (
                SourceArguments { account: some(" "), token: some("t"), ..SourceArguments::default() },
                "no account",
            ),
            (SourceArguments { account: some("wdc"), ..SourceArguments::default() }, "no credentials"),
            (
                SourceArguments { account: some("wdc"), token: some(""), ..SourceArguments::default() },
                "no credentials",
            ),
            (
                SourceArguments { account: some("wdc"), client_id: some("i"), ..SourceArguments::default() },
                "without its secret",
            ),
            (
                SourceArguments {
                    account: some("wdc"),
                    client_secret: some("s"),
                    ..SourceArguments::default()
                },
                "without its id",
            ),
            (
                SourceArguments {
                    account: some("wdc"),
                    client_id: some("i"),
                    client_secret: some("s"),
                    ..SourceArguments::default()
                },
                "need --token-endpoint",
            ),
        ];
        for (arguments, part) in cases {
            let error = Access::new(SourceArguments { location: location(), ..arguments }).unwrap_err();
            assert!(matches!(&error, Error::Usage(what) if what.contains(part)), "{error}");
        }
    }

    #[test]
    fn a_sandbox_needs_no_credentials() {
        let anonymous = |graphql| {
            Access::new(SourceArguments { location: endpoint(graphql), ..SourceArguments::default() })
        };
        let access = anonymous("http://127.0.0.1:4010/graphql").unwrap();
        assert_eq!(access.account, DEMO_ACCOUNT);
        assert!(access.client().is_ok());
        assert!(anonymous("https://graphql.example.com").is_err());
    }

    #[test]
    fn secrets_are_redacted() {
        let access = Access::new(SourceArguments {
            location: endpoint("http://plain.example.com"),
            account: Some("wdc".to_owned()),
            token: Some("very-secret".to_owned()),
            ..SourceArguments::default()
        });
        let access = access.unwrap();
        assert!(!format!("{access:?}").contains("very-secret"));
        assert_eq!(access.redact("bad token very-secret.".to_owned()), "bad token ***.");
        let error = access.client().unwrap_err();
        assert!(error.to_string().contains("unencrypted"), "{error}");
    }

    /// Captures the host of a request.
    struct Probe(Arc<Mutex<String>>);

    impl Transport for Probe {
        fn send(&self, request: Request) -> BoxFuture<'_, Result<http::Response<Vec<u8>>>> {
            request.http.uri().host().unwrap().clone_into(&mut self.0.lock().unwrap());
            Box::pin(async { Ok(http::Response::new(b"{}".to_vec())) })
        }
    }

    #[tokio::test]
    async fn the_displayed_host_is_the_requested_host() {
        let domain = Location { domain: Some("4me.com".to_owned()), ..Location::default() };
        let mut sources = vec![access(domain, None), access(endpoint("https://graphql.example.com/x"), None)];
        for stage in ["production", "qa", "demo"] {
            for region in ["global", "au", "ch", "uk", "us"] {
                let location = Location { stage: Some(stage.to_owned()), ..Location::default() };
                sources.push(access(location, Some(region)));
            }
        }
        for access in sources {
            let requested = Arc::new(Mutex::default());
            let transport = Arc::new(Probe(Arc::clone(&requested)));
            let mut config = ClientConfig { transport: Some(transport), ..ClientConfig::default() };
            config.credentials.add(None, "t".into());
            let (client, _) = config.build(access.settings.clone()).unwrap();
            let _ = RawQuery::new(&client, "{ me { id } }", ()).await;
            assert_eq!(*requested.lock().unwrap(), access.host);
        }
    }

    #[test]
    fn only_loopback_addresses_are_loopback() {
        let source = |graphql: &str| access(endpoint(graphql), None);
        for address in
            ["http://127.0.0.1:4010/graphql", "http://localhost/", "http://[::1]:1", "http://127.9.9.9"]
        {
            assert!(source(address).is_loopback, "{address}");
        }
        for address in ["https://localhost.example.com", "https://graphql.xurrent.com", "127.0.0.1:4010", ""]
        {
            assert!(!source(address).is_loopback, "{address}");
        }
        let domain = Location { domain: Some("localhost".to_owned()), ..Location::default() };
        assert!(!access(domain, None).is_loopback);
        assert_eq!(source("http://127.0.0.1:4010/graphql?key=x").host, "127.0.0.1:4010");
    }
}
