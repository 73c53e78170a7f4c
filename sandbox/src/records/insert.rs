//! Adds records to the store, and the other ends of their relations.

use serde_json::{Value, json};
use std::collections::HashSet;

use super::own_record::{Keys, OwnRecord};
use crate::model::{FieldKind, Model};
use crate::record_defaults;
use crate::relation::{self, Link};
use crate::scalar;
use crate::seed;
use crate::store::{Fields, ME, NOW, OWN_ACCOUNT, Store, items, type_of};
use crate::suggestion::suggestion;

/// The key of the owner of the token.
const ME_KEY: &str = "me";

/// Records on their way into the store.
pub(super) struct Insertion<'a> {
    pub(super) model: &'a Model,
    pub(super) store: &'a mut Store,
    pub(super) keys: Keys,
    pub(super) mistakes: Vec<String>,
    links: Vec<Link<'a>>,
    /// The relations that records name, by store key and field.
    explicit: HashSet<(String, String)>,
}

impl<'a> Insertion<'a> {
    pub(super) fn new(model: &'a Model, store: &'a mut Store, account: &str) -> Self {
        let known = [(ME, ME_KEY), (OWN_ACCOUNT, account)];
        let known = known.into_iter().filter(|(key, _)| store.get(key).is_some());
        let keys = known.map(|(key, name)| ((type_of(key).to_owned(), name.to_owned()), key.to_owned()));
        let keys = keys.collect();
        Self { model, store, keys, mistakes: Vec::new(), links: Vec::new(), explicit: HashSet::new() }
    }

    /// Adds the records and returns their keys.
    ///
    /// # Errors
    /// All mistakes.
    pub(super) fn run(mut self, records: Vec<OwnRecord>) -> Result<Keys, Vec<String>> {
        let mut own = HashSet::new();
        let mut added = Vec::new();
        for (index, record) in records.into_iter().enumerate() {
            let name = record.name(index);
            if !self.model.is_record(&record.type_name) {
                let close = suggestion(&record.type_name, self.model.record_types());
                self.mistakes.push(format!("unknown type {:?}{close}", record.type_name));
                continue;
            }
            let full_key = record.key.clone().map(|key| (record.type_name.clone(), key));
            if let Some(full_key) = &full_key
                && !own.insert(full_key.clone())
            {
                self.mistakes.push(format!("{name}: another record of the type has this key"));
                continue;
            }
            let known = full_key.as_ref().and_then(|full_key| self.keys.get(full_key).cloned());
            let store_key = known.unwrap_or_else(|| self.insert(&record.type_name));
            if let Some(full_key) = full_key {
                self.keys.insert(full_key, store_key.clone());
            }
            added.push((store_key, name, record.fields));
        }
        for (store_key, name, fields) in added {
            self.set_fields(&store_key, &name, fields);
        }
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        let links = std::mem::take(&mut self.links);
        for (owner, field, target) in &links {
            self.set_single_end(owner, field, target);
        }
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        relation::link_all(self.model, self.store, links);
        Ok(self.keys)
    }

    /// Adds a record without values of its own and returns its store key.
    pub(super) fn insert(&mut self, type_name: &str) -> String {
        let (model, now) = (self.model, scalar::timestamp(NOW));
        self.store.insert_with(type_name, |number| {
            let mut values = record_defaults::values(model, type_name, number, &now);
            for (name, value) in seed::required(model, type_name, number) {
                values.entry(name).or_insert(value);
            }
            values
        })
    }

    /// Sets fields of a record. `name` names it in errors.
    pub(super) fn set_fields(
        &mut self,
        key: &str,
        name: &str,
        values: impl IntoIterator<Item = (String, Value)>,
    ) {
        let (model, type_name) = (self.model, type_of(key).to_owned());
        for (field, value) in values {
            let place = format!("{name}: field `{field}`");
            if field == "id" {
                self.mistakes
                    .push(format!("{place}: the sandbox assigns ids; refer to the record by its key"));
                continue;
            }
            let Some((field, definition)) = model.fields(&type_name).find(|(known, _)| *known == field)
            else {
                let close = suggestion(&field, model.fields(&type_name).map(|(name, _)| name));
                self.mistakes.push(format!("{name}: unknown field `{field}` of {type_name}{close}"));
                continue;
            };
            let Some(value) = self.value(definition, value, &place) else { continue };
            if let FieldKind::One(_) | FieldKind::Connection(_) = definition.kind {
                self.relate(key, field, &value);
            }
            if let Some(fields) = self.store.fields_mut(key) {
                fields.insert(field.to_owned(), value);
            }
        }
    }

    /// Fields of an object without a record.
    pub(super) fn object(&mut self, type_name: &str, values: Fields, place: &str) -> Value {
        let (model, mut object) = (self.model, Fields::new());
        for (field, value) in values {
            let Some(definition) = model.field(type_name, &field) else {
                let close = suggestion(&field, model.fields(type_name).map(|(name, _)| name));
                self.mistakes.push(format!("{place}: unknown field `{field}` of {type_name}{close}"));
                continue;
            };
            let value = self.value(definition, value, &format!("{place}.{field}"));
            object.extend(value.map(|value| (field, value)));
        }
        Value::Object(object)
    }

    /// Notes the relations of a field that is about to be set, and removes those that it replaces.
    fn relate(&mut self, key: &str, field: &'a str, value: &Value) {
        let old =
            self.store.get(key).and_then(|record| record.fields.get(field).cloned()).unwrap_or_default();
        for old in items(&old).iter().filter_map(Value::as_str) {
            relation::unlink(self.model, self.store, key, field, old);
        }
        self.explicit.insert((key.to_owned(), field.to_owned()));
        let targets = items(value).iter().filter_map(Value::as_str);
        self.links.extend(targets.map(|target| (key.to_owned(), field, target.to_owned())));
    }

    /// Sets the to-one field at the other end of a connection: `organization` of the `people`.
    fn set_single_end(&mut self, owner: &str, field: &str, target: &str) {
        let (model, owner_type, target_type) = (self.model, type_of(owner), type_of(target));
        if !model.field(owner_type, field).is_some_and(|it| matches!(it.kind, FieldKind::Connection(_))) {
            return;
        }
        for (name, back) in model.fields(target_type) {
            let is_other_end = matches!(&back.kind, FieldKind::One(to) if model.fits(to, owner_type))
                && relation::other_end(model, target_type, name, owner_type) == Some(field);
            let old = self.store.get(target).and_then(|record| record.text(name).map(str::to_owned));
            if !is_other_end || old.as_deref() == Some(owner) {
                continue;
            }
            if !self.explicit.insert((target.to_owned(), name.to_owned())) {
                let (owner, target) = (self.name_of(owner), self.name_of(target));
                self.mistakes.push(format!("{owner}: field `{field}`: {target} has another `{name}`"));
                continue;
            }
            if let Some(old) = old {
                relation::unlink(model, self.store, target, name, &old);
            }
            if let Some(fields) = self.store.fields_mut(target) {
                fields.insert(name.to_owned(), json!(owner));
            }
        }
    }

    fn name_of(&self, store_key: &str) -> String {
        let own = self.keys.iter().find(|(_, key)| *key == store_key);
        own.map_or_else(|| store_key.to_owned(), |((type_name, key), _)| format!("{type_name} {key:?}"))
    }
}
