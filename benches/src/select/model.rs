//! Selections of all sides, chosen from the schema, the same in every run.

use crate::error::Error;
use crate::regen;
use std::fs;
use xurrent_generator::Schema;
use xurrent_generator::schema::{Field, Kind, TypeRef};

/// Number of structs.
pub(crate) const SELECTIONS: usize = 200;

/// Number of fields of a struct.
pub(crate) const FIELDS: usize = 15;

/// Every fourth struct has a nested object and a nested connection.
const NESTED: usize = 4;

/// One struct.
pub(crate) struct Selection {
    pub(crate) name: String,
    /// The selected record.
    pub(crate) on: String,
    pub(crate) fields: Vec<Selected>,
}

/// One field of a struct.
pub(crate) struct Selected {
    /// The GraphQL name.
    pub(crate) name: String,
    pub(crate) ty: TypeRef,
    pub(crate) value: Value,
}

/// Content of a field.
pub(crate) enum Value {
    Leaf,
    /// Another of the structs.
    Object(String),
    /// Records, each as another of the structs.
    Connection {
        node: String,
        /// The type of the field `nodes`.
        nodes: TypeRef,
    },
}

/// A record that can be selected on.
struct Record<'s> {
    name: &'s str,
    leaves: Vec<&'s Field>,
    objects: Vec<&'s Field>,
    connections: Vec<(&'s Field, &'s TypeRef)>,
}

/// The schema of this workspace.
pub(crate) fn schema() -> Result<Schema, Error> {
    let path = regen::schema();
    Ok(Schema::from_json(&fs::read_to_string(&path).map_err(Error::file("read", &path))?)?)
}

/// All structs: records with enough leaves take turns, each time with other fields.
pub(crate) fn selections(schema: &Schema) -> Vec<Selection> {
    let records = records(schema);
    let indexes = if records.is_empty() { 0..0 } else { 0..SELECTIONS };
    indexes.map(|index| selection(&records, index)).collect()
}

fn selection(records: &[Record<'_>], index: usize) -> Selection {
    let (round, record) = (index / records.len(), &records[index % records.len()]);
    let mut fields = Vec::new();
    if is_nested(index) {
        if let Some(field) = in_turn(&record.objects, round) {
            let value = Value::Object(flat_struct(records, field.ty.name()));
            fields.push(Selected { name: field.name.clone(), ty: field.ty.clone(), value });
        }
        if let Some((field, nodes)) = in_turn(&record.connections, round) {
            let value =
                Value::Connection { node: flat_struct(records, nodes.name()), nodes: TypeRef::clone(nodes) };
            fields.push(Selected { name: field.name.clone(), ty: field.ty.clone(), value });
        }
    }
    let leaves = record.leaves.iter().cycle().skip(round * FIELDS / 2);
    let leaves = leaves.take(FIELDS - fields.len()).map(|field| Selected {
        name: field.name.clone(),
        ty: field.ty.clone(),
        value: Value::Leaf,
    });
    let fields = leaves.collect::<Vec<_>>().into_iter().chain(fields).collect();
    Selection { name: format!("{}{index}", record.name), on: record.name.to_owned(), fields }
}

fn is_nested(index: usize) -> bool {
    index % NESTED == NESTED - 1
}

fn in_turn<T>(candidates: &[T], round: usize) -> Option<&T> {
    candidates.get(round % candidates.len().max(1))
}

/// The first struct on a record with only leaves, so that no struct contains itself.
fn flat_struct(records: &[Record<'_>], record: &str) -> String {
    let position = records.iter().position(|it| it.name == record).unwrap_or_default();
    let mut indexes = (position..SELECTIONS).step_by(records.len());
    format!("{record}{}", indexes.find(|index| !is_nested(*index)).unwrap_or(position))
}

fn records(schema: &Schema) -> Vec<Record<'_>> {
    let names: Vec<&str> = schema
        .types
        .iter()
        .filter(|ty| ty.kind == Kind::Object)
        .map(|ty| ty.name.as_str())
        .filter(|name| leaves(schema, name).len() >= FIELDS)
        .collect();
    let record = |name: &&'_ str| -> Record<'_> {
        let fields = schema.fields(name);
        let is_record = |ty: &TypeRef| names.contains(&ty.name());
        let objects = fields.iter().filter(|field| field.arguments.is_empty() && field.ty.item().is_none());
        let connections = fields.iter().filter(|field| {
            field.arguments.iter().any(|argument| argument.name == "first")
                && !field.arguments.iter().any(|argument| argument.is_required())
        });
        Record {
            name: schema.get(name).map_or("", |ty| &ty.name),
            leaves: leaves(schema, name),
            objects: objects.filter(|field| is_record(&field.ty)).collect(),
            connections: connections
                .filter_map(|field| {
                    let nodes = schema.fields(field.ty.name()).iter().find(|inner| inner.name == "nodes")?;
                    is_record(&nodes.ty).then_some((field, &nodes.ty))
                })
                .collect(),
        }
    };
    names.iter().map(record).collect()
}

/// The scalars and enums of a record without arguments, unless their names are Rust keywords.
fn leaves<'s>(schema: &'s Schema, record: &str) -> Vec<&'s Field> {
    let is_leaf = |field: &&Field| {
        schema.kind(field.ty.name()).is_leaf()
            && field.arguments.is_empty()
            && syn::parse_str::<syn::Ident>(&field.name).is_ok()
    };
    schema.fields(record).iter().filter(is_leaf).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_struct_has_all_fields_and_nests_only_flat_structs() -> Result<(), Error> {
        let selections = selections(&schema()?);
        assert_eq!(selections.len(), SELECTIONS);
        let names: BTreeSet<&str> = selections.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names.len(), SELECTIONS);
        let flat: BTreeSet<&str> = selections
            .iter()
            .filter(|it| it.fields.iter().all(|field| matches!(field.value, Value::Leaf)))
            .map(|it| it.name.as_str())
            .collect();
        let (mut objects, mut connections) = (0, 0);
        for selection in &selections {
            let fields: BTreeSet<&str> = selection.fields.iter().map(|field| field.name.as_str()).collect();
            assert_eq!(fields.len(), FIELDS, "{}", selection.name);
            for field in &selection.fields {
                match &field.value {
                    Value::Leaf => {}
                    Value::Object(name) => {
                        objects += 1;
                        assert!(flat.contains(name.as_str()), "{name}");
                    }
                    Value::Connection { node, .. } => {
                        connections += 1;
                        assert!(flat.contains(node.as_str()), "{node}");
                    }
                }
            }
        }
        assert!(objects > SELECTIONS / NESTED / 2, "{objects}");
        assert!(connections > SELECTIONS / NESTED / 2, "{connections}");
        Ok(())
    }
}
