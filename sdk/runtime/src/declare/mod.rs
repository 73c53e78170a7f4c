//! The macros that generated code consists of: one for each construct of a schema.
//!
//! A declaration names each field once, in Rust and as the schema has it:
//! `created_at: Option<rt::Timestamp> = "createdAt": "ISO8601Timestamp"`. Documentation, tables, conversions
//! and the description for `#[derive(Select)]` follow from it. Name and type are literals of their own, since
//! to split them in a constant costs a sixth of the time in which a compiler checks the generated code.

mod calls;
mod interface;
mod object;
mod selected;
mod subscriptions;

pub use selected::Selected;

/// Clones a field. It is never inlined, so that the metadata of a crate holds one call for each field.
#[doc(hidden)]
#[inline(never)]
pub fn clone<T: Clone>(field: &T) -> T {
    field.clone()
}
