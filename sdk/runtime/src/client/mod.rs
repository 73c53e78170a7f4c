//! Clients: their configuration, what all of them share, and the macro that declares one.

mod config;
mod core;
mod declare;
mod declare_blocking;
mod declare_builder;
mod declare_subscriptions;
mod endpoints;

pub use config::ClientConfig;
pub use core::ClientCore;
pub use endpoints::{Endpoints, Prescribed, Unprescribed};

crate::client! {
    /// A client of any GraphQL API. Cheap to clone; clones share the connections, the tokens and the
    /// limits. A crate that is generated from a schema declares a client of its own, with
    /// [`client!`](crate::client!).
    xurrent_runtime
}
