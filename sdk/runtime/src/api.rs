//! What an API prescribes to its clients.

use crate::error::{Error, Result};
use crate::redact::redact_url;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::time::Duration;
use tracing::{Span, field::Empty, info_span};

/// What an API prescribes to its clients: endpoints, headers, limits.
#[derive(Clone)]
#[non_exhaustive]
pub struct Api {
    /// The GraphQL endpoint.
    pub graphql: Url,
    /// The OAuth token endpoint, which client credentials need.
    pub token: Option<Url>,
    /// The token introspection endpoint (RFC 7662), which `check` asks.
    pub introspection: Option<Url>,
    /// Endpoints beside GraphQL that are called with the client's tokens.
    pub others: Vec<Url>,
    /// How a request carries the token: [`Authentication::Bearer`] by default.
    pub authentication: Authentication,
    /// Headers of all requests that carry a token. Hooks cannot set them.
    pub headers: HeaderMap,
    /// Headers of calls, in addition to [`headers`](Self::headers).
    pub call_headers: HeaderMap,
    /// The response header with the identifier of a request: `x-request-id` by default.
    pub request_id: HeaderName,
    /// The first part of the response headers `-limit`, `-remaining` and `-reset` for the requests of a user:
    /// `x-ratelimit` by default.
    pub rate_limit_headers: &'static str,
    /// The same for cost points, and of `-cost` for those of the request: `x-costlimit` by default.
    pub cost_limit_headers: &'static str,
    /// The text before the scopes that a token lacks, separated by commas, in the message of an error. None,
    /// the default, for an API that does not name them.
    pub missing_scopes: Option<&'static str>,
    /// How many requests a user may send in a window of this length.
    pub rate_limit: Option<(usize, Duration)>,
    /// The largest number of nodes that one request may ask for, if there is a limit. It multiplies the sizes
    /// of nested connections.
    pub max_nodes: Option<u64>,
    /// What traces and hooks call this client, such as an account. Positions of streams hold a digest of
    /// it, so that they are not resumed elsewhere.
    pub label: String,
    /// Opens the span of a call, from the name of the operation and the label. The runtime records
    /// `attempts`, `status`, `request_id`, `cost`, `variables` and `size` in it.
    pub span: fn(operation: &str, label: &str) -> Span,
    /// The header `User-Agent`.
    pub user_agent: &'static str,
    /// What to do when the server has another schema than this program was generated from: a phrase at the end of
    /// an error, such as ``run `make sdk` ``.
    pub regenerate: &'static str,
}

impl Api {
    /// An API with this GraphQL endpoint, and with nothing else.
    pub fn new(graphql: Url) -> Self {
        Self {
            graphql,
            token: None,
            introspection: None,
            others: Vec::new(),
            authentication: Authentication::Bearer,
            headers: HeaderMap::new(),
            call_headers: HeaderMap::new(),
            request_id: HeaderName::from_static("x-request-id"),
            rate_limit_headers: "x-ratelimit",
            cost_limit_headers: "x-costlimit",
            missing_scopes: None,
            rate_limit: None,
            max_nodes: None,
            label: String::new(),
            span,
            user_agent: concat!("xurrent-runtime/", env!("CARGO_PKG_VERSION")),
            regenerate: "generate it again from the schema of the server",
        }
    }
}

/// How a request carries the token of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authentication {
    /// `Authorization: Bearer <token>` (RFC 6750).
    #[default]
    Bearer,
    /// The token as it is, in this header. It may begin with a scheme, such as `Basic`.
    Header(HeaderName),
    /// Not at all: the client has no token.
    None,
}

impl Authentication {
    /// The header with the token.
    pub fn header(&self) -> Option<HeaderName> {
        match self {
            Self::Bearer => Some(AUTHORIZATION),
            Self::Header(name) => Some(name.clone()),
            Self::None => None,
        }
    }

    /// The value of the header.
    pub(crate) fn value(&self, token: &SecretString) -> Result<HeaderValue> {
        let token = token.expose_secret();
        let value = match self {
            Self::Bearer => HeaderValue::try_from(format!("Bearer {token}")),
            Self::Header(_) | Self::None => HeaderValue::try_from(token),
        };
        let mut value = value.map_err(|_| {
            Error::configuration("invalid token: it has characters that no HTTP header can hold")
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

fn span(operation: &str, label: &str) -> Span {
    let label = (!label.is_empty()).then_some(label);
    info_span!(
        "graphql",
        operation,
        label,
        attempts = Empty,
        status = Empty,
        request_id = Empty,
        cost = Empty,
        variables = Empty,
        size = Empty
    )
}

/// The part of a client's configuration that its API defines. [`client!`](crate::client!) puts it beside
/// the part that all clients have.
pub trait ApiSettings: Default + fmt::Debug {
    /// What each client keeps for its API, shared with its clones.
    type State: Clone + fmt::Debug + Send + Sync + 'static;

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when a setting is missing or invalid.
    fn resolve(self, rules: &EndpointRules) -> Result<(Api, Self::State)>;
}

/// Which endpoints a client accepts.
#[derive(Debug, Clone, Copy)]
pub struct EndpointRules {
    pub(crate) allows_plain_http: bool,
    /// Whether a transport of the user's own replaces HTTP, so that no endpoint is needed.
    pub has_transport: bool,
    /// Whether the builder has a token or client credentials. Without any, no client is built.
    pub has_credentials: bool,
}

impl EndpointRules {
    /// Parses the URL of an endpoint. Tokens are not sent unencrypted, except to this machine or where
    /// `allow_plain_http` was called.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it is no such URL.
    pub fn parse(&self, text: &str) -> Result<Url> {
        let redacted = redact_url(text);
        let refuse = |why: String| Err(Error::configuration(why));
        let url = Url::parse(text)
            .map_err(|error| Error::configuration(format!("invalid URL {redacted:?}")).with_source(error))?;
        let is_loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return refuse(format!("the URL {redacted:?} has no host")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("the URL of an endpoint must not hold a user name or password".to_owned());
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if is_loopback || self.allows_plain_http => Ok(url),
            "http" => refuse(format!(
                "{redacted:?} would send the token unencrypted: use https, or a loopback address"
            )),
            other => refuse(format!("unsupported scheme {other:?} of an endpoint: use https")),
        }
    }
}

/// A URL as `http` has it.
pub fn uri(url: &Url) -> Result<Uri> {
    url.as_str().parse().map_err(|error: http::uri::InvalidUri| {
        Error::configuration(format!("invalid URL {:?}", redact_url(url.as_str()))).with_source(error)
    })
}
