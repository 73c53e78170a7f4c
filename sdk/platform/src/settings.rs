//! The settings of a client for Xurrent.

use crate::environment::Environment;
use crate::location::{Location, valid_account};
#[cfg(feature = "upload")]
use crate::upload::{Storages, StoragesByAccount};
use http::{HeaderName, HeaderValue};
use std::fmt;
#[cfg(feature = "upload")]
use std::sync::Arc;
use std::time::Duration;
use tracing::{Span, field::Empty, info_span};
use url::Url;
use xurrent_runtime::select::MAX_NODES;
use xurrent_runtime::{Api, ApiSettings, ClientCore, EndpointRules, Error, Result};

const ACCOUNT: HeaderName = HeaderName::from_static("x-xurrent-account");
const LANGUAGE: HeaderName = HeaderName::from_static("x-xurrent-language");

const RATE_LIMIT: (usize, Duration) = (20, Duration::from_secs(2));

/// The settings of a client for Xurrent. The builder of the crate `xurrent` documents them.
#[derive(Clone, Default)]
pub struct Xurrent {
    /// The account.
    pub account: Option<String>,
    /// Where it is.
    pub location: Location,
    /// The language of messages.
    pub language: Option<String>,
    /// The environment, which has the settings that are not set here.
    pub environment: Option<Environment>,
}

/// The state of a client for Xurrent, shared with its clones.
#[derive(Debug, Clone)]
pub struct Platform {
    /// The URL of the account, such as `https://wdc.xurrent.com`. None with `endpoints`.
    pub account_url: Option<String>,
    /// The domain of the account. None with `endpoints`.
    domain: Option<String>,
    /// The REST endpoint, such as `https://api.xurrent.com/v1`.
    pub(crate) rest: Option<Url>,
    /// The storages of this account.
    #[cfg(feature = "upload")]
    pub(crate) storages: Arc<Storages>,
    /// The storages of all accounts, so that a client for each call keeps them.
    #[cfg(feature = "upload")]
    by_account: StoragesByAccount,
}

impl ApiSettings for Xurrent {
    type State = Platform;

    fn resolve(mut self, rules: &EndpointRules) -> Result<(Api, Platform)> {
        if let Some(environment) = self.environment.take() {
            environment.complete(&mut self.account, &mut self.location, rules)?;
        }
        let missing = || Error::configuration("no account: call `.account(\"wdc\")`");
        let account = valid_account(self.account.as_deref().ok_or_else(missing)?)?;
        let (graphql, token, rest, domain) = self.location.resolve(rules)?;
        let mut introspection = token.clone();
        introspection.set_path("/introspect");
        introspection.set_query(None);
        introspection.set_fragment(None);
        let mut api = Api::new(graphql);
        api.headers.insert(ACCOUNT, account_header(account)?);
        if let Some(language) = &self.language {
            api.call_headers.insert(LANGUAGE, valid_language(language)?);
        }
        (api.token, api.introspection) = (Some(token), Some(introspection));
        api.others.extend(rest.clone());
        (api.rate_limit, api.max_nodes) = (Some(RATE_LIMIT), Some(MAX_NODES));
        api.missing_scopes = Some("Missing required scope(s):");
        (api.rate_limit_headers, api.cost_limit_headers) = ("x-ratelimit", "x-costlimit");
        api.span = span;
        api.user_agent = concat!("xurrent-rust/", env!("CARGO_PKG_VERSION"));
        api.regenerate = "run `cargo xtask regen`";
        account.clone_into(&mut api.label);
        #[cfg(feature = "upload")]
        let by_account = StoragesByAccount::default();
        Ok((
            api,
            Platform {
                account_url: account_url(account, &domain),
                domain,
                rest,
                #[cfg(feature = "upload")]
                storages: by_account.of(account),
                #[cfg(feature = "upload")]
                by_account,
            },
        ))
    }
}

impl Platform {
    /// The same client for another account.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](xurrent_runtime::ErrorKind::Configuration) when the account is invalid.
    pub fn for_account(&self, core: &ClientCore, account: &str) -> Result<(ClientCore, Self)> {
        let account = valid_account(account)?;
        let mut headers = core.api().headers.clone();
        headers.insert(ACCOUNT, account_header(account)?);
        let platform = Self {
            account_url: account_url(account, &self.domain),
            #[cfg(feature = "upload")]
            storages: self.by_account.of(account),
            ..self.clone()
        };
        Ok((core.with_headers(headers, account), platform))
    }
}

fn account_header(account: &str) -> Result<HeaderValue> {
    HeaderValue::try_from(account)
        .map_err(|_| Error::configuration("the account has characters that no HTTP header can hold"))
}

fn account_url(account: &str, domain: &Option<String>) -> Option<String> {
    domain.as_ref().map(|domain| format!("https://{account}.{domain}"))
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

fn valid_language(language: &str) -> Result<HeaderValue> {
    if language.trim().is_empty() {
        return Err(Error::configuration("the language is empty; expected for example `nl`"));
    }
    let value = HeaderValue::try_from(language).ok().filter(|_| language.is_ascii());
    value.ok_or_else(|| {
        Error::configuration(format!("invalid language {language:?}; expected for example `nl`"))
    })
}

impl fmt::Debug for Xurrent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Xurrent")
            .field("account", &self.account)
            .field("location", &self.location)
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}
