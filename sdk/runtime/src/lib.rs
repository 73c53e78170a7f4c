//! A GraphQL client runtime. It contains nothing of a particular API: generated code declares the types of a schema with
//! [`Table`], [`RootField`] and a few traits, and an [`Api`] value has what an API prescribes.
//!
//! Start with [`ClientBuilder`]. [`declare`](mod@declare) has the macros that declare generated types and calls,
//! [`select`] custom selections and their checks at compile time, and [`send`](mod@send) the way of a request.
//!
//! The crate `xurrent-values` has the values that are sent and decoded, such as [`input`](mod@input), [`scalar`](mod@scalar) and
//! [`decode`]; this crate re-exports them.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
pub mod batch;
#[cfg(feature = "blocking")]
#[doc(hidden)]
pub mod blocking_call;
mod call;
pub mod client;
pub mod connection;
pub mod declare;
mod deferred;
pub mod document;
mod error;
mod feature;
mod node;
pub mod operation;
mod operation_call;
mod outdated;
mod pagination;
pub mod parallel;
pub mod preflight;
mod raw;
mod recording;
mod remaining_pages;
mod response;
mod secrets;
pub mod select;
pub mod send;
#[cfg(feature = "subscriptions")]
pub mod subscriptions;
mod tokens;

pub use send::check::TokenInfo;
pub use send::transport;
use send::{auth, hook, limits, pool, retry, session};
pub use xurrent_values::{decode, encode, input, one_of, open_enum, redact, scalar};
use xurrent_values::{quote, reference};

#[cfg(feature = "blocking")]
pub use client::blocking;

pub use api::{Api, ApiSettings, Authentication, EndpointRules, uri};
pub use batch::{Batch, BatchItem, BatchQuery, BatchStream};
pub use client::{Client, ClientBuilder, ClientCore, Endpoints};
pub use connection::{
    CompleteQuery, ConnectionField, ConnectionQuery, CountQuery, Counted, Filtered, Ordered, Viewed,
};
pub use decode::{
    AllPages, ConnectionShape, DecodeError, DecodeErrorKind, Decoded, Decoder, Field, NodeLookup,
    PathSegment, Selection, Table,
};
pub use deferred::{DeferredPayload, fetch_remaining};
pub use document::{OperationType, RootField};
pub use encode::{Encode, Sink};
pub use error::{Attempt, Error, ErrorKind, GraphQlError, Result};
pub use hook::{CallEnd, Hook, Outcome, RequestEnd, RequestStart};
pub use input::{
    Filter, Input, InputObject, InputTable, InputType, InputValue, IntoInput, NonNull, Order, RangeFilter,
};
pub use limits::{Allowance, Budget};
pub use node::NodeQuery;
pub use open_enum::{OpenEnum, UnknownValue};
pub use operation::{Mutation, Query};
pub use operation_call::OperationCall;
pub use pagination::{DEFAULT_MAX_REQUESTS, Page, PageStream, Position, RecordStream};
pub use parallel::ParallelPages;
pub use preflight::{Preflight, PreflightReport};
pub use raw::RawQuery;
pub use recording::Recording;
pub use redact::redact_url;
pub use reference::{Interface, Ref};
pub use response::Partial;
pub use retry::RetryPolicy;
pub use scalar::{Date, Decimal, Id, Json, TimeOfDay, Timestamp};
pub use select::{Abstract, Connection, Fetch, Leaf, Object, Operation, PageInfo, Select, WireLeaf};
pub use transport::{MemoryRequest, MemoryTransport, Transport};
#[doc(hidden)]
pub use xurrent_values::Expected;

/// Chunks of bytes, in [`transport::Request`].
pub use bytes;
/// What `#[derive(GraphQLQuery)]` of the crate `graphql_client` implements.
#[cfg(feature = "graphql-client")]
pub use graphql_client::GraphQLQuery;
/// Requests and responses of a [`Transport`].
pub use http;
/// The HTTP client underneath, for [`ClientBuilder::http_client`].
pub use reqwest;
/// A text that is never shown, from the crate `secrecy`.
pub use secrecy::SecretString;
#[doc(hidden)]
pub use serde;
/// JSON values, of [`MemoryTransport`].
pub use serde_json;
#[cfg(feature = "clap")]
#[doc(hidden)]
pub use xurrent_values::clap;
/// Dates and times, of which [`Date`] and [`Timestamp`] are made.
pub use xurrent_values::jiff;
