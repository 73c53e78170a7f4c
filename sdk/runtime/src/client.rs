//! The client and how it is built.

use crate::auth::{DEFAULT_MARGIN, TokenInfo};
use crate::batch::{Batch, BatchQuery};
use crate::endpoint::{Location, Region, Stage};
use crate::error::{Error, Result};
use crate::hook::{Hook, Hooked, Hooks};
use crate::limits::{Budget, Burst, Limits, REQUESTS, WINDOW};
use crate::node::NodeQuery;
use crate::operation_call::OperationCall;
use crate::pool::{GivenCredentials, GivenTokens, Pool, Weights};
use crate::raw::RawQuery;
use crate::recording::{Recorder, Recording};
use crate::reference::Ref;
use crate::retry::{LONGEST, RetryPolicy};
use crate::scalar::Id;
use crate::select::{Fetch, Operation, Select, root};
use crate::session::{REQUEST_TIMEOUT, Session, Settings};
use crate::transport::{BoxFuture, Http, HttpSettings, Transport};
use graphql_client::GraphQLQuery;
use secrecy::SecretString;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A connection to one Xurrent account. Cheap to clone; clones share the connection pool, the
/// tokens and the limits.
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

    /// The record with this id, if there is one: all its leaf fields for a generated type, what is
    /// selected for a type of your own.
    pub fn node<T: Fetch>(&self, id: impl Into<Id>) -> NodeQuery<T> {
        NodeQuery::new(self, id.into())
    }

    /// The record that a reference names, if it still exists.
    pub fn get<T: Fetch>(&self, reference: &Ref<T>) -> NodeQuery<T> {
        NodeQuery::new(self, reference.id().clone())
    }

    /// Sends several queries, or several mutations, in one request.
    pub fn batch<B: Batch>(&self, batch: B) -> BatchQuery<B::Output> {
        BatchQuery::new(self, batch)
    }

    /// Sends a query of your own: a struct with `#[select(on = Query)]`.
    pub fn query<T: Operation + Select<root::Query>>(&self, variables: T::Variables) -> OperationCall<T> {
        OperationCall::query(self, variables)
    }

    /// Sends mutations of your own: a struct with `#[select(on = Mutation)]`. The server executes
    /// its fields one after the other, in the order in which they are declared.
    pub fn mutation<T: Operation + Select<root::Mutation>>(
        &self,
        variables: T::Variables,
    ) -> OperationCall<T> {
        OperationCall::mutation(self, variables)
    }

    /// Sends a GraphQL document as it is, with variables from anything that `serde` can write.
    pub fn raw(&self, document: impl Into<String>, variables: impl Serialize) -> RawQuery {
        RawQuery::new(self, document, variables)
    }

    /// Sends an operation of `#[derive(GraphQLQuery)]` of the crate `graphql_client`.
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of payloads and pages: a payload's errors are part of
    /// the data.
    pub async fn execute<Q: GraphQLQuery>(&self, variables: Q::Variables) -> Result<Q::ResponseData> {
        RawQuery::execute::<Q>(self, variables).await
    }

    /// The same client with another policy for repeating requests. It shares everything else.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        Self { session: Arc::clone(&self.session), retry: policy }
    }

    /// The address of the account, such as `https://wdc.xurrent.com`; nothing after
    /// [`endpoints`](ClientBuilder::endpoints). The facade calls this.
    #[doc(hidden)]
    #[must_use]
    pub fn account_url(&self) -> Option<String> {
        self.session.account_url()
    }

    /// What is left of the limits, as of the last answer. Sends nothing.
    ///
    /// For several users it is what they have together: a sum is known when the number is known of
    /// each of them, and the reset is the first.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.session.pool.budget()
    }

    /// What is left for each user, in the order in which the builder was given them; a token without
    /// [`of_user`](ClientBuilder::of_user) is a user. Sends nothing.
    #[must_use]
    pub fn budgets(&self) -> Vec<Budget> {
        self.session.pool.budgets()
    }

    /// Asks the server what the token in use is good for. With several tokens every one is checked, and
    /// the scopes are those that all of them have. Costs one request for each to the token
    /// service, not to the API, which fails two seconds after it was sent: it is made for checking a
    /// configuration. It waits for its turn as long as the policy for requests allows.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) when a token is refused, not
    /// active or without scopes, or when there is no scope that all have,
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration)
    /// when the account is wrong, [`ErrorKind::TokenService`](crate::ErrorKind::TokenService) when
    /// the answer cannot be used, [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited) when its
    /// turn did not come. Of several tokens, the one that is not good is named by its number.
    pub async fn check(&self) -> Result<TokenInfo> {
        let check: BoxFuture<'_, Result<TokenInfo>> = Box::pin(self.session.check(self.retry));
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
    tokens: GivenTokens,
    weights: Weights,
    margin: Option<Duration>,
    transport: Option<Arc<dyn Transport>>,
    http: HttpSettings,
    request_timeout: Option<Duration>,
    hooks: Vec<Arc<dyn Hook>>,
    trace_variables: bool,
    max_nested_requests: Option<usize>,
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

/// How many requests complete one answer before the server is taken for broken.
const MAX_NESTED_REQUESTS: usize = 1_000;

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

    /// The region of the environment; [`Region::Global`] by default.
    pub fn region(mut self, region: Region) -> Self {
        self.location.region = Some(region);
        self
    }

    /// Another domain than Xurrent's present ones, such as `4me.com`, instead of a stage. The
    /// endpoints are at `graphql.`, `oauth.` and `api.` of it.
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

    /// The address of the REST interface, for example `https://api.xurrent.com/v1`, beside
    /// [`endpoints`](Self::endpoints): only [`Client::webhooks_api`] needs it. A stage and a domain know
    /// their own.
    pub fn rest_endpoint(mut self, url: impl Into<String>) -> Self {
        self.location.rest = Some(url.into());
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

    /// A personal access token, made in Xurrent under "My profile" with the scopes it may use. It is
    /// used as it is.
    ///
    /// Further calls, also of [`client_credentials`](Self::client_credentials), add to a pool. Each
    /// request is signed with the token of which the most is left, among those that can send at
    /// once; one that is used up, or that the server does not accept, is passed over for a while.
    pub fn personal_access_token(mut self, token: impl Into<SecretString>) -> Self {
        self.tokens.add(GivenCredentials::Token(token.into()));
        self
    }

    /// The id and the secret of an OAuth application. They are exchanged for tokens as needed:
    /// one at a time, replaced before it ends, and once more when the server refuses it. A token
    /// without a lifetime is used until it is refused.
    ///
    /// Further calls, also of [`personal_access_token`](Self::personal_access_token), add to a pool.
    pub fn client_credentials(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.tokens.add(GivenCredentials::Client(id.into(), secret.into()));
        self
    }

    /// Says whose the token before is, by any name. The API limits users, not tokens: tokens of one
    /// user share their limits. A token without a user has limits of its own.
    ///
    /// ```
    /// # use xurrent_runtime::Client;
    /// let client = Client::builder()
    ///     .account("wdc")
    ///     .personal_access_token("old").of_user("grace")
    ///     .personal_access_token("new").of_user("grace")
    ///     .client_credentials("id", "secret")
    /// #   .stage(xurrent_runtime::Stage::Qa);
    /// # client.build()?;
    /// # Ok::<(), xurrent_runtime::Error>(())
    /// ```
    pub fn of_user(mut self, name: impl Into<String>) -> Self {
        self.tokens.of_user(name.into());
        self
    }

    /// How much it counts which token of a pool has the most requests left, and which the most cost
    /// points: from 0 to 1 each, 1 together. 0.6 and 0.4 by default. What is not known
    /// counts as full, and of equals comes the one that was used longest ago.
    pub fn pool_weights(mut self, requests: f64, cost: f64) -> Self {
        self.weights = Weights { requests, cost };
        self
    }

    /// How long before its end a token is replaced: 60 seconds by default, and at most
    /// a quarter of its lifetime.
    pub fn token_margin(mut self, margin: Duration) -> Self {
        self.margin = Some(margin);
        self
    }

    /// Sends at most this many requests in any window of this length, counted as they arrive at the
    /// server and with token calls; others wait for their turn. 20 in 2 seconds by default,
    /// which is what the API allows a user: lower it for clients that share one. Of several users, each
    /// may send so many.
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

    /// How long it may take to reach the server: 5 seconds by default. A call that did not
    /// reach it is sent again, whatever it does.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = Some(timeout);
        self
    }

    /// How long one request may take, from the connection to the last byte of its answer: 120 seconds
    /// by default. A token call has 20 of its own. How long a call may take in all, with
    /// everything that is sent again, is [`RetryPolicy::time_limit`].
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = Some(timeout);
        self
    }

    /// Reaches every server through a proxy, such as `http://user:password@proxy.example.com:3128` or
    /// `socks5h://proxy.example.com:1080`, in place of the one that the environment names
    /// (`HTTPS_PROXY`, `ALL_PROXY`). What is sent to an `https` address stays encrypted on the way.
    pub fn proxy(mut self, url: impl Into<SecretString>) -> Self {
        self.http.proxy = Some(url.into());
        self
    }

    /// Makes the HTTP client from this builder of `reqwest`: for certificates, name servers,
    /// connection pools. It is taken before it is built, since redirects are switched off on it:
    /// a client that follows them would carry secrets to addresses that nobody configured. So are its
    /// own retries, its decompression (answers are unpacked here) and its log of raw bytes. Nothing
    /// else is set on it but what was said here, so that there is no `connect_timeout` of 5 seconds,
    /// and no `http2_keep_alive_interval`, which finds a server that has fallen silent.
    ///
    /// All runtimes share its connections, and a connection moves only while the runtime is driven that
    /// it was made on. Without this setting, each runtime has connections of its own.
    pub fn http_client(mut self, client: reqwest::ClientBuilder) -> Self {
        self.http.client = Some(client);
        self
    }

    /// The largest answer that is read, in bytes after decompression: 256 MiB by default. A
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

    /// At most this many requests complete the nested lists (`#[select(all)]`) of one answer, which for a
    /// connection is one page: 1,000 by default. An answer that needs more is an error of the
    /// kind [`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete), not a list that is shorter than it
    /// should be. A request fetches the next 100 records of up to ten lists.
    pub fn max_nested_requests(mut self, max_requests: usize) -> Self {
        self.max_nested_requests = Some(max_requests);
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
        let margin = self.margin.unwrap_or(DEFAULT_MARGIN);
        let (credentials, users) = self.tokens.check(&endpoints.token, margin)?;
        let weights = self.weights.check()?;
        let request_timeout = self.request_timeout.unwrap_or(REQUEST_TIMEOUT);
        if request_timeout.is_zero() {
            return Err(Error::configuration("`request_timeout` is zero: nothing could be answered"));
        }
        let transport: Arc<dyn Transport> = match (self.transport, self.http.made()) {
            (Some(_), Some(setting)) => {
                return Err(Error::configuration(format!(
                    "`{setting}` is for the client's own transport, and `transport` puts another one in its place"
                )));
            }
            (Some(transport), None) => transport,
            (None, _) => {
                let http = Http::new(self.http, request_timeout)?;
                let urls = [Some(&endpoints.graphql), Some(&endpoints.token), endpoints.rest.as_ref()];
                urls.into_iter().flatten().try_for_each(|url| http.check(Some(url.scheme())))?;
                Arc::new(http)
            }
        };
        self.retry.check()?;
        let burst = self.burst.check(transport.reaches_server())?;
        let limits =
            (0..users).map(|_| Limits::new(burst.map(|(requests, window)| Burst::new(requests, window))));
        let pool = Pool::new(credentials, limits.collect(), weights);
        let language = self.language.as_deref();
        let transport: Arc<dyn Transport> = match &self.recording {
            None => transport,
            Some(recording) => Arc::new(Recorder::new(recording, self.tokens.secrets(), transport)?),
        };
        let hooks = Hooks::new(self.hooks);
        let transport: Arc<dyn Transport> = match hooks.is_empty() {
            true => transport,
            false => Arc::new(Hooked { inner: transport, hooks: hooks.clone() }),
        };
        let settings = Settings {
            request_timeout,
            hooks,
            trace_variables: self.trace_variables,
            max_nested_requests: self.max_nested_requests.unwrap_or(MAX_NESTED_REQUESTS),
        };
        let session = Session::new(transport, pool, &endpoints, &account, language, settings)?;
        Ok(Client { session: Arc::new(session), retry: self.retry })
    }
}

impl BurstLimit {
    fn check(self, reaches_server: bool) -> Result<Option<(usize, Duration)>> {
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
        Ok(Some((requests, window)))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("account", &self.account)
            .field("location", &self.location)
            .field("language", &self.language)
            .field("tokens", &self.tokens)
            .field("proxy", &self.http.proxy.is_some())
            .finish_non_exhaustive()
    }
}
