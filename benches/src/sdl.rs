//! The schema as SDL, for peers that read no introspection result.

use serde_json::Value;

use crate::failure::Failure;

/// Prints an introspection result as SDL. Enums become scalars, so that a peer needs no list of their
/// values. Inputs with a default become nullable, because they need not be given. Descriptions and
/// deprecations are left out.
pub(crate) fn print(introspection_json: &str) -> Result<String, Failure> {
    let mut json = serde_json::from_str(introspection_json)?;
    simplify(&mut json);
    Ok(xurrent_sandbox::sdl(&json.to_string())?)
}

fn simplify(json: &mut Value) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(simplify),
        Value::Object(members) => {
            for name in ["description", "isDeprecated", "deprecationReason"] {
                members.remove(name);
            }
            if let Some(kind) = members.get_mut("kind").filter(|kind| **kind == "ENUM") {
                *kind = "SCALAR".into();
            }
            let has_default = members.remove("defaultValue").is_some_and(|default| !default.is_null());
            if let Some(ty) = members.get_mut("type").filter(|ty| has_default && ty["kind"] == "NON_NULL") {
                *ty = ty["ofType"].take();
            }
            members.values_mut().for_each(simplify);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_type_is_printed() -> Result<(), Failure> {
        let printed = print(
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

scalar Status

interface Node {
  id: ID
}

input Filter {
  size: Int
}

union Either = Query

type Query implements Node {
  states(filter: Filter): [Status]
}
";
        assert_eq!(printed, expected);
        Ok(())
    }
}
