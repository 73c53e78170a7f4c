//! Typed client for the GraphQL API of Xurrent.

mod client;
#[rustfmt::skip]
mod generated;

pub use client::{Client, ClientBuilder};
pub use generated::*;
pub use xurrent_runtime::{
    ConnectionQuery, Date, Decimal, DecodeError, Error, ErrorKind, Filter, GraphQlError, Id, Interface, IntoInput,
    Json, Mutation, NodeQuery, OpenEnum, Order, Page, PageStream, Query, RangeFilter, RecordStream, Ref, Result,
    SecretString, TimeOfDay, Timestamp,
};
