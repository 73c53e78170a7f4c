//! Subscriptions: events of the server, as streams, over the protocol `graphql-transport-ws`. Needs the feature
//! `subscriptions`.
//!
//! A generated crate has a function of its client for each field of the schema's subscription type. It returns a
//! [`SubscriptionCall`], whose [`stream`](SubscriptionCall::stream) is a [`SubscriptionStream`].
//!
//! ```
//! # use xurrent_runtime as sdk;
//! use sdk::subscriptions::SubscriptionStream;
//!
//! async fn watch<T: std::fmt::Debug>(mut events: SubscriptionStream<T>) -> sdk::Result<()> {
//!     events.connect().await?;
//!     // Now load the state that the events change: none of them is missed.
//!     loop {
//!         match events.try_next().await {
//!             Ok(Some(event)) => println!("{event:?}"),
//!             Ok(None) => return Ok(()), // the server has no more events
//!             Err(error) if error.is_interrupted() => println!("load the state again: {error}"),
//!             Err(error) => return Err(error),
//!         }
//!     }
//! }
//! ```
//!
//! # Connections
//!
//! Each stream has a WebSocket of its own, opened with the HTTP client, the proxy and the certificates of requests.
//! The upgrade request carries the token, the headers of the API, the user agent and the headers of hooks, as every
//! request does; it takes a permit of the rate limiter. Hooks see each connection as a call, which ends when the
//! server has acknowledged it; a connection is not recorded.
//! [`connection_payload`](crate::ClientBuilder::connection_payload) sets the payload of `connection_init`. A token of
//! client credentials is renewed before it expires when a connection is opened, and when the server closes one with
//! 4401.
//!
//! A task of the Tokio runtime reads the connection, up to 256 events or
//! [`max_event_size`](crate::ClientBuilder::max_event_size) bytes ahead of the consumer. Then it stops reading, and the
//! server has to wait: a consumer that is too slow for long can lose the connection, but no memory. Dropping the
//! stream ends the subscription and closes the connection.
//!
//! # Lost connections
//!
//! When a connection is lost, the stream subscribes again, after a backoff and with the attempts of its
//! [`RetryPolicy`](crate::RetryPolicy). GraphQL does not repeat the events in between, so the next item is an error of
//! kind [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted), after which the stream goes on. A consumer to which
//! such a gap does not matter calls [`ignore_gaps`](SubscriptionCall::ignore_gaps).
//!
//! A connection is lost when it breaks, when the server closes it with 1000, 1001, 1005, 1011 to 1014, 4408 or 4499,
//! and when the server is silent: after [`ping_interval`](crate::ClientBuilder::ping_interval) without a message it is
//! sent a ping, and has the same time to respond. These close codes end the stream with an error:
//!
//! | code | meaning | [kind](crate::ErrorKind) | what to do |
//! | --- | --- | --- | --- |
//! | 4400 | invalid message | `Status` | report it to this crate, unless the message names the payload of the connection |
//! | 4401, 3000 | token refused | `Unauthorized` | another token; it was renewed, and others of the pool were tried |
//! | 4403, 3003 | not permitted | `Unauthorized` | a token with the scopes that the message names |
//! | 4409 | subscriber exists | `Status` | report it to the API's support: each connection has one |
//! | 4429 | too many connections | `RateLimited` | fewer subscriptions at once; it was tried again, with backoff |
//! | others | of the API, or a violation of the protocol | `Status` | what the message says |
//!
//! [`Error::status`](crate::Error::status) has the code.
//!
//! # Design
//!
//! `reqwest` opens the connection and `tokio-tungstenite` frames it. So there is one TLS library, one set of
//! certificates and one proxy for requests and subscriptions, three crates are added to a build, and no connector has
//! to be kept alike. `reqwest-websocket` does the same with an older `tungstenite`. `graphql-ws-client` leaves the
//! connection, reconnecting and back pressure to its users.
//!
//! A connection for each stream, in place of one for all: a slow consumer holds up no other stream, a lost connection
//! is a gap in one stream, and a refused token concerns one. It costs a connection for each stream.

mod call;
mod close;
mod connection;
mod message;
mod queue;
mod stream;
mod task;

pub use call::SubscriptionCall;
pub use stream::SubscriptionStream;
