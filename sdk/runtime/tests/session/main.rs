//! What a client sends to which address in whose name, against scripted answers.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod endpoints;
mod language;
mod script;
mod signing_in;
mod token_info;
