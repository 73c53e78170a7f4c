//! The settings of subscriptions that the builders of clients without settings of their own have.

/// Declares the settings of subscriptions of a `ClientBuilder`, with the feature `subscriptions`: a part of
/// [`client!`](crate::client!).
#[cfg(feature = "subscriptions")]
#[doc(hidden)]
#[macro_export]
macro_rules! __subscription_settings {
    ($krate:ident) => {
        impl ClientBuilder {
            /// The endpoint of subscriptions, such as `wss://api.example.com/subscriptions`: by default, the
            /// GraphQL endpoint. Needs the feature `subscriptions`.
            ///
            /// Plain `ws` is accepted for loopback addresses only, or with
            /// [`allow_plain_http`](Self::allow_plain_http).
            pub fn subscription_endpoint(mut self, url: impl Into<String>) -> Self {
                self.config.subscriptions.endpoint = Some(url.into());
                self
            }

            /// The payload of `connection_init`, a JSON object: for APIs that read a token or other settings
            /// from it. `{token}` in a text of it stands for the current token. Its texts are redacted in
            /// errors. Needs the feature `subscriptions`.
            ///
            /// ```
            #[doc = concat!("# use ", stringify!($krate), "::*;")]
            /// # fn example(builder: ClientBuilder) -> ClientBuilder {
            /// builder.connection_payload(r#"{"headers": {"Authorization": "Bearer {token}"}}"#)
            /// # }
            /// ```
            pub fn connection_payload(mut self, json: impl Into<$crate::SecretString>) -> Self {
                self.config.subscriptions.payload = Some(json.into());
                self
            }

            /// How long it may take from the request for a WebSocket to the server's `connection_ack`: 10
            /// seconds by default. Needs the feature `subscriptions`.
            pub fn acknowledge_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.config.subscriptions.acknowledge_timeout = Some(timeout);
                self
            }

            /// After this time without a message, a server is sent a ping; after the same time again, the
            /// connection of a subscription is lost: 30 seconds by default. Needs the feature
            /// `subscriptions`.
            pub fn ping_interval(mut self, interval: ::std::time::Duration) -> Self {
                self.config.subscriptions.ping_interval = Some(interval);
                self
            }

            /// The largest message of a subscription, and how much of events is held for a consumer, in bytes:
            /// 16 MiB by default. A larger message ends the stream with an
            /// [`ErrorKind::Decode`](crate::ErrorKind::Decode). Needs the feature `subscriptions`.
            pub fn max_event_size(mut self, bytes: u32) -> Self {
                self.config.subscriptions.max_event_size = Some(bytes);
                self
            }

            /// Opens the WebSockets of subscriptions with an HTTP client of this builder, which is set to
            /// HTTP/1.1. Needed beside [`http_client`](Self::http_client), and otherwise as described
            /// there. Needs the feature `subscriptions`.
            pub fn subscription_http_client(mut self, client: $crate::reqwest::ClientBuilder) -> Self {
                self.config.http.websocket_client = Some(::std::boxed::Box::new(move || client));
                self
            }
        }
    };
}

#[cfg(not(feature = "subscriptions"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __subscription_settings {
    ($krate:ident) => {};
}
