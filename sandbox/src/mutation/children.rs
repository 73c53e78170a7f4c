//! Changes beyond the record of a mutation: connections, child records, notes, time entries and
//! attachments.

use serde_json::{Value, json};

use super::change::Change;
use super::validation_error::{indexed, join};
use crate::model::FieldKind;
use crate::node_id;
use crate::relation;
use crate::store::{Fields, ME, fields, type_of};

impl Change<'_> {
    /// Replaces a connection by the records with these ids; null clears it.
    pub(super) fn replace(&mut self, key: &str, field: &str, node: &str, ids: &Value, path: &[&str]) {
        let mut wanted: Vec<String> = Vec::new();
        for (index, id) in indexed(ids) {
            if let Some(found) = self.find(node, id, &join(path, &[&index]))
                && !wanted.contains(&found)
            {
                wanted.push(found);
            }
        }
        for old in self.list(key, field).iter().filter(|old| !wanted.contains(old)) {
            relation::unlink(self.model, self.store, key, field, old);
        }
        for new in &wanted {
            relation::link(self.model, self.store, key, field, new);
        }
        self.set(key, field, json!(wanted));
    }

    /// Adds the records in the input to a connection. One with an `id` is updated.
    pub(super) fn add_children(&mut self, key: &str, field: &str, node: &str, value: &Value, path: &[&str]) {
        for (index, child) in indexed(value) {
            let path = join(path, &[&index]);
            let Value::Object(input) = child else { continue };
            let child = match input.get("id").filter(|id| !id.is_null()) {
                Some(id) => self.child(key, field, id, &path),
                None => Some(self.insert(node)),
            };
            let Some(child) = child else { continue };
            for (name, value) in input {
                self.apply(&child, name, value, input, &path);
            }
            self.adopt(key, field, &child);
        }
    }

    /// Deletes records of a connection, which exist only within their owner.
    pub(super) fn remove_children(&mut self, key: &str, field: &str, ids: &Value, path: &[&str]) {
        for id in ids.as_array().into_iter().flatten() {
            if let Some(child) = self.child(key, field, id, path) {
                self.remove(&child);
            }
        }
    }

    fn child(&mut self, key: &str, field: &str, id: &Value, path: &[&str]) -> Option<String> {
        let child =
            id.as_str().and_then(node_id::decode).filter(|child| self.list(key, field).contains(child));
        if child.is_none() {
            self.refuse(path, format!("not found in {field}"));
        }
        child
    }

    /// Adds a record to a connection of its owner, and sets the owner of the record.
    fn adopt(&mut self, owner: &str, field: &str, child: &str) {
        let mut list = self.list(owner, field);
        if !list.iter().any(|known| known == child) {
            list.push(child.to_owned());
        }
        self.set(owner, field, json!(list));
        let (model, owner_type, child_type) = (self.model, type_of(owner), type_of(child));
        for (name, back) in model.fields(child_type) {
            if matches!(&back.kind, FieldKind::One(to) if model.fits(to, owner_type))
                && relation::other_end(model, child_type, name, owner_type) == Some(field)
            {
                self.set(child, name, json!(owner));
            }
        }
    }

    pub(super) fn list(&self, key: &str, field: &str) -> Vec<String> {
        let items = self.store.get(key).map_or(&[][..], |record| record.list(field));
        items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }

    /// Adds the note of an input field `note` or `internalNote`.
    pub(super) fn add_note(&mut self, owner: &str, name: &str, text: &Value, input: &Fields) {
        let Some(text) = text.as_str().filter(|text| !text.trim().is_empty()) else { return };
        if !self.model.has_field(type_of(owner), "notes") {
            return;
        }
        let note = self.insert("Note");
        self.set_all(&note, json!({ "text": text, "internal": name == "internalNote" }));
        self.set_note_author(&note);
        if let Some(attachments) = input.get(&format!("{name}Attachments")) {
            self.attach(&note, "textAttachments", attachments);
        }
        self.adopt(owner, "notes", &note);
    }

    /// Adds a note of `noteCreate` to its owner.
    pub(super) fn assign_note_owner(&mut self, note: &str, input: &Fields) {
        self.set_note_author(note);
        let Some(id) = input.get("ownerId") else { return };
        let path = ["ownerId"];
        let Some(owner) = self.find_any(id, &path) else { return };
        let owner_type = type_of(&owner);
        if self.model.has_field(owner_type, "notes") {
            self.adopt(&owner, "notes", note);
            self.set(&owner, "updatedAt", json!(self.now));
        } else {
            self.refuse(&path, format!("a {owner_type} cannot have notes"));
        }
    }

    fn set_note_author(&mut self, note: &str) {
        let is_internal = self.store.get(note).is_some_and(|note| note.is_true("internal"));
        let visibility = if is_internal { "specialist" } else { "end_user" };
        let values =
            json!({ "person": ME, "medium": "default", "internal": is_internal, "visibility": visibility });
        self.set_all(note, values);
    }

    /// Adds a time entry for the input field `timeSpent`.
    pub(super) fn add_time_entry(&mut self, owner: &str, minutes: &Value, input: &Fields, path: &[&str]) {
        let has_entries = self.model.has_field(type_of(owner), "timeEntries");
        if !has_entries || !self.model.is_record("TimeEntry") || minutes.as_i64().is_none() {
            return;
        }
        let entry = self.insert("TimeEntry");
        self.set_all(&entry, json!({ "timeSpent": minutes, "person": ME }));
        if let Some(description) = input.get("timeEntryDescription") {
            self.set(&entry, "description", description.clone());
        }
        if let Some(id) = input.get("timeSpentEffortClassId").filter(|id| !id.is_null()) {
            self.relate_by_id(&entry, "effortClass", "EffortClass", id, path);
        }
        self.adopt(owner, "timeEntries", &entry);
    }

    /// Adds uploaded files to a connection of attachments. Unknown keys are refused by
    /// [`Change::check_ids`].
    pub(super) fn attach(&mut self, owner: &str, field: &str, value: &Value) {
        for file in value.as_array().into_iter().flatten() {
            let uploaded = file.get("key").and_then(Value::as_str).and_then(|key| self.uploads.get(key));
            let Some(uploaded) = uploaded else { continue };
            let attachment = json!({
                "key": uploaded.key,
                "filename": uploaded.filename,
                "inline": file["inline"] == true,
                "size": uploaded.size,
                "expiringUrl": format!("https://attachments.sandbox.invalid/{}", uploaded.key),
            });
            let attachment = self.store.insert("Attachment", fields(attachment));
            self.adopt(owner, field, &attachment);
        }
    }
}
