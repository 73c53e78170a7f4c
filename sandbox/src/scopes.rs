//! OAuth scopes.
//!
//! A scope is a record type and an action: `request:Read`, `configurationItem:Update`. Root fields and
//! mutations require scopes, nested selections do not.

use std::collections::BTreeSet;

use crate::path::lower_first;

pub(crate) const READ: &str = "Read";
pub(crate) const CREATE: &str = "Create";
pub(crate) const UPDATE: &str = "Update";
pub(crate) const DELETE: &str = "Delete";

#[derive(Debug, Clone, Default)]
pub(crate) enum Scopes {
    #[default]
    All,
    Only(BTreeSet<String>),
}

impl Scopes {
    /// # Errors
    /// The server's message if a scope is missing.
    pub(crate) fn require(&self, needed: &[String]) -> Result<(), String> {
        let Self::Only(granted) = self else { return Ok(()) };
        let missing = needed.iter().filter(|scope| !granted.contains(*scope));
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(format!("Missing required scope(s): {}", missing.join(", ")))
    }
}

pub(crate) fn scope(record_type: &str, action: &str) -> String {
    format!("{}:{action}", lower_first(record_type))
}
