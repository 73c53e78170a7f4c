//! Tests of the receiver through its public interface.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod arrivals;
mod contract;
mod dead_letters;
mod delivery;
mod endpoint;
mod gate;
mod incidents;
mod operation;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod postgres_plans;
#[cfg(all(feature = "postgres", feature = "__rustls"))]
mod postgres_tls;
#[cfg(all(feature = "program", unix))]
mod program;
mod sqlite;
mod support;
mod untrusted_senders;
mod upgrade;
mod verifier;
mod worker;
