//! The client: the runtime's, with a function for every root field of the schema on it.

use crate::{
    AsyncResult, Budget, GraphQLQuery, Id, NodeQuery, RawQuery, Recording, Ref, Region, Result, RetryPolicy,
    SecretString,
};
use crate::{Stage, TokenInfo, Upload, UploadCall};
use std::time::Duration;
use xurrent_runtime as rt;

/// A connection to one Xurrent account. Cheap to clone; clones share the connection pool,
/// the tokens and the limits.
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
    /// Connections that are to be [complete](crate::ConnectionQuery::complete) page on together, each
    /// by its own cursor: as many requests as the longest of them has pages, not the sum of all.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// let (me, teams) = client.batch((client.me(), client.teams().page_size(10))).await?;
    /// println!("{:?} sees {} teams", me?.and_then(|me| me.name), teams?.nodes.len());
    ///
    /// let all = (client.people().complete(), client.teams().complete());
    /// let (people, teams) = client.batch(all).await?;
    /// println!("{} people in {} teams", people?.len(), teams?.len());
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
    /// use xurrent::{DiscoveredCiInput, DiscoveredProductCategoryInput, DiscoveredProductInput};
    ///
    /// let item = DiscoveredCiInput::new("laptop 7", "7");
    /// let product = DiscoveredProductInput::new("Lenovo", [item], "T14", "Lenovo T14", "t14");
    /// let category = DiscoveredProductCategoryInput::new("Laptop", [product], "laptop_computer");
    /// let input = DiscoveredConfigurationItemsInput::new([category], "scanner");
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

    /// What is left of the limits, as of the last answer. Sends nothing and costs nothing.
    ///
    /// With tokens of several users it is what they have together: a sum is known when the number is
    /// known of each of them, and the reset is the first.
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

    /// What is left for each user, in the order in which the builder was given them; a token without
    /// [`of_user`](ClientBuilder::of_user) is a user of its own. Sends nothing and costs nothing.
    ///
    /// ```no_run
    /// # fn example(client: xurrent::Client) {
    /// for (user, budget) in client.budgets().iter().enumerate() {
    ///     println!("user {} has {:?} requests left", user + 1, budget.requests.remaining);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn budgets(&self) -> Vec<Budget> {
        self.0.budgets()
    }

    /// Asks the server what the token in use is good for. With several tokens every one is checked,
    /// and the scopes are those that all of them have. Costs one request for each to the token
    /// service, not to the API, which fails two seconds after it was sent: it is made for checking a
    /// configuration. It waits for its turn as long as the client's [`RetryPolicy`] allows.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// let token = client.check().await?;
    /// println!("can do {}", token.scopes.join(", "));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) when a token is refused, not
    /// active or without scopes, or when there is no scope that all have,
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the account is wrong,
    /// [`ErrorKind::TokenService`](crate::ErrorKind::TokenService) when the answer cannot be used,
    /// [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited) when its turn did not come, and those of
    /// a token call. Of several tokens, the one that is not good is named by its number.
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

    /// Uploads a file to the account's attachment storage, from where an input can take it by its key.
    /// Costs one request to the storage, and one to ask where files go, every 60 seconds or when a file
    /// with the same name has gone there; [`UploadCall`] says when it is sent again. Several uploads at once are fine. One that
    /// is given up leaves nothing behind.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client, id: xurrent::Id) -> xurrent::Result<()> {
    /// use std::time::Duration;
    /// use xurrent::{AttachmentInput, NoteCreateInput, RetryPolicy, Upload};
    ///
    /// let report = Upload::path("reports/march.pdf")
    ///     .file_name("report.pdf")
    ///     .on_progress(|sent, total| println!("{sent} of {total} bytes"));
    /// let file = client.upload(report).retry(RetryPolicy::new().time_limit(Duration::from_secs(600))).await?;
    /// let note = NoteCreateInput::new(id, "The report.").attachments([AttachmentInput::new(&file.key)]);
    /// client.note_create(note).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`UploadCall::send`].
    pub fn upload(&self, upload: Upload) -> UploadCall {
        self.0.upload(upload)
    }

    /// The webhooks of the account, through the REST interface, which knows more of them than the
    /// GraphQL interface: why one was disabled, and how to test one. For administrators only. Sends
    /// nothing; each of its calls costs one request.
    ///
    /// Its address is that of the stage or the domain; beside
    /// [`endpoints`](ClientBuilder::endpoints) it is given with
    /// [`rest_endpoint`](ClientBuilder::rest_endpoint), and without it each call is an error.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// use xurrent::webhook::Event;
    /// use xurrent::webhooks_api::NewWebhook;
    ///
    /// let api = client.webhooks_api();
    /// let webhook = api.create(NewWebhook::new(Event::RequestCreate, "https://example.com/hook")).await?;
    /// api.test(webhook.id).await?;
    ///
    /// for webhook in api.list().disabled().all().await? {
    ///     println!("{} failed with {:?}", webhook.uri, webhook.last_error);
    ///     api.enable(webhook.id).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`WebhooksApi`](crate::webhooks_api::WebhooksApi).
    #[must_use]
    #[cfg(feature = "webhook")]
    pub fn webhooks_api(&self) -> rt::webhooks_api::WebhooksApi {
        self.0.webhooks_api()
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

    /// The region of the environment; [`Region::Global`] by default.
    pub fn region(self, region: Region) -> Self {
        Self(self.0.region(region))
    }

    /// Another domain than Xurrent's present ones, such as `4me.com`, instead of a stage. The
    /// endpoints are at `graphql.`, `oauth.` and `api.` of it.
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

    /// The address of the REST interface, for example `https://api.xurrent.com/v1`, beside
    /// [`endpoints`](Self::endpoints): only [`Client::webhooks_api`] needs it. A stage and a domain know
    /// their own.
    ///
    /// ```
    /// # fn example(token: String) -> xurrent::Result<xurrent::Client> {
    /// xurrent::Client::builder()
    ///     .account("wdc")
    ///     .endpoints("https://graphql.4me.com", "https://oauth.4me.com/token")
    ///     .rest_endpoint("https://api.4me.com/v1")
    ///     .personal_access_token(token)
    ///     .build()
    /// # }
    /// ```
    pub fn rest_endpoint(self, url: impl Into<String>) -> Self {
        Self(self.0.rest_endpoint(url))
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
    ///
    /// Further calls, also of [`personal_access_token`](Self::personal_access_token), add to a pool.
    pub fn client_credentials(self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self(self.0.client_credentials(id, secret))
    }

    /// Says whose the token before is, by any name. The API limits users, not tokens: tokens of one
    /// user share their limits. A token without a user has limits of its own.
    ///
    /// ```
    /// # fn example(old: String, new: String, secret: String) -> xurrent::Result<xurrent::Client> {
    /// xurrent::Client::builder()
    ///     .account("wdc")
    ///     .stage(xurrent::Stage::Production)
    ///     .personal_access_token(old).of_user("grace")
    ///     .personal_access_token(new).of_user("grace") // the same limits
    ///     .client_credentials("id", secret)            // limits of its own
    ///     .build()
    /// # }
    /// ```
    pub fn of_user(self, name: impl Into<String>) -> Self {
        Self(self.0.of_user(name))
    }

    /// How much it counts which token of a pool has the most requests left, and which the most cost
    /// points: from 0 to 1 each, 1 together. 0.6 and 0.4 by default. What is not known
    /// counts as full, and of equals comes the one that was used longest ago.
    ///
    /// ```
    /// # fn example(first: String, second: String) -> xurrent::Result<xurrent::Client> {
    /// xurrent::Client::builder()
    ///     .account("wdc")
    ///     .stage(xurrent::Stage::Production)
    ///     .personal_access_token(first)
    ///     .personal_access_token(second)
    ///     .pool_weights(0.2, 0.8) // few requests that cost much
    ///     .build()
    /// # }
    /// ```
    pub fn pool_weights(self, requests: f64, cost: f64) -> Self {
        Self(self.0.pool_weights(requests, cost))
    }

    /// How long before its end a token is replaced: 60 seconds by default, and at most
    /// a quarter of its lifetime.
    pub fn token_margin(self, margin: Duration) -> Self {
        Self(self.0.token_margin(margin))
    }

    /// Sends at most this many requests in any window of this length, counted as they arrive at the
    /// server and with token calls; others wait for their turn. 20 in 2 seconds by default,
    /// which is what the API allows a user: lower it for clients that share one. Of several users, each
    /// may send so many. There is no limit
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

    /// How long it may take to reach the server: 5 seconds by default. A call that did not
    /// reach it is sent again, whatever it does.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self(self.0.connect_timeout(timeout))
    }

    /// How long one request may take, from the connection to the last byte of its answer: 120 seconds
    /// by default. A token call has 20 of its own. How long a call may take in all, with
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

    /// Reaches every server through a proxy, such as `http://user:password@proxy.example.com:3128` or
    /// `socks5h://proxy.example.com:1080`, in place of the one that the environment names
    /// (`HTTPS_PROXY`, `ALL_PROXY`). What is sent to an `https` address stays encrypted on the way.
    pub fn proxy(self, url: impl Into<SecretString>) -> Self {
        Self(self.0.proxy(url))
    }

    /// Makes the HTTP client from this builder of [`reqwest`](crate::reqwest): for certificates, name
    /// servers, connection pools. It is taken before it is built, since redirects are switched off on
    /// it: a client that follows them would carry secrets to addresses that nobody configured. So are
    /// its own retries, its decompression (answers are unpacked here) and its log of raw bytes. Nothing
    /// else is set on it but what was said here, so that there is no `connect_timeout` of 5 seconds,
    /// and no `http2_keep_alive_interval`, which finds a server that has fallen silent.
    ///
    /// All runtimes share its connections, and a connection moves only while the runtime is driven that
    /// it was made on. Without this setting, each runtime has connections of its own.
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

    /// The largest answer that is read, in bytes after decompression: 256 MiB by default. A
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

    /// A personal access token, made in Xurrent under "My profile" with the scopes it may use. It is
    /// used as it is.
    ///
    /// Further calls, also of [`client_credentials`](Self::client_credentials), add to a pool: see
    /// [several tokens](crate#several-tokens).
    ///
    /// ```
    /// # fn example(first: String, second: String) -> xurrent::Result<xurrent::Client> {
    /// xurrent::Client::builder()
    ///     .account("wdc")
    ///     .stage(xurrent::Stage::Production)
    ///     .personal_access_token(first)
    ///     .personal_access_token(second)
    ///     .build()
    /// # }
    /// ```
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
