//! The crate beyond its generated code: selections as the compiler sees them, what Xurrent adds to the
//! runtime, and the example that verifies webhooks.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[cfg(feature = "clap")]
mod command_line;
mod compile_fail;
mod edge_case_selections;
mod platform;
mod public_names;
#[cfg(feature = "webhook")]
mod verify_webhook;
#[cfg(not(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls")))]
mod without_tls;
