//! The client: the runtime's, with a function for every root field of the schema on it.

use crate::{
    AsyncResult, Budget, GraphQLQuery, Id, NodeQuery, RawQuery, Recording, Ref, Region, Result, RetryPolicy,
    SecretString,
};
use crate::{Stage, TokenInfo};
use std::time::Duration;
use xurrent_runtime as rt;

/// A connection to one Xurrent account. Cheap to clone; clones share the connection pool,
/// the token and the limits.
///
/// There is a function for every query and every mutation of the schema. None of them sends
/// anything before it is awaited.
#[derive(Clone, Debug)]
pub struct Client(rt::Client);

impl Client {
    /// Starts the configuration of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder(rt::Client::builder())
    }

    /// The record with this id: a `Person` for `client.node::<Person>(&id)`. Costs one request.
    ///
    /// `None` when no record has this id; an error when it is one of another type. `T` can also be a
    /// [selection](derive@crate::Select) on a type that has ids, or an enum on `Node` itself, for an
    /// id of which the type is not known.
    pub fn node<T: rt::Fetch>(&self, id: impl Into<Id>) -> NodeQuery<T> {
        self.0.node(id)
    }

    /// The record that a field of another record names. Costs one request.
    pub fn get<T: rt::Fetch>(&self, reference: &Ref<T>) -> NodeQuery<T> {
        self.0.get(reference)
    }

    /// Sends several queries, or several mutations, in one request: a tuple of up to eight calls, or
    /// a `Vec` of calls of one type. Each has a result of its own; of a connection it is the first
    /// page. Costs one request, which for mutations is never executed twice; the server executes
    /// mutations one after the other.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// let (me, teams) = client.batch((client.me(), client.teams().page_size(10))).await?;
    /// println!("{:?} sees {} teams", me?.and_then(|me| me.name), teams?.nodes.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn batch<B: rt::Batch>(&self, batch: B) -> rt::BatchQuery<B::Output> {
        self.0.batch(batch)
    }

    /// Sends a query of your own: a struct with `#[select(on = Query)]`. Costs one request, however
    /// many root fields it has.
    ///
    /// ```no_run
    /// use xurrent::{PersonFilter, Select};
    ///
    /// #[derive(Select)]
    /// #[select(on = Query, variables = Filters)]
    /// struct Overview {
    ///     me: Option<Name>,
    ///     #[select(first = 10, filter = $people)]
    ///     people: Vec<Name>,
    /// }
    ///
    /// #[derive(Select)]
    /// #[select(on = Person)]
    /// struct Name {
    ///     name: Option<String>,
    /// }
    ///
    /// struct Filters {
    ///     people: PersonFilter,
    /// }
    ///
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// let filters = Filters { people: PersonFilter::new().disabled(false) };
    /// let overview = client.query::<Overview>(filters).await?;
    /// println!("{:?} sees {} people", overview.me.and_then(|me| me.name), overview.people.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of payloads, pages and wrong types.
    pub fn query<T: rt::Operation + rt::Select<rt::select::root::Query>>(
        &self,
        variables: T::Variables,
    ) -> rt::OperationCall<T> {
        self.0.query(variables)
    }

    /// Sends mutations of your own: a struct with `#[select(on = Mutation)]`. Costs one request,
    /// which is sent again only when it was certainly not executed; the server executes its fields in the order of the struct.
    ///
    /// ```no_run
    /// use xurrent::{Id, NoteCreateInput, RequestStatus, RequestUpdateInput, Select};
    ///
    /// #[derive(Select)]
    /// #[select(on = Mutation, variables = Closing)]
    /// struct Close {
    ///     #[select(input = $note)]
    ///     note_create: Option<Noted>,
    ///     #[select(input = $request)]
    ///     request_update: Option<Updated>,
    /// }
    ///
    /// #[derive(Select)]
    /// #[select(on = NoteCreatePayload)]
    /// struct Noted {
    ///     note: Option<xurrent::Note>,
    /// }
    ///
    /// #[derive(Select)]
    /// #[select(on = RequestUpdatePayload)]
    /// struct Updated {
    ///     request: Option<xurrent::Request>,
    /// }
    ///
    /// struct Closing {
    ///     note: NoteCreateInput,
    ///     request: RequestUpdateInput,
    /// }
    ///
    /// # async fn example(client: xurrent::Client, id: Id) -> xurrent::Result<()> {
    /// let closed = client.mutation::<Close>(Closing {
    ///     note: NoteCreateInput::new(&id, "Done."),
    ///     request: RequestUpdateInput::new(&id).status(RequestStatus::Completed),
    /// });
    /// let status = closed.await?.request_update.and_then(|it| it.request).and_then(|it| it.status);
    /// println!("{status:?}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of pages and wrong types. With
    /// [`ErrorKind::Payload`](crate::ErrorKind::Payload) the path of each message begins with the
    /// field, and the other fields have been executed: what came back is in
    /// [`Error::partial_data`](crate::Error::partial_data).
    pub fn mutation<T: rt::Operation + rt::Select<rt::select::root::Mutation>>(
        &self,
        variables: T::Variables,
    ) -> rt::OperationCall<T> {
        self.0.mutation(variables)
    }

    /// The result of a mutation that the server works on after it has answered, such as
    /// [`discovered_configuration_items`](Self::discovered_configuration_items): its payload names an
    /// `async_query`, and what it was to return is null at first. The type is that of the mutation's
    /// payload; with a selection of your own, give the same one here.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// use xurrent::{DiscoveredConfigurationItemsInput, DiscoveredConfigurationItemsPayload};
    ///
    /// let input = DiscoveredConfigurationItemsInput::new("scanner");
    /// let mut payload = client.discovered_configuration_items(input).await?;
    /// if let Some(url) = payload.async_query.and_then(|query| query.result_url) {
    ///     payload = client.async_result::<DiscoveredConfigurationItemsPayload>(url).await?;
    /// }
    /// println!("{} items", payload.configuration_items.unwrap_or_default().len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It is asked for after a quarter of a second and then at growing intervals of up to 5 seconds,
    /// for 2 minutes, unless [`poll_interval`](AsyncResult::poll_interval) and
    /// [`time_limit`](AsyncResult::time_limit) say otherwise. The requests carry no credentials and
    /// cost nothing of the user's limits. The address expires, and whoever knows it has the result: it
    /// is in no log and no error of this crate. It has to be next to the API, or be `https` and no
    /// bare IP address; redirects are not followed.
    ///
    /// When it is dropped or out of time, the same address can be asked again, and
    /// `client.node::<AsyncQuery>(id)` tells how far the work has got.
    ///
    /// # Errors
    /// See [`AsyncResult::send`].
    pub fn async_result<T: rt::Object>(&self, result_url: impl Into<SecretString>) -> AsyncResult<T> {
        self.0.async_result(result_url)
    }

    /// The same client with another policy for repeating requests. It shares everything else: this
    /// is cheap, and how [`execute`](Self::execute) is given a policy of its own.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        Self(self.0.with_retry(policy))
    }

    /// What is left of the limits of the user whose token this client uses, as of the last answer.
    /// Sends nothing and costs nothing.
    ///
    /// ```no_run
    /// # fn example(client: xurrent::Client) {
    /// let budget = client.budget();
    /// if let (Some(left), Some(wait)) = (budget.cost.remaining, budget.cost.resets_in) {
    ///     println!("{left} points left, all of them again in {} s", wait.as_secs());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.0.budget()
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
        self.0.check().await
    }

    /// Sends a GraphQL document as it is, with variables from anything that `serde` can write.
    /// Costs one request.
    pub fn raw(&self, document: impl Into<String>, variables: impl rt::serde::Serialize) -> RawQuery {
        self.0.raw(document, variables)
    }

    /// Sends an operation of `#[derive(GraphQLQuery)]` of the crate `graphql_client`. Costs one
    /// request.
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of payloads and pages: a payload's errors are
    /// part of the data.
    pub async fn execute<Q: GraphQLQuery>(&self, variables: Q::Variables) -> Result<Q::ResponseData> {
        self.0.execute::<Q>(variables).await
    }

    /// What the generated functions call.
    pub(crate) fn runtime(&self) -> &rt::Client {
        &self.0
    }
}

