//! Hand-written parts of Xurrent's API beyond GraphQL: endpoints and accounts, uploads, asynchronous
//! results, and the REST interface for webhooks, events, exports and imports. The client of the crate `xurrent` is built on it.
//!
//! Start with [`Xurrent`], the settings of a client: account, stage, language. [`upload`] uploads files,
//! [`AsyncResult`] waits for results, [`changes`] returns records that changed, [`shards`] reads all of them in parallel, [`webhooks_api`] manages webhooks, [`events`]
//! creates events, [`life_cycle`] archives records, [`export`] and [`import`] move records in bulk through REST, [`NodeId`]
//! decodes record ids, and [`MemoryTransport`] responds in tests.
//!
//! It is a crate of its own so that it is compiled in parallel with `xurrent`, and not again after each `regen`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod async_result;
#[cfg(feature = "__bulk")]
pub mod bulk;
pub mod changes;
mod environment;
#[cfg(feature = "events")]
pub mod events;
#[cfg(feature = "export")]
pub mod export;
#[cfg(any(feature = "export", feature = "upload"))]
mod form;
#[cfg(feature = "import")]
pub mod import;
mod keyed;
pub mod life_cycle;
mod location;
#[cfg(feature = "upload")]
mod memory;
mod names;
mod node_id;
mod rest;
mod settings;
pub mod shards;
#[cfg(feature = "upload")]
pub mod upload;
pub mod webhooks_api;

pub use async_result::AsyncResult;
pub use environment::{Environment, EnvironmentCredentials};
pub use location::{Location, Region, Stage};
#[cfg(feature = "upload")]
pub use memory::{MemoryTransport, MemoryUpload};
pub use node_id::NodeId;
pub use settings::{Platform, Xurrent};
#[cfg(feature = "upload")]
pub use upload::{Upload, UploadCall, UploadedFile};
#[cfg(not(feature = "upload"))]
pub use xurrent_runtime::MemoryTransport;
