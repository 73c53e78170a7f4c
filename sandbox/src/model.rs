//! The schema in the form that the store and the resolvers need.

use apollo_compiler::schema::{ExtendedType, ObjectType, Type};
use apollo_compiler::{Name, Schema};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::value_lists::ValueLists;

/// How the store represents the value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// A scalar or enum of that name.
    Leaf(String),
    /// A list of scalars or enums of that name.
    LeafList(String),
    /// A record of that object or interface type, stored as its key.
    One(String),
    /// An object without an id, stored inline.
    Inline(String),
    /// A plain list of objects, each a key or an inline object.
    Objects(String),
    /// A connection with nodes of that type, stored as a list of keys or objects.
    Connection(String),
}

impl FieldKind {
    /// The object type of the value; `None` for scalars and enums.
    pub(crate) fn object_type(&self) -> Option<&str> {
        match self {
            Self::Leaf(_) | Self::LeafList(_) => None,
            Self::One(of) | Self::Inline(of) | Self::Objects(of) | Self::Connection(of) => Some(of),
        }
    }
}

/// A field of an output type.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) kind: FieldKind,
    pub(crate) non_null: bool,
}

/// The suffix of the type of a record in its create payload.
const CREATED: &str = "CreateResponse";

#[derive(Debug)]
pub(crate) struct Model {
    /// The fields of the object types with data: not roots or payloads.
    types: BTreeMap<String, BTreeMap<String, Field>>,
    records: BTreeSet<String>,
    /// Connection type to node type.
    connections: HashMap<String, String>,
    /// Interface to the record types that implement it.
    possible: BTreeMap<String, BTreeSet<String>>,
    /// The values of every enum, and of every scalar that is a list of values.
    enums: BTreeMap<String, Vec<String>>,
}

impl Model {
    /// `value_lists` are the values of scalars, which the schema does not contain.
    pub(crate) fn new(schema: &Schema, value_lists: ValueLists) -> Self {
        let connections = connection_types(schema);
        let records = record_types(schema, &connections);
        let mut model = Self {
            types: BTreeMap::new(),
            possible: BTreeMap::new(),
            enums: value_lists,
            connections,
            records,
        };
        for (name, definition) in schema.types.iter().filter(|(_, definition)| !definition.is_built_in()) {
            match definition {
                ExtendedType::Enum(definition) => {
                    let values = definition.values.keys().map(ToString::to_string).collect();
                    model.enums.insert(name.to_string(), values);
                }
                ExtendedType::Object(object)
                    if !is_root(schema, name) && !implements(object, "MutationPayload") =>
                {
                    let fields = object.fields.iter().map(|(name, field)| {
                        let kind = model.kind(schema, &field.ty);
                        (name.to_string(), Field { kind, non_null: field.ty.is_non_null() })
                    });
                    let fields = fields.collect();
                    model.types.insert(name.to_string(), fields);
                    let records = &model.records;
                    for interface in
                        object.implements_interfaces.iter().filter(|_| records.contains(name.as_str()))
                    {
                        model.possible.entry(interface.to_string()).or_default().insert(name.to_string());
                    }
                }
                _ => {}
            }
        }
        model
    }

