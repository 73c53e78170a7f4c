//! A later version of the schema, as a server brings it every week or two.
//!
//! Nothing is taken away and nothing changes its type: a client made for the plain schema has to
//! read the answers all the same. What is new also shows up in the data, at places such a client
//! asks for: enum values it has never seen, and records of a type it does not know behind fields of
//! an interface type.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

use crate::error::SandboxError;
use crate::model::{Kind, Model};
use crate::relation;
use crate::store::Store;
use crate::value_lists::ValueLists;

/// The new value of every list of values that records hold.
pub(crate) const VALUE: &str = "drifted";
/// The new type, which is possible for every interface of records.
pub(crate) const RECORD: &str = "DriftRecord";

const ENUM: &str = "DriftMood";
const CONNECTION: &str = "DriftRecordConnection";
const EDGE: &str = "DriftRecordEdge";
/// Views go by this one's values, and a record in no view could not be found.
const CLOSED_ENUM: &str = "LifeCycleState";

/// Adds to the schema of an introspection result: to every record and every payload a field
/// `driftNote`, to every record also `driftRecord` and `driftMood`, to every input of a mutation an
/// optional field `driftHint`, to every list of values that is read the value `drifted`, be it an enum
/// or a scalar of `lists`, the types behind these fields, and the root field `driftRecords`.
pub(crate) fn schema(introspection_json: &str, lists: &mut ValueLists) -> Result<String, SandboxError> {
    let mut json: Value = serde_json::from_str(introspection_json)?;
    let pointer = if json.pointer("/data/__schema").is_some() { "/data/__schema" } else { "/__schema" };
    let query = json.pointer(&format!("{pointer}/queryType/name")).and_then(Value::as_str).map(str::to_owned);
    let mutation =
        json.pointer(&format!("{pointer}/mutationType/name")).and_then(Value::as_str).map(str::to_owned);
    // What is not a schema is refused where it is read.
    if let Some(Value::Array(types)) = json.pointer_mut(&format!("{pointer}/types")) {
        extend(types, query.as_deref(), mutation.as_deref(), lists);
    }
    Ok(json.to_string())
}

fn extend(types: &mut Vec<Value>, query: Option<&str>, mutation: Option<&str>, lists: &mut ValueLists) {
    let read = leaves_that_are_read(types);
    for (_, values) in lists.iter_mut().filter(|(name, _)| read.contains(*name)) {
        values.push(VALUE.to_owned());
    }
    let has_pages = types.iter().any(|ty| text(ty, "name") == "PageInfo");
    let (mut interfaces, mut fields) = (Vec::new(), BTreeMap::new());
    for ty in types.iter_mut() {
        let name = text(ty, "name").to_owned();
        let is_record = has_field(ty, "id");
        match text(ty, "kind") {
            "INTERFACE" if !has_field(ty, "clientMutationId") => {
                push(ty, "possibleTypes", reference("OBJECT", RECORD));
                interfaces.push(reference("INTERFACE", &name));
                for field in ty.get("fields").and_then(Value::as_array).into_iter().flatten() {
                    fields.insert(text(field, "name").to_owned(), field.clone());
                }
            }
            "OBJECT" if has_pages && Some(name.as_str()) == query => push(ty, "fields", root_field()),
            "OBJECT"
                if Some(name.as_str()) == mutation
                    || Some(name.as_str()) == query
                    || name.starts_with("__") => {}
            "OBJECT" => {
                if is_record || has_field(ty, "clientMutationId") {
                    push(ty, "fields", field("driftNote", reference("SCALAR", "String")));
                }
                if is_record {
                    push(ty, "fields", field("driftRecord", reference("OBJECT", RECORD)));
                    push(ty, "fields", field("driftMood", reference("ENUM", ENUM)));
                }
            }
            "INPUT_OBJECT" if ["CreateInput", "UpdateInput"].iter().any(|end| name.ends_with(end)) => {
                let hint = json!({ "name": "driftHint", "type": reference("SCALAR", "String"), "defaultValue": null });
                push(ty, "inputFields", hint);
            }
            "ENUM" if read.contains(&name) => push(ty, "enumValues", enum_value(VALUE)),
            _ => {}
        }
    }
    for (name, of) in [("id", non_null(reference("SCALAR", "ID"))), ("name", reference("SCALAR", "String"))] {
        fields.insert(name.to_owned(), field(name, of));
    }
    let fields: Vec<Value> = fields.into_values().collect();
    types.push(object(RECORD, &interfaces, &fields));
    let moods: Vec<Value> = ["calm", "restless"].map(enum_value).to_vec();
    types.push(json!({ "kind": "ENUM", "name": ENUM, "enumValues": moods }));
    if has_pages {
        let list_of = |of: Value| json!({ "kind": "LIST", "ofType": of });
        let connection = [
            field("edges", list_of(reference("OBJECT", EDGE))),
            field("nodes", list_of(reference("OBJECT", RECORD))),
            field("pageInfo", non_null(reference("OBJECT", "PageInfo"))),
            field("totalCount", non_null(reference("SCALAR", "Int"))),
        ];
        types.push(object(CONNECTION, &[], &connection));
        let edge = [
            field("cursor", non_null(reference("SCALAR", "String"))),
            field("node", reference("OBJECT", RECORD)),
        ];
        types.push(object(EDGE, &[], &edge));
    }
}

