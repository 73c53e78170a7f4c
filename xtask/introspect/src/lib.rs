//! The schema of a live Xurrent GraphQL endpoint, as the file `schema.json`.
//!
//! [`fetch`] asks the endpoint, [`canonical`] brings the answer into the one form that the file
//! has, and [`store`] replaces the file when the generator can make an SDK of the answer. Until
//! then nothing on the disk is touched, so a fetch that fails leaves everything as it was.
//!
//! `cargo xtask regen --stage production` and the like run this crate as a program of its own:
//! whoever generates from the file alone need not compile an HTTP client.

mod access;
mod canonical;
mod error;
mod fetch;
mod place;
mod query;
mod store;

pub use access::{Access, DEMO_ACCOUNT, DEMO_TOKEN, Given};
pub use canonical::{Unusable, canonical};
pub use error::Error;
pub use fetch::fetch;
pub use place::Place;
pub use query::{Inputs, TYPE_LEVELS, document};
pub use store::{Changes, Stored, read_overrides, store};