/// Collects the configuration of a [`Client`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder(rt::ClientBuilder);

impl ClientBuilder {
    /// The account to work in: `wdc` for `https://wdc.xurrent.com`.
    pub fn account(self, account: impl Into<String>) -> Self {
        Self(self.0.account(account))
    }

    /// The environment that the account lives in.
    pub fn stage(self, stage: Stage) -> Self {
        Self(self.0.stage(stage))
    }

    /// The region of the environment; [`Region::Global`] when nothing is said.
    pub fn region(self, region: Region) -> Self {
        Self(self.0.region(region))
    }

    /// Another domain than Xurrent's present ones, such as `4me.com`, instead of a stage. The
    /// endpoints are at `graphql.` and `oauth.` of it.
    pub fn domain(self, domain: impl Into<String>) -> Self {
        Self(self.0.domain(domain))
    }

    /// The addresses of the GraphQL endpoint and of the token endpoint, instead of a stage, for
    /// example `https://graphql.xurrent.com` and `https://oauth.xurrent.com/token`.
    ///
    /// Plain `http` is accepted for loopback addresses only: a token must not travel in the open.
    pub fn endpoints(self, graphql: impl Into<String>, token: impl Into<String>) -> Self {
        Self(self.0.endpoints(graphql, token))
    }

