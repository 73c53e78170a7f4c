//! What a client sends to which address in whose name, against scripted answers.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod budgets;
mod burst;
mod endpoints;
mod language;
mod pool;
mod retrying;
mod script;
mod signing_in;
mod token_info;
mod uploading;
mod webhooks_api;
