//! Typed client for the GraphQL API of [Xurrent](https://www.xurrent.com), generated from its schema.
//!
//! ```no_run
//! # async fn example() -> xurrent::Result<()> {
//! use xurrent::{Client, PersonFilter};
//!
//! // export XURRENT_ACCOUNT=wdc XURRENT_STAGE=production XURRENT_REGION=us XURRENT_TOKEN=...
//! let client = Client::from_env()?; // or `Client::builder()`
//! let mut people = client.people().filter(PersonFilter::new().disabled(false)).stream();
//! while let Some(person) = people.try_next().await? {
//!     println!("{:?}", person.name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Guides
//!
//! [`guide`] has them all: [getting started](guide::getting_started), [selections](guide::selections),
//! [filters and paging](guide::queries), [copies of an account](guide::mirroring), [mutations and bulk changes](guide::mutations),
//! [alerts](guide::events), [exports and imports](guide::bulk), [uploads](guide::uploads), [errors and retries](guide::errors), [limits and tokens](guide::limits),
//! [webhooks](guide::webhooks), [testing](guide::testing) and [regenerating](guide::regenerating).
//!
//! # Where to start
//!
//! | for | see |
//! | --- | --- |
//! | connecting | [`Client::builder`], [`ClientBuilder`], [`Stage`], [`Region`] |
//! | lists of records | [`ConnectionQuery`], with `view`, `filter` and `order`; [`RecordStream`], [`PageStream`], [`Position`] |
//! | all records, in parallel | [`shards::Sharded`] |
//! | records that changed | [`changes::ChangedSince`] |
//! | single records | [`Client::node`], [`Client::get`], [`Ref`] |
//! | the fields to fetch | [`derive@Select`], [`Connection`], [`Leaf`] |
//! | changes | [`Mutation`], and the `..Input` of each mutation; [`Client::record_archive`] |
//! | many calls in one request | [`Client::batch`], [`Client::batch_all`], [`Client::query`], [`mod@batch`] |
//! | GraphQL documents of your own | [`Client::raw`], [`Client::execute`], [`operation`] |
//! | alerts | [`Client::event_create`], [`events`] |
//! | records in bulk | [`Client::export_start`], [`export`]; [`Client::import_start`], [`import`]; [`Client::download`], [`bulk`] |
//! | files and texts | [`Client::upload`], [`Upload`], [`RichText`], [`RichTextDraft`] |
//! | custom fields | [`CustomFieldValues`], [`CustomFieldPatch`], [`CustomFilterValue`] |
//! | failures | [`Error`], [`ErrorKind`], [`RetryPolicy`], [`mod@error`] |
//! | limits | [`Client::budget`], [`Budget`], [`limits`] |
//! | webhooks | [`webhook`], [`Client::signed_webhook_create`], [`Client::webhooks_api`] |
//! | observing | [`Hook`], [`mod@hook`], [`Recording`] |
//! | tests | [`MemoryTransport`], [`transport`], and the crate `xurrent-sandbox` |
//! | generic code | [`connection`], [`input`], [`select`] |
//!
//! # Records
//!
//! [`records`] has a module for each record, and lists the functions of [`Client`] that fetch and change it. All
//! types are at the root of the crate as well: [`Person`] is in [`records::person`], beside its filter
//! [`PersonFilter`], view [`PersonView`], order [`PersonOrder`] and inputs such as [`PersonUpdateInput`].
//!
//! # Features
//!
//! | feature | default | content |
//! | --- | --- | --- |
//! | `webhook` | yes | [`webhook`]: verified deliveries |
//! | `events` | yes | [`Client::event_create`]: the Events API, which makes one request of an alert |
//! | `export` | yes | [`Client::export_start`]: records in bulk as CSV or Excel files |
//! | `export-zip` | no | `export::ExportArchive`: the files of an export of several types |
//! | `export-rows` | no | `export::Rows`: typed rows of a CSV file |
//! | `import` | yes | [`Client::import_start`]: records from CSV files; it enables `upload` |
//! | `upload` | yes | [`Client::upload`], [`RichTextDraft`]: files |
//! | `graphql-client` | yes | [`Client::execute`]: operations of the crate `graphql_client` |
//! | `rustls` | yes | TLS of rustls, with aws-lc |
//! | `rustls-ring` | no | TLS of rustls, with ring instead of aws-lc: use it without `rustls` |
//! | `native-tls` | no | TLS of the operating system; it replaces rustls |
//! | `blocking` | no | `xurrent::blocking`: a client without `async`, with the guide `guide::blocking` |
//! | `webhook-test` | no | `webhook::test`: keys and signed deliveries for tests |
//! | `chrono`, `time` | no | types of these crates in selections and inputs |
//! | `clap` | no | enums, [`Stage`] and [`Region`] as values of a command line: `clap::ValueEnum` |
//!
//! Without a feature for TLS, a client for `https` is an error of [`build`](ClientBuilder::build). `webhook` verifies
//! signatures with aws-lc, whichever TLS is chosen: no other library here has ES512.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod batch;
mod client;
pub mod connection;
mod custom_fields;
pub mod error;
// Documentation only, so that it costs nothing in a build.
#[cfg(doc)]
pub mod guide;
pub mod hook;
pub mod input;
pub mod limits;
pub mod operation;
pub mod preflight;
#[rustfmt::skip]
#[path = "generated/mod.rs"]
pub mod records;
mod rich_text;
pub mod select;
#[cfg(feature = "webhook")]
mod signed_webhook;
pub mod transport;
// These names mean no record's module in any set of features.
#[cfg(not(any(feature = "export", feature = "import")))]
#[allow(hidden_glob_reexports)]
mod bulk {}
#[cfg(not(feature = "events"))]
#[allow(hidden_glob_reexports)]
mod events {}
#[cfg(not(feature = "export"))]
#[allow(hidden_glob_reexports)]
mod export {}
#[cfg(not(feature = "import"))]
#[allow(hidden_glob_reexports)]
mod import {}
#[cfg(not(feature = "webhook"))]
#[allow(hidden_glob_reexports)]
mod webhook {}

