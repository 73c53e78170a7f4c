//! Tests of the receiver through its public interface.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod contract;
mod delivery;
mod endpoint;
mod gate;
mod incidents;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
mod support;
mod untrusted_senders;
mod verifier;
mod worker;
