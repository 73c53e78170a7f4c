//! The environments of Xurrent: stages, regions, domains.

use std::fmt;
use std::str::FromStr;
use url::Url;
#[cfg(feature = "clap")]
use xurrent_runtime::clap;
use xurrent_runtime::{EndpointRules, Error, Result, redact_url};

/// Where the accounts of a client are. The builder of the crate `xurrent` documents it.
#[derive(Clone, Default)]
pub struct Location {
    /// The stage.
    pub stage: Option<Stage>,
    /// The region of the stage.
    pub region: Option<Region>,
    /// A domain, instead of a stage.
    pub domain: Option<String>,
    /// The GraphQL endpoint and the token endpoint, instead of a stage.
    pub endpoints: Option<(String, String)>,
    /// The REST endpoint, beside these endpoints.
    pub rest_endpoint: Option<String>,
}

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

impl Stage {
    /// The domain of this stage in a region: its hosts are `graphql.`, `oauth.` and `api.` of it.
    pub const fn domain(self, region: Region) -> &'static str {
        match (self, region) {
            (Self::Production, Region::Global) => "xurrent.com",
            (Self::Production, Region::Au) => "au.xurrent.com",
            (Self::Production, Region::Ch) => "ch.xurrent.com",
            (Self::Production, Region::Uk) => "uk.xurrent.com",
            (Self::Production, Region::Us) => "us.xurrent.com",
            (Self::Qa, Region::Global) => "xurrent.qa",
            (Self::Qa, Region::Au) => "au.xurrent.qa",
            (Self::Qa, Region::Ch) => "ch.xurrent.qa",
            (Self::Qa, Region::Uk) => "uk.xurrent.qa",
            (Self::Qa, Region::Us) => "us.xurrent.qa",
            (Self::Demo, _) => "xurrent-demo.com",
        }
    }
}

/// Reads a name from a list of names and values.
fn parse<T: Copy>(what: &str, text: &str, names: &[(&str, T)]) -> Result<T> {
    let found = names.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.trim()));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
        Error::configuration(format!("unknown {what} {text:?}; expected one of {}", names.join(", ")))
    })
}

/// Implements reading of names, and their use on a command line.
macro_rules! named {
    ($type:ident, $what:literal, $($name:literal $variant:ident),* $(,)?) => {
        impl $type {
            const NAMES: &[(&str, Self)] = &[$(($name, Self::$variant)),*];
        }

        impl FromStr for $type {
            type Err = Error;

            #[doc = concat!("Reads one of" $(, " `", $name, "`")*, ", in any case.")]
            fn from_str(text: &str) -> Result<Self> {
                parse($what, text, Self::NAMES)
            }
        }

        #[cfg(feature = "clap")]
        impl clap::ValueEnum for $type {
            fn value_variants<'a>() -> &'a [Self] {
                &[$(Self::$variant),*]
            }

            fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
                let (name, _) = Self::NAMES.iter().find(|(_, value)| value == self)?;
                Some(clap::builder::PossibleValue::new(*name))
            }
        }
    };
}

named!(Stage, "stage", "production" Production, "qa" Qa, "demo" Demo);
named!(Region, "region", "global" Global, "au" Au, "ch" Ch, "uk" Uk, "us" Us);

impl Location {
    /// The endpoints, and the domain that the account is on, if that is known.
    pub(crate) fn resolve(&self, rules: &EndpointRules) -> Result<(Url, Url, Option<Url>, Option<String>)> {
        let refuse = |why| Err(Error::configuration(why));
        let set = [self.stage.is_some(), self.domain.is_some(), self.endpoints.is_some()];
        if set.into_iter().filter(|is_set| *is_set).count() > 1 {
            return refuse("more than one location: set either a stage, or a domain, or both endpoints");
        }
        if self.region.is_some() && self.stage.is_none() {
            return refuse("a region without a stage: call `.stage(Stage::Production)` as well");
        }
        if let Some((graphql, token)) = &self.endpoints {
            let rest = self.rest_endpoint.as_deref().map(|rest| rest_endpoint(rest, rules)).transpose()?;
            return Ok((rules.parse(graphql)?, rules.parse(token)?, rest, None));
        }
        if self.rest_endpoint.is_some() {
            return refuse(
                "`rest_endpoint` needs `.endpoints(graphql, token)`: a stage and a domain have their own",
            );
        }
        let domain = match (&self.domain, self.stage) {
            (Some(domain), _) => valid_domain(domain)?,
            (None, Some(stage)) => stage.domain(self.region.unwrap_or(Region::Global)),
            (None, None) if rules.has_transport => Stage::Production.domain(Region::Global),
            (None, None) => {
                return refuse(
                    "no location: call `.stage(Stage::Production)`, `.domain(..)` or `.endpoints(graphql, token)`",
                );
            }
        };
        Ok((
            rules.parse(&format!("https://graphql.{domain}"))?,
            rules.parse(&format!("https://oauth.{domain}/token"))?,
            Some(rules.parse(&format!("https://api.{domain}/v1"))?),
            Some(domain.to_owned()),
        ))
    }
}

pub(crate) fn valid_account(account: &str) -> Result<&str> {
    if account.trim().is_empty() {
        return Err(Error::configuration("the account is empty"));
    }
    if account.chars().any(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')) {
        return Err(Error::configuration(format!(
            "invalid account {account:?}; expected the part before the domain, for example `wdc`"
        )));
    }
    Ok(account)
}

/// Paths are appended to this URL.
fn rest_endpoint(text: &str, rules: &EndpointRules) -> Result<Url> {
    let url = rules.parse(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::configuration(format!(
            "the REST endpoint {:?} has more than a path; expected for example `https://api.xurrent.com/v1`",
            redact_url(text)
        )));
    }
    Ok(url)
}

pub(crate) fn valid_domain(domain: &str) -> Result<&str> {
    let label = |label: &str| {
        !(label.is_empty() || label.starts_with('-') || label.ends_with('-'))
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if domain.contains('.') && domain.split('.').all(label) {
        return Ok(domain);
    }
    Err(Error::configuration(format!(
        "invalid domain {:?}; expected for example `xurrent.com`",
        redact_url(domain)
    )))
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoints =
            self.endpoints.as_ref().map(|(graphql, token)| (redact_url(graphql), redact_url(token)));
        f.debug_struct("Location")
            .field("stage", &self.stage)
            .field("region", &self.region)
            .field("domain", &self.domain.as_deref().map(redact_url))
            .field("endpoints", &endpoints)
            .field("rest", &self.rest_endpoint.as_deref().map(redact_url))
            .finish()
    }
}
