//! The events of a mutation.
//!
//! The stores before and after are compared, so records that a mutation creates or changes indirectly,
//! such as the time entry of `timeSpent`, have events as well.

use serde_json::Value;
use std::iter;
use std::sync::Arc;

use super::event::event;
use crate::model::{FieldKind, Model};
use crate::store::{Record, Store};

#[derive(Debug)]
pub(crate) struct AppliedMutation {
    pub(crate) before: Arc<Store>,
    pub(crate) after: Arc<Store>,
    /// The key of the record of the mutation.
    pub(crate) subject: String,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct RecordEvent<'a> {
    pub(super) event: &'static str,
    /// The record after the change, or before its deletion.
    pub(super) record: &'a Record,
    /// The store with the record and its references.
    pub(super) store: &'a Store,
    pub(super) note: Option<&'a Record>,
    pub(super) previous_status: Option<&'a Value>,
    /// The index among the changed records, if the audit trail has an entry.
    pub(super) audit: Option<usize>,
}

/// The fields with events of their own.
const FIELDS: [(&str, &str); 6] = [
    ("status", "status-changed"),
    ("team", "team-changed"),
    ("member", "member-changed"),
    ("manager", "manager-changed"),
    ("agileBoardColumn", "agile-board-column-changed"),
    ("majorIncidentStatus", "major-incident-status-changed"),
];

/// Connections without entries in the audit trail.
const NOT_AUDITED: [&str; 2] = ["notes", "timeEntries"];

impl AppliedMutation {
    /// The events, record by record. A record of which only `updatedAt` changed has none.
    pub(super) fn events<'a>(&'a self, model: &Model) -> Vec<RecordEvent<'a>> {
        let mut events = Vec::new();
        for (index, (before, after)) in self.after.differences(&self.before).enumerate() {
            match (before, after) {
                (None, Some(record)) => {
                    let note = self.added_notes(None, record).next();
                    events.extend(record_event(record, &self.after, "create", note, Some(index)));
                }
                (Some(record), None) => {
                    events.extend(record_event(record, &self.before, "delete", None, None))
                }
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
        events: &mut Vec<RecordEvent<'a>>,
    ) {
        let changed: Vec<&str> = self.changed_fields(model, before, after).collect();
        if changed.is_empty() {
            return;
        }
        let notes: Vec<&Record> = self.added_notes(Some(before), after).collect();
        let audit = changed.iter().any(|field| !NOT_AUDITED.contains(field)).then_some(index);
        let fields = FIELDS.iter().filter(|(field, _)| changed.contains(field)).map(|(_, what)| *what);
        let changes = iter::once("update").chain(fields).map(|what| (what, notes.first().copied()));
        let added = notes.iter().map(|note| ("note-added", Some(*note)));
        events.extend(changes.chain(added).filter_map(|(what, note)| {
            let previous_status = before.fields.get("status").filter(|_| what == "status-changed");
            let record_event = record_event(after, &self.after, what, note, audit)?;
            Some(RecordEvent { previous_status, ..record_event })
        }));
    }

    /// The changed fields. A changed connection counts only on the record of the mutation, because it may be
    /// the other end of another record's relation.
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
                Some(FieldKind::Connection(_)) => is_subject || *name == "notes",
                // Flags outside the schema, such as that an article was reviewed.
                None => is_subject,
                Some(_) => *name != "updatedAt",
            };
            let is_present =
                |value: &&Value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
            let value = |record: &'a Record| record.fields.get(*name).filter(is_present);
            counts && value(before) != value(after)
        })
    }

    fn added_notes<'a>(
        &'a self,
        before: Option<&'a Record>,
        after: &'a Record,
    ) -> impl Iterator<Item = &'a Record> {
        let known = before.map_or(&[][..], |before| before.list("notes"));
        let added = after.list("notes").iter().filter(move |note| !known.contains(note));
        added.filter_map(|note| self.after.get(note.as_str()?))
    }
}

fn record_event<'a>(
    record: &'a Record,
    store: &'a Store,
    what: &str,
    note: Option<&'a Record>,
    audit: Option<usize>,
) -> Option<RecordEvent<'a>> {
    let event = event(&record.type_name, what)?;
    Some(RecordEvent { event, record, store, note, previous_status: None, audit })
}
