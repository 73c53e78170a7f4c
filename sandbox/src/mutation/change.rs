//! Writing the input of a mutation into the store.
//!
//! The input says what to do by the names of its fields: `subject` sets `subject`, `teamId` points
//! `team` at a record, `teamIds` replaces the connection `teams`, `newWatches` adds to `watches` and
//! `watchesToDelete` takes away from them. A field left out stays as it is, a null clears.
//!
//! An input field that leads to nothing a query could read (`supportDomain`, `html`,
//! `suppressNoteAddedNotifications`, ...) is accepted and has no effect; ids in it are checked by
//! [`Change::check_ids`].

use serde_json::{Map, Value, json};

use super::validation_error::{blank, complaint, label, last};
use crate::model::{Kind, Model};
use crate::node_id;
use crate::path::{lower_first, plurals, upper_first};
use crate::relation;
use crate::scalar;
use crate::storage::Uploads;
use crate::store::{Fields, Store};
use crate::view::{ME, OWN_ACCOUNT, account};
use crate::webhook::{AddressRule, POLICY, WEBHOOK};

/// Texts that may not be blank where a record has them.
const REQUIRED_TEXTS: [&str; 4] = ["subject", "name", "primaryEmail", "text"];

/// One mutation under way.
pub(crate) struct Change<'a> {
    pub(crate) model: &'a Model,
    pub(crate) store: &'a mut Store,
    pub(crate) now: String,
    language: &'a str,
    pub(crate) uploads: &'a Uploads,
    /// Where webhooks may lead.
    pub(crate) addresses: AddressRule,
    errors: Vec<Fields>,
}

impl<'a> Change<'a> {
    pub(crate) fn new(
        model: &'a Model,
        store: &'a mut Store,
        language: &'a str,
        uploads: &'a Uploads,
        addresses: AddressRule,
    ) -> Self {
        Self { now: store.tick(), model, store, language, uploads, addresses, errors: Vec::new() }
    }

    /// What was wrong with the input.
    pub(crate) fn into_errors(self) -> Vec<Fields> {
        self.errors
    }

    pub(crate) fn refuse(&mut self, path: &[&str], message: impl Into<String>) {
        self.errors.push(complaint(path, message.into()));
    }

    pub(crate) fn refuse_blank(&mut self, path: &[&str], field: &str) {
        self.refuse(path, blank(field, self.language));
    }

    /// Whether something was wrong with an input field, or with one above it.
    pub(crate) fn is_refused(&self, path: &[&str]) -> bool {
        self.errors.iter().filter_map(|error| error.get("path")?.as_array()).any(|refused| {
            let is_above = refused.iter().zip(path).all(|(refused, step)| refused.as_str() == Some(*step));
            is_above && refused.len() <= path.len()
        })
    }

    pub(crate) fn refuse_unknown(&mut self, path: &[&str]) {
        let field = last(path);
        let what = field.strip_suffix("Id").or_else(|| field.strip_suffix("Ids"));
        self.refuse(path, format!("{} not found", label(what.unwrap_or("record"))));
    }

    pub(crate) fn refuse_type(&mut self, path: &[&str], actual: &str, target: &str) {
        self.refuse(path, format!("{} is the id of a {actual}, not of a {target}", last(path)));
    }

    /// Makes a record and returns its key.
    pub(crate) fn create(&mut self, type_name: &str, input: &Map<String, Value>) -> Option<String> {
        self.check_texts(input);
        // The template of a record brings its subject.
        let wants_subject =
            self.model.has_field(type_name, "subject") && input.get("templateId").is_none_or(Value::is_null);
        if wants_subject && !input.contains_key("subject") {
            self.refuse_blank(&["subject"], "subject");
        }
        let key = self.insert(type_name);
        if type_name == POLICY {
            self.name_policy(&key);
            self.check_policy(&key, input);
        }
        if type_name == "Request" {
            self.fill_request(&key, input);
        }
        for (name, value) in input {
            self.apply(&key, name, value, input, &[]);
        }
        if type_name == "Note" {
            self.hand_to_owner(&key, input);
        }
        if type_name == WEBHOOK {
            self.register_webhook(&key, input);
        }
        self.settle(&key);
        Some(key)
    }

    /// Changes a record and returns its key.
    pub(crate) fn update(&mut self, type_name: &str, input: &Map<String, Value>) -> Option<String> {
        let key = self.find(type_name, input.get("id")?, &["id"])?;
        self.check_texts(input);
        if type_name == POLICY {
            self.check_policy(&key, input);
        }
        for (name, value) in input {
            self.apply(&key, name, value, input, &[]);
        }
        self.set(&key, "updatedAt", json!(self.now));
        if type_name == WEBHOOK {
            self.register_webhook(&key, input);
        }
        self.settle(&key);
        Some(key)
    }

