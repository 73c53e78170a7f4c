//! The runtime against scripted servers and transports.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod decoder;
mod null_fields;
mod remaining_pages;
mod session;
#[cfg(feature = "subscriptions")]
mod subscriptions;
