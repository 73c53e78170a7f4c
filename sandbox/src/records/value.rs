//! Checks the values of records against the schema.

use serde_json::Value;

use super::insert::Insertion;
use crate::exact_number;
use crate::model::{Field, FieldKind};
use crate::scalar;
use crate::store::type_of;
use crate::suggestion::suggestion;

impl Insertion<'_> {
    /// The stored form of a field's value; `None` and a mistake if it does not fit. `place` names the field
    /// in errors.
    pub(super) fn value(&mut self, field: &Field, value: Value, place: &str) -> Option<Value> {
        if value.is_null() {
            if field.non_null {
                self.mistakes.push(format!("{place}: cannot be null"));
            }
            return (!field.non_null).then_some(value);
        }
        match &field.kind {
            FieldKind::Leaf(of) => self.leaf(of, value, place),
            FieldKind::LeafList(of) => {
                self.list(value, place, |this, item, place| this.leaf(of, item, place))
            }
            FieldKind::One(to) => self.record(to, value, place),
            FieldKind::Inline(of) => self.item(of, value, place),
            FieldKind::Objects(of) | FieldKind::Connection(of) => {
                self.list(value, place, |this, item, place| this.item(of, item, place))
            }
        }
    }

    fn list(
        &mut self,
        value: Value,
        place: &str,
        mut item: impl FnMut(&mut Self, Value, &str) -> Option<Value>,
    ) -> Option<Value> {
        let Value::Array(values) = value else { return self.unexpected("a list", &value, place) };
        let values = values.into_iter().enumerate();
        let values = values.map(|(index, value)| item(self, value, &format!("{place}[{index}]")));
        // All mistakes are found, not only the first.
        let values: Vec<Option<Value>> = values.collect();
        values.into_iter().collect()
    }

    /// A record or an object without one, by its type.
    fn item(&mut self, of: &str, value: Value, place: &str) -> Option<Value> {
        if !self.model.possible_types(of).is_empty() {
            return self.record(of, value, place);
        }
        match value {
            Value::Object(fields) => Some(self.object(of, fields, place)),
            other => self.unexpected(&format!("an object of type {of}"), &other, place),
        }
    }

    /// The store key of a record, which is named by its key or given as an object.
    fn record(&mut self, of: &str, value: Value, place: &str) -> Option<Value> {
        match value {
            Value::String(key) => self.reference(of, &key, place).map(Value::from),
            Value::Object(fields) => {
                let [type_name] = *self.model.possible_types(of) else {
                    let types = self.model.possible_types(of).join(", ");
                    self.mistakes.push(format!("{place}: expected the key of a record: {types}"));
                    return None;
                };
                let type_name = type_name.to_owned();
                let key = self.insert(&type_name);
                self.set_fields(&key, place, fields);
                Some(Value::from(key))
            }
            other => self.unexpected(&format!("the key of a {of}"), &other, place),
        }
    }

    /// The store key of the user's record with this key, or of the record `Person/12`.
    fn reference(&mut self, of: &str, key: &str, place: &str) -> Option<String> {
        let types = self.model.possible_types(of);
        let find =
            |type_name: &str, key: &str| self.keys.get(&(type_name.to_owned(), key.to_owned())).cloned();
        let mut found: Vec<String> = types.iter().filter_map(|type_name| find(type_name, key)).collect();
        if found.is_empty()
            && let Some((type_name, rest)) = key.split_once('/').filter(|(name, _)| types.contains(name))
        {
            let numbered = || self.store.get(key).map(|record| record.key.clone());
            found.extend(find(type_name, rest).or_else(numbered));
        }
        let mistake = match found.as_slice() {
            [found] => return Some(found.clone()),
            [] => {
                let mut known: Vec<&str> = self
                    .keys
                    .keys()
                    .filter(|(name, _)| types.contains(&name.as_str()))
                    .map(|(_, key)| key.as_str())
                    .collect();
                known.sort_unstable();
                format!("no {of} has the key {key:?}{}", suggestion(key, known.into_iter()))
            }
            several => {
                let names: Vec<String> =
                    several.iter().map(|it| format!("\"{}/{key}\"", type_of(it))).collect();
                format!("several records have the key {key:?}; write {}", names.join(" or "))
            }
        };
        self.mistakes.push(format!("{place}: {mistake}"));
        None
    }

    fn leaf(&mut self, of: &str, mut value: Value, place: &str) -> Option<Value> {
        if !scalar::keeps_digits(of) {
            exact_number::make_plain(&mut value);
        }
        let expected = match of {
            "String" | "ID" => (value.is_string(), "a string"),
            "Boolean" => (value.is_boolean(), "true or false"),
            "Int" => (value.as_i64().is_some_and(|int| i32::try_from(int).is_ok()), "an integer of 32 bits"),
            "Float" => (value.is_number(), "a number"),
            _ => (true, ""),
        };
        if let (false, expected) = expected {
            return self.unexpected(expected, &value, place);
        }
        let values = self.model.enum_values(of);
        let mistake = match (scalar::check(of, values, &value), values, value.as_str()) {
            (Ok(()), ..) => return Some(scalar::normal(of, value)),
            (Err(_), Some(values), Some(text)) => {
                let close = suggestion(text, values.iter().map(String::as_str));
                format!("unknown value {text:?} of {of}{close}")
            }
            (Err(error), ..) => error,
        };
        self.mistakes.push(format!("{place}: {mistake}"));
        None
    }

    fn unexpected(&mut self, expected: &str, value: &Value, place: &str) -> Option<Value> {
        let mut value = value.clone();
        exact_number::make_plain(&mut value);
        let mut found = value.to_string();
        if let Some((end, _)) = found.char_indices().nth(60) {
            found.truncate(end);
            found.push_str("...");
        }
        self.mistakes.push(format!("{place}: expected {expected}, found {found}"));
        None
    }
}
