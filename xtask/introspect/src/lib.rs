//! Fetches the schema of a live Xurrent GraphQL endpoint and writes it to `schema.json`.
//!
//! Start with [`fetch`], which sends the introspection query. [`store`] formats the response and replaces
//! the file once the generator accepts the schema. A failed fetch changes no file.
//!
//! `cargo xtask regen --stage production` runs this crate as a separate program, so that `xtask`
//! builds without an HTTP client.

mod access;
mod error;
mod fetch;
mod query;
mod source;
mod store;

pub use access::{Access, CredentialArguments, DEMO_ACCOUNT, DEMO_TOKEN};
pub use error::Error;
pub use fetch::fetch;
pub use query::{DeprecatedInputs, TYPE_LEVELS, document};
pub use source::SchemaSource;
pub use store::{Changes, Stored, read_overrides, store};
