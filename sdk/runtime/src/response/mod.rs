//! Responses of the server: HTTP status, GraphQL data and errors, payloads.

pub(crate) mod errors;
pub(crate) mod graphql;
pub(crate) mod http;

pub use graphql::Partial;
pub(crate) use graphql::{GraphQlResponse, PayloadErrors};
