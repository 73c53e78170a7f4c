//! The section `[node]`.

use serde::Deserialize;

/// The query of a record of any type by its id, such as `node(id: ID!): Node`. What is not set is read off the
/// schema.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Node {
    /// Whether `client.node()` and `client.get()` fetch records with it. If not, it is a query like any other.
    pub enabled: bool,
    /// The field of the query type: `node` by default.
    pub field: Option<String>,
    /// Its argument, which takes the id. By default the only one that is required.
    pub argument: Option<String>,
    /// The interface of all types that it returns. By default the type of the field.
    pub interface: Option<String>,
    /// The field of the interface with the id. By default `id`, or the one that has the name of the argument.
    pub id: Option<String>,
}

impl Default for Node {
    fn default() -> Self {
        Self { enabled: true, field: None, argument: None, interface: None, id: None }
    }
}
