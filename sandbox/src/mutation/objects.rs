//! Changes of objects without records of their own: custom fields, scopes of an app offering, recurrences.

use serde_json::{Value, json};

use super::change::Change;
use super::validation_error::{indexed, join};
use crate::model::FieldKind;
use crate::scalar;
use crate::store::Fields;

impl Change<'_> {
    pub(super) fn inline_list(&mut self, of: &str, value: &Value, path: &[&str]) -> Value {
        let items = value.as_array().into_iter().flatten();
        items.map(|item| self.inline(of, item, path)).collect()
    }

    /// An object without an id. Its input has fields and, with the suffix `Id`, records.
    pub(super) fn inline(&mut self, of: &str, value: &Value, parent: &[&str]) -> Value {
        let Value::Object(input) = value else { return Value::Null };
        let mut object = Fields::new();
        for (name, value) in input {
            let field = self.model.field(of, name).map(|field| &field.kind);
            let related = name.strip_suffix("Id").and_then(|stem| match &self.model.field(of, stem)?.kind {
                FieldKind::One(target) => Some((stem, target)),
                _ => None,
            });
            if let Some(FieldKind::Leaf(scalar)) = field {
                object.insert(name.clone(), scalar::normal(scalar, value.clone()));
            } else if let Some(FieldKind::LeafList(_)) = field {
                object.insert(name.clone(), value.clone());
            } else if let Some((stem, target)) = related
                && !value.is_null()
                && let Some(found) = self.find(target, value, &join(parent, &[name]))
            {
                object.insert(stem.to_owned(), json!(found));
            }
        }
        Value::Object(object)
    }

    pub(super) fn patch_custom_fields(&mut self, key: &str, value: &Value, path: &[&str]) {
        for patch in value.as_array().into_iter().flatten() {
            let id = patch.get("id").and_then(Value::as_str).map(str::trim);
            let Some(id) = id.filter(|id| !id.is_empty()) else {
                self.refuse(path, "The id of a custom field cannot be blank");
                continue;
            };
            let mut list = self.objects(key, "customFields");
            let patched = json!({ "id": id, "value": patch.get("value") });
            match list.iter_mut().find(|field| field["id"] == id) {
                Some(field) => *field = patched,
                None => list.push(patched),
            }
            self.set(key, "customFields", Value::from(list));
        }
    }

    /// Adds objects to a plain list. One with an `id` is updated.
    pub(super) fn add_objects(&mut self, key: &str, field: &str, of: &str, value: &Value, path: &[&str]) {
        let mut list = self.objects(key, field);
        for (index, input) in indexed(value) {
            let path = join(path, &[&index]);
            let Value::Object(mut object) = self.inline(of, input, &path) else { continue };
            match input.get("id").filter(|id| !id.is_null()) {
                None => {
                    if self.model.has_field(of, "id") {
                        object.insert("id".to_owned(), json!(format!("{key}/{field}/{}", list.len() + 1)));
                    }
                    list.push(Value::Object(object));
                }
                Some(id) => match list.iter_mut().find(|known| known.get("id") == Some(id)) {
                    Some(Value::Object(known)) => known.extend(object),
                    _ => self.refuse(&join(&path, &["id"]), format!("not found in {field}")),
                },
            }
        }
        self.set(key, field, Value::from(list));
    }

    /// Removes objects from a plain list.
    pub(super) fn remove_objects(&mut self, key: &str, field: &str, ids: &Value, path: &[&str]) {
        let mut list = self.objects(key, field);
        for id in ids.as_array().into_iter().flatten() {
            let length = list.len();
            list.retain(|known| known.get("id") != Some(id));
            if list.len() == length {
                self.refuse(path, format!("not found in {field}"));
            }
        }
        self.set(key, field, Value::from(list));
    }

    fn objects(&self, key: &str, field: &str) -> Vec<Value> {
        self.store.get(key).map_or(Vec::new(), |record| record.list(field).to_vec())
    }
}
