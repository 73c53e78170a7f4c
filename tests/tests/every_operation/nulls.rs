//! Puts null into answers wherever the schema allows it, so that every field is seen with null too.

use crate::check::schema_json;
use serde_json::Value;
use std::collections::BTreeMap;

/// Which fields become null.
pub(crate) enum Nulls {
    /// None but those that the server sends.
    AsSent,
    /// Scalars, enums, references, and lists of them.
    Leaves(Types),
    /// Objects that are selected field by field, and lists of them, when they are in so many others.
    Objects(Types, usize),
}

/// Type -> field -> type of the field, as introspection has it.
pub(crate) struct Types(BTreeMap<String, BTreeMap<String, Value>>);

impl Types {
    pub(crate) fn read() -> Self {
        let schema: Value = serde_json::from_str(&schema_json()).unwrap();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
        let types = list(&schema["data"]["__schema"]["types"]);
        let fields = |ty: &Value| {
            list(&ty["fields"]).iter().map(|field| (name(field), field["type"].clone())).collect()
        };
        Self(types.iter().map(|ty| (name(ty), fields(ty))).collect())
    }

    fn field(&self, ty: &str, field: &str) -> &Value {
        self.0.get(ty).and_then(|fields| fields.get(field)).unwrap_or(&Value::Null)
    }
}

impl Nulls {
    /// Changes an answer. Root fields, connections and what the runtime asks for by itself stay.
    pub(crate) fn put(&self, answer: &mut Value) {
        let (types, objects_at) = match self {
            Self::AsSent => return,
            Self::Leaves(types) => (types, None),
            Self::Objects(types, depth) => (types, Some(*depth)),
        };
        let Some(data) = answer["data"].as_object_mut() else { return };
        for (name, value) in data {
            let field = match types.field("Query", name) {
                Value::Null => types.field("Mutation", name),
                field => field,
            };
            walk(types, objects_at, named(field), value);
        }
    }
}

/// The name of a type, whatever it is wrapped in.
fn named(ty: &Value) -> &str {
    match &ty["ofType"] {
        Value::Null => ty["name"].as_str().unwrap_or_default(),
        inner => named(inner),
    }
}

/// `objects_at` says how deep the objects are that become null; nothing: the leaves do.
fn walk(types: &Types, objects_at: Option<usize>, ty: &str, value: &mut Value) {
    if let Value::Array(items) = value {
        items.iter_mut().for_each(|item| walk(types, objects_at, ty, item));
    }
    let Value::Object(fields) = value else { return };
    let concrete = fields.get("__typename").and_then(Value::as_str).map(str::to_owned);
    let ty = concrete.as_deref().unwrap_or(ty);
    let is_connection = ty.ends_with("Connection");
    for (name, value) in fields.iter_mut() {
        let field = types.field(ty, name);
        if field.is_null() || ty == "PageInfo" {
            continue;
        }
        let is_object = is_selected(types, named(field), value);
        let nullable = field["kind"] != "NON_NULL" && !is_connection;
        let objects_below =
            if is_connection { objects_at } else { objects_at.map(|at| at.saturating_sub(1)) };
        match (is_object, objects_at) {
            (false, None) | (true, Some(0)) if nullable => *value = Value::Null,
            (true, _) => walk(types, objects_below, named(field), value),
            (false, _) => {}
        }
    }
}

/// Whether a value is an object, or a list of objects, with more than what names a record.
fn is_selected(types: &Types, ty: &str, value: &Value) -> bool {
    let is_leaf = types.0.get(ty).is_none_or(BTreeMap::is_empty);
    match value {
        Value::Array(items) => items.iter().any(|item| is_selected(types, ty, item)),
        Value::Object(fields) => !is_leaf && fields.keys().any(|key| key != "id" && key != "__typename"),
        _ => false,
    }
}
