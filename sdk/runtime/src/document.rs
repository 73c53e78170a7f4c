//! GraphQL documents, and the bodies of requests.

mod connection;

pub(crate) use connection::{nodes_of, shape_of};

use crate::decode::{AllPages, ConnectionShape, NodeLookup, Selection, Table};
use crate::input::{InputObject, InputValue, Wire};
use serde::{Serialize, Serializer};

/// A field of a root type of the schema.
#[derive(Debug)]
pub struct RootField {
    /// Whether it is a query, a mutation or a subscription.
    pub operation: OperationType,
    /// Its GraphQL name, also its response key.
    pub name: &'static str,
    /// Its arguments, each with its GraphQL type.
    pub arguments: &'static [(&'static str, &'static str)],
    /// The names of a connection's parts, if it is one.
    pub connection: Option<&'static ConnectionShape>,
    /// The default selection: of the field, or of each node if it is a connection.
    pub selection: Selection,
}

impl RootField {
    /// The document with all arguments. A request declares only those that are set.
    #[must_use]
    pub fn document(&self) -> String {
        document(self, self.selection, self.shape(), |_| true)
    }

    pub(crate) fn shape(&self) -> Shape {
        self.connection.map_or(Shape::Plain, Shape::Connection)
    }

    /// The names by which a connection is paginated.
    pub(crate) fn paging(&self) -> &'static ConnectionShape {
        self.connection.unwrap_or(ConnectionShape::NODES)
    }
}

/// The kinds of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationType {
    /// Reads data.
    Query,
    /// Changes data.
    Mutation,
    /// Receives events.
    Subscription,
}

/// How the selection of a root field is wrapped.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// `field { selection }`
    Plain,
    /// `field { pageInfo { .. } nodes { selection } }`
    Connection(&'static ConnectionShape),
    /// `field { totalCount }`, by its name in the schema.
    Count(&'static str),
    /// `field { __typename ... on Type { selection } }`
    Node(&'static str),
}

/// The response key of a payload's errors, which are always selected. Recordings hold it: changing it would
/// change their format.
pub(crate) const PAYLOAD_ERRORS: &str = "sdk_errors";

#[derive(Serialize)]
struct Body<'a, V> {
    #[serde(rename = "operationName")]
    operation_name: &'a str,
    query: &'a str,
    variables: V,
}

/// The body of a request.
pub(crate) fn body(name: &str, document: &str, variables: impl Serialize) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Body { operation_name: name, query: document, variables })
}

/// The document for one root field with the arguments that are set.
pub(crate) fn document(
    root: &RootField,
    selection: Selection,
    shape: Shape,
    is_set: impl Fn(&str) -> bool,
) -> String {
    let arguments = || root.arguments.iter().copied().filter(|(name, _)| is_set(name));
    let mut text = header(root.operation, root.name, arguments());
    push(&mut text, &[" { ", root.name]);
    list(&mut text, arguments(), |text, (name, _)| push(text, &[name, ": $", name]));
    select_root(&mut text, selection, shape);
    text.push_str(" }");
    text
}

fn select_root(text: &mut String, selection: Selection, shape: Shape) {
    match shape {
        Shape::Plain => select(text, selection, ""),
        Shape::Connection(shape) => {
            text.push_str(" {");
            connection::page(text, shape, |text| select(text, selection, ""));
            text.push_str(" }");
        }
        Shape::Count(name) => {
            text.push_str(" {");
            connection::aliased(text, "totalCount", name);
            text.push_str(" }");
        }
        Shape::Node(name) => {
            push(text, &[" { __typename ... on ", name]);
            select(text, selection, "");
            text.push_str(" }");
        }
    }
}

/// The variables of a batch. Their names begin with the aliases of their calls.
pub(crate) struct Variables<'a>(Vec<(String, &'a InputValue)>);

impl Serialize for Variables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Wire(*value))))
    }
}

/// The operation name of a batch.
pub(crate) const BATCH: &str = "batch";

