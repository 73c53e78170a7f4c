//! What an API does in a way of its own, and the runtime has to follow: pages, errors of payloads, lookups by id.
//! The [`Config`] names it; otherwise it is read off the schema.

mod connection_names;
mod connections;
mod node;
mod payload_errors;
mod payloads;
mod report;
pub(crate) mod scalars;

pub(crate) use connections::{Connection, Connections, Shape};
pub(crate) use node::NodeLookup;
pub(crate) use payload_errors::{ErrorList, PayloadErrors};

use crate::{Config, Error, Schema};
use report::{counted, left_out, only_in};
use std::collections::BTreeSet;

/// The conventions of one schema.
pub(crate) struct Conventions<'a> {
    pub(crate) connections: Connections<'a>,
    /// Nothing for a schema without such a field.
    pub(crate) node: Option<NodeLookup>,
    /// The payloads of mutations.
    pub(crate) payloads: BTreeSet<&'a str>,
    pub(crate) payload_errors: PayloadErrors<'a>,
}

impl<'a> Conventions<'a> {
    /// Resolves the configuration.
    ///
    /// # Errors
    /// When it names what the schema does not have, or what is not of the shape that it is named for.
    pub(crate) fn of(schema: &'a Schema, config: &Config) -> Result<Self, Error> {
        let node = NodeLookup::of(schema, config)?;
        let returned = payloads::returned_by_mutations_only(schema);
        let payload_errors = PayloadErrors::of(schema, config, &returned)?;
        let payloads = payloads::payloads(schema, returned, &payload_errors);
        Ok(Self { connections: Connections::of(schema, config)?, node, payloads, payload_errors })
    }

    /// What was concluded from the schema and the configuration: a line for each convention.
    pub(crate) fn report(&self, schema: &Schema, config: &Config) -> Vec<String> {
        let node = match &self.node {
            Some(node) => format!("{node}, {}", counted(node.types(schema).count(), "type")),
            None => "none".to_owned(),
        };
        let lines = [
            format!("payload errors: {}", self.payload_errors),
            format!("node lookup: {node}"),
            format!("connections: {}", self.connections.report()),
        ];
        lines.into_iter().chain(left_out(schema)).chain(only_in(schema, config)).collect()
    }
}
