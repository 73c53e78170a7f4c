//! The step of a version that follows from the changes.

use super::change::Severity;
use serde::Serialize;
use std::fmt;

/// The part of a version that grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum VersionStep {
    /// The third number.
    Patch,
    /// The second number.
    Minor,
    /// The first number.
    Major,
}

impl VersionStep {
    /// The step from this version. Before 1.0, the second number stands for what breaks.
    pub(super) fn of(version: &str, severity: Severity) -> Self {
        let is_early = version.trim_start_matches('v').split('.').next() == Some("0");
        match severity {
            Severity::Breaking if is_early => Self::Minor,
            Severity::Breaking => Self::Major,
            _ if is_early => Self::Patch,
            Severity::Behavioural | Severity::Safe => Self::Minor,
        }
    }
}

impl VersionStep {
    /// The version after this step. `None` unless the version is three numbers.
    #[must_use]
    pub fn next(self, version: &str) -> Option<String> {
        let numbers: Result<Vec<u64>, _> = version.split('.').map(str::parse).collect();
        let [major, minor, patch] = numbers.ok()?.try_into().ok()?;
        Some(match self {
            Self::Major => format!("{}.0.0", major.checked_add(1)?),
            Self::Minor => format!("{major}.{}.0", minor.checked_add(1)?),
            Self::Patch => format!("{major}.{minor}.{}", patch.checked_add(1)?),
        })
    }
}

impl fmt::Display for VersionStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}