/// The alias of a call in a batch.
pub(crate) fn alias(index: usize) -> String {
    format!("b{index}")
}

/// A call in a batch.
pub(crate) struct Aliased<'a> {
    pub(crate) root: &'static RootField,
    pub(crate) selection: Selection,
    pub(crate) shape: Shape,
    pub(crate) arguments: &'a InputObject,
}

/// The document of a batch, and the variables of all its calls.
pub(crate) fn several<'a>(
    operation: OperationType,
    calls: impl Iterator<Item = Aliased<'a>>,
) -> (String, Variables<'a>) {
    let mut declared: Vec<(String, &str)> = Vec::new();
    let mut variables = Variables(Vec::new());
    let mut fields = String::new();
    for (index, Aliased { root, selection, shape, arguments: values }) in calls.enumerate() {
        let alias = alias(index);
        push(&mut fields, &[" ", &alias, ": ", root.name]);
        let set = root.arguments.iter().filter_map(|(name, ty)| Some((*name, *ty, values.get(name)?)));
        list(&mut fields, set, |text, (name, ty, value)| {
            let variable = format!("{alias}_{name}");
            push(text, &[name, ": $", &variable]);
            variables.0.push((variable.clone(), value));
            declared.push((variable, ty));
        });
        select_root(&mut fields, selection, shape);
    }
    (aliased_document(operation, BATCH, &declared, &fields), variables)
}

/// The size in bytes of a call within the body of a batch, up to the digits of its alias.
pub(crate) fn call_size(
    root: &'static RootField,
    selection: Selection,
    shape: Shape,
    arguments: &InputObject,
) -> serde_json::Result<usize> {
    let call = Aliased { root, selection, shape, arguments };
    let (document, variables) = several(root.operation, std::iter::once(call));
    Ok(document.len() + serde_json::to_vec(&variables)?.len())
}

/// The response key of the id of a parent whose connections have remaining pages. Recordings hold it, too.
pub(crate) const PARENT_ID: &str = "sdk_id";

/// The response key of a remaining page.
pub(crate) const FURTHER_PAGE: &str = "page";

/// The document for a remaining page of each of several parents, with the page sizes. The names of the
/// variables `id` and `after` begin with the aliases.
pub(crate) fn further_pages<'a>(name: &str, parents: impl Iterator<Item = (&'a AllPages, u64)>) -> String {
    let mut declared = Vec::new();
    let mut fields = String::new();
    for (index, (pages, size)) in parents.enumerate() {
        let AllPages { lookup, on, field, connection, cursor, .. } = *pages;
        let (alias, size) = (alias(index), size.to_string());
        push(&mut fields, &[" ", &alias, ": ", lookup.field, "(", lookup.argument, ": $", &alias]);
        push(&mut fields, &["_id) { __typename ... on ", on]);
        let shape = shape_of(connection);
        push(&mut fields, &[" { ", FURTHER_PAGE, ": ", field, "(", shape.after, ": $", &alias, "_after, "]);
        push(&mut fields, &[shape.first, ": ", &size]);
        other_arguments(&mut fields, pages);
        select_root(&mut fields, nodes_of(connection), Shape::Connection(shape));
        fields.push_str(" } }");
        declared.push((format!("{alias}_id"), lookup.argument_type));
        declared.push((format!("{alias}_after"), cursor));
    }
    aliased_document(OperationType::Query, name, &declared, &fields)
}

fn aliased_document(
    operation: OperationType,
    name: &str,
    variables: &[(String, &str)],
    fields: &str,
) -> String {
    let variables = variables.iter().map(|(name, ty)| (name.as_str(), *ty));
    let mut text = header(operation, name, variables);
    push(&mut text, &[" {", fields, " }"]);
    text
}

fn other_arguments(text: &mut String, pages: &AllPages) {
    if !pages.arguments.is_empty() {
        push(text, &[", ", pages.arguments]);
    }
    text.push(')');
}

