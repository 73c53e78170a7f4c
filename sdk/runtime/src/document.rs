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
        document(self, self.shape(), |_| true)
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
    Node,
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

/// The body of a request for one root field with the given arguments.
pub(crate) fn body(root: &RootField, shape: Shape, arguments: &InputObject) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Body {
        operation_name: root.name,
        query: &document(root, shape, |name| arguments.get(name).is_some()),
        variables: Wire(arguments),
    })
}

/// The document for one root field with those of its arguments that are given.
pub(crate) fn document(root: &RootField, shape: Shape, given: impl Fn(&str) -> bool) -> String {
    let mut text = String::with_capacity(1024);
    let arguments: Vec<_> = root.arguments.iter().filter(|(name, _)| given(name)).collect();
    text.push_str(match root.operation {
        OperationType::Query => "query ",
        OperationType::Mutation => "mutation ",
    });
    text.push_str(root.name);
    list(&mut text, &arguments, |text, (name, ty)| push(text, &["$", name, ": ", ty]));
    push(&mut text, &[" { ", root.name]);
    list(&mut text, &arguments, |text, (name, _)| push(text, &[name, ": $", name]));
    match shape {
        Shape::Plain => select(&mut text, root.selection),
        Shape::Connection => {
            text.push_str(" { pageInfo { hasNextPage endCursor } nodes");
            select(&mut text, root.selection);
            text.push_str(" }");
        }
        Shape::Count => text.push_str(" { totalCount }"),
        Shape::Node => {
            text.push_str(" { __typename");
            if let Selection::Object(table) = root.selection {
                push(&mut text, &[" ... on ", table.name]);
                select(&mut text, root.selection);
            }
            text.push_str(" }");
        }
    }
    text.push_str(" }");
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

fn select(text: &mut String, selection: Selection) {
    match selection {
        Selection::Leaf => {}
        Selection::Reference => text.push_str(" { id }"),
        Selection::Interface { node: true } => text.push_str(" { __typename ... on Node { id } }"),
        Selection::Interface { node: false } => text.push_str(" { __typename }"),
        Selection::Object(table) => {
            text.push_str(" {");
            fields(text, table);
            text.push_str(" }");
        }
        Selection::Payload(table) => {
            text.push_str(" {");
            fields(text, table);
            push(text, &[" ", PAYLOAD_ERRORS, ": errors { message path } }"]);
        }
    }
}

fn fields(text: &mut String, table: &Table) {
    if table.fields.is_empty() {
        // GraphQL has no empty selection.
        text.push_str(" __typename");
    }
    let mut nested = table.nested.iter().peekable();
    for name in table.fields {
        push(text, &[" ", name]);
        if let Some((_, selection)) = nested.next_if(|(field, _)| field == name) {
            select(text, *selection);
        }
    }
    debug_assert!(nested.next().is_none(), "{}: `nested` is not in the order of `fields`", table.name);
}

fn push(text: &mut String, parts: &[&str]) {
    for part in parts {
        text.push_str(part);
    }
}
