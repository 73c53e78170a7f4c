//! Schema evolution: a later version of the schema, as a server deploys it every week or two.
//!
//! Nothing is removed and no type changes, so a client of the original schema must still read every
//! response. The additions also appear in the data, where such a client meets them: unknown enum
//! values, and records of an unknown type behind fields of an interface type.

use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::model::{FieldKind, Model, is_root};
use crate::relation;
use crate::store::Store;
use crate::value_lists::ValueLists;

/// The value added to every value list that records hold.
pub(crate) const VALUE: &str = "evolved";
/// The added record type. It implements every interface of records.
pub(crate) const RECORD: &str = "EvolvedRecord";

/// Unchanged: views depend on its values, and a record in no view could not be found.
const CLOSED_ENUM: &str = "LifeCycleState";

const TYPES: &str = "
enum EvolvedMood { calm restless }
type EvolvedRecordConnection {
  edges: [EvolvedRecordEdge]
  nodes: [EvolvedRecord]
  pageInfo: PageInfo!
  totalCount: Int!
}
type EvolvedRecordEdge { cursor: String! node: EvolvedRecord }
";

/// The SDL that extends `schema`: a field `evolvedNote` on every record and payload, also
/// `evolvedRecord` and `evolvedMood` on every record, an optional field `evolvedHint` on every create
/// and update input, the value `evolved` in every value list that is read (enum or scalar of `lists`),
/// the types of these fields, and the root field `evolvedRecords`.
pub(crate) fn extension(schema: &Schema, lists: &mut ValueLists) -> String {
    let read = leaves_read(schema);
    for (_, values) in lists.iter_mut().filter(|(name, _)| read.contains(*name)) {
        values.push(VALUE.to_owned());
    }
    let mut sdl = String::new();
    let (mut interfaces, mut fields) = (Vec::new(), BTreeMap::new());
    for (name, definition) in schema.types.iter().filter(|(_, definition)| !definition.is_built_in()) {
        let (keyword, addition) = match definition {
            ExtendedType::Interface(interface) if !interface.fields.contains_key("clientMutationId") => {
                interfaces.push(name.as_str());
                let own = interface.fields.iter().map(|(name, field)| (name.as_str(), field.to_string()));
                fields.extend(own);
                continue;
            }
            ExtendedType::Object(_) if is_root(schema, name) => continue,
            ExtendedType::Object(object) if object.fields.contains_key("id") => {
                ("type", "evolvedNote: String evolvedRecord: EvolvedRecord evolvedMood: EvolvedMood")
            }
            ExtendedType::Object(object) if object.fields.contains_key("clientMutationId") => {
                ("type", "evolvedNote: String")
            }
            ExtendedType::InputObject(_)
                if name.ends_with("CreateInput") || name.ends_with("UpdateInput") =>
            {
                ("input", "evolvedHint: String")
            }
            ExtendedType::Enum(_) if read.contains(name.as_str()) => ("enum", VALUE),
            _ => continue,
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(sdl, "extend {keyword} {name} {{ {addition} }}");
    }
    fields.extend([("id", "id: ID!".to_owned()), ("name", "name: String".to_owned())]);
    let implements = if interfaces.is_empty() { "" } else { " implements " };
    let fields: Vec<String> = fields.into_values().collect();
    let record = format!("type {RECORD}{implements}{} {{\n{}\n}}", interfaces.join(" & "), fields.join("\n"));
    let has_pages = schema.types.contains_key("PageInfo");
    let types = if has_pages { TYPES } else { "enum EvolvedMood { calm restless }\n" };
    sdl = sdl + &record + types;
    if let Some(query) = schema.schema_definition.query.as_ref().filter(|_| has_pages) {
        let arguments = "after: String, before: String, first: Int, last: Int";
        let _ = writeln!(sdl, "extend type {query} {{ evolvedRecords({arguments}): {RECORD}Connection! }}");
    }
    sdl
}

/// The enums and scalars of the fields of objects.
fn leaves_read(schema: &Schema) -> BTreeSet<String> {
    let objects = schema.types.values().filter(|definition| !definition.is_built_in());
    let fields = objects.filter_map(ExtendedType::as_object).flat_map(|object| object.fields.values());
    fields
        .map(|field| field.ty.inner_named_type().as_str())
        .filter(|name| *name != CLOSED_ENUM)
        .filter(|name| schema.types.get(*name).is_some_and(|of| of.is_enum() || of.is_scalar()))
        .map(str::to_owned)
        .collect()
}

/// Puts the additions into the records: the new value into some of those with an enum field, the new
/// type behind some fields of an interface type.
pub(crate) fn fill(model: &Model, store: &mut Store) {
    let evolved_record = format!("{RECORD}/1");
    let has_new_value =
        |of| model.enum_values(of).is_some_and(|values| values.iter().any(|value| value == VALUE));
    let has_new_type = |of: &str| of != RECORD && model.fits(of, RECORD);
    for type_name in model.record_types().filter(|name| *name != RECORD) {
        for (name, field) in model.fields(type_name) {
            let (divisor, value) = match &field.kind {
                FieldKind::Leaf(of) if has_new_value(of) => (6, json!(VALUE)),
                FieldKind::LeafList(of) if has_new_value(of) => (6, json!([VALUE])),
                FieldKind::One(of) if has_new_type(of) => (4, json!(evolved_record)),
                FieldKind::Connection(of) if has_new_type(of) => (4, json!([evolved_record])),
                _ => continue,
            };
            let records = store.records(type_name).filter(|record| record.number % divisor == 2);
            let records = records.map(|record| (record.key.clone(), record.text(name).map(str::to_owned)));
            for (key, old) in records.collect::<Vec<_>>() {
                if let FieldKind::One(_) = field.kind {
                    if let Some(old) = old {
                        relation::unlink(model, store, &key, name, &old);
                    }
                    relation::link(model, store, &key, name, &evolved_record);
                }
                if let Some(fields) = store.fields_mut(&key) {
                    fields.insert(name.to_owned(), value.clone());
                }
            }
        }
    }
}
