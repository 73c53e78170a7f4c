//! Every operation as GraphQL text, for reading and for validators.

use crate::Files;
use crate::ir::{Call, Ir, Selection};
use crate::schema::Argument;

/// A file per root field, `queries/people.graphql` and so on, with all its arguments.
pub(crate) fn files(ir: &Ir) -> Files {
    let calls = ir.files.values().flat_map(|file| &file.calls);
    calls
        .map(|call| (format!("{}/{}.graphql", call.operation.folder(), call.document), document(ir, call)))
        .collect()
}

fn document(ir: &Ir, call: &Call) -> String {
    let Call { field, connection, selection, operation, .. } = call;
    let mut text = format!("{} {}", operation.keyword(), field.name);
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
        select(ir, &mut text, selection, 1, if call.reports_errors { ERRORS } else { "" });
    }
    text.push_str("\n}\n");
    text
}

/// The errors of a payload.
const ERRORS: &str = "    sdk_errors: errors {\n      message\n      path\n    }\n";

/// `more` are lines behind the fields of an object.
fn select(ir: &Ir, text: &mut String, selection: &Selection, depth: usize, more: &str) {
    let indent = "  ".repeat(depth);
    let mut block = |lines: &str| text.push_str(&format!(" {{\n{lines}{indent}}}"));
    match selection {
        Selection::Leaf => {}
        Selection::Reference => block(&format!("{indent}  id\n")),
        Selection::Interface { node: true } => {
            block(&format!("{indent}  __typename\n{indent}  ... on Node {{\n{indent}    id\n{indent}  }}\n"));
        }
        Selection::Interface { node: false } => block(&format!("{indent}  __typename\n")),
        Selection::Object(graphql) => block(&format!("{}{more}", fields(ir, graphql, depth + 1))),
    }
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
