//! The settings of a client whose API needs no more than endpoints and headers.

use crate::api::{Api, ApiSettings, Authentication, EndpointRules};
use crate::error::{Error, Result};
use crate::redact::redact_url;
use http::{HeaderName, HeaderValue};
use std::fmt;
use std::marker::PhantomData;

/// What an API prescribes to a client that [`client!`](crate::client!) declares, as constants.
pub trait Prescribed: 'static {
    /// The GraphQL endpoint, unless the builder sets another one.
    const ENDPOINT: Option<&'static str> = None;
    /// How a request carries the token.
    const AUTHENTICATION: Authentication = Authentication::Bearer;
    /// The header with the account of a client, which is part of positions of streams and of traces.
    const ACCOUNT: Option<&'static str> = None;
    /// The most nodes that a request may ask for.
    const MAX_NODES: Option<u64> = None;
    /// The header `User-Agent`.
    const USER_AGENT: &'static str = concat!("xurrent-runtime/", env!("CARGO_PKG_VERSION"));
}

/// An API that prescribes nothing.
pub struct Unprescribed;

impl Prescribed for Unprescribed {}

/// The endpoints and headers of any GraphQL API: the settings of a client whose API defines no others.
pub struct Endpoints<P = Unprescribed> {
    /// The GraphQL endpoint.
    pub graphql: Option<String>,
    /// The OAuth token endpoint.
    pub token: Option<String>,
    /// The token introspection endpoint.
    pub introspection: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// Headers of all requests that carry a token.
    pub headers: Vec<(String, String)>,
    prescribed: PhantomData<fn() -> P>,
}

impl<P> Default for Endpoints<P> {
    fn default() -> Self {
        Self {
            graphql: None,
            token: None,
            introspection: None,
            account: None,
            headers: Vec::new(),
            prescribed: PhantomData,
        }
    }
}

impl<P: Prescribed> ApiSettings for Endpoints<P> {
    type State = ();

    fn resolve(self, rules: &EndpointRules) -> Result<(Api, ())> {
        let graphql = match self.graphql.as_deref().or(P::ENDPOINT) {
            Some(url) => url,
            None if rules.has_transport => "https://graphql.invalid",
            None => return Err(Error::configuration("no endpoint: call `.endpoint(..)`")),
        };
        let mut api = Api::new(rules.parse(graphql)?);
        api.token = self.token.map(|url| rules.parse(&url)).transpose()?;
        api.introspection = self.introspection.map(|url| rules.parse(&url)).transpose()?;
        (api.authentication, api.user_agent, api.max_nodes) =
            (P::AUTHENTICATION, P::USER_AGENT, P::MAX_NODES);
        let account = P::ACCOUNT.zip(self.account.clone()).map(|(name, account)| (name.to_owned(), account));
        for (name, value) in self.headers.into_iter().chain(account) {
            let invalid = || Error::configuration(format!("invalid header {name:?}"));
            let header = HeaderName::try_from(&name).map_err(|_| invalid())?;
            if api.authentication.header().as_ref() == Some(&header) {
                let why = "carries the token: call `.personal_access_token(..)`";
                return Err(Error::configuration(format!("the header {name:?} {why}")));
            }
            api.headers.append(header, HeaderValue::try_from(&value).map_err(|_| invalid())?);
        }
        api.label = self.account.unwrap_or_default();
        Ok((api, ()))
    }
}

impl<P> fmt::Debug for Endpoints<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redacted = |url: &Option<String>| url.as_deref().map(redact_url);
        f.debug_struct("Endpoints")
            .field("graphql", &redacted(&self.graphql))
            .field("token", &redacted(&self.token))
            .field("introspection", &redacted(&self.introspection))
            .field("account", &self.account)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .finish()
    }
}
