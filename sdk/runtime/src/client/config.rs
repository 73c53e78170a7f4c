//! The part of a client's configuration that all APIs share.

use crate::api::{Api, ApiSettings, EndpointRules, uri};
use crate::auth::DEFAULT_MARGIN;
use crate::client::ClientCore;
use crate::error::{Error, Result};
use crate::hook::{Hook, Hooked, Hooks};
use crate::limits::{Limits, RateLimiter};
use crate::pool::{CredentialsConfig, Pool};
use crate::recording::{Recorder, Recording};
use crate::retry::{LONGEST, RetryPolicy};
#[cfg(feature = "subscriptions")]
use crate::send::subscription_config::SubscriptionConfig;
use crate::session::{REQUEST_TIMEOUT, Session};
use crate::transport::{Http, HttpSettings, Transport};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How many requests complete one answer before the server is taken for broken.
const MAX_NESTED_REQUESTS: usize = 1_000;

/// A rate limit of more requests is none.
const MAX_RATE_LIMIT: usize = 10_000;

/// The part of a client's configuration that all APIs share. The builder that
/// [`client!`](crate::client!) declares documents the settings.
#[derive(Default)]
#[allow(missing_docs, reason = "documented where they are set")]
pub struct ClientConfig {
    pub credentials: CredentialsConfig,
    /// How much requests and cost points count in the choice of a token.
    pub pool_weights: Option<(f64, f64)>,
    pub token_margin: Option<Duration>,
    pub transport: Option<Arc<dyn Transport>>,
    pub http: HttpSettings,
    pub request_timeout: Option<Duration>,
    pub hooks: Vec<Arc<dyn Hook>>,
    pub trace_variables: bool,
    pub max_nested_requests: Option<usize>,
    pub recording: Option<Recording>,
    /// None for that of the API, an inner none for no limit.
    pub rate_limit: Option<Option<(usize, Duration)>>,
    pub retry: RetryPolicy,
    pub allow_plain_http: bool,
    #[cfg(feature = "subscriptions")]
    pub subscriptions: SubscriptionConfig,
}

impl ClientConfig {
    /// Checks the configuration together with the settings of the API.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when a part is missing or invalid.
    pub fn build<S: ApiSettings>(self, settings: S) -> Result<(ClientCore, S::State)> {
        let rules = EndpointRules {
            allows_plain_http: self.allow_plain_http,
            has_transport: self.transport.is_some(),
            has_credentials: !self.credentials.is_empty(),
        };
        let (api, state) = settings.resolve(&rules)?;
        Ok((self.connect(api, &rules)?, state))
    }

    #[cfg_attr(
        not(feature = "subscriptions"),
        allow(unused_variables, reason = "of the endpoint of subscriptions")
    )]
    fn connect(self, api: Api, rules: &EndpointRules) -> Result<ClientCore> {
        let margin = self.token_margin.unwrap_or(DEFAULT_MARGIN);
        let (tokens, users) = self.credentials.check(&api, margin)?;
        let weights = self.pool_weights.unwrap_or((0.6, 0.4));
        check_weights(weights)?;
        let request_timeout = self.request_timeout.unwrap_or(REQUEST_TIMEOUT);
        if request_timeout.is_zero() {
            return Err(Error::configuration("`request_timeout` is zero: no request could be answered"));
        }
        let transport: Arc<dyn Transport> = match (self.transport, self.http.first_set()) {
            (Some(_), Some(setting)) => {
                return Err(Error::configuration(format!(
                    "`{setting}` configures the client's own transport, which `transport` replaces"
                )));
            }
            (Some(transport), None) => transport,
            (None, _) => {
                let http = Http::new(self.http, request_timeout, &api)?;
                let urls = [Some(&api.graphql), api.token.as_ref()].into_iter().flatten();
                urls.chain(&api.others).try_for_each(|url| http.clients.check(Some(url.scheme())))?;
                Arc::new(http)
            }
        };
        self.retry.check()?;
        let of_api = || api.rate_limit.filter(|_| transport.reaches_server());
        let rate_limit = self.rate_limit.unwrap_or_else(of_api);
        rate_limit.map_or(Ok(()), check_rate_limit)?;
        let limits = (0..users)
            .map(|_| Limits::new(rate_limit.map(|(requests, window)| RateLimiter::new(requests, window))));
        let pool = Arc::new(Pool::new(tokens, limits.collect(), weights));
        let transport: Arc<dyn Transport> = match &self.recording {
            None => transport,
            Some(recording) => Arc::new(Recorder::new(recording, self.credentials.secrets(), transport)?),
        };
        let reserved = api.headers.keys().cloned().chain(api.authentication.header()).collect();
        let hooks = Arc::new(Hooks { hooks: self.hooks, reserved });
        let transport: Arc<dyn Transport> = match hooks.hooks.is_empty() {
            true => transport,
            false => Arc::new(Hooked {
                inner: transport,
                hooks: Arc::clone(&hooks),
                request_id: api.request_id.clone(),
            }),
        };
        #[cfg(feature = "subscriptions")]
        let subscriptions = self.subscriptions.check(rules, &api.graphql)?;
        let session = Session {
            transport,
            pool,
            graphql: uri(&api.graphql)?,
            api,
            request_timeout,
            hooks,
            trace_variables: self.trace_variables,
            max_nested_requests: self.max_nested_requests.unwrap_or(MAX_NESTED_REQUESTS),
            #[cfg(feature = "subscriptions")]
            subscriptions,
        };
        Ok(ClientCore { session: Arc::new(session), retry: self.retry })
    }
}

fn check_weights((requests, cost): (f64, f64)) -> Result<()> {
    let in_range = [requests, cost].iter().all(|weight| (0.0..=1.0).contains(weight));
    // Floats that are meant to be 1 together may miss it.
    if in_range && (requests + cost - 1.0).abs() <= 1e-6 {
        return Ok(());
    }
    Err(Error::configuration(format!(
        "pool weights are from 0 to 1 each and 1 together, not {requests} and {cost}"
    )))
}

fn check_rate_limit((requests, window): (usize, Duration)) -> Result<()> {
    if !(1..=MAX_RATE_LIMIT).contains(&requests) {
        return Err(Error::configuration(format!(
            "a rate limit has 1 to {MAX_RATE_LIMIT} requests, not {requests}: call `.no_rate_limit()` for none"
        )));
    }
    if window.is_zero() || window > LONGEST {
        return Err(Error::configuration(format!(
            "the window of a rate limit is longer than zero and at most {LONGEST:?}, not {window:?}"
        )));
    }
    Ok(())
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("credentials", &self.credentials)
            .field("proxy", &self.http.proxy.is_some())
            .finish_non_exhaustive()
    }
}
