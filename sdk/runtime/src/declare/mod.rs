//! The macros that generated code consists of: one for each construct of a schema.
//!
//! A declaration names each field once, in Rust and, as one literal, as the schema has it:
//! `created_at: Option<rt::Timestamp> = "createdAt: ISO8601Timestamp"`. Documentation, tables, conversions
//! and the description for `#[derive(Select)]` follow from it.

mod calls;
mod interface;
mod object;
mod selected;

pub use selected::{Selected, argument, names, nested, wire_name};
