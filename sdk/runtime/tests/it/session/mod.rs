//! What a client sends to which address in whose name, against scripted answers.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod authentication;
mod budgets;
mod burst;
mod child;
mod connecting;
mod http2;
mod pool;
mod retrying;
mod runtimes;
mod script;
mod server;
mod signing_in;
mod token_info;
mod unpacking;

use script::Script;
use std::time::Duration;
use xurrent_runtime::{Client, ClientBuilder, RetryPolicy};

/// The settings of a client for an API with a token service, an account and a rate limit.
pub(crate) fn api() -> ClientBuilder {
    Client::builder()
        .endpoint("https://graphql.example.com")
        .token_endpoint("https://oauth.example.com/token")
        .introspection_endpoint("https://oauth.example.com/introspect")
        .header("x-account", "wdc")
        .rate_limit(20, Duration::from_secs(2))
}

/// The settings of a client that uses a personal access token.
pub(crate) fn builder(script: &Script) -> ClientBuilder {
    api().personal_access_token("pat-1").transport(script.clone())
}

/// A client with credentials that must be escaped. It sends everything once, as it comes.
pub(crate) fn client(script: &Script, secret: &str) -> Client {
    api()
        .client_credentials("the&id", secret)
        .transport(script.clone())
        .retry(RetryPolicy::never())
        .no_rate_limit()
        .build()
        .unwrap()
}
