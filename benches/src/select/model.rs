//! What is selected, on all sides: chosen from the schema, the same in every run.

use crate::failure::Failure;
use crate::regen;
use std::fs;
use xurrent_generator::Schema;
use xurrent_generator::schema::{Field, Kind, WrappedType};

/// How many structs there are.
pub(crate) const SELECTIONS: usize = 200;

/// How many fields each of them has.
pub(crate) const FIELDS: usize = 15;

/// One struct in so many has a nested object and a nested connection.
const NESTED: usize = 4;

/// One struct.
pub(crate) struct Selection {
    pub(crate) name: String,
    /// The record that it selects from.
    pub(crate) on: String,
    pub(crate) fields: Vec<Selected>,
}

/// One field of a struct.
pub(crate) struct Selected {
    /// Its GraphQL name.
    pub(crate) name: String,
    pub(crate) ty: WrappedType,
    pub(crate) value: Value,
}

/// What a field holds.
pub(crate) enum Value {
    Leaf,
    /// Another of the structs.
    Object(String),
    /// Records, each as another of the structs.
    Connection {
        node: String,
        /// The type of the field `nodes`.
        nodes: WrappedType,
    },
}

/// A record that can be selected on.
struct Record<'s> {
    name: &'s str,
    leaves: Vec<&'s Field>,
    objects: Vec<&'s Field>,
    connections: Vec<(&'s Field, &'s WrappedType)>,
}

/// The schema of this workspace.
pub(crate) fn schema() -> Result<Schema, Failure> {
    Ok(Schema::from_json(&schema_json()?)?)
}

/// The introspection result of this workspace.
pub(crate) fn schema_json() -> Result<String, Failure> {
    let path = regen::schema();
    fs::read_to_string(&path).map_err(Failure::file("read", &path))
}

/// All structs: in turns one for each record that has enough leaves, each time with other fields.
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
            let value = Value::Object(of(records, field.ty.name()));
            fields.push(Selected { name: field.name.clone(), ty: field.ty.clone(), value });
        }
        if let Some((field, nodes)) = in_turn(&record.connections, round) {
            let value =
                Value::Connection { node: of(records, nodes.name()), nodes: WrappedType::clone(nodes) };
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

/// The first struct on a record that has only leaves, so that nothing contains itself.
fn of(records: &[Record<'_>], record: &str) -> String {
    let position = records.iter().position(|it| it.name == record).unwrap_or_default();
    let mut indexes = (position..SELECTIONS).step_by(records.len());
    format!("{record}{}", indexes.find(|index| !is_nested(*index)).unwrap_or(position))
}

fn records(schema: &Schema) -> Vec<Record<'_>> {
    let names: Vec<&str> = schema
        .types
        .iter()
        .filter(|(_, ty)| matches!(ty.kind, Kind::Object { .. }))
        .map(|(name, _)| name.as_str())
        .filter(|name| leaves(schema, name).len() >= FIELDS)
        .collect();
    let record = |name: &&'_ str| -> Record<'_> {
        let fields = schema.fields(name);
        let is_record = |ty: &WrappedType| names.contains(&ty.name());
        let objects = fields.iter().filter(|field| field.arguments.is_empty() && field.ty.item().is_none());
        let connections = fields.iter().filter(|field| {
            field.arguments.iter().any(|argument| argument.name == "first")
                && !field.arguments.iter().any(|argument| argument.is_required())
        });
        Record {
            name: schema.types.get_key_value(*name).map_or("", |(name, _)| name),
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

/// The scalars and enums of a record that can be asked for without an argument, and whose names are
/// no keywords of Rust.
fn leaves<'s>(schema: &'s Schema, record: &str) -> Vec<&'s Field> {
    let is_leaf = |field: &&Field| {
        matches!(schema.kind(field.ty.name()), Kind::Scalar | Kind::Enum(_))
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
    fn every_struct_has_as_many_fields_and_names_structs_without_nested_ones() -> Result<(), Failure> {
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
