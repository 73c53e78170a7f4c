//! Introspection results and the SDL that the engine reads.

use apollo_compiler::Schema;
use apollo_compiler::schema::SchemaBuilder;
use apollo_compiler::validation::Valid;
use serde::Deserialize;
use serde_json::Value;
use std::fmt::{self, Write as _};

use crate::error::SandboxError;
use crate::value_lists::{self, ValueLists};

const BUILT_IN_SCALARS: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];
const BUILT_IN_DIRECTIVES: [&str; 5] = ["include", "skip", "deprecated", "specifiedBy", "oneOf"];

/// Prints the schema of an introspection result in the schema definition language.
///
/// Accepts the result with or without the enclosing `data`, and a byte order mark before it.
/// Descriptions, deprecations with their reasons, default values, interfaces, unions and custom
/// directives are kept; the introspection types (`__Type`, ...), the built-in scalars and the built-in
/// directives are left out, because every GraphQL engine defines them.
///
/// # Errors
/// [`SandboxError::Json`] if the text is not JSON, [`SandboxError::Introspection`] if the JSON is not
/// an introspection result.
pub fn sdl(introspection_json: &str) -> Result<String, SandboxError> {
    print(introspection_json, None)
}

/// Like [`sdl`], with the scalars of these lists printed as enums.
pub(crate) fn print(json: &str, enums: Option<&ValueLists>) -> Result<String, SandboxError> {
    let json: Value = serde_json::from_str(json.trim_start_matches('\u{feff}'))?;
    let schema = json.pointer("/data/__schema").or_else(|| json.get("__schema"));
    let missing = || SandboxError::Introspection { path: "$".into(), reason: "no `__schema`".into() };
    let schema = schema.ok_or_else(missing)?;
    let schema: Introspection = serde_path_to_error::deserialize(schema).map_err(|error| {
        let (path, reason) = (error.path().to_string(), error.inner().to_string());
        SandboxError::Introspection { path, reason }
    })?;
    let mut printer = Printer { out: String::new(), enums };
    // Writing to a `String` cannot fail.
    let _ = printer.schema(&schema);
    Ok(printer.out)
}

/// Parses and validates the schema of an introspection result.
#[cfg(test)]
pub(crate) fn valid_schema(introspection_json: &str) -> Result<Valid<Schema>, SandboxError> {
    validate(Schema::builder().parse(sdl(introspection_json)?, "schema.graphql"))
}

