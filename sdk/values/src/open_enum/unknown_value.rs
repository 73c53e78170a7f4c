//! The error for a text that is no value of an enum.

use crate::quote::{BRIEF, quote};
use crate::suggest::nearest;
use std::fmt;

/// A text that is no value of an enum in the schema, the error of its `FromStr`.
///
/// `Display` names the enum, the value, and the most similar known value or some of the known ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownValue {
    pub(super) of: &'static str,
    pub(super) value: String,
    pub(super) known: &'static [&'static str],
}

impl UnknownValue {
    /// The GraphQL name of the enum.
    #[must_use]
    pub fn enum_name(&self) -> &'static str {
        self.of
    }

    /// The unknown value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// All values of the enum in the schema, sorted.
    #[must_use]
    pub fn known_values(&self) -> &'static [&'static str] {
        self.known
    }

    /// The known value most similar to the unknown one, if any is similar enough.
    #[must_use]
    pub fn closest(&self) -> Option<&'static str> {
        nearest(&self.value, self.known.iter().copied())
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX_LISTED: usize = 10;
        let value = quote(self.value.as_bytes(), &[], BRIEF, false);
        write!(f, "`{}` has no value `{value}`", self.of)?;
        if let Some(closest) = self.closest() {
            return write!(f, "; did you mean `{closest}`?");
        }
        let mut separator = "; expected ";
        for known in self.known.iter().take(MAX_LISTED) {
            write!(f, "{separator}`{known}`")?;
            separator = ", ";
        }
        match self.known.len().saturating_sub(MAX_LISTED) {
            0 => Ok(()),
            more => write!(f, " or one of {more} more"),
        }
    }
}

impl std::error::Error for UnknownValue {}
