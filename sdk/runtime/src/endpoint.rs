//! Where an account lives: stage, region, domain, addresses.

use crate::error::{Error, Result};
use http::Uri;
use reqwest::Url;
use std::fmt;
pub(crate) use xurrent_values::redact::redact_url as shown;

/// The environments that Xurrent runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// `xurrent.com`
    Production,
    /// `xurrent.qa`: newer than production, without real data.
    Qa,
    /// `xurrent-demo.com`: one for all regions.
    Demo,
}

/// The regions of production and QA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// Europe and everything that has no region of its own: no prefix.
    Global,
    /// Australia: `au.xurrent.com`
    Au,
    /// Switzerland: `ch.xurrent.com`
    Ch,
    /// United Kingdom: `uk.xurrent.com`
    Uk,
    /// United States: `us.xurrent.com`
    Us,
}

/// What was said about where the account lives. Only one of the three ways may be used.
#[derive(Clone, Default)]
pub(crate) struct Location {
    pub(crate) stage: Option<Stage>,
    pub(crate) region: Option<Region>,
    pub(crate) domain: Option<String>,
    pub(crate) endpoints: Option<(String, String)>,
    /// Only together with endpoints.
    pub(crate) rest: Option<String>,
    pub(crate) plain_http: bool,
}

/// The addresses of one environment.
pub(crate) struct Endpoints {
    pub(crate) graphql: Url,
    pub(crate) token: Url,
    /// Of the REST interface, where it is known.
    pub(crate) rest: Option<Url>,
    /// That the account is on, where it is known.
    pub(crate) domain: Option<String>,
}

impl Location {
    pub(crate) fn endpoints(&self) -> Result<Endpoints> {
        let given = [self.stage.is_some(), self.domain.is_some(), self.endpoints.is_some()];
        if given.into_iter().filter(|given| *given).count() > 1 {
            return Err(Error::configuration(
                "more than one place: give either a stage, or a domain, or both endpoints",
            ));
        }
        if self.region.is_some() && self.stage.is_none() {
            return Err(Error::configuration(
                "a region without a stage: call `.stage(Stage::Production)` as well",
            ));
        }
        if let Some((graphql, token)) = &self.endpoints {
            let rest = self.rest.as_deref().map(|rest| self.rest_url(rest)).transpose()?;
            return Ok(Endpoints {
                graphql: self.url(graphql)?,
                token: self.url(token)?,
                rest,
                domain: None,
            });
        }
        if self.rest.is_some() {
            return Err(Error::configuration(
                "`rest_endpoint` goes with `.endpoints(graphql, token)`: a stage and a domain know their own",
            ));
        }
        let domain = match (&self.domain, self.stage) {
            (Some(domain), _) => checked(domain)?.to_owned(),
            (None, Some(stage)) => domain(stage, self.region.unwrap_or(Region::Global)),
            (None, None) => {
                return Err(Error::configuration(
                    "no place: call `.stage(Stage::Production)`, `.domain(..)` or `.endpoints(graphql, token)`",
                ));
            }
        };
        Ok(Endpoints {
            graphql: self.url(&format!("https://graphql.{domain}"))?,
            token: self.url(&format!("https://oauth.{domain}/token"))?,
            rest: Some(self.url(&format!("https://api.{domain}/v1"))?),
            domain: Some(domain),
        })
    }

    /// What is asked for is put behind this address.
    fn rest_url(&self, text: &str) -> Result<Url> {
        let url = self.url(text)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::configuration(format!(
                "{:?} has more than a path: give the REST endpoint like `https://api.xurrent.com/v1`",
                shown(text)
            )));
        }
        Ok(url)
    }

    /// A token must not travel in the open, except on this machine or where that was asked for.
    fn url(&self, text: &str) -> Result<Url> {
        let url = Url::parse(text).map_err(|error| {
            Error::configuration(format!("{:?} is no URL", shown(text))).with_source(error)
        })?;
        let loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(Error::configuration(format!("{:?} has no host", shown(text)))),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::configuration("an endpoint must not hold a user name or a password"));
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if loopback || self.plain_http => Ok(url),
            "http" => Err(Error::configuration(format!(
                "{:?} would send the token unencrypted: use https, or a loopback address",
                shown(text)
            ))),
            other => {
                Err(Error::configuration(format!("{other:?} is no scheme to reach an API with: use https")))
            }
        }
    }
}