    /// Removes a record and returns the key it had.
    pub(crate) fn delete(&mut self, type_name: &str, input: &Map<String, Value>) -> Option<String> {
        let key = self.find(type_name, input.get("id")?, &["id"])?;
        if type_name == POLICY {
            self.refuse_used_policy(&key);
        }
        self.remove(&key);
        Some(key)
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if self.store.remove(key) {
            relation::forget(self.model, self.store, key);
        }
    }

    /// Adds a record with what every new record of the type has.
    pub(crate) fn insert(&mut self, type_name: &str) -> String {
        let mut fields = Fields::new();
        for (name, value) in [
            ("account", json!(OWN_ACCOUNT)),
            ("createdAt", json!(self.now)),
            ("updatedAt", json!(self.now)),
            ("createdBy", json!(ME)),
            ("disabled", json!(false)),
            ("lifeCycleState", json!("active")),
        ] {
            if self.model.has_field(type_name, name) {
                fields.insert(name.to_owned(), value);
            }
        }
        let key = self.store.insert(type_name, fields);
        // `Request.requestId`, `Problem.problemId`: the number that people use.
        let number_field = format!("{}Id", lower_first(type_name));
        if let Some(number) = self.store.get(&key).map(|record| record.number) {
            self.set(&key, &number_field, json!((70_000 + number).to_string()));
        }
        key
    }

    fn fill_request(&mut self, key: &str, input: &Map<String, Value>) {
        self.set(key, "status", json!("assigned"));
        self.set(key, "category", json!("other"));
        self.set(key, "requestedBy", json!(ME));
        // Who asks asks for himself unless the input says otherwise.
        let requester = input
            .get("requestedById")
            .and_then(Value::as_str)
            .and_then(node_id::decode)
            .filter(|key| key.starts_with("Person/") && self.store.get(key).is_some());
        self.set(key, "requestedFor", json!(requester.as_deref().unwrap_or(ME)));
    }

    /// What the server works out from the rest.
    fn settle(&mut self, key: &str) {
        let field = |name: &str| {
            let record = self.store.get(key)?;
            record.fields.get(name).cloned().filter(|value| !value.is_null())
        };
        if field("status") == Some(json!("completed")) && field("completedAt").is_none() {
            self.set(key, "completedAt", json!(self.now));
        }
    }

    fn check_texts(&mut self, input: &Map<String, Value>) {
        for name in REQUIRED_TEXTS {
            let is_blank = match input.get(name) {
                Some(Value::String(text)) => text.trim().is_empty(),
                Some(Value::Null) => true,
                _ => false,
            };
            if is_blank {
                self.refuse_blank(&[name], name);
            }
        }
    }

    /// Carries out what one input field says about the record `key`.
    pub(crate) fn apply(
        &mut self,
        key: &str,
        name: &str,
        value: &Value,
        input: &Map<String, Value>,
        above: &[&str],
    ) {
        let path: Vec<&str> = above.iter().copied().chain([name]).collect();
        let type_name = relation::type_of(key).to_owned();
        let model = self.model;
        if let "id" | "clientMutationId" = name {
            return;
        }
        if let Some(field) = model.field(&type_name, name) {
            self.apply_same_name(key, name, &field.kind, value, &path);
            return;
        }
        let kind = |field: &str| model.field(&type_name, field).map(|field| &field.kind);
        if let Some((field, target)) =
            name.strip_suffix("Id").and_then(|stem| self.relation(&type_name, stem))
        {
            self.point(key, &field, target, value, &path);
        } else if let Some((field, node)) = name
            .strip_suffix("Ids")
            .map(|stem| if stem == "ci" { "configurationItem" } else { stem })
            .and_then(|stem| self.connection(&type_name, stem))
        {
            self.replace(key, &field, &node, value, &path);
        } else if let Some(field) = name.strip_prefix("new").map(lower_first)
            && let Some(Kind::Connection(node)) = kind(&field)
        {
            self.add_children(key, &field, node, value, &path);
        } else if let Some(field) = name.strip_suffix("ToDelete")
            && let Some(Kind::Connection(_)) = kind(field)
        {
            self.remove_children(key, field, value, &path);
        } else if let Some(field) = name.strip_prefix("new").map(lower_first)
            && let Some(Kind::Objects(of)) = kind(&field)
        {
            self.add_objects(key, &field, of, value, &path);
        } else if let Some(field) = name.strip_suffix("ToDelete")
            && let Some(Kind::Objects(_)) = kind(field)
        {
            self.remove_objects(key, field, value, &path);
        } else if let "note" | "internalNote" = name {
            self.add_note(key, name, value, input);
        } else if name == "timeSpent" {
            self.add_time_entry(key, value, input, &path);
        } else if name == "attachments" {
            self.attach(key, "textAttachments", value);
        }
    }

