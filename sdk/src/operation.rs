//! Operations and documents of your own.
//!
//! [`Client::query`](crate::Client::query) and [`Client::mutation`](crate::Client::mutation) send an
//! [`Operation`], [`Client::raw`](crate::Client::raw) any document, and
//! [`Client::execute`](crate::Client::execute) a [`GraphQLQuery`] of the crate `graphql_client`.

#[cfg(feature = "graphql-client")]
pub use xurrent_runtime::GraphQLQuery;
pub use xurrent_runtime::{Operation, OperationCall, RawQuery};
