//! The client and how it is built.

use crate::auth::{ClientCredentials, Credentials, DEFAULT_MARGIN, TokenInfo};
use crate::endpoint::{Location, Region, Stage};
use crate::error::{Error, Result};
use crate::hook::{Hook, Hooked, Hooks};
use crate::limits::{Budget, Burst, Limits, REQUESTS, WINDOW};
use crate::record::{Recorder, Recording};
use crate::retry::{LONGEST, RetryPolicy};
use crate::session::{REQUEST_TIMEOUT, Session, Settings};
use crate::transport::{BoxFuture, Http, HttpSettings, Transport};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A connection to one Xurrent account. Cheap to clone; clones share the connection pool, the token
/// and the limits.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) session: Arc<Session>,
    pub(crate) retry: RetryPolicy,
}

impl Client {
    /// Starts the configuration of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The same client with another policy for repeating requests. It shares everything else.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        Self { session: Arc::clone(&self.session), retry: policy }
    }

    /// What is left of the limits of the user, as of the last answer. Sends nothing.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.session.limits.budget()
    }

    /// Asks the server what the token in use is good for. Costs one request to the token service,
    /// not to the API, and fails two seconds after it was sent: it is made for checking a configuration.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) when the token is refused, not
    /// active or without scopes, [`ErrorKind::Configuration`](crate::ErrorKind::Configuration)
    /// when the account is wrong, [`ErrorKind::TokenService`](crate::ErrorKind::TokenService) when
    /// the answer cannot be used.
    pub async fn check(&self) -> Result<TokenInfo> {
        let check: BoxFuture<'_, Result<TokenInfo>> = Box::pin(self.session.check());
        check.await
    }
}

/// Collects the configuration of a [`Client`]; [`build`](Self::build) checks it.
#[derive(Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    account: Option<String>,
    location: Location,
    language: Option<String>,
    token: Option<SecretString>,
    client: Option<(String, SecretString)>,
    margin: Option<Duration>,
    transport: Option<Arc<dyn Transport>>,
    http: HttpSettings,
    request_timeout: Option<Duration>,
    hooks: Vec<Arc<dyn Hook>>,
    trace_variables: bool,
    recording: Option<Recording>,
    burst: BurstLimit,
    retry: RetryPolicy,
}

/// How many requests are sent in a short time.
#[derive(Default, Clone, Copy)]
enum BurstLimit {
    /// What the API allows, where there is an API.
    #[default]
    Unsaid,
    Off,
    Of(usize, Duration),
}

/// More slots than this are no limit.
const MAX_BURST: usize = 10_000;

impl ClientBuilder {
    /// The account to work in: `wdc` for `https://wdc.xurrent.com`.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// The environment that the account lives in.
    pub fn stage(mut self, stage: Stage) -> Self {
        self.location.stage = Some(stage);
        self
    }

    /// The region of the environment; [`Region::Global`] when nothing is said.
    pub fn region(mut self, region: Region) -> Self {
        self.location.region = Some(region);
        self
    }

