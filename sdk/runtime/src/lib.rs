//! The hand-written half of the Xurrent SDK.
//!
//! This crate knows how to send a GraphQL operation, decode its answer and follow its pages. It
//! knows no record: the generated half, in the crate `xurrent` or in a crate generated from any
//! other schema, tells it names and types through [`Table`], [`RootField`] and a few traits.
//!
//! The modules follow a request: [`client`] builds the client; [`operation`], [`connection`],
//! `node`, `custom`, `raw` and `async_result` hold the calls, [`batch`] puts several into one request, [`document`]
//! writes them, `exchange` sends them, within `limits` and as often as `retry` says, `session` signs
//! them with a token of the `pool` and [`transport`] carries them, `hook` is told of them and
//! `record` writes them down, `answer` tells data and refusals apart, `complete` fetches what nested
//! connections have behind their first pages, `response`, [`decode`], [`page`], `pager` and `stream` read
//! the answer, `reported` the errors in it. [`select`] is what
//! selections of the user's own stand on; [`input`] and [`scalar`], of the crate `xurrent-values`, are the values that
//! travel.
//! [`upload`] brings files to where the API says. [`webhooks_api`] speaks to the REST interface, through
//! `rest`.

mod api;
pub mod batch;
pub mod client;
pub mod connection;
mod deferred;
pub mod document;
mod error;
mod node;
pub mod operation;
mod operation_call;
mod pagination;
mod raw;
mod recording;
mod remaining_pages;
mod response;
mod secrets;
pub mod select;
pub mod send;

pub use send::transport;
use send::{auth, hook, limits, pool, retry, session};
pub use xurrent_values::{
    decode, encode, enum_impls, input, input_impls, leaf_impls, open_enum, redact, scalar, serde_impls,
};
use xurrent_values::{quote, reference};

pub use api::{Api, ApiSettings, EndpointRules, uri};
pub use auth::TokenInfo;
pub use batch::{Batch, BatchItem, BatchQuery};
pub use client::{Client, ClientBuilder, ClientCore, Endpoints};
pub use connection::{CompleteQuery, ConnectionField, ConnectionQuery, Filtered, Ordered, Viewed};
pub use decode::{
    AllPages, DecodeError, DecodeErrorKind, Decoded, Decoder, Field, PathSegment, Selection, Table,
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
pub use open_enum::OpenEnum;
pub use operation::{Mutation, Query};
pub use operation_call::OperationCall;
pub use pagination::{DEFAULT_MAX_REQUESTS, MAX_PAGE_SIZE, Page, PageStream, Position, RecordStream};
pub use raw::RawQuery;
pub use recording::Recording;
pub use redact::redact_url;
pub use reference::{Interface, Ref};
pub use response::Partial;
pub use retry::RetryPolicy;
pub use scalar::{Date, Decimal, Id, Json, TimeOfDay, Timestamp};
pub use select::{Abstract, Connection, Fetch, Leaf, Object, Operation, PageInfo, Select, WireLeaf};
pub use transport::{MemoryRequest, MemoryTransport, Transport};

/// What `#[derive(GraphQLQuery)]` of the crate `graphql_client` implements.
pub use graphql_client::GraphQLQuery;
/// The HTTP client underneath, for [`ClientBuilder::http_client`].
pub use reqwest;
/// A text that is never shown, from the crate `secrecy`.
pub use secrecy::SecretString;
#[doc(hidden)]
pub use serde;
