//! Puts null into answers wherever the schema allows it, so that every field is seen with null too.

use crate::sandboxed::schema;
use serde_json::Value;
use std::collections::BTreeMap;

/// Which fields become null.
pub(crate) enum Nulls {
    /// None but those that the server sends.
    AsSent,
    /// Scalars, enums, references, and lists of them.
    Leaves(Types),
    /// Those of them whose place in their object has this bit set. Any two fields of an object are
    /// told apart by one of the bits, so a swapped pair shows even where both have one value.
    SomeLeaves(Types, u32),
    /// Objects that are selected field by field, and lists of them, when they are in so many others.
    Objects(Types, usize),
}

/// Type -> field -> type of the field, as introspection has it.
pub(crate) struct Types(BTreeMap<String, BTreeMap<String, Value>>);

impl Types {
    pub(crate) fn read() -> Self {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
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
        let (types, which) = match self {
            Self::AsSent => return,
            Self::Leaves(types) => (types, Which::Leaves),
            Self::SomeLeaves(types, bit) => (types, Which::SomeLeaves(*bit)),
            Self::Objects(types, depth) => (types, Which::ObjectsAt(*depth)),
        };
        let Some(data) = answer["data"].as_object_mut() else { return };
        for (name, value) in data {
            let field = match types.field("Query", name) {
                Value::Null => types.field("Mutation", name),
                field => field,
            };
            walk(types, which, named(field), value);
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

#[derive(Clone, Copy)]
enum Which {
    Leaves,
    SomeLeaves(u32),
    ObjectsAt(usize),
}

impl Which {
    /// Whether a nullable field becomes null, given what it holds and its place in its object.
    fn takes(self, is_object: bool, place: usize) -> bool {
        match self {
            Self::Leaves => !is_object,
            Self::SomeLeaves(bit) => !is_object && place >> bit & 1 == 1,
            Self::ObjectsAt(depth) => is_object && depth == 0,
        }
    }

    fn below(self) -> Self {
        match self {
            Self::ObjectsAt(depth) => Self::ObjectsAt(depth.saturating_sub(1)),
            leaves => leaves,
        }
    }
}

fn walk(types: &Types, which: Which, ty: &str, value: &mut Value) {
    if let Value::Array(items) = value {
        items.iter_mut().for_each(|item| walk(types, which, ty, item));
    }
    let Value::Object(fields) = value else { return };
    let concrete = fields.get("__typename").and_then(Value::as_str).map(str::to_owned);
    let ty = concrete.as_deref().unwrap_or(ty);
    let is_connection = ty.ends_with("Connection");
    for (place, (name, value)) in fields.iter_mut().enumerate() {
        let field = types.field(ty, name);
        if field.is_null() || ty == "PageInfo" {
            continue;
        }
        let is_object = is_selected(types, named(field), value);
        let nullable = field["kind"] != "NON_NULL" && !is_connection;
        if nullable && which.takes(is_object, place) {
            *value = Value::Null;
        } else if is_object {
            let which = if is_connection { which } else { which.below() };
            walk(types, which, named(field), value);
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
