//! From an introspection result to a schema the engine can run: JSON, SDL, `Valid<Schema>`.

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;
use serde_json::Value;
use std::fmt::Write as _;

use crate::error::SandboxError;

const BUILT_IN_SCALARS: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];
const BUILT_IN_DIRECTIVES: [&str; 5] = ["include", "skip", "deprecated", "specifiedBy", "oneOf"];

/// Writes the schema of an introspection result in the schema definition language.
///
/// Takes the result with or without the `data` around it. Descriptions, deprecations with their
/// reasons, default values, interfaces, unions and custom directives are kept; the introspection
/// types (`__Type`, ...), the built-in scalars and the built-in directives are left out, because
/// every GraphQL engine brings its own.
///
/// # Errors
/// [`SandboxError::Json`] for text that is not JSON and [`SandboxError::Introspection`] for JSON
/// of another shape.
pub fn sdl(introspection_json: &str) -> Result<String, SandboxError> {
    let json: Value = serde_json::from_str(introspection_json)?;
    let schema = json
        .pointer("/data/__schema")
        .or_else(|| json.get("__schema"))
        .ok_or_else(|| wrong("$", "no `__schema`"))?;
    let mut out = String::new();
    write_schema_definition(&mut out, schema)?;
    for (index, directive) in list(schema, "directives").iter().enumerate() {
        write_directive(&mut out, directive, &format!("directives[{index}]"))?;
    }
    let types =
        schema.get("types").and_then(Value::as_array).ok_or_else(|| wrong("__schema", "no list `types`"))?;
    for (index, definition) in types.iter().enumerate() {
        write_type(&mut out, definition, &format!("types[{index}]"))?;
    }
    Ok(out)
}

/// Parses and validates the schema of an introspection result.
pub(crate) fn valid_schema(introspection_json: &str) -> Result<Valid<Schema>, SandboxError> {
    Schema::parse_and_validate(sdl(introspection_json)?, "schema.graphql")
        .map_err(|invalid| SandboxError::Schema(invalid.errors.to_string()))
}

fn wrong(path: &str, reason: &str) -> SandboxError {
    SandboxError::Introspection { path: path.to_owned(), reason: reason.to_owned() }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str, path: &str) -> Result<&'a str, SandboxError> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| wrong(path, &format!("no text `{key}`")))
}

fn write_schema_definition(out: &mut String, schema: &Value) -> Result<(), SandboxError> {
    out.push_str("schema {\n");
    for (key, operation) in
        [("queryType", "query"), ("mutationType", "mutation"), ("subscriptionType", "subscription")]
    {
        if let Some(root) = schema.get(key).filter(|root| !root.is_null()) {
            let _ = writeln!(out, "  {operation}: {}", text(root, "name", key)?);
        }
    }
    out.push_str("}\n");
    Ok(())
}

fn write_directive(out: &mut String, directive: &Value, path: &str) -> Result<(), SandboxError> {
    let name = text(directive, "name", path)?;
    if BUILT_IN_DIRECTIVES.contains(&name) {
        return Ok(());
    }
    out.push('\n');
    write_description(out, directive, "");
    let _ = write!(out, "directive @{name}");
    write_arguments(out, directive, path)?;
    if directive.get("isRepeatable") == Some(&Value::Bool(true)) {
        out.push_str(" repeatable");
    }
    let locations: Vec<&str> = list(directive, "locations").iter().filter_map(Value::as_str).collect();
    let _ = writeln!(out, " on {}", locations.join(" | "));
    Ok(())
}

fn write_type(out: &mut String, definition: &Value, path: &str) -> Result<(), SandboxError> {
    let name = text(definition, "name", path)?;
    if name.starts_with("__") || BUILT_IN_SCALARS.contains(&name) {
        return Ok(());
    }
    let kind = text(definition, "kind", path)?;
    out.push('\n');
    write_description(out, definition, "");
    match kind {
        "SCALAR" => {
            let _ = write!(out, "scalar {name}");
            if let Some(url) = definition.get("specifiedByURL").and_then(Value::as_str) {
                let _ = write!(out, " @specifiedBy(url: {})", Value::from(url));
            }
            out.push('\n');
        }
        "OBJECT" | "INTERFACE" => {
            let keyword = if kind == "OBJECT" { "type" } else { "interface" };
            let _ = write!(out, "{keyword} {name}");
            write_names(out, definition, "interfaces", " implements ", " & ", path)?;
            out.push_str(" {\n");
            for field in list(definition, "fields") {
                let path = format!("{path} ({name})");
                write_description(out, field, "  ");
                let _ = write!(out, "  {}", text(field, "name", &path)?);
                write_arguments(out, field, &path)?;
                let _ = write!(out, ": {}", type_reference(field, &path)?);
                write_deprecation(out, field);
                out.push('\n');
            }
            out.push_str("}\n");
        }
        "UNION" => {
            let _ = write!(out, "union {name}");
            write_names(out, definition, "possibleTypes", " = ", " | ", path)?;
            out.push('\n');
        }
        "ENUM" => {
            let _ = writeln!(out, "enum {name} {{");
            for value in list(definition, "enumValues") {
                write_description(out, value, "  ");
                let _ = write!(out, "  {}", text(value, "name", path)?);
                write_deprecation(out, value);
                out.push('\n');
            }
            out.push_str("}\n");
        }
        "INPUT_OBJECT" => {
            let _ = write!(out, "input {name}");
            if definition.get("isOneOf") == Some(&Value::Bool(true)) {
                out.push_str(" @oneOf");
            }
            out.push_str(" {\n");
            for field in list(definition, "inputFields") {
                write_description(out, field, "  ");
                out.push_str("  ");
                write_input_value(out, field, &format!("{path} ({name})"))?;
                out.push('\n');
            }
            out.push_str("}\n");
        }
        other => return Err(wrong(path, &format!("unknown kind `{other}`"))),
    }
    Ok(())
}

