//! Clients: their configuration, what all of them share, and the macro that declares one.

mod config;
mod core;
mod declare;
mod declare_builder;
mod endpoints;
mod plain;

pub use config::ClientConfig;
pub use core::ClientCore;
pub use endpoints::Endpoints;
pub use plain::{Client, ClientBuilder};
