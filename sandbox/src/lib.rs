//! The Xurrent GraphQL API in a box: a server for tests, without an account.
//!
//! A [`Sandbox`] serves Xurrent's schema, or that of an introspection result, over HTTP on a loopback
//! socket. `apollo-compiler` validates documents and variables; fields resolve over
//! a deterministic in-memory store that mutations change. Beside GraphQL it has OAuth, rate limits,
//! attachment storage, webhooks with their REST interface and discovery, recordings, and faults.
//!
//! Start with [`Sandbox::start`], or with [`Sandbox::builder`] for settings and records of your own. An [`Engine`] is the same without a socket, for tests that only
//! validate or execute documents.
//!
//! ```no_run
//! # async fn demo() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = xurrent_sandbox::Sandbox::start().await?;
//! println!("{} with token {}", sandbox.graphql_url(), sandbox.token());
//! // ... send requests ...
//! assert!(sandbox.requests().is_empty());
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! To change the code, start at `server` (the way of a request), `engine` (of a document), `query_root` and
//! `mutation` (resolvers), `seed` and `records` (the initial records), or `webhook`.
//!
#![doc = include_str!("../behaviour.md")]

mod account;
mod async_query;
mod bulk;
mod connection;
mod data_object;
mod defaults;
mod engine;
mod error;
mod events_api;
mod exact_number;
mod fault;
mod filter;
mod introspection;
mod life_cycle;
mod limits;
mod literal;
mod model;
mod mutation;
mod node_id;
mod node_limit;
mod oauth;
mod order;
mod path;
mod query_root;
mod record_defaults;
mod records;
mod relation;
mod replay;
mod rest;
mod sandbox;
mod scalar;
mod schema_evolution;
mod scopes;
mod seed;
mod server;
mod shared_schema;
mod source;
mod storage;
mod store;
mod suggestion;
mod tls;
mod value_lists;
mod view;
mod webhook;

pub use bulk::{BulkJob, BulkJobs};
pub use defaults::{DEMO_ACCOUNT, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_TOKEN};
pub use engine::Engine;
pub use error::SandboxError;
pub use fault::Fault;
pub use introspection::sdl;
pub use node_id::node_id;
pub use sandbox::{Sandbox, SandboxBuilder};
pub use server::RecordedRequest;
pub use storage::{Storage, UploadedFile, content_hash};
pub use webhook::{DeliveryAttempt, DeliveryFault, PublicKey, WebhookTestError, Webhooks};
