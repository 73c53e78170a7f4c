//! Limits of default selections.

use serde::Deserialize;

/// How deep and how large the default selection of a type may be: `[selections]`.
///
/// Objects that would exceed a limit are left out, the largest first and those of one size together. They are
/// listed in the documentation of the type, and a selection of the user's own can have them. The fields of a
/// type that are no objects are always selected.
///
/// ```
/// let config = xurrent_generator::Config::from_toml("[selections]\nmax_depth = 4")?;
/// assert_eq!((config.selections.max_depth, config.selections.max_fields), (4, 500));
/// # Ok::<(), xurrent_generator::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selections {
    /// Levels of nested objects, the type itself and references included. Default: 8, so that a page of them stays within
    /// the ten levels that many servers allow.
    pub max_depth: usize,
    /// Fields on all levels. Default: 500.
    pub max_fields: usize,
}

impl Default for Selections {
    fn default() -> Self {
        Self { max_depth: 8, max_fields: 500 }
    }
}
