//! The parts of a connection in a document, under the response keys that the decoder expects.

use crate::decode::{ConnectionShape, Selection};

/// The selection of each node.
pub(crate) fn nodes_of(connection: &Selection) -> Selection {
    match connection {
        Selection::Connection { nodes, .. } => **nodes,
        other => *other,
    }
}

/// The names of a connection's parts.
pub(crate) fn shape_of(connection: &Selection) -> &'static ConnectionShape {
    match connection {
        Selection::Connection { shape, .. } => shape,
        _ => ConnectionShape::NODES,
    }
}

/// Writes the number of nodes, if it is wanted and the schema has it.
pub(super) fn total(text: &mut String, shape: &ConnectionShape, is_wanted: bool) {
    if let Some(name) = shape.total_count.filter(|_| is_wanted) {
        aliased(text, "totalCount", name);
    }
}

/// Writes a page: its end, then its nodes.
pub(super) fn page(text: &mut String, shape: &ConnectionShape, nodes: impl FnOnce(&mut String)) {
    aliased(text, "pageInfo", shape.page_info);
    text.push_str(" {");
    aliased(text, "hasNextPage", shape.has_next_page);
    aliased(text, "endCursor", shape.end_cursor);
    text.push_str(" }");
    list(text, shape, nodes);
}

/// Writes the nodes, in edges where the schema has these.
pub(super) fn list(text: &mut String, shape: &ConnectionShape, nodes: impl FnOnce(&mut String)) {
    aliased(text, shape.key(), shape.list);
    match shape.node {
        None => nodes(text),
        Some(node) => {
            text.push_str(" {");
            aliased(text, "node", node);
            nodes(text);
            text.push_str(" }");
        }
    }
}

/// Writes a field with its response key.
pub(super) fn aliased(text: &mut String, key: &str, name: &str) {
    text.push(' ');
    if key != name {
        text.push_str(key);
        text.push_str(": ");
    }
    text.push_str(name);
}
