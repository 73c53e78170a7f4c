//! The settings of a client whose API needs no more than endpoints and headers.

use crate::api::{Api, ApiSettings, EndpointRules};
use crate::error::{Error, Result};
use crate::redact::redact_url;
use http::{HeaderName, HeaderValue};
use std::fmt;

/// The endpoints and headers of any GraphQL API: the settings of a client whose API defines none.
#[derive(Default)]
pub struct Endpoints {
    /// The GraphQL endpoint.
    pub graphql: Option<String>,
    /// The OAuth token endpoint.
    pub token: Option<String>,
    /// The token introspection endpoint.
    pub introspection: Option<String>,
    /// Headers of all requests that carry a token.
    pub headers: Vec<(String, String)>,
}

impl ApiSettings for Endpoints {
    type State = ();

    fn resolve(self, rules: &EndpointRules) -> Result<(Api, ())> {
        let graphql = match &self.graphql {
            Some(url) => url.as_str(),
            None if rules.has_transport => "https://graphql.invalid",
            None => return Err(Error::configuration("no endpoint: call `.endpoint(..)`")),
        };
        let mut api = Api::new(rules.parse(graphql)?);
        api.token = self.token.map(|url| rules.parse(&url)).transpose()?;
        api.introspection = self.introspection.map(|url| rules.parse(&url)).transpose()?;
        for (name, value) in self.headers {
            let invalid = || Error::configuration(format!("invalid header {name:?}"));
            let header = HeaderName::try_from(&name).map_err(|_| invalid())?;
            api.headers.append(header, HeaderValue::try_from(&value).map_err(|_| invalid())?);
        }
        Ok((api, ()))
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redacted = |url: &Option<String>| url.as_deref().map(redact_url);
        f.debug_struct("Endpoints")
            .field("graphql", &redacted(&self.graphql))
            .field("token", &redacted(&self.token))
            .field("introspection", &redacted(&self.introspection))
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .finish()
    }
}
