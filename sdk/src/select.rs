//! Traits and limits of selections, for generic code.
//!
//! [`root::Query`] and [`root::Mutation`] are the root types of the schema, which the bounds of
//! [`Client::query`](crate::Client::query) and [`Client::mutation`](crate::Client::mutation) name, and the
//! operations of a [`Batch`](crate::batch::Batch).

// Called by the derive and by macros of generated types; compile errors name these paths.
#[doc(hidden)]
pub use xurrent_derive::{select_fields, select_type};
pub use xurrent_runtime::select::{MAX_NODES, MAX_SELECTION_DEPTH, Object, Selectable, WireLeaf, root};
pub use xurrent_runtime::{Decoder, Fetch, Field, Interface};
