//! From what a mutation has changed to the events that tell of it.
//!
//! The records before and after are compared, so a record that was made or changed on the way, such as
//! the time entry of `timeSpent`, has events as well.

use serde_json::Value;
use std::sync::Arc;

use super::event::event;
use crate::model::{Kind, Model};
use crate::store::{Record, Store};

/// A mutation that was carried out.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) before: Arc<Store>,
    pub(crate) after: Arc<Store>,
    /// The key of the record it was about.
    pub(crate) subject: String,
}

/// Something that happened to a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happened<'a> {
    pub(super) event: &'static str,
    /// As it is now, or as it was when it was deleted.
    pub(super) record: &'a Record,
    /// Where the record is, and what it points to.
    pub(super) store: &'a Store,
    /// The note that was added on the way.
    pub(super) note: Option<&'a Record>,
    pub(super) previous_status: Option<&'a Value>,
    /// Which of the records that were changed this is, when the audit trail has it.
    pub(super) audit: Option<usize>,
}

/// What the fields of a record say on their own, and the event that tells of it.
const FIELDS: [(&str, &str); 6] = [
    ("status", "status-changed"),
    ("team", "team-changed"),
    ("member", "member-changed"),
    ("manager", "manager-changed"),
    ("agileBoardColumn", "agile-board-column-changed"),
    ("majorIncidentStatus", "major-incident-status-changed"),
];

/// Lists that grow without an entry in the audit trail.
const NOT_AUDITED: [&str; 2] = ["notes", "timeEntries"];

impl Applied {
    /// The events, record by record. A record on which nothing is new but `updatedAt` has none.
    pub(super) fn events<'a>(&'a self, model: &Model) -> Vec<Happened<'a>> {
        let mut events = Vec::new();
        for (index, (before, after)) in self.after.differences(&self.before).enumerate() {
            match (before, after) {
                (None, Some(record)) => {
                    let note = self.added_notes(None, record).next();
                    events.extend(happened(record, &self.after, "create", note, Some(index)));
                }
                (Some(record), None) => events.extend(happened(record, &self.before, "delete", None, None)),
                (Some(before), Some(after)) => self.updated(model, before, after, index, &mut events),
                (None, None) => {}
            }
        }
        events
    }

    fn updated<'a>(
        &'a self,
        model: &Model,
        before: &'a Record,
        after: &'a Record,
        index: usize,
        events: &mut Vec<Happened<'a>>,
    ) {
        let changed: Vec<&str> = self.changed_fields(model, before, after).collect();
        if changed.is_empty() {
            return;
        }
        let notes: Vec<&Record> = self.added_notes(Some(before), after).collect();
        let audit = changed.iter().any(|field| !NOT_AUDITED.contains(field)).then_some(index);
        let first = notes.first().copied();
        events.extend(happened(after, &self.after, "update", first, audit));
        for (field, what) in FIELDS {
            if changed.contains(&field) {
                let happened = happened(after, &self.after, what, first, audit);
                let previous_status = before.fields.get("status").filter(|_| field == "status");
                events.extend(happened.map(|happened| Happened { previous_status, ..happened }));
            }
        }
        for note in notes {
            events.extend(happened(after, &self.after, "note-added", Some(note), audit));
        }
    }

    /// The fields that are not what they were. A list that tells the other end of another record's
    /// relation is no change of this record, unless the mutation was about it.
    fn changed_fields<'a>(
        &'a self,
        model: &Model,
        before: &'a Record,
        after: &'a Record,
    ) -> impl Iterator<Item = &'a str> {
        let fields =
            before.fields.keys().chain(after.fields.keys().filter(|name| !before.fields.contains_key(*name)));
        let is_subject = after.key == self.subject;
        fields.map(String::as_str).filter(move |name| {
            let counts = match model.field(&after.type_name, name).map(|field| &field.kind) {
                Some(Kind::Connection(_)) => is_subject || *name == "notes",
                // Marks that no query can read, such as that an article was reviewed.
                None => is_subject,
                Some(_) => *name != "updatedAt",
            };
            let is_filled =
                |value: &&Value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
            let value = |record: &'a Record| record.fields.get(*name).filter(is_filled);
            counts && value(before) != value(after)
        })
    }

    fn added_notes<'a>(
        &'a self,
        before: Option<&'a Record>,
        after: &'a Record,
    ) -> impl Iterator<Item = &'a Record> {
        let notes = |record: &'a Record| record.fields.get("notes").and_then(Value::as_array);
        let known = before.and_then(notes);
        let is_new = move |note: &&Value| known.is_none_or(|known| !known.contains(note));
        let added = notes(after).into_iter().flatten().filter(is_new);
        added.filter_map(|note| self.after.get(note.as_str()?))
    }
}

fn happened<'a>(
    record: &'a Record,
    store: &'a Store,
    what: &str,
    note: Option<&'a Record>,
    audit: Option<usize>,
) -> Option<Happened<'a>> {
    let event = event(&record.type_name, what)?;
    Some(Happened { event, record, store, note, previous_status: None, audit })
}
