//! Schema definition language.

use super::{Argument, BUILT_IN_DIRECTIVES, BUILT_IN_SCALARS, Kind, Named, Schema, Type, TypeRef};
use serde_json::Value;
use std::fmt::{Display, Formatter, Result};

impl Display for Schema {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { query_type, mutation_type, subscription_type, .. } = self;
        writeln!(f, "schema {{")?;
        for (operation, root) in
            [("query", query_type), ("mutation", mutation_type), ("subscription", subscription_type)]
        {
            if let Some(Named { name }) = root {
                writeln!(f, "  {operation}: {name}")?;
            }
        }
        writeln!(f, "}}")?;
        for directive in &self.directives {
            if !BUILT_IN_DIRECTIVES.contains(&directive.name.as_str()) {
                let repeatable = if directive.is_repeatable == Some(true) { " repeatable" } else { "" };
                let (name, arguments) = (&directive.name, arguments(&directive.arguments));
                let locations = directive.locations.join(" | ");
                write!(f, "\n{}", description("", &directive.description))?;
                writeln!(f, "directive @{name}{arguments}{repeatable} on {locations}")?;
            }
        }
        let is_built_in = |name: &str| name.starts_with("__") || BUILT_IN_SCALARS.contains(&name);
        self.types.iter().filter(|ty| !is_built_in(&ty.name)).try_for_each(|ty| definition(f, ty))
    }
}

fn definition(f: &mut Formatter<'_>, ty: &Type) -> Result {
    let keyword = match ty.kind {
        Kind::Object => "type",
        Kind::InputObject => "input",
        Kind::Interface => "interface",
        Kind::Union => "union",
        Kind::Enum => "enum",
        // No named type is a list or non-null.
        Kind::Scalar | Kind::List | Kind::NonNull => "scalar",
    };
    let interfaces = joined(" implements ", &ty.interfaces, " & ");
    let possible =
        if ty.kind == Kind::Union { joined(" = ", &ty.possible_types, " | ") } else { String::new() };
    let one_of = if ty.is_one_of == Some(true) { " @oneOf" } else { "" };
    let url = ty.specified_by_url.as_ref();
    let url = url.map(|url| format!(" @specifiedBy(url: {})", quoted(url))).unwrap_or_default();
    write!(f, "\n{}", description("", &ty.description))?;
    write!(f, "{keyword} {}{interfaces}{possible}{one_of}{url}", ty.name)?;
    if matches!(ty.kind, Kind::Scalar | Kind::Union) {
        return writeln!(f);
    }
    writeln!(f, " {{")?;
    for field in ty.fields.iter().flatten() {
        let deprecated = deprecated(field.is_deprecated, field.deprecation_reason.as_ref());
        let arguments = arguments(&field.arguments);
        write!(f, "{}", description("  ", &field.description))?;
        writeln!(f, "  {}{arguments}: {}{deprecated}", field.name, field.ty)?;
    }
    for field in ty.input_fields.iter().flatten() {
        writeln!(f, "  {}", argument(field))?;
    }
    for value in ty.enum_values.iter().flatten() {
        let deprecated = deprecated(value.is_deprecated, value.deprecation_reason.as_ref());
        writeln!(f, "{}  {}{deprecated}", description("  ", &value.description), value.name)?;
    }
    writeln!(f, "}}")
}

fn arguments(arguments: &[Argument]) -> String {
    match arguments {
        [] => String::new(),
        arguments => format!("({})", arguments.iter().map(argument).collect::<Vec<_>>().join(", ")),
    }
}

fn argument(argument: &Argument) -> String {
    let reason = argument.deprecation_reason.as_ref().and_then(Option::as_ref);
    let deprecated = deprecated(argument.is_deprecated == Some(true), reason);
    format!("{}{}{deprecated}", description("", &argument.description), argument.signature())
}

fn deprecated(is_deprecated: bool, reason: Option<&String>) -> String {
    match (is_deprecated, reason) {
        (true, Some(reason)) => format!(" @deprecated(reason: {})", quoted(reason)),
        (true, None) => " @deprecated".to_owned(),
        (false, _) => String::new(),
    }
}

fn description(indent: &str, description: &Option<String>) -> String {
    description.as_ref().map(|text| format!("{indent}{}\n", quoted(text))).unwrap_or_default()
}

fn joined(before: &str, types: &Option<Vec<TypeRef>>, between: &str) -> String {
    match types.as_deref().unwrap_or_default() {
        [] => String::new(),
        types => format!("{before}{}", types.iter().map(TypeRef::name).collect::<Vec<_>>().join(between)),
    }
}

/// A GraphQL string literal. JSON's escapes are a subset of GraphQL's, and a quoted string keeps the
/// white space that a block string trims.
fn quoted(text: &str) -> Value {
    Value::from(text)
}
