//! Every operation as GraphQL text, for reading and for validators.

use crate::Files;
use crate::ir::{Call, CallKind, Ir, Selection};

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
    text.push_str(&call.graphql);
    let variables: Vec<String> =
        call.arguments.iter().map(|it| format!("  ${}: {}\n", it.graphql, it.ty)).collect();
    let arguments: Vec<String> = call.arguments.iter().map(|it| format!("{0}: ${0}", it.graphql)).collect();
    if !variables.is_empty() {
        text.push_str(&format!("(\n{})", variables.concat()));
    }
    text.push_str(&format!(" {{\n  {}", call.graphql));
    if !arguments.is_empty() {
        text.push_str(&format!("({})", arguments.join(", ")));
    }
    if matches!(call.kind, CallKind::Connection { .. }) {
        text.push_str(" {\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes");
        select(ir, &mut text, &call.selection, 2);
        text.push_str("\n  }");
    } else {
        select(ir, &mut text, &call.selection, 1);
    }
    text.push_str("\n}\n");
    text
}

fn select(ir: &Ir, text: &mut String, selection: &Selection, depth: usize) {
    let indent = "  ".repeat(depth);
    let mut block = |lines: &str| text.push_str(&format!(" {{\n{lines}{indent}}}"));
    match selection {
        Selection::Leaf => {}
        Selection::Reference => block(&format!("{indent}  id\n")),
        Selection::Interface { node: true } => {
            block(&format!("{indent}  __typename\n{indent}  ... on Node {{\n{indent}    id\n{indent}  }}\n"));
        }
        Selection::Interface { node: false } => block(&format!("{indent}  __typename\n")),
        Selection::Object { graphql, .. } => block(&fields(ir, graphql, depth + 1)),
        Selection::Payload { graphql, .. } => {
            let errors = format!(
                "{indent}  sdk_errors: errors {{\n{indent}    message\n{indent}    path\n{indent}  }}\n"
            );
            block(&format!("{}{errors}", fields(ir, graphql, depth + 1)));
        }
    }
}

fn fields(ir: &Ir, graphql: &str, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let mut text = String::new();
    let object = ir.object(graphql);
    for field in object.iter().flat_map(|object| &object.fields) {
        text.push_str(&indent);
        text.push_str(&field.graphql);
        select(ir, &mut text, &field.selection, depth);
        text.push('\n');
    }
    if text.is_empty() {
        text = format!("{indent}__typename\n");
    }
    text
}
