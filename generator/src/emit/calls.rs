//! Functions of the client: one per root field.

use super::objects::inner;
use super::text::{Text, list, literal, rust_type, signature};
use crate::ir::{Call, CallArgument, CallKind, Input, RustType};
use std::collections::{BTreeMap, BTreeSet};

/// The input objects of all files, by their Rust names.
pub(super) type Inputs<'a> = BTreeMap<&'a str, &'a Input>;

pub(super) fn calls(text: &mut Text, calls: &[Call], inputs: &Inputs<'_>) {
    if calls.is_empty() {
        return;
    }
    text.open("rt::calls! {");
    text.open("impl crate::Client {");
    let mut is_first = true;
    for section in ["connections", "queries", "mutations"] {
        let mut calls = calls.iter().filter(|call| self::section(call) == section).peekable();
        if calls.peek().is_none() {
            continue;
        }
        if !is_first {
            text.empty();
        }
        is_first = false;
        text.open(&format!("{section} {{"));
        for (index, call) in calls.enumerate() {
            if index > 0 {
                text.empty();
            }
            self::call(text, call, inputs);
        }
        text.close("}");
    }
    text.close("}");
    text.close("}");
}

fn section(call: &Call) -> &'static str {
    match &call.kind {
        CallKind::Connection { .. } => "connections",
        CallKind::Value(_) if call.is_mutation => "mutations",
        CallKind::Value(_) => "queries",
    }
}

fn call(text: &mut Text, call: &Call, inputs: &Inputs<'_>) {
    text.docs(&call.doc);
    let start = format!("{} = {}", call.rust, literal(&call.graphql));
    let arguments: Vec<String> = call.arguments.iter().map(argument).collect();
    let mut end = format!(": {} -> {}", literal(&call.ty), output(call));
    if let Some(arguments) = &call.optional {
        end.push_str(&format!(", arguments {arguments}"));
    }
    if call.arguments.is_empty() {
        text.line(&format!("{start}{end}"));
    } else {
        list(text, &format!("{start}("), &arguments, &format!("){end}"));
    }
    if let CallKind::Connection { filter, view, order, .. } = &call.kind {
        let parts = [("filter", filter), ("view", view), ("order", order)];
        let parts = parts.iter().filter_map(|(name, ty)| Some(format!("{name} {}", rust_type(ty.as_ref()?))));
        let parts: Vec<String> = parts.collect();
        if !parts.is_empty() {
            text.and(&format!(", {}", parts.join(", ")));
        }
    }
    if let Some((parameters, values)) = example(call, inputs) {
        text.and(&format!(", example {} {}", literal(&parameters), literal(&values)));
    }
    if let Some(link) = &call.doc.link {
        text.and(&format!(", see {}", literal(link)));
    }
    text.end(";");
}

fn argument(argument: &CallArgument) -> String {
    let line = signature(&argument.line);
    match &argument.parameter {
        Some((rust, ty)) => format!("{rust}: {} = {line}", rust_type(ty)),
        None => line,
    }
}

fn output(call: &Call) -> String {
    match &call.kind {
        CallKind::Connection { marker, node, .. } => format!("{marker} of {}", rust_type(node)),
        CallKind::Value(ty) => format!("{}{}", rust_type(ty), inner(None, &call.selection)),
    }
}

/// The parameters of an example, and what is given to the function.
fn example(call: &Call, inputs: &Inputs<'_>) -> Option<(String, String)> {
    let mut names = BTreeSet::from(["client".to_owned()]);
    let mut parameters = Vec::new();
    let mut parameter = |rust: &str, ty: &RustType| {
        let mut name = rust.to_owned();
        while !names.insert(name.clone()) {
            name.push('_');
        }
        parameters.push(format!("{name}: {}", rust_type(ty)));
        name
    };
    let required = call.arguments.iter().filter_map(|argument| argument.parameter.as_ref());
    let values: Vec<String> = required
        .map(|(rust, ty)| match ty {
            RustType::Generated(name) if inputs.contains_key(name.as_str()) => {
                let fields = inputs.get(name.as_str()).into_iter().flat_map(|input| &input.fields);
                let fields = fields.filter(|field| field.required);
                let values: Vec<String> = fields.map(|field| parameter(&field.rust, &field.ty)).collect();
                format!("{name}::new({})", values.join(", "))
            }
            ty => parameter(rust, ty),
        })
        .collect();
    (!values.is_empty()).then(|| (parameters.join(", "), values.join(", ")))
}
