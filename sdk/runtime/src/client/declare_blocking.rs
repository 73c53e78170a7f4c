//! The blocking client, with the feature `blocking`.

#[cfg(not(feature = "blocking"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __blocking_client {
    ($krate:ident) => {};
}

/// Declares the module `blocking`: a part of [`client!`](crate::client!).
#[cfg(feature = "blocking")]
#[doc(hidden)]
#[macro_export]
macro_rules! __blocking_client {
    ($krate:ident) => {
        /// A client for programs without `async`, such as scripts.
        ///
        /// Its functions are those of the async client. Settings of a call are the same; what would be awaited
        /// returns its result, and streams are iterators.
        pub mod blocking {
            pub use $crate::blocking_call::{Call, Iter};

            /// A blocking client. Cheap to clone; clones share a thread, the connections, the tokens and the
            /// limits, and can be used from several threads at once.
            ///
            /// The thread drives connections and prefetches between the calls. It ends when the last clone
            /// and the last of its calls and iterators are dropped.
            ///
            /// # Errors
            /// Those of the async client. A call within an async context, where it would stop other tasks, is
            /// an [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) and sends nothing.
            /// `tokio::task::spawn_blocking` is no such context.
            #[derive(Clone, Debug)]
            pub struct Client {
                client: super::Client,
                background: $crate::blocking_call::Background,
            }

            impl Client {
                /// A blocking client with the configuration, the tokens and the limits of an async one. Starts
                /// a thread and sends nothing.
                ///
                /// ```no_run
                #[doc = concat!("# use ", stringify!($krate), "::*;")]
                /// # fn example(builder: ClientBuilder) -> Result<()> {
                #[doc = concat!("let client = ", stringify!($krate), "::blocking::Client::new(builder.build()?)?;")]
                /// println!("can do {}", client.check()?.scopes.join(", "));
                /// # Ok(())
                /// # }
                /// ```
                ///
                /// # Errors
                /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the system refuses a thread.
                pub fn new(client: super::Client) -> $crate::Result<Self> {
                    Ok(Self { client, background: $crate::blocking_call::Background::start()? })
                }

                /// The async client.
                pub fn as_async(&self) -> &super::Client {
                    &self.client
                }

                /// Waits for anything that can be awaited and that this client has no function for.
                ///
                /// # Errors
                /// That of the future, and [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) in an
                /// async context.
                pub fn block_on<T>(
                    &self,
                    future: impl ::std::future::IntoFuture<Output = $crate::Result<T>>,
                ) -> $crate::Result<T> {
                    self.background.block_on(future)
                }

                /// A blocking call. The functions of the client call this.
                #[doc(hidden)]
                pub fn blocking_call<C>(&self, call: C) -> Call<C> {
                    Call::new(&self.background, call)
                }

                /// The same thread with another client.
                #[doc(hidden)]
                #[must_use]
                pub fn with_async(&self, client: super::Client) -> Self {
                    Self { client, background: self.background.clone() }
                }

                /// See [`Client::node`](super::Client::node).
                pub fn node<T: $crate::Fetch>(
                    &self,
                    id: impl ::std::convert::Into<$crate::Id>,
                ) -> Call<$crate::NodeQuery<T>> {
                    self.blocking_call(self.client.node(id))
                }

                /// See [`Client::get`](super::Client::get).
                pub fn get<T: $crate::Fetch>(&self, reference: &$crate::Ref<T>) -> Call<$crate::NodeQuery<T>> {
                    self.blocking_call(self.client.get(reference))
                }

                /// See [`Client::batch`](super::Client::batch).
                pub fn batch<B: $crate::Batch>(&self, batch: B) -> Call<$crate::BatchQuery<B::Output>> {
                    self.blocking_call(self.client.batch(batch))
                }

                /// See [`Client::batch_all`](super::Client::batch_all). The calls may come from an iterator
                /// of this client.
                pub fn batch_all<'c, I>(
                    &self,
                    calls: I,
                ) -> Iter<$crate::BatchStream<'c, <I::Item as $crate::BatchItem>::Output>>
                where
                    I: ::std::iter::IntoIterator<Item: $crate::BatchItem + 'c, IntoIter: ::std::marker::Send + 'c>,
                {
                    Iter::new(&self.background, self.client.batch_all(calls))
                }

                /// See [`Client::query`](super::Client::query).
                pub fn query<T: $crate::Operation + $crate::Select<$crate::select::root::Query>>(
                    &self,
                    variables: T::Variables,
                ) -> Call<$crate::OperationCall<T>> {
                    self.blocking_call(self.client.query(variables))
                }

                /// See [`Client::mutation`](super::Client::mutation).
                pub fn mutation<T: $crate::Operation + $crate::Select<$crate::select::root::Mutation>>(
                    &self,
                    variables: T::Variables,
                ) -> Call<$crate::OperationCall<T>> {
                    self.blocking_call(self.client.mutation(variables))
                }

                /// See [`Client::preflight`](super::Client::preflight).
                pub fn preflight<T: $crate::Preflight>(&self) -> Call<$crate::preflight::PreflightCall> {
                    self.blocking_call(self.client.preflight::<T>())
                }

                /// See [`Client::raw`](super::Client::raw).
                pub fn raw(
                    &self,
                    document: impl Into<String>,
                    variables: impl $crate::serde::Serialize,
                ) -> Call<$crate::RawQuery> {
                    self.blocking_call(self.client.raw(document, variables))
                }

                $crate::__graphql_client! {
                    /// See [`Client::execute`](super::Client::execute).
                    ///
                    /// # Errors
                    /// Those of the async call, and
                    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) in an async context.
                    pub fn execute<Q: $crate::GraphQLQuery>(
                        &self,
                        variables: Q::Variables,
                    ) -> $crate::Result<Q::ResponseData> {
                        self.block_on(self.client.execute::<Q>(variables))
                    }
                }

                /// See [`Client::with_retry`](super::Client::with_retry).
                #[must_use]
                pub fn with_retry(&self, policy: $crate::RetryPolicy) -> Self {
                    self.with_async(self.client.with_retry(policy))
                }

                /// See [`Client::budget`](super::Client::budget).
                pub fn budget(&self) -> $crate::Budget {
                    self.client.budget()
                }

                /// See [`Client::budgets`](super::Client::budgets).
                pub fn budgets(&self) -> Vec<$crate::Budget> {
                    self.client.budgets()
                }

                /// See [`Client::check`](super::Client::check).
                ///
                /// # Errors
                /// Those of the async call, and
                /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) in an async context.
                pub fn check(&self) -> $crate::Result<$crate::TokenInfo> {
                    self.block_on(self.client.check())
                }
            }
        }
    };
}
