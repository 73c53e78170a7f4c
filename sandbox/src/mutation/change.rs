//! The change of the store by the input of a mutation.
//!
//! The names of input fields determine their effect: `subject` sets `subject`, `teamId` sets the relation
//! `team`, `teamIds` replaces the connection `teams`, `newWatches` adds to `watches`, and `watchesToDelete`
//! removes from it. Absent fields stay unchanged, null clears.
//!
//! Input fields without a readable counterpart (`supportDomain`, `html`,
//! `suppressNoteAddedNotifications`, ...) have no effect; ids in them are checked by [`Change::check_ids`].

use apollo_compiler::Schema;
use serde_json::{Value, json};

use super::validation_error::{blank, join, label, last};
use crate::model::{FieldKind, Model};
use crate::node_id;
use crate::path::{lower_first, plurals, upper_first};
use crate::record_defaults;
use crate::relation;
use crate::scalar;
use crate::storage::Uploads;
use crate::store::{Fields, ME, Record, Store, fields, type_of};
use crate::view::account;
use crate::webhook::{AddressRule, POLICY, WEBHOOK};

/// One mutation in progress.
pub(crate) struct Change<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) model: &'a Model,
    /// The store before the mutation.
    pub(crate) before: &'a Store,
    pub(crate) store: &'a mut Store,
    pub(crate) now: String,
    /// The language of messages.
    pub(crate) language: &'a str,
    pub(crate) uploads: &'a Uploads,
    /// The allowed addresses of webhooks.
    pub(crate) addresses: AddressRule,
    /// The validation errors, as in payloads.
    pub(crate) errors: Vec<Fields>,
}

impl<'a> Change<'a> {
    pub(crate) fn refuse(&mut self, path: &[&str], message: impl Into<String>) {
        self.errors.push(fields(json!({ "path": path, "message": message.into() })));
    }

    pub(crate) fn refuse_blank(&mut self, path: &[&str], field: &str) {
        self.refuse(path, blank(field, self.language));
    }

    /// Whether there is an error of an input field or one of its parents.
    pub(crate) fn is_refused(&self, path: &[&str]) -> bool {
        self.errors.iter().filter_map(|error| error.get("path")?.as_array()).any(|refused| {
            refused.len() <= path.len() && refused.iter().zip(path).all(|(refused, step)| refused == step)
        })
    }

    pub(crate) fn refuse_unknown(&mut self, path: &[&str]) {
        let field = last(path);
        let record = ["Id", "Ids", "ID"].iter().find_map(|ending| field.strip_suffix(ending));
        self.refuse(path, format!("{} not found", label(record.unwrap_or("record"))));
    }

    pub(crate) fn refuse_type(&mut self, path: &[&str], actual: &str, target: &str) {
        self.refuse(path, format!("{} is the id of a {actual}, not of a {target}", last(path)));
    }

    /// Creates a record and returns its key.
    pub(crate) fn create(&mut self, type_name: &str, input: &Fields) -> Option<String> {
        self.check_texts(input);
        // A template provides the subject.
        let has_template = input.get("templateId").is_some_and(|id| !id.is_null());
        if self.model.has_field(type_name, "subject") && !has_template && !input.contains_key("subject") {
            self.refuse_blank(&["subject"], "subject");
        }
        let key = self.insert(type_name);
        if type_name == POLICY {
            self.name_policy(&key);
            self.validate_policy(&key, input);
        }
        if type_name == "Request" {
            self.fill_request(&key, input);
        }
        self.apply_all(&key, input);
        if type_name == "Note" {
            self.assign_note_owner(&key, input);
        }
        Some(key)
    }

    /// Updates a record and returns its key.
    pub(crate) fn update(&mut self, type_name: &str, input: &Fields) -> Option<String> {
        let key = self.find(type_name, input.get("id")?, &["id"])?;
        self.check_texts(input);
        if type_name == POLICY {
            self.validate_policy(&key, input);
        }
        self.apply_all(&key, input);
        self.set(&key, "updatedAt", json!(self.now));
        Some(key)
    }

    /// Deletes a record and returns its key.
    pub(crate) fn delete(&mut self, type_name: &str, input: &Fields) -> Option<String> {
        let key = self.find(type_name, input.get("id")?, &["id"])?;
        if type_name == POLICY {
            self.validate_policy_delete(&key);
        }
        self.remove(&key);
        Some(key)
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if self.store.remove(key) {
            relation::remove_references(self.model, self.store, key);
        }
    }

