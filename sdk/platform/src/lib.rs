//! What Xurrent adds to a GraphQL API, by hand: endpoints and accounts, uploads, asynchronous results, and
//! the REST interface for webhooks. The crate `xurrent` makes its client of it.
//!
//! It is a crate of its own and not modules of `xurrent`, because of what `compile-serde` measures: the crate
//! `xurrent` alone, which is recompiled after each `regen`. Asynchronous code that is written by hand is
//! compiled once here, in parallel, and not with it.
//!
//! [`Xurrent`] has the settings of a client: account, stage, language. [`upload`] uploads files,
//! [`AsyncResult`] waits for results, [`webhooks_api`] manages webhooks through REST, [`NodeId`] takes record
//! ids apart, and [`MemoryTransport`] answers in tests.

mod address;
mod async_result;
mod location;
mod memory;
mod node_id;
mod rest;
mod settings;
pub mod upload;
pub mod webhooks_api;

pub use async_result::AsyncResult;
pub use location::{Region, Stage};
pub use memory::{MemoryTransport, MemoryUpload};
pub use node_id::NodeId;
pub use settings::{Platform, Xurrent};
pub use upload::{Upload, UploadCall, UploadedFile};
