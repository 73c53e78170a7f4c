//! Output types: objects, interfaces and unions, and the root types.

use super::text::{Text, deprecated, list, literal, rust_type, signature};
use crate::conventions::ErrorList;
use crate::ir::{InputField, Interface, Object, OutputField, Selection};

pub(super) fn object(text: &mut Text, object: &Object) {
    head(text, "rt::object! {", object);
    for section in ["fields", "connections", "also", "deprecated"] {
        let mut others = object.fields.iter().filter(|field| field.section == section).peekable();
        if section != "fields" {
            if others.peek().is_none() {
                continue;
            }
            text.line(&format!("{section} {{"));
        }
        fields(text, others);
    }
    // Attributes of the struct's fields are not handed to selections.
    let is_marked =
        object.fields.iter().any(|field| field.section == "fields" && field.doc.deprecation.is_some());
    if !is_marked {
        return select(text, &object.graphql);
    }
    text.close("}");
    text.open("rt::__select_macro! {");
    let kind = object.kind.split('(').next().unwrap_or(object.kind);
    text.line(&format!(
        "($ __select_{}) {kind} {} {} []",
        object.graphql,
        object.rust,
        literal(&object.graphql)
    ));
    object.fields.iter().for_each(|it| field(text, it, None));
    text.close("}");
}

pub(super) fn interface(text: &mut Text, Interface { object, types, possible, nodes }: &Interface) {
    head(text, "rt::interface! {", object);
    fields(text, &object.fields);
    text.open(&format!("types {} {{", types.rust));
    for (variant, possible) in types.variants.iter().zip(possible) {
        let possible = if *possible == variant.rust { String::new() } else { format!(" as {possible}") };
        text.docs(&variant.doc);
        text.line(&format!("{}{possible} = {},", variant.rust, literal(&variant.value)));
    }
    text.close("}");
    text.line(&format!("nodes {nodes}"));
    select(text, &types.graphql);
}

pub(super) fn root(text: &mut Text, root: &Object) {
    // By its full path: a file can be called `rt`.
    head(text, "::xurrent_runtime::root! {", root);
    fields(text, &root.fields);
    select(text, &root.graphql);
}

fn head(text: &mut Text, declare: &str, object: &Object) {
    text.open(declare);
    text.docs(&object.doc);
    if !object.left_out.is_empty() && !object.is_root() {
        if object.doc.description.is_some() {
            text.line("///");
        }
        let fields = object.left_out.join("`, `");
        text.line(&format!(
            "/// Left out: `{fields}`. Functions of the client fetch the fields of root types."
        ));
    }
    text.line(&format!("{} {} = {}", object.kind, object.rust, literal(&object.graphql)));
    text.see(&object.doc);
    if let Some(id) = &object.id {
        text.and(&format!(", id {}", rust_type(id)));
    }
    text.end(" {");
}

/// The macro that the derive of selections calls, which ends every declaration.
fn select(text: &mut Text, graphql: &str) {
    text.line(&format!("macro $__select_{graphql}"));
    text.close("}");
}

/// Fields, and the brace behind them.
fn fields<'f>(text: &mut Text, fields: impl IntoIterator<Item = &'f OutputField>) {
    text.indented(|text| {
        for it in fields {
            field(text, it, it.doc.description.as_deref());
        }
    });
    text.line("}");
}

fn field(text: &mut Text, field: &OutputField, description: Option<&str>) {
    text.described(description, field.doc.deprecation.as_deref());
    let end = format!("{},", inner(field.errors.as_ref(), &field.selection));
    let line = signature(&format!("{}: {}", field.graphql, field.declared));
    if field.arguments.is_empty() {
        text.line(&format!("{}: {} =", field.rust, rust_type(&field.ty)));
        text.and(&format!(" {line}{end}"));
    } else {
        let start = format!("{}: {} = {line} (", field.rust, rust_type(&field.ty));
        let arguments: Vec<String> = field.arguments.iter().map(argument).collect();
        list(text, &start, &arguments, &format!("){end}"));
    }
}

fn argument((field, values): &(InputField, Option<String>)) -> String {
    let values = values.as_ref().map(|values| format!(" {{ {values} }}")).unwrap_or_default();
    let deprecated = deprecated(field.argument.deprecation().as_deref());
    let declared = signature(&field.argument.signature());
    format!("{deprecated}{}: {} = {declared}{values}", field.rust, rust_type(&field.ty))
}

/// What is selected inside a field or a root field. The usual list of errors has a short form.
pub(crate) fn inner(errors: Option<&ErrorList>, selection: &Selection) -> String {
    match (selection, errors.map(ErrorList::selection)) {
        (Selection::Leaf, _) => String::new(),
        (Selection::Reference(id), _) => format!(" {{ {id} }}"),
        (_, Some(errors)) if errors == "errors { message path }" => " { errors }".to_owned(),
        (_, Some(errors)) => format!(" {{ {} }}", literal(&errors)),
        (_, None) => " { .. }".to_owned(),
    }
}
