//! A record of the user before it is checked.

use serde_json::Value;
use std::collections::HashMap;

/// The store keys of the user's records, by type and the user's key.
pub(crate) type Keys = HashMap<(String, String), String>;

/// One record of the user.
pub(super) struct OwnRecord {
    pub(super) type_name: String,
    /// The user's key; none for a record that no other record refers to.
    pub(super) key: Option<String>,
    pub(super) fields: Vec<(String, Value)>,
}

impl OwnRecord {
    /// The name of the record in errors.
    pub(super) fn name(&self, index: usize) -> String {
        match &self.key {
            Some(key) => format!("{} {key:?}", self.type_name),
            None => format!("{} (record {})", self.type_name, index + 1),
        }
    }
}
