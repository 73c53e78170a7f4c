//! What an API does in a way of its own, and the runtime has to follow: pages, errors of payloads, lookups by id.
//! The [`Config`](crate::Config) names it; otherwise it is read off the schema.

mod connections;
mod node;
mod payload_errors;

pub(crate) use connections::Connections;
pub(crate) use node::NodeLookup;
pub(crate) use payload_errors::PayloadErrors;

use crate::Schema;

/// The conventions of one schema.
pub(crate) struct Conventions {
    pub(crate) connections: Connections,
    /// Nothing for a schema without such a field.
    pub(crate) node: Option<NodeLookup>,
    pub(crate) payload_errors: PayloadErrors,
}

impl Conventions {
    pub(crate) fn of(schema: &Schema) -> Self {
        Self { connections: Connections, node: NodeLookup::of(schema), payload_errors: PayloadErrors }
    }
}
