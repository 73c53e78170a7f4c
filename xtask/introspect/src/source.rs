//! Which server to ask.

use url::{Host, Url};
use xurrent_runtime::{ClientBuilder, Region, Stage};

/// Where the GraphQL endpoint is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At an address.
    Endpoint {
        /// Of the GraphQL endpoint.
        graphql: String,
        /// Of the token endpoint, which only client credentials need.
        token: Option<String>,
    },
    /// In one of the environments that Xurrent runs.
    Stage(Stage, Region),
    /// At `graphql.` and `oauth.` of a domain.
    Domain(String),
}

impl Place {
    /// The server's name, with the port where that is not the usual one.
    #[must_use]
    pub fn host(&self) -> String {
        let domain = match self {
            Self::Endpoint { graphql, .. } => return endpoint_host(graphql),
            Self::Domain(domain) => domain.clone(),
            Self::Stage(Stage::Demo, _) => "xurrent-demo.com".to_owned(),
            Self::Stage(stage, region) => {
                let domain = if *stage == Stage::Qa { "xurrent.qa" } else { "xurrent.com" };
                let region = match region {
                    Region::Au => "au.",
                    Region::Ch => "ch.",
                    Region::Uk => "uk.",
                    Region::Us => "us.",
                    _ => "",
                };
                format!("{region}{domain}")
            }
        };
        format!("graphql.{domain}")
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

    pub(crate) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        match self {
            // Without client credentials nobody asks the token endpoint: any address will do.
            Self::Endpoint { graphql, token } => {
                builder.endpoints(graphql, token.as_ref().unwrap_or(graphql))
            }
            Self::Stage(stage, region) => builder.stage(*stage).region(*region),
            Self::Domain(domain) => builder.domain(domain),
        }
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
    use xurrent_runtime::transport::{BoxFuture, Request};
    use xurrent_runtime::{Client, Result, Transport};

    /// Remembers the host that a request would have gone to.
    struct Probe(Arc<Mutex<String>>);

    impl Transport for Probe {
        fn send(&self, request: Request) -> BoxFuture<'_, Result<http::Response<Vec<u8>>>> {
            request.http.uri().host().unwrap().clone_into(&mut self.0.lock().unwrap());
            Box::pin(async { Ok(http::Response::new(b"{}".to_vec())) })
        }
    }

    #[tokio::test]
    async fn the_host_that_is_named_is_the_host_that_is_asked() {
        let mut places = vec![
            Place::Domain("4me.com".to_owned()),
            Place::Endpoint { graphql: "https://graphql.example.com/x".to_owned(), token: None },
        ];
        for stage in [Stage::Production, Stage::Qa, Stage::Demo] {
            for region in [Region::Global, Region::Au, Region::Ch, Region::Uk, Region::Us] {
                places.push(Place::Stage(stage, region));
            }
        }
        for place in places {
            let asked = Arc::new(Mutex::default());
            let builder = Client::builder().account("a").personal_access_token("t");
            let client = place.apply(builder).transport(Probe(Arc::clone(&asked))).build().unwrap();
            let _ = client.raw("{ me { id } }", ()).await;
            assert_eq!(*asked.lock().unwrap(), place.host());
        }
    }

    #[test]
    fn loopback_is_this_machine_and_nothing_else() {
        let place = |graphql: &str| Place::Endpoint { graphql: graphql.to_owned(), token: None };
        for address in
            ["http://127.0.0.1:4010/graphql", "http://localhost/", "http://[::1]:1", "http://127.9.9.9"]
        {
            assert!(place(address).is_loopback(), "{address}");
        }
        for address in ["https://localhost.example.com", "https://graphql.xurrent.com", "127.0.0.1:4010", ""]
        {
            assert!(!place(address).is_loopback(), "{address}");
        }
        assert!(!Place::Domain("localhost".to_owned()).is_loopback());
        assert_eq!(place("http://127.0.0.1:4010/graphql?key=x").host(), "127.0.0.1:4010");
    }
}
