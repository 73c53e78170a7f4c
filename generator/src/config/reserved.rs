//! Names of a facade that is written by hand.

use serde::Deserialize;
use std::collections::BTreeSet;

/// Names that a crate with a `lib.rs` of its own uses beside those of every generated crate. What the schema
/// calls so gets `_` behind its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reserved {
    /// Names of types and modules at the root of the crate.
    pub types: BTreeSet<String>,
    /// Names of functions of the client.
    pub functions: BTreeSet<String>,
}
