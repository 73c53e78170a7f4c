//! Schema in SDL, for peers that do not read introspection results.

use xurrent_generator::Schema;
use xurrent_generator::schema::Kind;

/// Prints a schema in SDL. Enums become scalars, which the peer holds as texts, and arguments with a
/// default become optional.
pub(crate) fn print(mut schema: Schema) -> String {
    for ty in &mut schema.types {
        if ty.kind == Kind::Enum {
            ty.kind = Kind::Scalar;
        }
        let arguments = ty.fields.iter_mut().flatten().flat_map(|field| &mut field.arguments);
        for argument in arguments.chain(ty.input_fields.iter_mut().flatten()) {
            if argument.default.take().is_some() {
                argument.ty = argument.ty.nullable().clone();
            }
        }
    }
    schema.to_string()
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
        let printed = print(Schema::from_json(schema)?);
        let lines = printed.lines().filter(|line| !line.is_empty());
        assert_eq!(lines.map(|line| format!("{line}\n")).collect::<String>(), expected);
        Ok(())
    }
}