fn write_names(
    out: &mut String,
    definition: &Value,
    key: &str,
    before: &str,
    between: &str,
    path: &str,
) -> Result<(), SandboxError> {
    let names =
        list(definition, key).iter().map(|item| text(item, "name", path)).collect::<Result<Vec<_>, _>>()?;
    if !names.is_empty() {
        let _ = write!(out, "{before}{}", names.join(between));
    }
    Ok(())
}

fn write_arguments(out: &mut String, owner: &Value, path: &str) -> Result<(), SandboxError> {
    let arguments = list(owner, "args");
    if arguments.is_empty() {
        return Ok(());
    }
    out.push('(');
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if let Some(description) = description(argument) {
            let _ = write!(out, "{} ", quoted(description));
        }
        write_input_value(out, argument, path)?;
    }
    out.push(')');
    Ok(())
}

fn write_input_value(out: &mut String, input: &Value, path: &str) -> Result<(), SandboxError> {
    let name = text(input, "name", path)?;
    let _ = write!(out, "{name}: {}", type_reference(input, path)?);
    // Introspection hands out defaults already written as GraphQL literals.
    if let Some(default) = input.get("defaultValue").and_then(Value::as_str) {
        let _ = write!(out, " = {default}");
    }
    write_deprecation(out, input);
    Ok(())
}

fn type_reference(owner: &Value, path: &str) -> Result<String, SandboxError> {
    let reference = owner.get("type").ok_or_else(|| wrong(path, "no `type` of a field or argument"))?;
    wrapped_name(reference, path)
}

fn wrapped_name(reference: &Value, path: &str) -> Result<String, SandboxError> {
    let inner = || {
        let of_type = reference
            .get("ofType")
            .filter(|inner| !inner.is_null())
            .ok_or_else(|| wrong(path, "a list or non-null type without `ofType`"))?;
        wrapped_name(of_type, path)
    };
    Ok(match text(reference, "kind", path)? {
        "NON_NULL" => format!("{}!", inner()?),
        "LIST" => format!("[{}]", inner()?),
        _ => text(reference, "name", path)?.to_owned(),
    })
}

fn description(owner: &Value) -> Option<&str> {
    owner.get("description").and_then(Value::as_str)
}

fn write_description(out: &mut String, owner: &Value, indent: &str) {
    if let Some(description) = description(owner) {
        let _ = writeln!(out, "{indent}{}", quoted(description));
    }
}

fn write_deprecation(out: &mut String, owner: &Value) {
    if owner.get("isDeprecated") == Some(&Value::Bool(true)) {
        match owner.get("deprecationReason").and_then(Value::as_str) {
            Some(reason) => {
                let _ = write!(out, " @deprecated(reason: {})", quoted(reason));
            }
            None => out.push_str(" @deprecated"),
        }
    }
}

/// A GraphQL string literal. JSON's escapes are a subset of GraphQL's, so JSON's writer serves,
/// and a quoted string keeps the white space that a block string would trim.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    fn introspection(types: &str) -> String {
        format!(r#"{{"__schema":{{"queryType":{{"name":"Query"}},"mutationType":null,"types":[{types}]}}}}"#)
    }

    #[test]
    fn descriptions_deprecations_and_defaults_survive() {
        let json = introspection(
            r#"{"kind":"OBJECT","name":"Query","description":"Say \"hi\"\nthere","interfaces":[],
                "fields":[{"name":"a","isDeprecated":true,"deprecationReason":"use b",
                  "type":{"kind":"LIST","ofType":{"kind":"NON_NULL","ofType":{"kind":"SCALAR","name":"Int"}}},
                  "args":[{"name":"n","type":{"kind":"SCALAR","name":"Int"},"defaultValue":"7"}]}]},
               {"kind":"SCALAR","name":"Int"},{"kind":"OBJECT","name":"__Type","fields":[]}"#,
        );
        let sdl = sdl(&json).unwrap();
        assert!(sdl.contains(r#""Say \"hi\"\nthere""#), "{sdl}");
        assert!(sdl.contains(r#"a(n: Int = 7): [Int!] @deprecated(reason: "use b")"#), "{sdl}");
        assert!(!sdl.contains("__Type") && !sdl.contains("scalar Int"));
        Schema::parse_and_validate(&sdl, "test").unwrap();
    }

    #[test]
    fn unions_enums_and_inputs_are_written() {
        let json = introspection(
            r#"{"kind":"OBJECT","name":"Query","fields":[{"name":"u","args":[],"type":{"kind":"UNION","name":"U"}}]},
               {"kind":"UNION","name":"U","possibleTypes":[{"name":"Query"}]},
               {"kind":"ENUM","name":"E","enumValues":[{"name":"x","isDeprecated":true}]},
               {"kind":"INPUT_OBJECT","name":"I","inputFields":[{"name":"e","type":{"kind":"ENUM","name":"E"},"defaultValue":"x"}]}"#,
        );
        let sdl = sdl(&json).unwrap();
        for expected in ["union U = Query", "x @deprecated", "e: E = x"] {
            assert!(sdl.contains(expected), "{expected} in {sdl}");
        }
        Schema::parse_and_validate(&sdl, "test").unwrap();
    }

    #[test]
    fn other_json_is_refused_with_its_place() {
        assert!(matches!(sdl("not json"), Err(SandboxError::Json(_))));
        let message = sdl("{}").unwrap_err().to_string();
        assert!(message.contains("__schema"), "{message}");
        let message = sdl(&introspection(r#"{"kind":"THING","name":"T"}"#)).unwrap_err().to_string();
        assert!(message.contains("types[0]"), "{message}");
    }
}
