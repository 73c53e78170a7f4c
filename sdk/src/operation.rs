//! Operations and documents of your own.
//!
//! [`Client::query`](crate::Client::query) and [`Client::mutation`](crate::Client::mutation) send an
//! [`Operation`], [`Client::raw`](crate::Client::raw) any document, and
//! [`Client::execute`](crate::Client::execute) a [`GraphQLQuery`] of the crate `graphql_client`.

pub use xurrent_runtime::{GraphQLQuery, Operation, OperationCall, RawQuery};
