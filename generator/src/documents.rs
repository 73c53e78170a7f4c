//! Every operation as GraphQL text, for reading and for validators.

use crate::Files;
use crate::conventions::{ErrorList, NodeLookup};
use crate::ir::{Call, Ir, Selection};
use crate::schema::Argument;

/// A file per root field, `queries/people.graphql` and so on, with all its arguments.
pub(crate) fn files(ir: &Ir) -> Files {
    let calls = ir.files.values().flat_map(|file| &file.calls);
    calls
        .map(|call| {
            let folder = if call.is_mutation { "mutations" } else { "queries" };
            (format!("{folder}/{}.graphql", call.document), document(ir, call))
        })
        .collect()
}

fn document(ir: &Ir, call: &Call) -> String {
    let mut text = String::from(if call.is_mutation { "mutation " } else { "query " });
    let Call { field, connection, selection, .. } = call;
    text.push_str(&field.name);
    let variable = |it: &Argument| format!("  ${}: {}\n", it.name, it.ty);
    let variables: Vec<String> = field.arguments.iter().map(variable).collect();
    let arguments: Vec<String> = field.arguments.iter().map(|it| format!("{0}: ${0}", it.name)).collect();
    if !variables.is_empty() {
        text.push_str(&format!("(\n{})", variables.concat()));
    }
    text.push_str(&format!(" {{\n  {}", field.name));
    if !arguments.is_empty() {
        text.push_str(&format!("({})", arguments.join(", ")));
    }
    if connection.is_some() {
        text.push_str(" {\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes");
        select(ir, &mut text, selection, 2, "");
        text.push_str("\n  }");
    } else {
        select(ir, &mut text, selection, 1, &call.errors.as_ref().map(errors).unwrap_or_default());
    }
    text.push_str("\n}\n");
    text
}

/// The lines of a payload's errors.
fn errors(list: &ErrorList) -> String {
    let items: String = list.items().map(|item| format!("      {item}\n")).collect();
    let items = if items.is_empty() { items } else { format!(" {{\n{items}    }}") };
    format!("    sdk_errors: {}{items}\n", list.field)
}

/// `more` are lines behind the fields of an object.
fn select(ir: &Ir, text: &mut String, selection: &Selection, depth: usize, more: &str) {
    let indent = "  ".repeat(depth);
    let mut block = |lines: &str| text.push_str(&format!(" {{\n{lines}{indent}}}"));
    match selection {
        Selection::Leaf => {}
        Selection::Reference(id) => block(&format!("{indent}  {}\n", aliased_id(id))),
        Selection::Interface { node } => {
            let node = ir.node.as_ref().filter(|_| *node).map(|NodeLookup { interface, id, .. }| {
                let id = aliased_id(id);
                format!("{indent}  ... on {interface} {{\n{indent}    {id}\n{indent}  }}\n")
            });
            block(&format!("{indent}  __typename\n{}", node.unwrap_or_default()));
        }
        Selection::Object(graphql) => block(&format!("{}{more}", fields(ir, graphql, depth + 1))),
    }
}

/// A field with an id, which the runtime reads as `id`.
fn aliased_id(id: &str) -> String {
    if id == "id" { id.to_owned() } else { format!("id: {id}") }
}

fn fields(ir: &Ir, graphql: &str, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let mut text = String::new();
    let fields = ir.object(graphql).into_iter().flat_map(|object| &object.fields);
    for field in fields.filter(|field| field.section == "fields") {
        text.push_str(&indent);
        text.push_str(&field.graphql);
        select(ir, &mut text, &field.selection, depth, "");
        text.push('\n');
    }
    if text.is_empty() {
        text = format!("{indent}__typename\n");
    }
    text
}
