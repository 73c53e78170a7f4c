//! The text of an operation and the body of a request.

use crate::decode::{Selection, Table};
use crate::input::{InputObject, Wire};
use serde::Serialize;

/// A field of the schema's `Query` or `Mutation` type.
#[derive(Debug)]
pub struct RootField {
    /// Whether it reads or changes.
    pub operation: OperationType,
    /// Its GraphQL name, also its response key.
    pub name: &'static str,
    /// Its arguments, each with its GraphQL type.
    pub arguments: &'static [(&'static str, &'static str)],
    /// Whether it answers with pages.
    pub connection: bool,
    /// What is selected inside it. For a connection: inside each of its nodes.
    pub selection: Selection,
}

impl RootField {
    /// The document that is sent, with all arguments; a request names only those that are given.
    #[must_use]
    pub fn document(&self) -> String {
        document(self, self.selection, self.shape(), |_| true)
    }

    pub(crate) fn shape(&self) -> Shape {
        if self.connection { Shape::Connection } else { Shape::Plain }
    }
}

/// The two kinds of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationType {
    /// Reads.
    Query,
    /// Changes.
    Mutation,
}

/// How the selection of a root field is wrapped.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// `field { selection }`
    Plain,
    /// `field { pageInfo { .. } nodes { selection } }`
    Connection,
    /// `field { totalCount }`
    Count,
    /// `field { __typename ... on Type { selection } }`
    Node(&'static str),
}

/// The response key under which a payload's errors are asked for, whatever else is selected.
pub(crate) const PAYLOAD_ERRORS: &str = "xurrent_errors";

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "operationName")]
    operation_name: &'a str,
    query: &'a str,
    variables: Wire<'a, InputObject>,
}

/// The body of a request.
pub(crate) fn body(name: &str, document: &str, variables: &InputObject) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Body { operation_name: name, query: document, variables: Wire(variables) })
}

/// The document for one root field with those of its arguments that are given.
pub(crate) fn document(
    root: &RootField,
    selection: Selection,
    shape: Shape,
    given: impl Fn(&str) -> bool,
) -> String {
    let arguments: Vec<_> = root.arguments.iter().filter(|(name, _)| given(name)).collect();
    let mut text = header(root.operation, root.name, &arguments);
    push(&mut text, &[" { ", root.name]);
    list(&mut text, &arguments, |text, (name, _)| push(text, &[name, ": $", name]));
    match shape {
        Shape::Plain => select(&mut text, selection, ""),
        Shape::Connection => {
            text.push_str(" { pageInfo { hasNextPage endCursor } nodes");
            select(&mut text, selection, "");
            text.push_str(" }");
        }
        Shape::Count => text.push_str(" { totalCount }"),
        Shape::Node(name) => {
            push(&mut text, &[" { __typename ... on ", name]);
            select(&mut text, selection, "");
            text.push_str(" }");
        }
    }
    text.push_str(" }");
    text
}

/// The document of a whole operation: `selection` is one on the root type.
#[doc(hidden)]
#[must_use]
pub fn whole(
    operation: OperationType,
    name: &str,
    variables: &[(&str, &str)],
    selection: Selection,
) -> String {
    let mut text = header(operation, name, &variables.iter().collect::<Vec<_>>());
    select(&mut text, selection, "");
    text
}

fn header(operation: OperationType, name: &str, variables: &[&(&str, &str)]) -> String {
    let mut text = String::with_capacity(1024);
    text.push_str(match operation {
        OperationType::Query => "query ",
        OperationType::Mutation => "mutation ",
    });
    text.push_str(name);
    list(&mut text, variables, |text, (name, ty)| push(text, &["$", name, ": ", ty]));
    text
}

fn list<T>(text: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    for (index, item) in items.iter().enumerate() {
        text.push_str(if index == 0 { "(" } else { ", " });
        write(text, item);
    }
    if !items.is_empty() {
        text.push(')');
    }
}

/// Writes what stands in braces. Keys of the outermost object begin with `prefix`.
fn select(text: &mut String, selection: Selection, prefix: &str) {
    match selection {
        Selection::Leaf => {}
        Selection::Field { selection, .. } => select(text, *selection, prefix),
        selection => {
            text.push_str(" {");
            let before = text.len();
            fields(text, selection, prefix);
            if text.len() == before {
                // GraphQL has no empty selection.
                text.push_str(" __typename");
            }
            text.push_str(" }");
        }
    }
}

fn fields(text: &mut String, selection: Selection, prefix: &str) {
    match selection {
        Selection::Leaf | Selection::Field { .. } => {}
        Selection::Reference if prefix.is_empty() => text.push_str(" id"),
        Selection::Reference => push(text, &[" ", prefix, "id: id"]),
        Selection::Interface { node: true } => text.push_str(" __typename ... on Node { id }"),
        Selection::Interface { node: false } => text.push_str(" __typename"),
        Selection::Object(table) => table_fields(text, table, prefix),
        Selection::Payload(selection) => {
            fields(text, *selection, prefix);
            push(text, &[" ", PAYLOAD_ERRORS, ": errors { message path }"]);
        }
        Selection::Flattened(parts) => parts.iter().for_each(|part| fields(text, *part, prefix)),
        Selection::Connection { page, nodes } => {
            text.push_str(if page {
                " totalCount pageInfo { hasNextPage endCursor } nodes"
            } else {
                " nodes"
            });
            select(text, *nodes, "");
        }
        Selection::Variants(variants) => {
            text.push_str(" __typename");
            for (name, prefix, selection) in variants {
                push(text, &[" ... on ", name]);
                select(text, *selection, prefix);
            }
        }
    }
}

fn table_fields(text: &mut String, table: &Table, prefix: &str) {
    let mut nested = table.nested.iter().peekable();
    for name in table.fields {
        let selection = nested.next_if(|(field, _)| field == name).map(|(_, selection)| *selection);
        match selection {
            Some(Selection::Field { field, .. }) if prefix.is_empty() && is_named(field, name) => {
                push(text, &[" ", field]);
            }
            Some(Selection::Field { field, .. }) => push(text, &[" ", prefix, name, ": ", field]),
            _ if prefix.is_empty() => push(text, &[" ", name]),
            _ => push(text, &[" ", prefix, name, ": ", name]),
        }
        select(text, selection.unwrap_or(Selection::Leaf), "");
    }
    debug_assert!(nested.next().is_none(), "{}: `nested` is not in the order of `fields`", table.name);
}

/// Whether a field with arguments has this name.
fn is_named(field: &str, name: &str) -> bool {
    field.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('('))
}

fn push(text: &mut String, parts: &[&str]) {
    for part in parts {
        text.push_str(part);
    }
}