/// The document of a whole operation. `selection` is on the root type.
#[doc(hidden)]
#[must_use]
pub fn whole(
    operation: OperationType,
    name: &str,
    variables: &[(&str, &str)],
    selection: Selection,
) -> String {
    let mut text = header(operation, name, variables.iter().copied());
    select(&mut text, selection, "");
    text
}

fn header<'v>(
    operation: OperationType,
    name: &str,
    variables: impl Iterator<Item = (&'v str, &'v str)>,
) -> String {
    let mut text = String::with_capacity(1024);
    text.push_str(match operation {
        OperationType::Query => "query ",
        OperationType::Mutation => "mutation ",
        OperationType::Subscription => "subscription ",
    });
    text.push_str(name);
    list(&mut text, variables, |text, (name, ty)| push(text, &["$", name, ": ", ty]));
    text
}

/// Writes a list in parentheses, unless it is empty.
fn list<T>(text: &mut String, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut String, T)) {
    let start = text.len();
    for item in items {
        text.push_str(if text.len() == start { "(" } else { ", " });
        write(text, item);
    }
    if text.len() > start {
        text.push(')');
    }
}

/// Writes a selection in braces. Keys of the outermost object begin with `prefix`.
fn select(text: &mut String, selection: Selection, prefix: &str) {
    match selection {
        Selection::Leaf => {}
        Selection::Field { selection, .. } => select(text, *selection, prefix),
        selection => {
            text.push_str(" {");
            let before = text.len();
            fields(text, selection, prefix);
            if text.len() == before {
                // GraphQL does not allow an empty selection.
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
        Selection::Interface { node } => {
            text.push_str(" __typename");
            if let Some(NodeLookup { interface, id, .. }) = node {
                let key = if *id == "id" { "" } else { "id: " };
                push(text, &[" ... on ", interface, " { ", key, id, " }"]);
            }
        }
        Selection::Object(table) => table_fields(text, table, prefix),
        Selection::Payload { errors, selection } => {
            fields(text, *selection, prefix);
            push(text, &[" ", PAYLOAD_ERRORS, ": ", errors]);
        }
        Selection::Flattened(parts) => parts.iter().for_each(|part| fields(text, *part, prefix)),
        Selection::Connection { shape, page, nodes } => {
            connection::total(text, shape, page);
            let nodes = |text: &mut String| select(text, *nodes, "");
            if page { connection::page(text, shape, nodes) } else { connection::list(text, shape, nodes) }
        }
        Selection::AllPages(AllPages { connection, .. }) => {
            let shape = shape_of(connection);
            connection::total(text, shape, matches!(connection, Selection::Connection { page: true, .. }));
            connection::page(text, shape, |text| select(text, nodes_of(connection), ""));
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
    let mut parent = None;
    for (name, leaf) in table.leaves() {
        let selection = nested.next_if(|(field, _)| *field == name).map(|(_, selection)| *selection);
        match selection {
            Some(Selection::Field { field, .. }) if prefix.is_empty() && is_named(field, name) => {
                push(text, &[" ", field]);
            }
            Some(Selection::Field { field, .. }) => push(text, &[" ", prefix, name, ": ", field]),
            Some(Selection::AllPages(pages)) => {
                parent = Some(pages.lookup);
                if !prefix.is_empty() || pages.field != name {
                    push(text, &[" ", prefix, name, ":"]);
                }
                let first = shape_of(pages.connection).first;
                push(text, &[" ", pages.field, "(", first, ": ", &pages.first.to_string()]);
                other_arguments(text, pages);
            }
            _ if prefix.is_empty() && leaf == name => push(text, &[" ", name]),
            _ => push(text, &[" ", prefix, name, ": ", leaf]),
        }
        select(text, selection.unwrap_or(Selection::Leaf), "");
    }
    if let Some(NodeLookup { interface, id, .. }) = parent {
        // An interface itself may have no field with the id.
        push(text, &[" ... on ", interface, " { ", PARENT_ID, ": ", id, " }"]);
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
