//! Typed values of a GraphQL API, and how they are decoded from JSON and encoded to it.
//!
//! The base of the client runtime (`xurrent-runtime`) and of webhooks (`xurrent-webhook`). It sends
//! nothing and contains nothing of a particular API.
//!
//! [`scalar`](mod@scalar) has the scalar types, [`open_enum`](mod@open_enum) the enums that a server may extend, [`leaf`] the types of
//! your own that stand for one of them. [`decode`] reads JSON into typed values, [`encode`] writes them;
//! [`input`](mod@input) has the values that are sent. [`quote`] and [`redact`] prepare untrusted text for logs and
//! error messages. [`link`] reads the header `Link`.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod decode;
pub mod encode;
#[macro_use]
pub mod input;
pub mod leaf;
pub mod link;
pub mod open_enum;
mod preflight;
pub mod quote;
pub mod redact;
pub mod reference;
pub mod scalar;
#[doc(hidden)]
pub mod suggest;

pub use decode::{
    AllPages, DecodeError, DecodeErrorKind, Decoded, Decoder, Field, PathSegment, Selection, Table,
};
pub use encode::{Encode, Sink};
pub use input::{
    Expected, Filter, Input, InputObject, InputTable, InputType, InputValue, IntoInput, NonNull, Order,
    RangeFilter,
};
/// Dates and times, of which [`Date`] and [`Timestamp`] are made.
pub use jiff;
pub use leaf::{Leaf, WireLeaf};
pub use open_enum::{OpenEnum, UnknownValue};
pub use preflight::Preflight;
#[doc(hidden)]
pub use preflight::{OwnPreflight, PreflightKind};
pub use reference::{Abstract, Interface, Ref};
pub use scalar::{Date, Decimal, Id, Json, TimeOfDay, Timestamp};

#[cfg(feature = "clap")]
#[doc(hidden)]
pub use clap;
#[doc(hidden)]
pub use serde;
