//! The macro that declares a client and its builder.

/// Declares `Client` and `ClientBuilder` of a crate that is generated from a schema: everything that does
/// not depend on the schema.
///
/// The first argument is the name of the crate, with documentation for `Client`. The examples of its
/// documentation compile with that name, in a crate that re-exports the runtime. The second argument is a
/// type that implements [`ApiSettings`](crate::ApiSettings). Without it, the builder takes endpoints and
/// headers; braces then hold what the API prescribes, constants of [`Prescribed`](crate::client::Prescribed).
///
/// With the feature `blocking`, it also declares a module `blocking` with a blocking client. The crate needs
/// it at its root, as `crate::blocking`.
///
/// ```
/// xurrent_runtime::client! {
///     /// A client of the film database.
///     films
/// }
///
/// # fn main() -> xurrent_runtime::Result<()> {
/// let client = Client::builder()
///     .endpoint("https://films.example/graphql")
///     .personal_access_token("token")
///     .build()?;
/// # Ok(())
/// # }
/// ```
///
/// ```
/// use xurrent_runtime::{Authentication, http::HeaderName};
///
/// xurrent_runtime::client! {
///     /// A client of the film database.
///     films {
///         const ENDPOINT: Option<&'static str> = Some("https://films.example/graphql");
///         const AUTHENTICATION: Authentication = Authentication::Header(HeaderName::from_static("x-api-key"));
///     }
/// }
///
/// # fn main() -> xurrent_runtime::Result<()> {
/// let client = Client::builder().personal_access_token("key").build()?;
/// # Ok(())
/// # }
/// ```
///
/// The declared types have the private fields `core` and `state`, and `config` and `settings`, for
/// methods that the crate adds.
#[macro_export]
macro_rules! client {
    ($(#[$doc:meta])* $krate:ident $(,)?) => {
        $crate::client! { $(#[$doc])* $krate, $crate::client::Endpoints }
        $crate::client! { @endpoints $krate }
    };
    ($(#[$doc:meta])* $krate:ident { $($constant:item)* }) => {
        /// What the API prescribes.
        #[doc(hidden)]
        pub struct Prescribed;

        impl $crate::client::Prescribed for Prescribed { $($constant)* }

        $crate::client! { $(#[$doc])* $krate, $crate::client::Endpoints<Prescribed> }
        $crate::client! { @endpoints $krate }
    };
    (@endpoints $krate:ident) => {
        $crate::__subscription_settings! { $krate }

        impl ClientBuilder {
            /// The GraphQL endpoint, such as `https://api.example.com/graphql`.
            ///
            /// Plain `http` is accepted for loopback addresses only: tokens must be encrypted on their way.
            pub fn endpoint(mut self, url: impl Into<String>) -> Self {
                self.settings.graphql = Some(url.into());
                self
            }

            /// The OAuth token endpoint, which [`client_credentials`](Self::client_credentials) need.
            pub fn token_endpoint(mut self, url: impl Into<String>) -> Self {
                self.settings.token = Some(url.into());
                self
            }

            /// The token introspection endpoint (RFC 7662), which [`Client::check`] asks.
            pub fn introspection_endpoint(mut self, url: impl Into<String>) -> Self {
                self.settings.introspection = Some(url.into());
                self
            }

            /// Adds a header to all requests that carry a token.
            pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.settings.headers.push((name.into(), value.into()));
                self
            }
        }
    };
    ($(#[$doc:meta])* $krate:ident, $settings:ty) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct Client {
            core: $crate::client::ClientCore,
            #[allow(dead_code, reason = "for methods that the crate adds")]
            state: <$settings as $crate::ApiSettings>::State,
        }

        impl Client {
            /// Begins the configuration of a client.
            pub fn builder() -> ClientBuilder {
                ClientBuilder::default()
            }

            /// Fetches the record with this id: its leaf fields for a generated type, its selected fields
            /// for a selection of your own. Costs one request.
            ///
            /// `None` when no record has this id; an error when it is one of another type. A selection on
            /// `Node` itself takes records of any type.
            ///
            /// It needs a query of the schema that returns a record of any type by its id, usually
            /// `node(id: ID!): Node`. Without one, no type can be fetched by an id.
            pub fn node<T: $crate::Fetch>(
                &self,
                id: impl ::std::convert::Into<$crate::Id>,
            ) -> $crate::NodeQuery<T> {
                $crate::NodeQuery::new(&self.core, id.into())
            }

            /// Fetches the record that a field of another record refers to. Costs one request.
            pub fn get<T: $crate::Fetch>(&self, reference: &$crate::Ref<T>) -> $crate::NodeQuery<T> {
                $crate::NodeQuery::new(&self.core, reference.id().clone())
            }

            /// Sends several queries, or several mutations, in one request: a tuple of up to eight calls,
            /// or a `Vec` of calls of one type. Each has its own result; that of a connection is its first
            /// page. Costs one request, which for mutations is never executed twice; the server executes
            /// mutations one after the other.
            ///
            /// [Complete](crate::ConnectionQuery::complete) connections are paginated together, each by
            /// its own cursor: the batch takes as many requests as the longest of them has pages.
            pub fn batch<B: $crate::Batch>(&self, batch: B) -> $crate::BatchQuery<B::Output> {
                $crate::BatchQuery::new(&self.core, batch)
            }

            /// Sends any number of calls of one type, up to 20 in a request, and returns a stream of their
            /// results, in order. This is the way to bulk changes: 1,000 updates take 50 requests. It takes calls
            /// from the iterator as it sends them. See [`BatchStream`](crate::BatchStream) for costs and errors, and
            /// how to stop and resume.
            ///
            /// ```no_run
            #[doc = concat!("# use ", stringify!($krate), "::*;")]
            /// # async fn example<C: xurrent_runtime::BatchItem + Send>(client: Client, calls: Vec<C>) {
            /// let mut results = client.batch_all(calls);
            /// while let Some((index, result)) = results.next().await {
            ///     match result {
            ///         Ok(_) => {}
            ///         Err(error) if error.is_payload() => println!("{index} is refused: {error}"),
            ///         Err(error) if error.is_not_executed() => println!("{index} can be sent again: {error}"),
            ///         Err(error) => println!("{index} may have been executed: {error}"),
            ///     }
            /// }
            /// # }
            /// ```
            pub fn batch_all<'c, I>(
                &self,
                calls: I,
            ) -> $crate::BatchStream<'c, <I::Item as $crate::BatchItem>::Output>
            where
                I: ::std::iter::IntoIterator<Item: $crate::BatchItem + 'c, IntoIter: ::std::marker::Send + 'c>,
            {
                $crate::BatchStream::new(&self.core, calls)
            }

            /// Sends a query of your own: a struct with `#[select(on = Query)]`. Costs one request,
            /// however many root fields it has.
            ///
            /// # Errors
            /// All [kinds](crate::ErrorKind) except those of payloads, pages and wrong types.
            pub fn query<T: $crate::Operation + $crate::Select<$crate::select::root::Query>>(
                &self,
                variables: T::Variables,
            ) -> $crate::OperationCall<T> {
                $crate::OperationCall::query(&self.core, variables)
            }

            /// Sends mutations of your own: a struct with `#[select(on = Mutation)]`. The server executes
            /// its fields in the order of the struct. Costs one request, which is retried only when it was
            /// certainly not executed.
            ///
            /// # Errors
            /// All [kinds](crate::ErrorKind) except those of pages and wrong types. With
            /// [`ErrorKind::Payload`](crate::ErrorKind::Payload) the path of each message begins with the
            /// field, and the other fields were executed: [`Error::partial_data`](crate::Error::partial_data)
            /// has their data.
            pub fn mutation<T: $crate::Operation + $crate::Select<$crate::select::root::Mutation>>(
                &self,
                variables: T::Variables,
            ) -> $crate::OperationCall<T> {
                $crate::OperationCall::mutation(&self.core, variables)
            }

            /// Compares types with the schema of the server, before a call needs them: selections with all that is
            /// nested in them, generated records, inputs and enums, in a tuple of up to 16 that may be nested.
            /// Calls have a `preflight()` of their own. Costs two requests in most programs: see
            /// [`PreflightCall`]($crate::preflight::PreflightCall).
            ///
            /// ```no_run
            #[doc = concat!("# use ", stringify!($krate), "::*;")]
            /// # async fn example<Ticket: xurrent_runtime::Preflight>(client: Client) -> Result<()> {
            /// for note in client.preflight::<(Ticket,)>().await?.notes {
            ///     eprintln!("{note}");
            /// }
            /// # Ok(())
            /// # }
            /// ```
            ///
            /// # Errors
            /// [`ErrorKind::SchemaMismatch`](crate::ErrorKind::SchemaMismatch) if the server cannot serve
            /// everything: [`Error::preflight`](crate::Error::preflight) has all problems and notes.
            /// [`ErrorKind::GraphQl`](crate::ErrorKind::GraphQl) if the server refuses introspection; otherwise
            /// those of any query.
            pub fn preflight<T: $crate::Preflight>(&self) -> $crate::preflight::PreflightCall {
                $crate::preflight::PreflightCall::new::<T>(&self.core)
            }

            /// Sends a GraphQL document as it is, with variables from any type that `serde` can write.
            /// Costs one request.
            pub fn raw(
                &self,
                document: impl Into<String>,
                variables: impl $crate::serde::Serialize,
            ) -> $crate::RawQuery {
                $crate::RawQuery::new(&self.core, document, variables)
            }

            $crate::__graphql_client! {
                /// Sends an operation of `#[derive(GraphQLQuery)]` of the crate `graphql_client`. Costs one
                /// request. Needs the feature `graphql-client`.
                ///
                /// # Errors
                /// All [kinds](crate::ErrorKind) except those of payloads and pages: the errors of a payload
                /// are part of the data.
                pub async fn execute<Q: $crate::GraphQLQuery>(
                    &self,
                    variables: Q::Variables,
                ) -> $crate::Result<Q::ResponseData> {
                    $crate::RawQuery::execute::<Q>(&self.core, variables).await
                }
            }

            /// The same client with another retry policy. It shares everything else, so this is cheap.
            /// Calls without a `retry` of their own, such as `execute`, need it.
            #[must_use]
            #[inline]
            pub fn with_retry(&self, policy: $crate::RetryPolicy) -> Self {
                let mut client = self.clone();
                client.core.retry = policy;
                client
            }

            /// The remaining limits, as of the last response. Sends nothing.
            ///
            /// With tokens of several users these are sums, known when each user's number is known. The
            /// reset is the first of theirs.
            ///
            /// ```no_run
            #[doc = concat!("# fn example(client: ", stringify!($krate), "::Client) {")]
            /// let budget = client.budget();
            /// if let (Some(left), Some(wait)) = (budget.cost.remaining, budget.cost.resets_in) {
            ///     println!("{left} points left, all of them again in {} s", wait.as_secs());
            /// }
            /// # }
            /// ```
            pub fn budget(&self) -> $crate::Budget {
                self.core.budget()
            }

            /// The remaining limits of each user, in the order in which the builder was given them. A token
            /// without [`shares_limits_of`](ClientBuilder::shares_limits_of) is a user of its own. Sends
            /// nothing.
            pub fn budgets(&self) -> Vec<$crate::Budget> {
                self.core.budgets()
            }

            /// Introspects the token: returns its scopes. With several tokens, introspects each and returns
            /// the scopes that all of them have. Costs one request to the token service for each, which
            /// fails after two seconds, since this checks a configuration. It waits for a permit of the
            /// rate limiter as long as the [`RetryPolicy`](crate::RetryPolicy) of the client allows.
            ///
            /// ```no_run
            #[doc = concat!("# use ", stringify!($krate), "::*;")]
            /// # async fn example(client: Client) -> Result<()> {
            /// let token = client.check().await?;
            /// println!("can do {}", token.scopes.join(", "));
            /// # Ok(())
            /// # }
            /// ```
            ///
            /// # Errors
            /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) when a token is refused, not
            /// active or without scopes, or when no scope is common to all,
            /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the server refuses a
            /// header of the API,
            /// [`ErrorKind::TokenService`](crate::ErrorKind::TokenService) when the response is invalid,
            /// [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited) when no permit came in time, and
            /// those of a token request. Of several tokens, the message names the one by its number.
            pub async fn check(&self) -> $crate::Result<$crate::TokenInfo> {
                self.core.check().await
            }

            /// The part that generated calls are made of.
            #[doc(hidden)]
            pub fn runtime(&self) -> &$crate::client::ClientCore {
                &self.core
            }
        }

        /// The configuration of a [`Client`]; [`build`](Self::build) checks it.
        #[derive(Debug, Default)]
        #[must_use = "a builder does nothing until `build` is called"]
        pub struct ClientBuilder {
            config: $crate::client::ClientConfig,
            settings: $settings,
        }

        impl From<$settings> for ClientBuilder {
            fn from(settings: $settings) -> Self {
                Self { config: ::std::default::Default::default(), settings }
            }
        }

        $crate::client_builder! { $krate }

        $crate::__blocking_client! { $krate }

        impl ClientBuilder {
            /// Checks the configuration. Sends nothing.
            ///
            /// # Errors
            /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when a part is missing or
            /// invalid; the message names it.
            #[inline]
            pub fn build(self) -> $crate::Result<Client> {
                let (core, state) = self.config.build(self.settings)?;
                Ok(Client { core, state })
            }
        }
    };
}
