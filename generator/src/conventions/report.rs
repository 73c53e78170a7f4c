//! Words of reports.

use crate::{Config, Schema};

/// `1 type`, `2 types`
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// What the introspection result names and does not define. Nothing if there is nothing.
pub(super) fn left_out(schema: &Schema) -> Option<String> {
    let list = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let lines = schema.left_out.iter().map(|(owner, names)| format!("{} of `{owner}`", list(names)));
    let lines: Vec<_> = lines.collect();
    (!lines.is_empty())
        .then(|| format!("left out, since the schema does not define them: {}", lines.join("; ")))
}

/// What only one of two environments has: a line for each, if there is something.
pub(super) fn only_in(schema: &Schema, config: &Config) -> impl Iterator<Item = String> {
    config.environments.names.iter().filter_map(move |environment| {
        let is_only = |only_in: &Option<String>| only_in.as_ref() == Some(environment);
        let types = schema.types.iter();
        let fields = types.clone().flat_map(|ty| ty.fields.iter().flatten());
        let arguments = fields.clone().flat_map(|field| &field.arguments);
        let inputs = types.clone().flat_map(|ty| ty.input_fields.iter().flatten());
        let values = types.clone().flat_map(|ty| ty.enum_values.iter().flatten());
        let counts = [
            (types.filter(|ty| is_only(&ty.only_in)).count(), "type"),
            (fields.filter(|field| is_only(&field.only_in)).count(), "field"),
            (arguments.chain(inputs).filter(|input| is_only(&input.only_in)).count(), "input"),
            (values.filter(|value| is_only(&value.only_in)).count(), "value"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, what)| counted(count, what)).collect();
        (!counts.is_empty()).then(|| format!("only in {environment}: {}", counts.join(", ")))
    })
}
