//! Source of the schema: the GraphQL endpoint to introspect.

use url::{Host, Url};
use xurrent_platform::{Region, Stage, Xurrent};

/// Location of the GraphQL endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaSource {
    /// An address.
    Endpoint {
        /// Address of the GraphQL endpoint.
        graphql: String,
        /// Address of the token endpoint, which only client credentials need.
        token: Option<String>,
    },
    /// One of the environments that Xurrent runs.
    Stage(Stage, Region),
    /// A domain with endpoints at `graphql.` and `oauth.`.
    Domain(String),
}

impl SchemaSource {
    /// The server's host name, with the port if it is not the default one.
    #[must_use]
    pub fn host(&self) -> String {
        match self {
            Self::Endpoint { graphql, .. } => endpoint_host(graphql),
            Self::Domain(domain) => format!("graphql.{domain}"),
            Self::Stage(stage, region) => format!("graphql.{}", stage.domain(*region)),
        }
    }

    /// Whether the server is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let Self::Endpoint { graphql, .. } = self else { return false };
        match Url::parse(graphql).ok().as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    pub(crate) fn settings(&self, account: &str) -> Xurrent {
        let mut settings = Xurrent { account: Some(account.to_owned()), ..Xurrent::default() };
        match self {
            // Only client credentials use the token endpoint.
            Self::Endpoint { graphql, token } => {
                settings.endpoints = Some((graphql.clone(), token.as_ref().unwrap_or(graphql).clone()));
            }
            Self::Stage(stage, region) => (settings.stage, settings.region) = (Some(*stage), Some(*region)),
            Self::Domain(domain) => settings.domain = Some(domain.clone()),
        }
        settings
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
    use std::sync::{Arc, Mutex};
    use xurrent_runtime::client::ClientConfig;
    use xurrent_runtime::transport::{BoxFuture, Request};
    use xurrent_runtime::{RawQuery, Result, Transport};

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
        let mut sources = vec![
            SchemaSource::Domain("4me.com".to_owned()),
            SchemaSource::Endpoint { graphql: "https://graphql.example.com/x".to_owned(), token: None },
        ];
        for stage in [Stage::Production, Stage::Qa, Stage::Demo] {
            for region in [Region::Global, Region::Au, Region::Ch, Region::Uk, Region::Us] {
                sources.push(SchemaSource::Stage(stage, region));
            }
        }
        for source in sources {
            let requested = Arc::new(Mutex::default());
            let transport = Arc::new(Probe(Arc::clone(&requested)));
            let mut config = ClientConfig { transport: Some(transport), ..ClientConfig::default() };
            config.credentials.add_token("t".into());
            let (client, _) = config.build(source.settings("a")).unwrap();
            let _ = RawQuery::new(&client, "{ me { id } }", ()).await;
            assert_eq!(*requested.lock().unwrap(), source.host());
        }
    }

    #[test]
    fn only_loopback_addresses_are_loopback() {
        let source = |graphql: &str| SchemaSource::Endpoint { graphql: graphql.to_owned(), token: None };
        for address in
            ["http://127.0.0.1:4010/graphql", "http://localhost/", "http://[::1]:1", "http://127.9.9.9"]
        {
            assert!(source(address).is_loopback(), "{address}");
        }
        for address in ["https://localhost.example.com", "https://graphql.xurrent.com", "127.0.0.1:4010", ""]
        {
            assert!(!source(address).is_loopback(), "{address}");
        }
        assert!(!SchemaSource::Domain("localhost".to_owned()).is_loopback());
        assert_eq!(source("http://127.0.0.1:4010/graphql?key=x").host(), "127.0.0.1:4010");
    }
}
