//! Responses of the server: HTTP status, GraphQL data and errors, payloads.

pub(crate) mod errors;
mod graphql;
pub(crate) mod http;
mod payload;
mod rate_limit;

pub(crate) use graphql::GraphQlResponse;
pub use graphql::Partial;
pub(crate) use payload::PayloadErrors;
pub(crate) use rate_limit::limited;