/// The enums and scalars of the fields of objects.
fn leaves_that_are_read(types: &[Value]) -> BTreeSet<String> {
    let leaves = types.iter().filter(|ty| matches!(text(ty, "kind"), "ENUM" | "SCALAR"));
    let leaves: BTreeSet<&str> = leaves.map(|ty| text(ty, "name")).collect();
    let outputs =
        types.iter().filter(|ty| text(ty, "kind") == "OBJECT" && !text(ty, "name").starts_with("__"));
    outputs
        .flat_map(|ty| ty.get("fields").and_then(Value::as_array).into_iter().flatten())
        .map(|field| inner(field.get("type")))
        .filter(|name| leaves.contains(name) && *name != CLOSED_ENUM)
        .map(str::to_owned)
        .collect()
}

fn inner(ty: Option<&Value>) -> &str {
    match ty.and_then(|ty| ty.get("ofType")).filter(|inner| !inner.is_null()) {
        Some(of) => inner(Some(of)),
        None => ty.map_or("", |ty| text(ty, "name")),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn has_field(ty: &Value, name: &str) -> bool {
    let fields = ty.get("fields").and_then(Value::as_array);
    fields.into_iter().flatten().any(|field| text(field, "name") == name)
}

fn push(ty: &mut Value, list: &str, item: Value) {
    if let Some(Value::Array(items)) = ty.get_mut(list) {
        items.push(item);
    }
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "kind": kind, "name": name, "ofType": null })
}

fn non_null(of: Value) -> Value {
    json!({ "kind": "NON_NULL", "name": null, "ofType": of })
}

fn field(name: &str, of: Value) -> Value {
    json!({ "name": name, "args": [], "type": of, "isDeprecated": false, "deprecationReason": null })
}

fn enum_value(name: &str) -> Value {
    json!({ "name": name, "isDeprecated": false, "deprecationReason": null })
}

fn object(name: &str, interfaces: &[Value], fields: &[Value]) -> Value {
    json!({ "kind": "OBJECT", "name": name, "interfaces": interfaces, "fields": fields })
}

fn root_field() -> Value {
    let arguments: Vec<Value> =
        [("after", "String"), ("before", "String"), ("first", "Int"), ("last", "Int")]
            .into_iter()
            .map(|(name, of)| json!({ "name": name, "type": reference("SCALAR", of), "defaultValue": null }))
            .collect();
    let mut field = field("driftRecords", non_null(reference("OBJECT", CONNECTION)));
    field["args"] = Value::from(arguments);
    field
}

/// Puts what is new into the records: the new value on some of those that have an enum field, the
/// new type behind some of the fields of an interface type.
pub(crate) fn fill(model: &Model, store: &mut Store) {
    let types: Vec<&str> = model.record_types().filter(|name| *name != RECORD).collect();
    let newcomer = format!("{RECORD}/1");
    for type_name in types {
        for (name, field) in model.fields(type_name) {
            let records: Vec<(u64, String)> =
                store.records(type_name).map(|record| (record.number, record.key.clone())).collect();
            match &field.kind {
                Kind::Leaf(of) | Kind::LeafList(of) if has_new_value(model, of) => {
                    let value = match field.kind {
                        Kind::LeafList(_) => json!([VALUE]),
                        _ => json!(VALUE),
                    };
                    for (_, key) in records.iter().filter(|(number, _)| number % 6 == 2) {
                        set(store, key, name, value.clone());
                    }
                }
                Kind::One(of) if of != RECORD && model.fits(of, RECORD) => {
                    for (_, key) in records.iter().filter(|(number, _)| number % 4 == 2) {
                        let old = store.get(key).and_then(|record| record.fields.get(name)?.as_str());
                        if let Some(old) = old.map(str::to_owned) {
                            relation::unlink(model, store, key, name, &old);
                        }
                        relation::link(model, store, key, name, &newcomer);
                        set(store, key, name, json!(newcomer));
                    }
                }
                Kind::Connection(of) if of != RECORD && model.fits(of, RECORD) => {
                    for (_, key) in records.iter().filter(|(number, _)| number % 4 == 2) {
                        set(store, key, name, json!([newcomer]));
                    }
                }
                _ => {}
            }
        }
    }
}

fn has_new_value(model: &Model, of: &str) -> bool {
    model.enum_values(of).is_some_and(|values| values.iter().any(|value| value == VALUE))
}

fn set(store: &mut Store, key: &str, name: &str, value: Value) {
    if let Some(fields) = store.fields_mut(key) {
        fields.insert(name.to_owned(), value);
    }
}
