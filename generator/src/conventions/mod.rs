//! What an API does in a way of its own, and the runtime has to follow: pages, errors of payloads, lookups by id.
//! The [`Config`](crate::Config) names it; otherwise it is read off the schema.

mod connection_names;
mod connections;
mod node;
mod payload_errors;

pub(crate) use connections::{Connection, Connections, Shape};
pub(crate) use node::NodeLookup;
pub(crate) use payload_errors::PayloadErrors;

use crate::{Config, Error, Schema};

/// The conventions of one schema.
pub(crate) struct Conventions<'a> {
    pub(crate) connections: Connections<'a>,
    /// Nothing for a schema without such a field.
    pub(crate) node: Option<NodeLookup>,
    pub(crate) payload_errors: PayloadErrors,
}

impl<'a> Conventions<'a> {
    /// # Errors
    /// When the configuration names something that the schema does not have.
    pub(crate) fn of(schema: &'a Schema, config: &Config) -> Result<Self, Error> {
        Ok(Self {
            connections: Connections::of(schema, config)?,
            node: NodeLookup::of(schema),
            payload_errors: PayloadErrors,
        })
    }

    /// What was concluded from the configuration and the schema, for people.
    pub(crate) fn report(&self) -> Vec<String> {
        vec![self.connections.report()]
    }
}
