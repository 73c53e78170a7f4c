//! The settings that the builders of all clients have.

/// Declares the settings of a `ClientBuilder` that do not depend on its API: a part of
/// [`client!`](crate::client!).
#[doc(hidden)]
#[macro_export]
macro_rules! client_builder {
    ($krate:ident) => {
        impl ClientBuilder {
            /// A personal access token. It is used as it is.
            ///
            /// Further calls, also of [`client_credentials`](Self::client_credentials), add to a token
            /// pool. Each request is signed with the token that has the most left of its limits, among
            /// those that can be used at once. A token that is exhausted or refused is skipped during its
            /// cooldown.
            pub fn personal_access_token(mut self, token: impl Into<$crate::SecretString>) -> Self {
                self.config.credentials.add(None, token.into());
                self
            }

            /// The id and the secret of an OAuth application. They are exchanged for tokens as needed: one
            /// at a time, renewed before it expires, and once more when the server refuses it. A token
            /// without a lifetime is used until it is refused.
            ///
            /// Further calls, also of [`personal_access_token`](Self::personal_access_token), add to a
            /// token pool.
            pub fn client_credentials(
                mut self,
                id: impl Into<String>,
                secret: impl Into<$crate::SecretString>,
            ) -> Self {
                self.config.credentials.add(Some(id.into()), secret.into());
                self
            }

            /// Names the user that the token before belongs to, in any way. APIs limit users, not tokens:
            /// tokens of one user share their limits. A token without a user has limits of its own.
            ///
            /// ```
            #[doc = concat!("# use ", stringify!($krate), "::*;")]
            /// # fn example(builder: ClientBuilder, old: String, new: String, secret: String) -> ClientBuilder {
            /// builder
            ///     .personal_access_token(old).shares_limits_of("grace")
            ///     .personal_access_token(new).shares_limits_of("grace") // the same limits
            ///     .client_credentials("id", secret)                     // limits of its own
            /// # }
            /// ```
            pub fn shares_limits_of(mut self, user: impl Into<String>) -> Self {
                self.config.credentials.shares_limits_of(user.into());
                self
            }

            /// Weighs the remaining requests and the remaining cost points in the choice of a token: from 0
            /// to 1 each, 1 together, 0.6 and 0.4 by default; 0.2 and 0.8 suit few requests that cost much.
            /// An unknown number counts as full; of equal tokens, the least recently used is chosen.
            pub fn pool_weights(mut self, requests: f64, cost: f64) -> Self {
                self.config.pool_weights = Some((requests, cost));
                self
            }

            /// Renews a token this long before it expires: 60 seconds by default, and at most a quarter of
            /// its lifetime.
            pub fn token_margin(mut self, margin: ::std::time::Duration) -> Self {
                self.config.token_margin = Some(margin);
                self
            }

            /// Sends at most this many requests in any window of this length, as the server counts them and
            /// token requests included; others wait for a permit. The default is the limit that the API
            /// sets for a user: lower it for clients that share one. Each of several users may send as
            /// many. A [`MemoryTransport`](crate::MemoryTransport) has no limit by default.
            pub fn rate_limit(mut self, requests: usize, window: ::std::time::Duration) -> Self {
                self.config.rate_limit = Some(Some((requests, window)));
                self
            }

            /// Sends requests without a rate limit.
            pub fn no_rate_limit(mut self) -> Self {
                self.config.rate_limit = Some(None);
                self
            }

            /// When requests are retried, and how long a call may wait. A call can have its own policy.
            pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
                self.config.retry = policy;
                self
            }

            /// How long it may take to connect to a server: 5 seconds by default. A call without a
            /// connection is retried, also a mutation.
            pub fn connect_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.config.http.connect_timeout = Some(timeout);
                self
            }

            /// How long one request may take, from the connection to the last byte of its response: 120
            /// seconds by default. A token request has 20 seconds. How long a call may take, with all its
            /// attempts, is [`RetryPolicy::time_limit`](crate::RetryPolicy::time_limit).
            pub fn request_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.config.request_timeout = Some(timeout);
                self
            }

            /// Accepts endpoints with plain `http` anywhere. Others can read tokens and data then.
            pub fn allow_plain_http(mut self) -> Self {
                self.config.allow_plain_http = true;
                self
            }

            /// Reaches all servers through a proxy, such as `http://user:password@proxy.example.com:3128`
            /// or `socks5h://proxy.example.com:1080`, instead of the one in the environment (`HTTPS_PROXY`,
            /// `ALL_PROXY`). Requests to `https` addresses stay encrypted.
            pub fn proxy(mut self, url: impl Into<$crate::SecretString>) -> Self {
                self.config.http.proxy = Some(url.into());
                self
            }

            /// Builds the HTTP client from this builder of [`reqwest`](crate::reqwest): for certificates,
            /// name servers, connection pools. Redirects are switched off on it, since following them would
            /// send secrets to addresses that nobody configured. So are its own retries, its decompression
            /// (responses are unpacked here) and its log of raw bytes. No other default applies to it:
            /// there is no `connect_timeout` of 5 seconds, and no `http2_keep_alive_interval`, which
            /// detects a silent server.
            ///
            /// All Tokio runtimes share its connections, and a connection works only while the runtime runs
            /// on which it was opened. By default, each runtime has connections of its own.
            ///
            /// ```no_run
            #[doc = concat!("# use ", stringify!($krate), "::*;")]
            /// # fn example(builder: ClientBuilder) -> ClientBuilder {
            /// let http = reqwest::Client::builder()
            ///     .user_agent("nightly-export/1.0")
            ///     .pool_max_idle_per_host(4);
            /// builder.http_client(http)
            /// # }
            /// ```
            #[inline]
            pub fn http_client(mut self, client: $crate::reqwest::ClientBuilder) -> Self {
                self.config.http.client = Some(::std::boxed::Box::new(move || client));
                self
            }

            /// The largest response that is read, in bytes after decompression: 256 MiB by default. A larger
            /// one is an [`ErrorKind::Decode`](crate::ErrorKind::Decode) as soon as its size is known; the
            /// operation was executed then.
            pub fn max_response_size(mut self, bytes: u64) -> Self {
                self.config.http.max_response_size = Some(bytes);
                self
            }

            /// Observes all calls and requests, and can add headers: [`Hook`](crate::Hook) has an example.
            /// Several hooks are called in the order in which they were added. Costs no requests.
            pub fn hook(mut self, hook: impl $crate::Hook) -> Self {
                self.config.hooks.push(::std::sync::Arc::new(hook));
                self
            }

            /// Puts the values of variables into the spans of `tracing`, as JSON of at most 16 KiB. They are
            /// left out by default, since they are your users' data. Secrets of the client are redacted in
            /// either case.
            pub fn trace_variables(mut self) -> Self {
                self.config.trace_variables = true;
                self
            }

            /// At most this many requests fetch the remaining pages of nested connections
            /// (`#[select(all)]`) for one response, which of a connection is one page: 1,000 by default. A
            /// response that needs more is an [`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete), not a
            /// shorter list. A request fetches the next 100 records of up to ten connections.
            pub fn max_nested_requests(mut self, max_requests: usize) -> Self {
                self.config.max_nested_requests = Some(max_requests);
                self
            }

            /// Records all requests and responses, without secrets, to a file for replay. An exchange that
            /// cannot be written is a warning of `tracing`; no call fails for it. Costs no requests.
            ///
            /// ```no_run
            #[doc = concat!("# use ", stringify!($krate), "::*;")]
            /// # fn example(builder: ClientBuilder) -> ClientBuilder {
            /// builder.recording(Recording::to("recording.jsonl").without_values())
            /// # }
            /// ```
            #[inline]
            pub fn recording(mut self, recording: $crate::Recording) -> Self {
                self.config.recording = Some(recording);
                self
            }

            /// Sends requests in another way than over HTTP, such as with a
            /// [`MemoryTransport`](crate::MemoryTransport). No endpoint is needed then.
            pub fn transport(mut self, transport: impl $crate::Transport) -> Self {
                self.config.transport = Some(::std::sync::Arc::new(transport));
                self
            }
        }
    };
}
