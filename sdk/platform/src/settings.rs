//! The settings of a client for Xurrent.

use crate::location::{Region, Stage};
use crate::upload::Storages;
use http::{HeaderName, HeaderValue};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tracing::{Span, field::Empty, info_span};
use url::Url;
use xurrent_runtime::{Api, ApiSettings, EndpointRules, Error, Result, redact_url};

const ACCOUNT: HeaderName = HeaderName::from_static("x-xurrent-account");
const LANGUAGE: HeaderName = HeaderName::from_static("x-xurrent-language");

const RATE_LIMIT: (usize, Duration) = (20, Duration::from_secs(2));

/// The settings of a client for Xurrent. The builder of the crate `xurrent` documents them.
#[derive(Clone, Default)]
pub struct Xurrent {
    /// The account.
    pub account: Option<String>,
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
    /// The language of messages.
    pub language: Option<String>,
}

/// The state of a client for Xurrent, shared with its clones.
#[derive(Debug, Clone)]
pub struct Platform {
    /// The URL of the account, such as `https://wdc.xurrent.com`. None with `endpoints`.
    pub account_url: Option<String>,
    /// The REST endpoint, such as `https://api.xurrent.com/v1`.
    pub(crate) rest: Option<Url>,
    pub(crate) storages: Arc<Storages>,
}

impl Xurrent {
    /// The endpoints, and the domain that the account is on, if that is known.
    fn locate(&self, rules: &EndpointRules) -> Result<(Url, Url, Option<Url>, Option<String>)> {
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

impl ApiSettings for Xurrent {
    type State = Platform;

    fn resolve(self, rules: &EndpointRules) -> Result<(Api, Platform)> {
        let missing = || Error::configuration("no account: call `.account(\"wdc\")`");
        let account = valid_account(self.account.as_deref().ok_or_else(missing)?)?;
        let (graphql, token, rest, domain) = self.locate(rules)?;
        let mut introspection = token.clone();
        introspection.set_path("/introspect");
        introspection.set_query(None);
        introspection.set_fragment(None);
        let mut api = Api::new(graphql);
        let header = |_| Error::configuration("the account has characters that no HTTP header can hold");
        api.headers.insert(ACCOUNT, HeaderValue::try_from(account).map_err(header)?);
        if let Some(language) = &self.language {
            api.call_headers.insert(LANGUAGE, valid_language(language)?);
        }
        (api.token, api.introspection) = (Some(token), Some(introspection));
        api.others.extend(rest.clone());
        (api.rate_limit, api.max_page_size) = (Some(RATE_LIMIT), 100);
        api.missing_scopes = Some("Missing required scope(s):");
        (api.rate_limit_headers, api.cost_limit_headers) = ("x-ratelimit", "x-costlimit");
        api.span = span;
        api.user_agent = concat!("xurrent-rust/", env!("CARGO_PKG_VERSION"));
        account.clone_into(&mut api.label);
        let account_url = domain.map(|domain| format!("https://{account}.{domain}"));
        Ok((api, Platform { account_url, rest, storages: Arc::default() }))
    }
}

fn span(operation: &str, account: &str) -> Span {
    info_span!(
        "xurrent",
        operation,
        account,
        attempts = Empty,
        status = Empty,
        request_id = Empty,
        cost = Empty,
        variables = Empty,
        size = Empty
    )
}

fn valid_account(account: &str) -> Result<&str> {
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

fn valid_language(language: &str) -> Result<HeaderValue> {
    if language.trim().is_empty() {
        return Err(Error::configuration("the language is empty; expected for example `nl`"));
    }
    let value = HeaderValue::try_from(language).ok().filter(|_| language.is_ascii());
    value.ok_or_else(|| {
        Error::configuration(format!("invalid language {language:?}; expected for example `nl`"))
    })
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

fn valid_domain(domain: &str) -> Result<&str> {
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

impl fmt::Debug for Xurrent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoints =
            self.endpoints.as_ref().map(|(graphql, token)| (redact_url(graphql), redact_url(token)));
        f.debug_struct("Xurrent")
            .field("account", &self.account)
            .field("stage", &self.stage)
            .field("region", &self.region)
            .field("domain", &self.domain.as_deref().map(redact_url))
            .field("endpoints", &endpoints)
            .field("rest", &self.rest_endpoint.as_deref().map(redact_url))
            .field("language", &self.language)
            .finish()
    }
}