    /// Adds a record with the initial values of its type.
    pub(crate) fn insert(&mut self, type_name: &str) -> String {
        self.store.insert_with(type_name, |number| {
            record_defaults::values(self.model, type_name, number, &self.now)
        })
    }

    fn fill_request(&mut self, key: &str, input: &Fields) {
        // By default the requester is the owner of the token.
        let requester = input.get("requestedById").and_then(|id| node_id::decode(id.as_str()?));
        let requester = requester.filter(|key| key.starts_with("Person/") && self.store.get(key).is_some());
        self.set(key, "requestedFor", json!(requester.as_deref().unwrap_or(ME)));
    }

    /// Applies all input fields to the record `key` and sets fields that depend on others.
    fn apply_all(&mut self, key: &str, input: &Fields) {
        for (name, value) in input {
            self.apply(key, name, value, input, &[]);
        }
        if type_of(key) == WEBHOOK {
            self.validate_webhook(key, input);
        }
        let is_completed = |record: &Record| {
            record.text("status") == Some("completed") && record.value("completedAt").is_none()
        };
        if self.store.get(key).is_some_and(is_completed) {
            self.set(key, "completedAt", json!(self.now));
        }
    }

    /// Refuses blank strings that are required.
    fn check_texts(&mut self, input: &Fields) {
        for name in ["subject", "name", "primaryEmail", "text"] {
            let value = input.get(name);
            if value.is_some_and(|value| {
                value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
            }) {
                self.refuse_blank(&[name], name);
            }
        }
    }

    /// Applies one input field to the record `key`.
    pub(crate) fn apply(&mut self, key: &str, name: &str, value: &Value, input: &Fields, parent: &[&str]) {
        let path = join(parent, &[name]);
        let (model, type_name) = (self.model, type_of(key));
        let kind = |field: &str| model.field(type_name, field).map(|field| &field.kind);
        if let "id" | "clientMutationId" = name {
        } else if let Some(kind) = kind(name) {
            self.apply_same_name(key, name, kind, value, &path);
        } else if let Some((field, target)) =
            name.strip_suffix("Id").and_then(|stem| self.relation(type_name, stem))
        {
            self.relate_by_id(key, &field, target, value, &path);
        } else if let Some((field, node)) = name
            .strip_suffix("Ids")
            .map(|stem| if stem == "ci" { "configurationItem" } else { stem })
            .and_then(|stem| self.connection(type_name, stem))
        {
            self.replace(key, &field, node, value, &path);
        } else if let Some(field) = name.strip_prefix("new").map(lower_first)
            && let Some(kind) = kind(&field)
        {
            match kind {
                FieldKind::Connection(node) => self.add_children(key, &field, node, value, &path),
                FieldKind::Objects(of) => self.add_objects(key, &field, of, value, &path),
                _ => {}
            }
        } else if let Some(field) = name.strip_suffix("ToDelete")
            && let Some(kind) = kind(field)
        {
            match kind {
                FieldKind::Connection(_) => self.remove_children(key, field, value, &path),
                FieldKind::Objects(_) => self.remove_objects(key, field, value, &path),
                _ => {}
            }
        } else if let "note" | "internalNote" = name {
            self.add_note(key, name, value, input);
        } else if name == "timeSpent" {
            self.add_time_entry(key, value, input, &path);
        } else if name == "attachments" {
            self.attach(key, "textAttachments", value);
        }
    }

    /// The to-one field of an input field `<stem>Id`: `stem`, or with the record type as a prefix
    /// (`providerId` of a service is `serviceProvider`).
    fn relation(&self, type_name: &str, stem: &str) -> Option<(String, &'a str)> {
        let model = self.model;
        let long = format!("{}{}", lower_first(type_name), upper_first(stem));
        [stem.to_owned(), long].into_iter().find_map(|field| match &model.field(type_name, &field)?.kind {
            FieldKind::One(target) => Some((field, target.as_str())),
            _ => None,
        })
    }