/// Builds and validates a schema.
pub(crate) fn validate(builder: SchemaBuilder) -> Result<Valid<Schema>, SandboxError> {
    let schema = builder.build().and_then(Schema::validate);
    schema.map_err(|invalid| SandboxError::Schema(invalid.errors.to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Introspection {
    query_type: Option<Named>,
    mutation_type: Option<Named>,
    subscription_type: Option<Named>,
    types: Vec<TypeDefinition>,
    directives: Option<Vec<Member>>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeDefinition {
    kind: Kind,
    name: String,
    description: Option<String>,
    #[serde(rename = "specifiedByURL")]
    specified_by_url: Option<String>,
    is_one_of: Option<bool>,
    interfaces: Option<Vec<Named>>,
    possible_types: Option<Vec<Named>>,
    fields: Option<Vec<Member>>,
    input_fields: Option<Vec<Member>>,
    enum_values: Option<Vec<Member>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Kind {
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
    InputObject,
}

/// A field, argument, enum value or directive.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    name: String,
    description: Option<String>,
    args: Option<Vec<Member>>,
    r#type: Option<TypeRef>,
    /// A GraphQL literal.
    default_value: Option<String>,
    is_deprecated: Option<bool>,
    deprecation_reason: Option<String>,
    is_repeatable: Option<bool>,
    locations: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
enum TypeRef {
    #[serde(rename_all = "camelCase")]
    NonNull { of_type: Box<TypeRef> },
    #[serde(rename_all = "camelCase")]
    List { of_type: Box<TypeRef> },
    #[serde(untagged)]
    Named(Named),
}

impl fmt::Display for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NonNull { of_type } => write!(f, "{of_type}!"),
            Self::List { of_type } => write!(f, "[{of_type}]"),
            Self::Named(Named { name }) => f.write_str(name),
        }
    }
}

struct Printer<'a> {
    out: String,
    enums: Option<&'a ValueLists>,
}

impl Printer<'_> {
    fn schema(&mut self, schema: &Introspection) -> fmt::Result {
        let Introspection { query_type, mutation_type, subscription_type, types, directives } = schema;
        self.out.push_str("schema {\n");
        for (operation, root) in
            [("query", query_type), ("mutation", mutation_type), ("subscription", subscription_type)]
        {
            if let Some(Named { name }) = root {
                writeln!(self.out, "  {operation}: {name}")?;
            }
        }
        self.out.push_str("}\n");
        let is_custom = |directive: &&Member| !BUILT_IN_DIRECTIVES.contains(&directive.name.as_str());
        for directive in directives.iter().flatten().filter(is_custom) {
            self.description("\n", &directive.description)?;
            write!(self.out, "\ndirective @{}", directive.name)?;
            self.arguments(&directive.args)?;
            let repeatable = if directive.is_repeatable == Some(true) { " repeatable" } else { "" };
            let locations = directive.locations.as_deref().unwrap_or_default().join(" | ");
            writeln!(self.out, "{repeatable} on {locations}")?;
        }
        let is_built_in = |name: &str| name.starts_with("__") || BUILT_IN_SCALARS.contains(&name);
        let mut types = types.iter().filter(|definition| !is_built_in(&definition.name));
        types.try_for_each(|definition| self.definition(definition))
    }

    fn definition(&mut self, definition: &TypeDefinition) -> fmt::Result {
        let TypeDefinition { name, interfaces, possible_types, .. } = definition;
        self.description("\n", &definition.description)?;
        self.out.push('\n');
        let values =
            self.enums.and_then(|enums| enums.get(name)).filter(|values| value_lists::are_names(values));
        let keyword = match definition.kind {
            Kind::Scalar if let Some(values) = values => {
                return writeln!(self.out, "enum {name} {{\n  {}\n}}", values.join("\n  "));
            }
            Kind::Scalar => {
                let url = definition.specified_by_url.as_deref();
                let url = url.map(|url| format!(" @specifiedBy(url: {})", quoted(url)));
                return writeln!(self.out, "scalar {name}{}", url.unwrap_or_default());
            }
            Kind::Union => return writeln!(self.out, "union {name}{}", joined(" = ", possible_types, " | ")),
            Kind::Object => "type",
            Kind::Interface => "interface",
            Kind::Enum => "enum",
            Kind::InputObject => "input",
        };
        let one_of = if definition.is_one_of == Some(true) { " @oneOf" } else { "" };
        write!(self.out, "{keyword} {name}{one_of}{} {{", joined(" implements ", interfaces, " & "))?;
        let members = [&definition.fields, &definition.input_fields, &definition.enum_values];
        for member in members.into_iter().flatten().flatten() {
            self.description("\n  ", &member.description)?;
            self.out.push_str("\n  ");
            self.member(member)?;
        }
        self.out.push_str("\n}\n");
        Ok(())
    }

    fn member(&mut self, member: &Member) -> fmt::Result {
        self.out.push_str(&member.name);
        self.arguments(&member.args)?;
        if let Some(of) = &member.r#type {
            write!(self.out, ": {of}")?;
        }
        if let Some(default) = &member.default_value {
            write!(self.out, " = {default}")?;
        }
        match (member.is_deprecated, &member.deprecation_reason) {
            (Some(true), Some(reason)) => write!(self.out, " @deprecated(reason: {})", quoted(reason)),
            (Some(true), None) => write!(self.out, " @deprecated"),
            _ => Ok(()),
        }
    }

    fn arguments(&mut self, arguments: &Option<Vec<Member>>) -> fmt::Result {
        let arguments = arguments.as_deref().unwrap_or_default();
        for (index, argument) in arguments.iter().enumerate() {
            self.out.push_str(if index == 0 { "(" } else { ", " });
            self.description("", &argument.description)?;
            self.member(argument)?;
        }
        self.out.push_str(if arguments.is_empty() { "" } else { ")" });
        Ok(())
    }

    fn description(&mut self, before: &str, description: &Option<String>) -> fmt::Result {
        description.iter().try_for_each(|text| write!(self.out, "{before}{}", quoted(text)))
    }
}

fn joined(before: &str, names: &Option<Vec<Named>>, between: &str) -> String {
    let names: Vec<&str> = names.iter().flatten().map(|named| named.name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!("{before}{}", names.join(between)) }
}

/// A GraphQL string literal. JSON's escapes are a subset of GraphQL's, and a quoted string keeps the
/// white space that a block string trims.
fn quoted(text: &str) -> Value {
    Value::from(text)
}
