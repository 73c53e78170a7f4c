//! Webhooks from one end to the other, over real sockets: policies and webhooks are made through the
//! SDK, the sandbox signs and delivers, a receiver with a verifier of the SDK takes.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod algorithms;
mod duplicates;
mod endpoint;
mod events;
mod keys;
mod recorded_deliveries;
mod trust;
