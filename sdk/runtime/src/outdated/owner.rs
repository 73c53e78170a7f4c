//! The struct whose field a path of response keys leads to.

use super::origin::{Origin, Root};
use crate::decode::{AllPages, ConnectionShape, Selection, Table};
use crate::document::{PAYLOAD_ERRORS, Shape, alias, nodes_of, shape_of};

/// The field of a struct, and whether the path ends there or leads into what the client selects for it.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    pub(super) table: &'static Table,
    pub(super) index: usize,
    pub(super) is_whole: bool,
}

impl Owner {
    /// `Ticket::subject`
    pub(super) fn rust(&self) -> Option<String> {
        let (name, (field, _)) = (self.table.rust_name()?, self.table.declared(self.index)?);
        Some(format!("{name}::{field}"))
    }
}

/// The innermost field of a struct on a path.
pub(super) fn of(origin: &Origin, path: &[&str]) -> Option<Owner> {
    match (origin, path) {
        (Origin::Unknown, _) | (_, []) => None,
        (Origin::Operation(selection), path) => inside(selection, path, ""),
        (Origin::Root(root), [_, rest @ ..]) => of_root(root, rest),
        (Origin::Batch(roots), [key, rest @ ..]) => {
            let (_, root) = roots.iter().enumerate().find(|(index, _)| alias(*index) == **key)?;
            of_root(root, rest)
        }
    }
}

fn of_root(root: &Root, path: &[&str]) -> Option<Owner> {
    match root.shape {
        Shape::Plain | Shape::Node(_) => inside(&root.selection, path, ""),
        Shape::Connection(shape) => in_page(shape, &root.selection, path),
        Shape::Count(_) => None,
    }
}

/// `nodes { .. }` or `edges { node { .. } }`
fn in_page(shape: &ConnectionShape, nodes: &Selection, path: &[&str]) -> Option<Owner> {
    match (path, shape.node) {
        ([key, "node", rest @ ..], Some(_)) | ([key, rest @ ..], None) if *key == shape.key() => {
            inside(nodes, rest, "")
        }
        _ => None,
    }
}

fn inside(selection: &Selection, path: &[&str], prefix: &str) -> Option<Owner> {
    let [key, rest @ ..] = path else { return None };
    match selection {
        Selection::Leaf | Selection::Reference | Selection::Interface { .. } => None,
        Selection::Object(table) => in_table(table, key.strip_prefix(prefix)?, rest),
        Selection::Payload { .. } if *key == PAYLOAD_ERRORS => None,
        Selection::Payload { selection, .. } | Selection::Field { selection, .. } => {
            inside(selection, path, prefix)
        }
        Selection::Flattened(parts) => parts.iter().find_map(|part| inside(part, path, prefix)),
        Selection::Connection { shape, nodes, .. } => in_page(shape, nodes, path),
        Selection::AllPages(AllPages { connection, .. }) => {
            in_page(shape_of(connection), &nodes_of(connection), path)
        }
        Selection::Variants(variants) => {
            variants.iter().find_map(|(_, prefix, selection)| inside(selection, path, prefix))
        }
    }
}

fn in_table(table: &'static Table, key: &str, rest: &[&str]) -> Option<Owner> {
    let index = table.fields.iter().position(|field| *field == key)?;
    let nested = table.nested.iter().find(|(field, _)| *field == key);
    let inner = nested.and_then(|(_, selection)| inside(selection, rest, ""));
    Some(inner.unwrap_or(Owner { table, index, is_whole: rest.is_empty() }))
}
