//! Where in a response the connections are whose remaining pages are fetched.

use crate::decode::{AllPages, ConnectionShape, Selection};
use crate::document::{Shape, nodes_of, shape_of};

#[derive(Debug, Clone)]
pub(crate) enum Plan {
    /// The keys of an object, or of each object of a list, that lead to such connections.
    Keys(Vec<(String, Plan)>),
    /// Such a connection, and those in its nodes.
    AllPages(&'static AllPages, Box<Plan>),
}

impl Plan {
    /// For the data of a call of one root field.
    pub(crate) fn of_call(root: &str, selection: Selection, shape: Shape) -> Self {
        Self::of_key(root, Self::of_root(selection, shape))
    }

    /// For the value of a root field.
    pub(crate) fn of_root(selection: Selection, shape: Shape) -> Self {
        match shape {
            Shape::Plain | Shape::Node(_) => Self::of(selection),
            Shape::Connection(shape) => Self::of_key(shape.key(), Self::of_item(shape, selection)),
            Shape::Count(_) => Self::Keys(Vec::new()),
        }
    }

    pub(crate) fn of(selection: Selection) -> Self {
        let mut keys = Vec::new();
        add(&mut keys, selection, "");
        Self::Keys(keys)
    }

    /// For an item in the list of a connection: a node, or an edge.
    fn of_item(shape: &ConnectionShape, nodes: Selection) -> Self {
        match shape.node {
            Some(_) => Self::of_key("node", Self::of(nodes)),
            None => Self::of(nodes),
        }
    }

    fn of_key(key: &str, plan: Self) -> Self {
        let mut keys = Vec::new();
        add_key(&mut keys, key, plan);
        Self::Keys(keys)
    }

    /// Whether there are no such connections, as for most calls.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Keys(keys) if keys.is_empty())
    }
}

fn add_key(keys: &mut Vec<(String, Plan)>, key: &str, plan: Plan) {
    if !plan.is_empty() {
        keys.push((key.to_owned(), plan));
    }
}

/// Adds the keys of one object, which begin with `prefix` as in the document.
fn add(keys: &mut Vec<(String, Plan)>, selection: Selection, prefix: &str) {
    match selection {
        Selection::Leaf | Selection::Reference | Selection::Interface { .. } => {}
        Selection::Object(table) => {
            for (key, selection) in table.nested {
                let plan = match selection {
                    Selection::AllPages(pages) => {
                        let (shape, nodes) = (shape_of(pages.connection), nodes_of(pages.connection));
                        Plan::AllPages(pages, Box::new(Plan::of_item(shape, nodes)))
                    }
                    selection => Plan::of(*selection),
                };
                add_key(keys, &format!("{prefix}{key}"), plan);
            }
        }
        Selection::Payload { selection, .. } | Selection::Field { selection, .. } => {
            add(keys, *selection, prefix);
        }
        Selection::Flattened(parts) => parts.iter().for_each(|part| add(keys, *part, prefix)),
        Selection::Connection { shape, nodes, .. } => {
            add_key(keys, shape.key(), Plan::of_item(shape, *nodes));
        }
        // Only as a field of a table, see above.
        Selection::AllPages(_) => {}
        Selection::Variants(variants) => {
            variants.iter().for_each(|(_, prefix, selection)| add(keys, *selection, prefix));
        }
    }
}
