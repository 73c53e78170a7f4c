//! What a report is printed with.

use super::change::{Change, Severity};
use serde::Serialize;

/// How a report is printed.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Format {
    /// The crate in Rust paths: `xurrent`. Without it, paths begin with the name of the type.
    pub crate_name: Option<String>,
    /// The version of that crate for the old schema, for the step that follows.
    pub version: Option<String>,
    /// Whether text has colours, for a terminal.
    pub color: bool,
}

/// How many changes of each severity there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Breaking changes.
    pub breaking: usize,
    /// Behavioural changes.
    pub behavioural: usize,
    /// Safe changes.
    pub safe: usize,
}

impl Counts {
    pub(super) fn of(changes: &[Change]) -> Self {
        let count = |severity| changes.iter().filter(|change| change.severity == severity).count();
        Self {
            breaking: count(Severity::Breaking),
            behavioural: count(Severity::Behavioural),
            safe: count(Severity::Safe),
        }
    }
}
