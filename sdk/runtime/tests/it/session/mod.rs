//! What a client sends to which address in whose name, against scripted answers.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod budgets;
mod burst;
mod child;
mod connecting;
mod endpoints;
mod http2;
mod language;
mod pool;
mod retrying;
mod runtimes;
mod script;
mod server;
mod signing_in;
mod token_info;
mod unpacking;
mod uploading;
mod webhooks_api;