    fn connection(&self, type_name: &str, stem: &str) -> Option<(String, &'a str)> {
        let model = self.model;
        plurals(stem).into_iter().find_map(|plural| match &model.field(type_name, &plural)?.kind {
            FieldKind::Connection(node) => Some((plural, node.as_str())),
            _ => None,
        })
    }

    fn apply_same_name(&mut self, key: &str, name: &str, kind: &FieldKind, value: &Value, path: &[&str]) {
        match kind {
            // `fullDescription` is a string in one input and a boolean on the record.
            FieldKind::Leaf(of) if of == "Boolean" && !(value.is_boolean() || value.is_null()) => {}
            FieldKind::Leaf(of) => self.set(key, name, scalar::normal(of, value.clone())),
            FieldKind::LeafList(_) => self.set(key, name, value.clone()),
            // Records referred to by name instead of id.
            FieldKind::One(target) => self.relate_by_name(key, name, target, value, path),
            FieldKind::Inline(of) => {
                let object = self.inline(of, value, path);
                self.set(key, name, object);
            }
            FieldKind::Objects(of) if of == "CustomField" => self.patch_custom_fields(key, value, path),
            FieldKind::Connection(node) if node == "Attachment" => self.attach(key, name, value),
            FieldKind::Connection(node) if self.model.is_record(node) => {
                self.add_children(key, name, node, value, path);
            }
            FieldKind::Objects(of) | FieldKind::Connection(of) => {
                let objects = self.inline_list(of, value, path);
                self.set(key, name, objects);
            }
        }
    }

    /// Sets a field if the type of the record has it.
    pub(crate) fn set(&mut self, key: &str, name: &str, value: Value) {
        if self.model.has_field(type_of(key), name)
            && let Some(fields) = self.store.fields_mut(key)
        {
            fields.insert(name.to_owned(), value);
        }
    }

    /// Sets fields, of which the type of the record may lack some.
    pub(crate) fn set_all(&mut self, key: &str, values: Value) {
        for (name, value) in fields(values) {
            self.set(key, &name, value);
        }
    }

    /// Sets a to-one field to the record with that id, or to null.
    pub(super) fn relate_by_id(&mut self, key: &str, field: &str, target: &str, id: &Value, path: &[&str]) {
        if id.is_null() {
            self.relate(key, field, None);
        } else if let Some(found) = self.find(target, id, path) {
            self.relate(key, field, Some(found));
        }
    }

    pub(super) fn relate(&mut self, key: &str, field: &str, target: Option<String>) {
        let old = self.store.get(key).and_then(|record| record.text(field).map(str::to_owned));
        if let Some(old) = &old {
            relation::unlink(self.model, self.store, key, field, old);
        }
        if let Some(target) = &target {
            relation::link(self.model, self.store, key, field, target);
        }
        self.set(key, field, json!(target));
    }

    pub(super) fn relate_by_name(
        &mut self,
        key: &str,
        field: &str,
        target: &str,
        value: &Value,
        path: &[&str],
    ) {
        let is_named =
            |fields: &Fields| ["reference", "name"].iter().any(|name| fields.get(*name) == Some(value));
        let found = self.first(target, is_named);
        if found.is_some() || value.is_null() {
            self.relate(key, field, found);
        } else {
            self.refuse(path, format!("{} not found", label(field)));
        }
    }

    /// The key of the first record with such fields.
    pub(crate) fn first(&self, type_name: &str, test: impl Fn(&Fields) -> bool) -> Option<String> {
        let found = self.store.records(type_name).find(|record| test(&record.fields));
        found.map(|record| record.key.clone())
    }

    /// Finds the record of an id; adds an error if there is none or it has another type.
    pub(crate) fn find(&mut self, target: &str, id: &Value, path: &[&str]) -> Option<String> {
        let by_id = id.as_str().filter(|_| target == "Account").and_then(|id| account(self.store, id));
        let found = by_id.or_else(|| self.find_any(id, path))?;
        if self.model.fits(target, type_of(&found)) {
            return Some(found);
        }
        self.refuse_type(path, type_of(&found), target);
        None
    }

    pub(crate) fn find_any(&mut self, id: &Value, path: &[&str]) -> Option<String> {
        let found = id.as_str().and_then(node_id::decode).filter(|key| self.store.get(key).is_some());
        if found.is_none() {
            self.refuse_unknown(path);
        }
        found
    }
}
