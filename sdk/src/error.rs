//! What an [`Error`](crate::Error) contains: GraphQL errors, failed attempts, paths of values that do not decode, unknown
//! values of enums.

pub use xurrent_runtime::{Attempt, DecodeError, DecodeErrorKind, GraphQlError, PathSegment, UnknownValue};
