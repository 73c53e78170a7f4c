//! Output types: objects, interfaces and unions, and the root types.

use super::text::{Text, list, literal, rust_type, signature};
use crate::ir::{FieldArgument, Interface, Object, OutputField, Root, Selection};

pub(super) fn object(text: &mut Text, object: &Object) {
    text.open("rt::object! {");
    text.docs(&object.doc);
    let Object { kind, rust, graphql, .. } = object;
    text.line(&format!("{kind} {rust} = {}", literal(graphql)));
    see(text, &object.doc.link);
    text.end(" {");
    fields(text, &object.fields);
    for (name, others) in
        [("connections", &object.connections), ("also", &object.also), ("deprecated", &object.deprecated)]
    {
        if !others.is_empty() {
            text.line(&format!("{name} {{"));
            fields(text, others);
        }
    }
    select(text, graphql);
}

pub(super) fn interface(text: &mut Text, interface: &Interface) {
    text.open("rt::interface! {");
    text.docs(&interface.doc);
    let Interface { keyword, rust, types, nodes, .. } = interface;
    text.line(&format!("{keyword} {rust} = {}", literal(&types.graphql)));
    see(text, &interface.doc.link);
    text.end(" {");
    fields(text, &interface.fields);
    text.open(&format!("types {} {{", types.rust));
    for (variant, possible) in types.variants.iter().zip(&interface.possible) {
        let possible = if *possible == variant.rust { String::new() } else { format!(" as {possible}") };
        text.line(&format!("{}{possible} = {},", variant.rust, literal(&variant.value)));
    }
    text.close("}");
    text.line(&format!("nodes {nodes}"));
    select(text, &types.graphql);
}

pub(super) fn root(text: &mut Text, root: &Root) {
    // By its full path: a file can be called `rt`.
    text.open("::xurrent_runtime::root! {");
    text.line(&format!("{} {} = {} {{", root.kind, root.graphql, literal(&root.graphql)));
    fields(text, &root.fields);
    select(text, &root.graphql);
}

/// The page about a type, behind its name.
pub(super) fn see(text: &mut Text, link: &Option<String>) {
    if let Some(link) = link {
        text.and(&format!(", see {}", literal(link)));
    }
}

/// The macro that the derive of selections calls, which ends every declaration.
fn select(text: &mut Text, graphql: &str) {
    text.line(&format!("macro $__select_{graphql}"));
    text.close("}");
}

/// Fields, and the brace behind them.
fn fields(text: &mut Text, fields: &[OutputField]) {
    text.indented(|text| {
        for field in fields {
            text.docs(&field.doc);
            let errors = field.reports_errors.then_some("errors");
            let end = format!("{},", inner(errors, &field.selection));
            let line = signature(&field.line);
            if field.arguments.is_empty() {
                text.line(&format!("{}: {} =", field.rust, rust_type(&field.ty)));
                text.and(&format!(" {line}{end}"));
            } else {
                let start = format!("{}: {} = {line} (", field.rust, rust_type(&field.ty));
                let arguments: Vec<String> = field.arguments.iter().map(argument).collect();
                list(text, &start, &arguments, &format!("){end}"));
            }
        }
    });
    text.line("}");
}

fn argument(argument: &FieldArgument) -> String {
    let FieldArgument { rust, ty, line, values } = argument;
    let values = values.as_ref().map(|values| format!(" {{ {values} }}")).unwrap_or_default();
    format!("{rust}: {} = {}{values}", rust_type(ty), signature(line))
}

/// What is selected inside a field or a root field.
pub(super) fn inner(errors: Option<&str>, selection: &Selection) -> String {
    let inner = match selection {
        Selection::Leaf => return String::new(),
        Selection::Reference => "id",
        Selection::Payload { .. } => "errors",
        Selection::Object { .. } | Selection::Interface { .. } => errors.unwrap_or(".."),
    };
    format!(" {{ {inner} }}")
}