    /// Accepts endpoints with plain `http` anywhere. Tokens and data can then be read on the way.
    pub fn allow_plain_http(self) -> Self {
        Self(self.0.allow_plain_http())
    }

    /// The language in which the server tells what is wrong with an input, such as `nl`. When
    /// nothing is said, the server chooses.
    pub fn language(self, language: impl Into<String>) -> Self {
        Self(self.0.language(language))
    }

    /// The id and the secret of an OAuth application. They are exchanged for tokens as needed:
    /// one at a time, replaced before it ends, and once more when the server refuses it. A token
    /// without a lifetime is used until it is refused.
    pub fn client_credentials(self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self(self.0.client_credentials(id, secret))
    }

    /// How long before its end a token is replaced: 60 seconds when nothing is said, and at most
    /// a quarter of its lifetime.
    pub fn token_margin(self, margin: Duration) -> Self {
        Self(self.0.token_margin(margin))
    }

    /// Sends at most this many requests in any window of this length, counted as they arrive at the
    /// server and with token calls; others wait for their turn. 20 in 2 seconds when nothing is said,
    /// which is what the API allows a user: lower it for clients that share one. There is no limit
    /// with a [`MemoryTransport`](crate::MemoryTransport) unless this sets one.
    pub fn burst_limit(self, requests: usize, window: Duration) -> Self {
        Self(self.0.burst_limit(requests, window))
    }

    /// Sends requests as they come, however many.
    pub fn no_burst_limit(self) -> Self {
        Self(self.0.no_burst_limit())
    }