pub use client::{Client, ClientBuilder};
xurrent_runtime::__blocking! {
    pub use client::blocking;
}
pub use custom_fields::{CustomFieldPatch, CustomFieldValues, CustomFilterValue};
// One line on the page of the crate, in place of a thousand names.
#[doc(no_inline)]
pub use records::*;
#[cfg(feature = "upload")]
pub use rich_text::RichTextDraft;
pub use rich_text::{InlineImage, RichText};
#[cfg(feature = "webhook")]
pub use signed_webhook::SignedWebhook;
pub use xurrent_derive::Select;
#[cfg(any(feature = "export", feature = "import"))]
#[doc(inline)]
pub use xurrent_platform::bulk;
#[cfg(feature = "events")]
#[doc(inline)]
pub use xurrent_platform::events;
#[cfg(feature = "export")]
#[doc(inline)]
pub use xurrent_platform::export;
#[cfg(feature = "import")]
#[doc(inline)]
pub use xurrent_platform::import;
pub use xurrent_platform::{AsyncResult, MemoryTransport, NodeId, Region, Stage};
#[cfg(feature = "upload")]
pub use xurrent_platform::{Upload, UploadCall, UploadedFile};
#[doc(inline)]
pub use xurrent_platform::{changes, life_cycle, shards, webhooks_api};
pub use xurrent_runtime::{
    Budget, Connection, ConnectionQuery, Date, Decimal, Error, ErrorKind, Filter, Hook, Id, IntoInput, Json,
    Leaf, Mutation, NodeQuery, OpenEnum, Order, Page, PageInfo, PageStream, Partial, Position, Query,
    RangeFilter, RecordStream, Recording, Ref, Result, RetryPolicy, SecretString, Select, TimeOfDay,
    Timestamp, bytes, http, jiff, reqwest, serde_json,
};
#[cfg(feature = "webhook")]
#[doc(inline)]
pub use xurrent_webhook as webhook;

/// Names for the expansion of `#[derive(Select)]` and the macros of generated types.
#[doc(hidden)]
pub mod __private {
    pub use xurrent_runtime::input::{IntoInput, NonNull, Nullable};
    pub use xurrent_runtime::select::*;
    pub use xurrent_runtime::{
        AllPages, Date, Decimal, DecodeError, Decoder, Field, Id, InputObject, Json, NodeLookup, Selection,
        Table, TimeOfDay, Timestamp,
    };
}

/// The snippets of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Snippets;
