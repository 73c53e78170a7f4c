//! Every operation as GraphQL text, for reading and for validators.

use crate::Files;
use crate::conventions::{ErrorList, NodeLookup};
use crate::ir::{Call, Connection, Ir, Object, Paging, Selection};
use crate::schema::Argument;
use std::collections::BTreeMap;

/// What selections are made of.
struct Types<'a> {
    /// The objects of all files, by their GraphQL names.
    objects: BTreeMap<&'a str, &'a Object>,
    node: Option<&'a NodeLookup>,
}

/// A file per root field, `queries/people.graphql` and so on, with all arguments that every environment with it has.
pub(crate) fn files(ir: &Ir) -> Files {
    let types = Types { objects: ir.objects(), node: ir.node.as_ref() };
    let calls = ir.files.values().flat_map(|file| &file.calls);
    calls
        .map(|call| {
            (
                format!("{}/{}.graphql", call.operation.folder(), call.document),
                document(&types, &ir.paging, call),
            )
        })
        .collect()
}

fn document(types: &Types<'_>, paging: &Paging, call: &Call) -> String {
    let Call { field, connection, selection, operation, .. } = call;
    let mut text = format!("{} {}", operation.keyword(), field.name);
    let variable = |it: &Argument| format!("  ${}: {}\n", it.name, it.ty);
    let given = || field.arguments.iter().filter(|argument| argument.only_in.is_none());
    let variables: Vec<String> = given().map(variable).collect();
    let arguments: Vec<String> = given().map(|it| format!("{0}: ${0}", it.name)).collect();
    if !variables.is_empty() {
        text.push_str(&format!("(\n{})", variables.concat()));
    }
    text.push_str(&format!(" {{\n  {}", field.name));
    if !arguments.is_empty() {
        text.push_str(&format!("({})", arguments.join(", ")));
    }
    if let Some(connection) = connection {
        page(paging, types, &mut text, connection, selection);
    } else {
        select(types, &mut text, selection, 1, &call.errors.as_ref().map(errors).unwrap_or_default());
    }
    text.push_str("\n}\n");
    text
}

/// A page of a connection, under the response keys of the runtime.
fn page(
    paging: &Paging,
    types: &Types<'_>,
    text: &mut String,
    connection: &Connection,
    selection: &Selection,
) {
    let name = connection.shape.as_ref().map(|(name, _)| name);
    let shape = paging.shapes.iter().find(|shape| Some(shape.name) == name.map(String::as_str));
    let aliased = |key: &str, name: Option<&String>| match name.filter(|name| *name != key) {
        Some(name) => format!("{key}: {name}"),
        None => key.to_owned(),
    };
    let page_info = aliased("pageInfo", shape.map(|shape| &shape.page_info));
    let has_next_page = aliased("hasNextPage", shape.map(|shape| &shape.has_next_page));
    let end_cursor = aliased("endCursor", shape.map(|shape| &shape.end_cursor));
    let node = shape.and_then(|shape| shape.node.as_ref());
    let list = aliased(if node.is_some() { "edges" } else { "nodes" }, shape.map(|shape| &shape.list));
    text.push_str(&format!(
        " {{\n    {page_info} {{\n      {has_next_page}\n      {end_cursor}\n    }}\n    {list}"
    ));
    if node.is_some() {
        text.push_str(&format!(" {{\n      {}", aliased("node", node)));
        select(types, text, selection, 3, "");
        text.push_str("\n    }\n  }");
    } else {
        select(types, text, selection, 2, "");
        text.push_str("\n  }");
    }
}

/// The lines of a payload's errors.
fn errors(list: &ErrorList) -> String {
    let items: String = list.items().map(|item| format!("      {item}\n")).collect();
    let items = if items.is_empty() { items } else { format!(" {{\n{items}    }}") };
    format!("    sdk_errors: {}{items}\n", list.field)
}

/// `more` are lines behind the fields of an object.
fn select(types: &Types<'_>, text: &mut String, selection: &Selection, depth: usize, more: &str) {
    let indent = "  ".repeat(depth);
    let mut block = |lines: &str| text.push_str(&format!(" {{\n{lines}{indent}}}"));
    match selection {
        Selection::Leaf => {}
        Selection::Reference(id) => block(&format!("{indent}  {}\n", aliased_id(id))),
        Selection::Interface { node } => {
            let node = types.node.filter(|_| *node).map(|NodeLookup { interface, id, .. }| {
                let id = aliased_id(id);
                format!("{indent}  ... on {interface} {{\n{indent}    {id}\n{indent}  }}\n")
            });
            block(&format!("{indent}  __typename\n{}", node.unwrap_or_default()));
        }
        Selection::Object(graphql) => block(&format!("{}{more}", fields(types, graphql, depth + 1))),
    }
}

/// A field with an id, which the runtime reads as `id`.
fn aliased_id(id: &str) -> String {
    if id == "id" { id.to_owned() } else { format!("id: {id}") }
}

fn fields(types: &Types<'_>, graphql: &str, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let mut text = String::new();
    let fields = types.objects.get(graphql).into_iter().flat_map(|object| &object.fields);
    for field in fields.filter(|field| field.section == "fields") {
        text.push_str(&indent);
        text.push_str(&field.graphql);
        select(types, &mut text, &field.selection, depth, "");
        text.push('\n');
    }
    if text.is_empty() {
        text = format!("{indent}__typename\n");
    }
    text
}