impl Endpoints {
    /// Where a token says what it is good for: next to where it was issued.
    pub(crate) fn introspect(&self) -> Url {
        let mut url = self.token.clone();
        url.set_path("/introspect");
        url.set_query(None);
        url.set_fragment(None);
        url
    }
}

/// The address of a result, as the API gave it. The rules keep requests out of places that nobody
/// meant, should an answer ever be forged: it is next to the API itself, or it is `https` and a name.
/// A name can still stand for an address within one's own network, which only a name server knows;
/// what is sent there is a plain `GET` without credentials. The address is never shown.
pub(crate) fn result_address(text: &str, endpoint: &Uri) -> Result<Uri> {
    let refused = |why: &str| Error::configuration(format!("the address of the result {why}"));
    let url = Url::parse(text.trim()).map_err(|_| refused("is no URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("holds a user name or a password"));
    }
    let is_of_api = is_of_api(&url, endpoint);
    if !is_of_api && url.scheme() != "https" {
        return Err(refused("is not encrypted: only `https` is followed to other servers than the API's"));
    }
    if !is_of_api && !has_public_name(&url) {
        return Err(refused("is not that of a public server"));
    }
    let mut url = url;
    url.set_fragment(None);
    url.as_str().parse().map_err(|_| refused("cannot be requested"))
}

/// Whether an address is on the server of the API itself.
pub(crate) fn is_of_api(url: &Url, endpoint: &Uri) -> bool {
    let default = |scheme: Option<&str>| if scheme == Some("http") { 80 } else { 443 };
    endpoint.scheme_str() == Some(url.scheme())
        && url
            .host_str()
            .is_some_and(|host| endpoint.host().is_some_and(|api| api.eq_ignore_ascii_case(host)))
        && url.port_or_known_default()
            == Some(endpoint.port_u16().unwrap_or_else(|| default(endpoint.scheme_str())))
}

/// Whether an address names a host, and none that is only known within a network. Numbers are no names:
/// they are those of this machine and its neighbours as well.
pub(crate) fn has_public_name(url: &Url) -> bool {
    const WITHIN: [&str; 5] = [".localhost", ".localdomain", ".local", ".internal", ".home.arpa"];
    match url.host() {
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name.contains('.') && !WITHIN.iter().any(|within| name.ends_with(within))
        }
        _ => false,
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoints = self.endpoints.as_ref().map(|(graphql, token)| (shown(graphql), shown(token)));
        f.debug_struct("Location")
            .field("stage", &self.stage)
            .field("region", &self.region)
            .field("domain", &self.domain.as_deref().map(shown))
            .field("endpoints", &endpoints)
            .field("rest", &self.rest.as_deref().map(shown))
            .field("plain_http", &self.plain_http)
            .finish()
    }
}

fn domain(stage: Stage, region: Region) -> String {
    let domain = match stage {
        Stage::Production => "xurrent.com",
        Stage::Qa => "xurrent.qa",
        // There is one demo environment; a region makes no difference.
        Stage::Demo => return "xurrent-demo.com".to_owned(),
    };
    match region {
        Region::Global => domain.to_owned(),
        Region::Au => format!("au.{domain}"),
        Region::Ch => format!("ch.{domain}"),
        Region::Uk => format!("uk.{domain}"),
        Region::Us => format!("us.{domain}"),
    }
}

fn checked(domain: &str) -> Result<&str> {
    let label = |label: &str| {
        let outer = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        outer(label.bytes().next())
            && outer(label.bytes().last())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if domain.contains('.') && domain.split('.').all(label) {
        return Ok(domain);
    }
    Err(Error::configuration(format!("{:?} is no domain: give it like `xurrent.com`", shown(domain))))
}