    /// The to-one field an input's `<stem>Id` speaks of: `stem`, or the name of the record before
    /// it (`providerId` of a service is `serviceProvider`).
    fn relation(&self, type_name: &str, stem: &str) -> Option<(String, &'a str)> {
        let model = self.model;
        let long = format!("{}{}", lower_first(type_name), upper_first(stem));
        [stem.to_owned(), long].into_iter().find_map(|field| match &model.field(type_name, &field)?.kind {
            Kind::One(target) => Some((field, target.as_str())),
            _ => None,
        })
    }

    fn connection(&self, type_name: &str, stem: &str) -> Option<(String, String)> {
        plurals(stem).into_iter().find_map(|plural| match &self.model.field(type_name, &plural)?.kind {
            Kind::Connection(node) => Some((plural, node.clone())),
            _ => None,
        })
    }

    fn apply_same_name(&mut self, key: &str, name: &str, kind: &Kind, value: &Value, path: &[&str]) {
        match kind {
            // `fullDescription` is a text in one input and a flag on the record.
            Kind::Leaf(of) if of == "Boolean" && !(value.is_boolean() || value.is_null()) => {}
            Kind::Leaf(of) => self.set(key, name, scalar::normal(of, value.clone())),
            Kind::LeafList(_) => self.set(key, name, value.clone()),
            // Records named by something other than their id.
            Kind::One(target) => self.point_by_reference(key, name, target, value, path),
            Kind::Inline(of) => {
                let object = self.inline(of, value, path);
                self.set(key, name, object);
            }
            Kind::Objects(of) if of == "CustomField" => self.patch_custom_fields(key, value, path),
            Kind::Objects(of) => {
                let objects = self.inline_list(of, value, path);
                self.set(key, name, objects);
            }
            Kind::Connection(node) if node == "Attachment" => self.attach(key, name, value),
            Kind::Connection(node) if self.model.is_record(node) => {
                self.add_children(key, name, node, value, path);
            }
            Kind::Connection(node) => {
                let objects = self.inline_list(node, value, path);
                self.set(key, name, objects);
            }
        }
    }

    /// Writes a field if the record's type has it.
    pub(crate) fn set(&mut self, key: &str, name: &str, value: Value) {
        if self.model.has_field(relation::type_of(key), name)
            && let Some(fields) = self.store.fields_mut(key)
        {
            fields.insert(name.to_owned(), value);
        }
    }

    /// Points a to-one field at the record with that id, or at nothing.
    pub(crate) fn point(&mut self, key: &str, field: &str, target: &str, id: &Value, path: &[&str]) {
        let found = if id.is_null() {
            None
        } else {
            match self.find(target, id, path) {
                None => return,
                found => found,
            }
        };
        self.point_at(key, field, found);
    }

    pub(crate) fn point_at(&mut self, key: &str, field: &str, target: Option<String>) {
        let old =
            self.store.get(key).and_then(|record| record.fields.get(field)?.as_str().map(str::to_owned));
        if let Some(old) = &old {
            relation::unlink(self.model, self.store, key, field, old);
        }
        if let Some(target) = &target {
            relation::link(self.model, self.store, key, field, target);
        }
        self.set(key, field, json!(target));
    }

    pub(crate) fn point_by_reference(
        &mut self,
        key: &str,
        field: &str,
        target: &str,
        value: &Value,
        path: &[&str],
    ) {
        let found = self
            .store
            .records(target)
            .find(|record| ["reference", "name"].iter().any(|name| record.fields.get(*name) == Some(value)))
            .map(|record| record.key.clone());
        if found.is_some() || value.is_null() {
            self.point_at(key, field, found);
        } else {
            self.refuse(path, format!("{} not found", label(field)));
        }
    }

    /// Finds the record an id names, complaining when there is none or when it is of another type.
    pub(crate) fn find(&mut self, target: &str, id: &Value, path: &[&str]) -> Option<String> {
        let account =
            if target == "Account" { id.as_str().and_then(|id| account(self.store, id)) } else { None };
        let found = account.or_else(|| self.find_any(id, path))?;
        let actual = relation::type_of(&found);
        if !self.model.fits(target, actual) {
            self.refuse_type(path, actual, target);
            return None;
        }
        Some(found)
    }

    pub(crate) fn find_any(&mut self, id: &Value, path: &[&str]) -> Option<String> {
        let found = id.as_str().and_then(node_id::decode).filter(|key| self.store.get(key).is_some());
        if found.is_none() {
            self.refuse_unknown(path);
        }
        found
    }
}
