//! The runtime against scripted servers and transports.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod remaining_pages;
mod session;
