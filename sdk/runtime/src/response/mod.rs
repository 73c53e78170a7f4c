//! Responses of the server: HTTP status, GraphQL data and errors, payloads.

pub(crate) mod errors;
mod graphql;
pub(crate) mod http;
mod payload;

pub use graphql::Partial;
pub(crate) use graphql::{GraphQlResponse, ReadValue, limited};
pub(crate) use payload::PayloadErrors;
