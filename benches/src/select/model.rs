//! Selections of all sides, chosen from the schema, the same in every run.

use crate::error::Error;
use crate::files::{self, read};
use heck::ToSnakeCase;
use xurrent_generator::Schema;
use xurrent_generator::schema::{Field, Kind, TypeRef};

/// The package name on all sides.
pub(crate) const PACKAGE: &str = "user";

pub(crate) const FIELDS: usize = 15;

/// Every fourth struct has a nested object and a nested connection.
const NESTED: usize = 4;

/// Records of a nested connection.
pub(crate) const FIRST: u32 = 10;

pub(crate) struct Selection {
    pub(crate) name: String,
    /// The selected record.
    pub(crate) on: String,
    pub(crate) fields: Vec<Selected>,
}

pub(crate) struct Selected {
    /// The GraphQL name.
    pub(crate) name: String,
    pub(crate) ty: TypeRef,
    pub(crate) value: Value,
}

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

impl Selected {
    fn new(field: &Field, value: Value) -> Self {
        Self { name: field.name.clone(), ty: field.ty.clone(), value }
    }

    /// `requested_for` of `requestedFor`.
    pub(crate) fn rust_name(&self) -> String {
        self.name.to_snake_case()
    }
}

/// A type in the `Option`s and `Vec`s of its schema type.
pub(crate) fn wrapped(ty: &TypeRef, inner: &str) -> String {
    let whole = match ty.item() {
        Some(item) => format!("Vec<{}>", wrapped(item, inner)),
        None => inner.to_owned(),
    };
    if ty.is_nullable() { format!("Option<{whole}>") } else { whole }
}

pub(crate) fn schema() -> Result<Schema, Error> {
    Ok(Schema::from_json(&read(&files::schema())?)?)
}

/// So many structs: records with enough leaves take turns, each time with other fields.
pub(crate) fn selections(schema: &Schema, count: usize) -> Vec<Selection> {
    let objects = schema.types.iter().filter(|ty| ty.kind == Kind::Object);
    let names = objects.map(|ty| ty.name.as_str());
    let records = names.filter(|name| leaves(schema, name).len() >= FIELDS);
    // Each has two structs at least, of which one is flat.
    let records: Vec<&str> = records.take(count / 2).collect();
    let indexes = if records.is_empty() { 0..0 } else { 0..count };
    indexes.map(|index| selection(schema, &records, index, count)).collect()
}

fn selection(schema: &Schema, records: &[&str], index: usize, count: usize) -> Selection {
    let (round, on) = (index / records.len(), records[index % records.len()]);
    let flat_struct = |record: &str| flat_struct(records, record, count);
    let mut nested = Vec::new();
    if is_nested(index) {
        let is_record = |ty: &TypeRef| records.contains(&ty.name());
        let objects = schema
            .fields(on)
            .iter()
            .filter(|field| field.arguments.is_empty() && field.ty.item().is_none() && is_record(&field.ty));
        nested.extend(
            in_turn(objects, round)
                .map(|field| Selected::new(field, Value::Object(flat_struct(field.ty.name())))),
        );
        let connections = schema.fields(on).iter().filter_map(|field| {
            let nodes = schema.fields(field.ty.name()).iter().find(|inner| inner.name == "nodes")?;
            let is_connection = field.arguments.iter().any(|argument| argument.name == "first")
                && !field.arguments.iter().any(|argument| argument.is_required());
            (is_connection && is_record(&nodes.ty)).then_some((field, &nodes.ty))
        });
        nested.extend(in_turn(connections, round).map(|(field, nodes)| {
            let node = flat_struct(nodes.name());
            Selected::new(field, Value::Connection { node, nodes: nodes.clone() })
        }));
    }
    let leaves = leaves(schema, on).into_iter().cycle().skip(round * FIELDS / 2).take(FIELDS - nested.len());
    let fields = leaves.map(|field| Selected::new(field, Value::Leaf)).chain(nested).collect();
    Selection { name: format!("{on}{index}"), on: on.to_owned(), fields }
}

fn is_nested(index: usize) -> bool {
    index % NESTED == NESTED - 1
}

fn in_turn<T: Copy>(candidates: impl Iterator<Item = T>, round: usize) -> Option<T> {
    let candidates: Vec<T> = candidates.collect();
    candidates.get(round % candidates.len().max(1)).copied()
}

/// The first struct on a record with only leaves, so that no struct contains itself.
fn flat_struct(records: &[&str], record: &str, count: usize) -> String {
    let position = records.iter().position(|name| *name == record).unwrap_or_default();
    let mut indexes = (position..count).step_by(records.len());
    format!("{record}{}", indexes.find(|index| !is_nested(*index)).unwrap_or(position))
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
        let schema = schema()?;
        for count in [50, 200] {
            let selections = selections(&schema, count);
            assert_eq!(selections.len(), count);
            check(&selections);
        }
        Ok(())
    }

    fn check(selections: &[Selection]) {
        let names: BTreeSet<&str> = selections.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names.len(), selections.len());
        let flat: BTreeSet<&str> = selections
            .iter()
            .filter(|it| it.fields.iter().all(|field| matches!(field.value, Value::Leaf)))
            .map(|it| it.name.as_str())
            .collect();
        let (mut objects, mut connections) = (0, 0);
        for selection in selections {
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
        assert!(objects > selections.len() / NESTED / 2, "{objects}");
        assert!(connections > selections.len() / NESTED / 2, "{connections}");
    }
}
