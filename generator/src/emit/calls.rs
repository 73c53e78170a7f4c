//! Functions of the client: one per root field.

use super::objects::inner;
use super::text::{Text, list, literal, rust_type, signature};
use crate::ir::{Call, Connection, ConnectionOption, Input, RustType};
use crate::schema::Argument;
use std::collections::{BTreeMap, BTreeSet};

/// The input objects of all files, by their Rust names.
pub(super) type Inputs<'a> = BTreeMap<&'a str, &'a Input>;

pub(super) fn calls(text: &mut Text, calls: &[&Call], inputs: &Inputs<'_>) {
    text.open("rt::calls! {");
    text.open("impl crate::Client {");
    let mut is_first = true;
    for section in ["connections", "queries", "mutations"] {
        let mut calls = calls.iter().filter(|call| call.section() == section).peekable();
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

pub(super) fn subscriptions(text: &mut Text, calls: &[&Call], inputs: &Inputs<'_>) {
    text.open("rt::subscriptions! {");
    text.open("impl crate::Client {");
    for (index, call) in calls.iter().enumerate() {
        if index > 0 {
            text.empty();
        }
        self::call(text, call, inputs);
    }
    text.close("}");
    text.close("}");
}

fn call(text: &mut Text, call: &Call, inputs: &Inputs<'_>) {
    text.docs(&call.doc);
    let start = format!("{} = {}", call.rust, literal(&call.field.name));
    let output = match &call.connection {
        Some(Connection { marker, shape: None, .. }) => format!("{marker} of {}", rust_type(&call.ty)),
        Some(Connection { marker, shape: Some((shape, has_total)), .. }) => {
            let counted = if *has_total { " counted" } else { "" };
            format!("{marker} of {} as {shape}{counted}", rust_type(&call.ty))
        }
        None => format!("{}{}", rust_type(&call.ty), inner(call.errors.as_ref(), &call.selection)),
    };
    let mut end = format!(": {} -> {output}", literal(&call.field.ty.to_string()));
    if let Some(arguments) = &call.optional {
        end.push_str(&format!(", arguments {arguments}"));
    }
    if call.field.arguments.is_empty() {
        text.line(&format!("{start}{end}"));
    } else {
        let arguments: Vec<String> =
            call.field.arguments.iter().map(|argument| self::argument(call, argument)).collect();
        list(text, &format!("{start}("), &arguments, &format!("){end}"));
    }
    let options = call.connection.iter().flat_map(|connection| &connection.options);
    let options = options.map(|ConnectionOption { function, argument, ty }| match argument == function {
        true => format!("{function} {}", rust_type(ty)),
        false => format!("{function} {} {}", literal(argument), rust_type(ty)),
    });
    let options: Vec<String> = options.collect();
    if !options.is_empty() {
        text.and(&format!(", {}", options.join(", ")));
    }
    if let Some((parameters, values)) = example(call, inputs) {
        text.and(&format!(", example {} {}", literal(&parameters), literal(&values)));
    }
    text.see(&call.doc);
    text.end(";");
}

fn argument(call: &Call, argument: &Argument) -> String {
    let line = signature(&argument.signature());
    match call.parameters.iter().find(|parameter| parameter.argument.name == argument.name) {
        Some(parameter) => format!("{}: {} = {line}", parameter.rust, rust_type(&parameter.ty)),
        None => line,
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
        // Examples are outside of the crate, and use all of its names.
        parameters.push(format!("{name}: {}", rust_type(ty).replace("crate::", "")));
        name
    };
    let mut values = Vec::new();
    for required in &call.parameters {
        let name = rust_type(&required.ty);
        values.push(match inputs.get(name.as_str()) {
            Some(Input { is_one_of: true, fields, .. }) => match fields.first() {
                Some(field) => format!("{name}::{}({})", field.rust, parameter(&field.rust, &field.ty)),
                None => parameter(&required.rust, &required.ty),
            },
            Some(input) => {
                let fields = input.fields.iter().filter(|field| field.argument.is_required());
                let values: Vec<String> = fields.map(|field| parameter(&field.rust, &field.ty)).collect();
                format!("{name}::new({})", values.join(", "))
            }
            None => parameter(&required.rust, &required.ty),
        });
    }
    (!values.is_empty()).then(|| (parameters.join(", "), values.join(", ")))
}