    /// The record type of a type that only a create payload has, such as `WebhookPolicyCreateResponse`.
    pub(crate) fn created<'a>(&self, type_name: &'a str) -> Option<&'a str> {
        type_name.strip_suffix(CREATED).filter(|record| self.is_record(record))
    }

    fn kind(&self, schema: &Schema, ty: &Type) -> FieldKind {
        let inner = ty.inner_named_type().to_string();
        let definition = schema.types.get(inner.as_str());
        let is_object = definition.is_some_and(|ty| ty.is_object() || ty.is_interface() || ty.is_union());
        if let Some(node) = self.connections.get(&inner) {
            FieldKind::Connection(node.clone())
        } else if !is_object {
            if ty.is_list() { FieldKind::LeafList(inner) } else { FieldKind::Leaf(inner) }
        } else if ty.is_list() {
            FieldKind::Objects(inner)
        } else if self.records.contains(&inner) || schema.get_interface(&inner).is_some() {
            FieldKind::One(inner)
        } else {
            FieldKind::Inline(inner)
        }
    }

    /// The types with records in the store, in alphabetical order.
    pub(crate) fn record_types(&self) -> impl Iterator<Item = &str> {
        self.records.iter().map(String::as_str)
    }

    pub(crate) fn is_record(&self, type_name: &str) -> bool {
        self.records.contains(type_name)
    }

    pub(crate) fn fields(&self, type_name: &str) -> impl Iterator<Item = (&str, &Field)> {
        self.types.get(type_name).into_iter().flatten().map(|(name, field)| (name.as_str(), field))
    }

    pub(crate) fn field(&self, type_name: &str, field: &str) -> Option<&Field> {
        self.types.get(type_name)?.get(field)
    }

    pub(crate) fn has_field(&self, type_name: &str, field: &str) -> bool {
        self.field(type_name, field).is_some()
    }

    /// The node type of a connection type.
    pub(crate) fn node_type(&self, connection: &str) -> Option<&str> {
        self.connections.get(connection).map(String::as_str)
    }

    /// The values of an enum, or of a scalar that is a list of values.
    pub(crate) fn enum_values(&self, name: &str) -> Option<&[String]> {
        self.enums.get(name).map(Vec::as_slice)
    }

    /// The record types of a value of this object or interface type.
    pub(crate) fn possible_types<'a>(&'a self, type_name: &'a str) -> Vec<&'a str> {
        if self.records.contains(type_name) {
            return vec![type_name];
        }
        self.possible.get(type_name).into_iter().flatten().map(String::as_str).collect()
    }

    /// Whether a record of type `actual` is a value of type `expected`.
    pub(crate) fn fits(&self, expected: &str, actual: &str) -> bool {
        expected == actual || self.possible.get(expected).is_some_and(|types| types.contains(actual))
    }
}

fn implements(object: &ObjectType, interface: &str) -> bool {
    object.implements_interfaces.iter().any(|name| name.as_str() == interface)
}

pub(crate) fn is_root(schema: &Schema, name: &str) -> bool {
    schema.schema_definition.iter_root_operations().any(|(_, root)| root.name.as_str() == name)
}

/// The connection types, recognised by their fields, with their node types.
fn connection_types(schema: &Schema) -> HashMap<String, String> {
    let connection = |(name, definition): (&Name, &ExtendedType)| {
        let fields = &definition.as_object()?.fields;
        let node = fields.get("nodes").filter(|_| fields.contains_key("pageInfo"))?;
        Some((name.to_string(), node.ty.inner_named_type().to_string()))
    };
    schema.types.iter().filter_map(connection).collect()
}

/// A type has records if it has an id and is reachable by `node`, a to-one field or a connection, not only
/// by a plain list. The id of `CustomField` is a name within its owner.
fn record_types(schema: &Schema, connections: &HashMap<String, String>) -> BTreeSet<String> {
    let objects = || schema.types.values().filter_map(ExtendedType::as_object);
    let fields = objects().flat_map(|object| object.fields.values());
    let single = fields.filter(|field| !field.ty.is_list()).map(|field| field.ty.inner_named_type().as_str());
    let reachable: BTreeSet<&str> = connections.values().map(String::as_str).chain(single).collect();
    let has_records = |object: &&ObjectType| {
        let created = object.name.strip_suffix(CREATED);
        object.fields.contains_key("id")
            && created.is_none_or(|record| schema.get_object(record).is_none())
            && (reachable.contains(object.name.as_str()) || implements(object, "Node"))
    };
    objects().filter(has_records).map(|object| object.name.to_string()).collect()
}