    /// When a request is sent again, and how long a call may wait. A call can have a policy of its
    /// own.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        Self(self.0.retry(policy))
    }

    /// How long it may take to reach the server: 5 seconds when nothing is said. A call that did not
    /// reach it is sent again, whatever it does.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self(self.0.connect_timeout(timeout))
    }

    /// How long one request may take, from the connection to the last byte of its answer: 120 seconds
    /// when nothing is said. A token call has 20 of its own. How long a call may take in all, with
    /// everything that is sent again, is [`RetryPolicy::time_limit`].
    ///
    /// ```no_run
    /// # fn example(builder: xurrent::ClientBuilder) -> xurrent::ClientBuilder {
    /// use std::time::Duration;
    /// use xurrent::RetryPolicy;
    ///
    /// builder
    ///     .connect_timeout(Duration::from_secs(2))
    ///     .request_timeout(Duration::from_secs(30))
    ///     .retry(RetryPolicy::new().time_limit(Duration::from_secs(90)))
    /// # }
    /// ```
    pub fn request_timeout(self, timeout: Duration) -> Self {
        Self(self.0.request_timeout(timeout))
    }

    /// Reaches every server through a proxy, such as `http://user:password@proxy.example.com:3128`,
    /// in place of the one that the environment names (`HTTPS_PROXY`). What is sent to an `https`
    /// address stays encrypted on the way.
    pub fn proxy(self, url: impl Into<SecretString>) -> Self {
        Self(self.0.proxy(url))
    }

    /// Makes the HTTP client from this builder of [`reqwest`](crate::reqwest): for certificates, name
    /// servers, connection pools. It is taken before it is built, since redirects are switched off on
    /// it: a client that follows them would carry secrets to addresses that nobody configured. So are
    /// its own retries and its log of raw bytes. Nothing else is set on it but what was said here, so
    /// that there is no `connect_timeout` of 5 seconds.
    ///
    /// ```no_run
    /// # fn example(builder: xurrent::ClientBuilder) -> xurrent::ClientBuilder {
    /// let http = xurrent::reqwest::Client::builder()
    ///     .user_agent("nightly-export/1.0")
    ///     .pool_max_idle_per_host(4);
    /// builder.http_client(http)
    /// # }
    /// ```
    pub fn http_client(self, client: rt::reqwest::ClientBuilder) -> Self {
        Self(self.0.http_client(client))
    }

    /// The largest answer that is read, in bytes after decompression: 256 MiB when nothing is said. A
    /// larger one is an error of the kind [`ErrorKind::Decode`](crate::ErrorKind::Decode), as soon as
    /// it is known to be; what was asked for has been executed then.
    pub fn max_answer_size(self, bytes: u64) -> Self {
        Self(self.0.max_answer_size(bytes))
    }

    /// Is told of every call and every request, and can add headers. Several are told one after the
    /// other, in the order in which they are given. Costs no requests.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use std::sync::{Arc, Mutex};
    /// use xurrent::{CallEnd, Client, Hook, Outcome, RequestEnd, RequestStart};
    ///
    /// /// Counts requests by operation and status, and reports calls that are slow.
    /// #[derive(Clone, Default)]
    /// struct Metrics(Arc<Mutex<BTreeMap<(String, Option<u16>), u64>>>);
    ///
    /// impl Hook for Metrics {
    ///     fn before_request(&self, request: &mut RequestStart<'_>) -> xurrent::Result<()> {
    ///         request.add_header("x-gateway-key", "integration-7")
    ///     }
    ///
    ///     fn after_request(&self, request: &RequestEnd<'_>) {
    ///         let operation = request.operation.unwrap_or("sign in").to_owned();
    ///         *self.0.lock().unwrap().entry((operation, request.status)).or_default() += 1;
    ///     }
    ///
    ///     fn after_call(&self, call: &CallEnd<'_>) {
    ///         match call.outcome {
    ///             Outcome::Failed(error) => eprintln!("{}: {error}", call.operation),
    ///             _ if call.duration.as_secs() > 5 => eprintln!("{} was slow", call.operation),
    ///             _ => {}
    ///         }
    ///     }
    /// }
    ///
    /// # fn example() -> xurrent::Result<()> {
    /// let metrics = Metrics::default();
    /// let client = Client::builder()
    ///     .account("wdc")
    ///     .stage(xurrent::Stage::Qa)
    ///     .personal_access_token(std::env::var("XURRENT_TOKEN").unwrap_or_default())
    ///     .hook(metrics.clone())
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn hook(self, hook: impl rt::Hook) -> Self {
        Self(self.0.hook(hook))
    }

    /// Puts the values of variables into the spans of `tracing`, as JSON of at most 16 KiB. They are
    /// left out otherwise: they are what your users write and read. Secrets of the client are blotted
    /// out in either case.
    pub fn trace_variables(self) -> Self {
        Self(self.0.trace_variables())
    }

    /// Records all that is sent and answered, without secrets, to a file that a sandbox can replay:
    /// the guide `docs/recording.md` tells what is in it. An exchange that cannot be written is a
    /// warning of `tracing`; no call fails for it. Costs no requests.
    ///
    /// ```no_run
    /// # fn example(builder: xurrent::ClientBuilder) -> xurrent::ClientBuilder {
    /// use xurrent::Recording;
    ///
    /// builder.record(Recording::to("recording.jsonl").without_values())
    /// # }
    /// ```
    pub fn record(self, recording: Recording) -> Self {
        Self(self.0.record(recording))
    }

    /// Carries requests with something else than HTTP, such as
    /// [`MemoryTransport`](crate::MemoryTransport). No stage or endpoint is needed then.
    pub fn transport(self, transport: impl rt::Transport) -> Self {
        Self(self.0.transport(transport))
    }

    /// A personal access token, made in Xurrent under "My profile" with the scopes it may use.
    /// It is used as it is, also when client credentials are given as well.
    pub fn personal_access_token(self, token: impl Into<SecretString>) -> Self {
        Self(self.0.personal_access_token(token))
    }

    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when a part is missing or
    /// cannot be used, and says which.
    pub fn build(self) -> Result<Client> {
        self.0.build().map(Client)
    }
}
