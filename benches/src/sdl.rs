//! Schema in SDL, for peers that do not read introspection results.

use std::fmt::Write;
use xurrent_generator::Schema;
use xurrent_generator::schema::{Argument, Field, Kind};

/// Built-in scalars.
const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

/// Prints types and fields. Enums become scalars, which the peer holds as texts. Descriptions and
/// deprecations are omitted.
pub(crate) fn print(schema: &Schema) -> String {
    let mut text = format!("schema {{\n  query: {}\n", schema.query_type);
    if let Some(mutation) = &schema.mutation_type {
        let _ = writeln!(text, "  mutation: {mutation}");
    }
    text.push_str("}\n");
    for (name, ty) in &schema.types {
        let _ = match &ty.kind {
            Kind::Scalar | Kind::Enum(_) if BUILT_IN.contains(&name.as_str()) => Ok(()),
            Kind::Scalar | Kind::Enum(_) => writeln!(text, "scalar {name}"),
            Kind::Object { fields: list, interfaces } => {
                let interfaces: Vec<&str> = interfaces.iter().map(String::as_str).collect();
                let implements = match interfaces.is_empty() {
                    true => String::new(),
                    false => format!(" implements {}", interfaces.join(" & ")),
                };
                writeln!(text, "type {name}{implements} {{\n{}}}", fields(list))
            }
            Kind::Interface { fields: list, .. } => {
                writeln!(text, "interface {name} {{\n{}}}", fields(list))
            }
            Kind::Union { possible_types } => {
                let possible: Vec<&str> = possible_types.iter().map(String::as_str).collect();
                writeln!(text, "union {name} = {}", possible.join(" | "))
            }
            Kind::InputObject(list) => {
                let lines: String = list.iter().map(|field| format!("  {}\n", signature(field))).collect();
                writeln!(text, "input {name} {{\n{lines}}}")
            }
        };
    }
    text
}

fn fields(fields: &[Field]) -> String {
    let line = |field: &Field| {
        let arguments: Vec<String> = field.arguments.iter().map(signature).collect();
        let arguments = match arguments.is_empty() {
            true => String::new(),
            false => format!("({})", arguments.join(", ")),
        };
        format!("  {}{arguments}: {}\n", field.name, field.ty)
    };
    fields.iter().map(line).collect()
}

/// The argument without its default, which makes it optional.
fn signature(argument: &Argument) -> String {
    match argument.default {
        Some(_) => format!("{}: {}", argument.name, argument.ty.nullable()),
        None => argument.signature(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn every_kind_of_type_is_printed() -> Result<(), Error> {
        let schema = Schema::from_json(
            r#"{"__schema": {"queryType": {"name": "Query"}, "types": [
                {"kind": "SCALAR", "name": "String"},
                {"kind": "ENUM", "name": "Status", "enumValues": [{"name": "open"}]},
                {"kind": "INTERFACE", "name": "Node", "fields": [
                    {"name": "id", "args": [], "type": {"kind": "SCALAR", "name": "ID"}}
                ], "possibleTypes": [{"kind": "OBJECT", "name": "Query"}]},
                {"kind": "INPUT_OBJECT", "name": "Filter", "inputFields": [
                    {"name": "size", "type": {"kind": "NON_NULL", "ofType": {"kind": "SCALAR", "name": "Int"}},
                     "defaultValue": "1"}
                ]},
                {"kind": "UNION", "name": "Either", "possibleTypes": [{"kind": "OBJECT", "name": "Query"}]},
                {"kind": "OBJECT", "name": "Query", "interfaces": [{"kind": "INTERFACE", "name": "Node"}],
                 "fields": [{"name": "states", "args": [
                    {"name": "filter", "type": {"kind": "INPUT_OBJECT", "name": "Filter"}}
                 ], "type": {"kind": "LIST", "ofType": {"kind": "ENUM", "name": "Status"}}}]}
            ]}}"#,
        )?;
        let expected = "\
schema {
  query: Query
}
union Either = Query
input Filter {
  size: Int
}
interface Node {
  id: ID
}
type Query implements Node {
  states(filter: Filter): [Status]
}
scalar Status
";
        assert_eq!(print(&schema), expected);
        Ok(())
    }
}
