//! The section `[payload_errors]`.

use serde::Deserialize;

/// How payloads of mutations list their errors. What is not set is read off the schema.
///
/// The items of a list are objects or interfaces with a message, or texts. Such a list is no field of the
/// payload in Rust: a payload with errors is an `Error` of the call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PayloadErrors {
    /// Whether the errors of payloads are errors of the call. If not, their lists are fields like any other.
    pub enabled: bool,
    /// The name of the list, in order of preference. By default `errors`, `userErrors`, `user_errors`,
    /// `validationErrors`, `mutationErrors`, `fieldErrors`, `inputErrors` or `customerUserErrors`.
    pub fields: Option<Vec<String>>,
    /// The field of an item with its message, or a list of them. By default `message` or `messages`.
    pub message: Option<String>,
    /// The field of an item that names the field of the input, or its path. By default `path`, `field` or
    /// `fields`.
    pub path: Option<String>,
    /// The field of an item with its code. By default `code`.
    pub code: Option<String>,
}

impl Default for PayloadErrors {
    fn default() -> Self {
        Self { enabled: true, fields: None, message: None, path: None, code: None }
    }
}
