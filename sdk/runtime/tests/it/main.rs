//! The runtime against scripted servers and transports.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod completing;
mod decoder;
mod session;
