//! How connections are paginated: the names of their parts, as constants, and the settings of selections.

use super::builder::Builder;
use super::{ConnectionShape, Paging, RustType};
use crate::conventions::{Connection, Shape};
use crate::schema::{Field, Kind};
use std::collections::BTreeSet;

/// The settings of selections with the values that `#[derive(Select)]` takes for granted.
pub(crate) const USUAL: [(&str, &str); 4] =
    [("first", "first"), ("after", "after"), ("max_page_size", "100"), ("max_nodes", "500000")];

impl Builder<'_> {
    /// The name of the constant for a connection, unless the runtime has it.
    pub(super) fn shape(&self, shape: Shape) -> Option<String> {
        (!self.conventions.connections.is_usual_shape(shape)).then(|| name(shape).to_owned())
    }

    /// The type of a connection in the declaration of a field.
    pub(super) fn nodes(&self, connection: &Connection<'_>, field: &Field) -> RustType {
        let connections = &self.conventions.connections;
        let node = self.rust_type(connection.node);
        if connections.is_usual(connection, field) {
            return RustType::Nodes { node, shape: None, whole: None };
        }
        let whole = field.ty.name();
        let whole = (!connections.is_only_paging(whole)).then(|| self.rust_type(whole));
        RustType::Nodes { node, shape: Some(name(connection.shape).to_owned()), whole }
    }

    pub(super) fn paging(&self) -> Paging {
        let connections = &self.conventions.connections;
        let names = &connections.names;
        let mut shapes = BTreeSet::new();
        let owners = self.generated().filter(|(_, kind)| matches!(kind, Kind::Object | Kind::Interface));
        for owner in owners.map(|(name, _)| name).chain([self.schema.query_type()]) {
            for field in self.schema.fields(owner) {
                let Some(connection) = connections.nested(field) else { continue };
                let is_root = owner == self.schema.query_type();
                if !connections.is_usual(connection, field)
                    || (is_root && !connections.is_usual_shape(connection.shape))
                {
                    shapes.insert(connection.shape);
                }
            }
        }
        let constant = |shape: Shape| ConnectionShape {
            name: name(shape),
            list: if shape.in_edges { names.edges.clone() } else { names.nodes.clone() },
            node: shape.in_edges.then(|| names.node.clone()),
            page_info: names.page_info.clone(),
            has_next_page: names.has_next_page.clone(),
            end_cursor: names.end_cursor.clone(),
            total_count: shape.has_total.then(|| names.total_count.clone()),
            first: names.first.clone(),
            after: names.after.clone(),
            max_page_size: connections.max_page_size,
        };
        let mut settings = Vec::new();
        if !connections.is_empty() {
            let max_nodes = connections.max_nodes.map_or_else(|| "none".to_owned(), |max| max.to_string());
            let max_page_size = connections.max_page_size.to_string();
            let values = [&names.first, &names.after, &max_page_size, &max_nodes];
            let unusual = USUAL.iter().zip(values).filter(|((_, usual), value)| usual != value);
            settings.extend(unusual.map(|((name, _), value)| (*name, value.clone())));
        }
        Paging { shapes: shapes.into_iter().map(constant).collect(), settings }
    }
}

/// The name of the constant for a connection.
fn name(shape: Shape) -> &'static str {
    match (shape.in_edges, shape.has_total) {
        (false, false) => "__NODES",
        (false, true) => "__COUNTED_NODES",
        (true, false) => "__EDGES",
        (true, true) => "__COUNTED_EDGES",
    }
}