    /// Another domain than Xurrent's present ones, such as `4me.com`, instead of a stage. The
    /// endpoints are at `graphql.` and `oauth.` of it.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.location.domain = Some(domain.into());
        self
    }

    /// The addresses of the GraphQL endpoint and of the token endpoint, instead of a stage, for
    /// example `https://graphql.xurrent.com` and `https://oauth.xurrent.com/token`.
    ///
    /// Plain `http` is accepted for loopback addresses only: a token must not travel in the open.
    pub fn endpoints(mut self, graphql: impl Into<String>, token: impl Into<String>) -> Self {
        self.location.endpoints = Some((graphql.into(), token.into()));
        self
    }

    /// Accepts endpoints with plain `http` anywhere. Tokens and data can then be read on the way.
    pub fn allow_plain_http(mut self) -> Self {
        self.location.plain_http = true;
        self
    }

    /// The language in which the server tells what is wrong with an input, such as `nl`. When
    /// nothing is said, the server chooses.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// A personal access token, made in Xurrent under "My profile" with the scopes it may use.
    /// It is used as it is, also when client credentials are given as well.
    pub fn personal_access_token(mut self, token: impl Into<SecretString>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The id and the secret of an OAuth application. They are exchanged for tokens as needed:
    /// one at a time, replaced before it ends, and once more when the server refuses it. A token
    /// without a lifetime is used until it is refused.
    pub fn client_credentials(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.client = Some((id.into(), secret.into()));
        self
    }

    /// How long before its end a token is replaced: 60 seconds when nothing is said, and at most
    /// a quarter of its lifetime.
    pub fn token_margin(mut self, margin: Duration) -> Self {
        self.margin = Some(margin);
        self
    }

    /// Sends at most this many requests in any window of this length, counted as they arrive at the
    /// server and with token calls; others wait for their turn. 20 in 2 seconds when nothing is said,
    /// which is what the API allows a user: lower it for clients that share one.
    pub fn burst_limit(mut self, requests: usize, window: Duration) -> Self {
        self.burst = BurstLimit::Of(requests, window);
        self
    }

    /// Sends requests as they come, however many.
    pub fn no_burst_limit(mut self) -> Self {
        self.burst = BurstLimit::Off;
        self
    }

    /// When a request is sent again, and how long a call may wait. A call can have a policy of its
    /// own.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How long it may take to reach the server: 5 seconds when nothing is said. A call that did not
    /// reach it is sent again, whatever it does.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = Some(timeout);
        self
    }

    /// How long one request may take, from the connection to the last byte of its answer: 120 seconds
    /// when nothing is said. A token call has 20 of its own. How long a call may take in all, with
    /// everything that is sent again, is [`RetryPolicy::time_limit`].
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = Some(timeout);
        self
    }

    /// Reaches every server through a proxy, such as `http://user:password@proxy.example.com:3128`,
    /// in place of the one that the environment names (`HTTPS_PROXY`). What is sent to an `https`
    /// address stays encrypted on the way.
    pub fn proxy(mut self, url: impl Into<SecretString>) -> Self {
        self.http.proxy = Some(url.into());
        self
    }

    /// Makes the HTTP client from this builder of `reqwest`: for certificates, name servers,
    /// connection pools. It is taken before it is built, since redirects are switched off on it:
    /// a client that follows them would carry secrets to addresses that nobody configured. So are its
    /// own retries and its log of raw bytes. Nothing else is set on it but what was said here, so
    /// that there is no `connect_timeout` of 5 seconds.
    pub fn http_client(mut self, client: reqwest::ClientBuilder) -> Self {
        self.http.client = Some(client);
        self
    }

    /// The largest answer that is read, in bytes after decompression: 256 MiB when nothing is said. A
    /// larger one is an error of the kind [`ErrorKind::Decode`](crate::ErrorKind::Decode), as soon as
    /// it is known to be; what was asked for has been executed then.
    pub fn max_answer_size(mut self, bytes: u64) -> Self {
        self.http.max_answer_size = Some(bytes);
        self
    }

    /// Is told of every call and every request, and can add headers. Several are told one after the
    /// other, in the order in which they are given.
    pub fn hook(mut self, hook: impl Hook) -> Self {
        self.hooks.push(Arc::new(hook));
        self
    }

    /// Puts the values of variables into the spans of `tracing`, as JSON of at most 16 KiB. They are
    /// left out otherwise: they are what your users write and read. Secrets of the client are blotted
    /// out in either case.
    pub fn trace_variables(mut self) -> Self {
        self.trace_variables = true;
        self
    }

    /// Records all that is sent and answered, without secrets, to a file that a sandbox can replay. An
    /// exchange that cannot be written is a warning of `tracing`; no call fails for it.
    pub fn record(mut self, recording: Recording) -> Self {
        self.recording = Some(recording);
        self
    }

    /// Carries requests with something else than HTTP, such as
    /// [`MemoryTransport`](crate::MemoryTransport). No stage or endpoint is needed then.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when a part is missing or
    /// cannot be used, and says which.
    pub fn build(mut self) -> Result<Client> {
        let account =
            self.account.ok_or_else(|| Error::configuration("no account: call `.account(\"wdc\")`"))?;
        if account.trim().is_empty() {
            return Err(Error::configuration("the account is empty"));
        }
        if account.chars().any(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')) {
            return Err(Error::configuration(format!(
                "{account:?} is no account id: give the part before the domain, such as `wdc`"
            )));
        }
        let nowhere = self.location.domain.is_none() && self.location.endpoints.is_none();
        if self.transport.is_some() && nowhere && self.location.region.is_none() {
            self.location.stage.get_or_insert(Stage::Production);
        }
        let endpoints = self.location.endpoints()?;
        let secrets: Vec<SecretString> = self
            .token
            .iter()
            .cloned()
            .chain(self.client.iter().flat_map(|(id, secret)| [id.clone().into(), secret.clone()]))
            .collect();
        let credentials = match (&self.token, self.client) {
            (Some(token), _) => Credentials::token(token)?,
            (None, Some((id, secret))) => {
                let margin = self.margin.unwrap_or(DEFAULT_MARGIN);
                Credentials::Client(ClientCredentials::new(id, secret, endpoints.token.clone(), margin)?)
            }
            (None, None) => {
                return Err(Error::configuration(
                    "no credentials: call `.personal_access_token(..)` or `.client_credentials(..)`",
                ));
            }
        };
        let transport = match (self.transport, self.http.made()) {
            (Some(_), Some(setting)) => {
                return Err(Error::configuration(format!(
                    "`{setting}` is for the client's own transport, and `transport` puts another one in its place"
                )));
            }
            (Some(transport), None) => transport,
            (None, _) => Arc::new(Http::new(self.http)?),
        };
        let request_timeout = self.request_timeout.unwrap_or(REQUEST_TIMEOUT);
        if request_timeout.is_zero() {
            return Err(Error::configuration("`request_timeout` is zero: nothing could be answered"));
        }
        self.retry.check()?;
        let limits = Limits::new(self.burst.check(transport.reaches_server())?);
        let language = self.language.as_deref();
        let transport: Arc<dyn Transport> = match &self.recording {
            None => transport,
            Some(recording) => {
                let secrets = secrets.iter().map(|secret| secret.expose_secret());
                Arc::new(Recorder::new(recording, secrets, transport)?)
            }
        };
        let hooks = Hooks::new(self.hooks);
        let transport: Arc<dyn Transport> = match hooks.is_empty() {
            true => transport,
            false => Arc::new(Hooked { inner: transport, hooks: hooks.clone() }),
        };
        let settings = Settings { request_timeout, hooks, trace_variables: self.trace_variables };
        let session = Session::new(transport, credentials, limits, &endpoints, &account, language, settings)?;
        Ok(Client { session: Arc::new(session), retry: self.retry })
    }
}

impl BurstLimit {
    fn check(self, reaches_server: bool) -> Result<Option<Burst>> {
        let (requests, window) = match self {
            Self::Unsaid if reaches_server => (REQUESTS, WINDOW),
            Self::Unsaid | Self::Off => return Ok(None),
            Self::Of(requests, window) => (requests, window),
        };
        if !(1..=MAX_BURST).contains(&requests) {
            return Err(Error::configuration(format!(
                "a burst limit has 1 to {MAX_BURST} requests, not {requests}: call `.no_burst_limit()` for none"
            )));
        }
        if window.is_zero() || window > LONGEST {
            return Err(Error::configuration(format!(
                "a burst limit has a window of at most {LONGEST:?} that is not empty, not of {window:?}"
            )));
        }
        Ok(Some(Burst::new(requests, window)))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("account", &self.account)
            .field("location", &self.location)
            .field("language", &self.language)
            .field("personal_access_token", &self.token.is_some())
            .field("client_credentials", &self.client.is_some())
            .field("proxy", &self.http.proxy.is_some())
            .finish_non_exhaustive()
    }
}
