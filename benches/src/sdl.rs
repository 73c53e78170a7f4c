//! Schema in SDL, for peers that do not read introspection results.

use crate::error::Error;
use serde_json::Value;

/// Prints an introspection result in SDL. Enums become scalars, which the peer holds as texts, and
/// arguments with a default become optional.
pub(crate) fn print(introspection: &str) -> Result<String, Error> {
    let mut json = serde_json::from_str(introspection)?;
    simplify(&mut json);
    Ok(xurrent_sandbox::sdl(&json.to_string())?)
}

fn simplify(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(simplify),
        Value::Object(entries) => {
            if entries.get("defaultValue").is_some_and(|default| !default.is_null()) {
                entries.insert("defaultValue".to_owned(), Value::Null);
                if let Some(ty) = entries.get_mut("type").filter(|ty| ty["kind"] == "NON_NULL") {
                    *ty = ty["ofType"].take();
                }
            }
            if entries.get("kind").is_some_and(|kind| kind == "ENUM") {
                entries.insert("kind".to_owned(), "SCALAR".into());
            }
            entries.values_mut().for_each(simplify);
        }
        _ => {}
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn every_kind_of_type_is_printed() -> Result<(), Error> {
        let schema = r#"{"__schema": {"queryType": {"name": "Query"}, "types": [
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
            ]}}"#;
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
        let printed = print(schema)?;
        let lines = printed.lines().filter(|line| !line.is_empty());
        assert_eq!(lines.map(|line| format!("{line}\n")).collect::<String>(), expected);
        Ok(())
    }
}
