//! The in-memory store of records.
//!
//! A record is a map from field names to JSON. The value of a to-one field is the key of another record
//! (`Person/12`), that of a connection is a list of keys, and objects without an `id` are JSON objects. The
//! schema determines how a value is read; the store has no types.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The time of the store before the first mutation, 2025-06-01T00:00:00Z. All seeded timestamps are
/// earlier.
pub(crate) const NOW: i64 = 1_748_736_000;

/// The account of the token's owner.
pub(crate) const OWN_ACCOUNT: &str = "Account/1";

/// The owner of the token: `me`.
pub(crate) const ME: &str = "Person/1";

/// The type in a key.
pub(crate) fn type_of(key: &str) -> &str {
    key.split_once('/').map_or(key, |(type_name, _)| type_name)
}

/// The fields of a record or of an object without an id.
pub(crate) type Fields = Map<String, Value>;

/// The fields of a JSON object.
pub(crate) fn fields(object: Value) -> Fields {
    match object {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// The items of a list, or the only value.
pub(crate) fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        single => std::slice::from_ref(single),
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// `Type/number`.
    pub(crate) key: String,
    pub(crate) type_name: String,
    pub(crate) number: u64,
    pub(crate) fields: Fields,
}

impl Record {
    /// The value of a field that is not null.
    pub(crate) fn value(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    pub(crate) fn is_true(&self, field: &str) -> bool {
        self.fields.get(field) == Some(&Value::Bool(true))
    }

    /// The items of a list; none if the field is not a list.
    pub(crate) fn list(&self, field: &str) -> &[Value] {
        self.fields.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

#[derive(Debug, Clone, Default)]
struct Table {
    last_number: u64,
    rows: BTreeMap<u64, Arc<Record>>,
}

/// All records. Clones share the tables, so a snapshot is cheap and a mutation copies only the tables
/// that it changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    tables: BTreeMap<String, Arc<Table>>,
    /// The number of mutations: the time of the store.
    ticks: u64,
}

impl Store {
    /// All records of a type, oldest first.
    pub(crate) fn records(&self, type_name: &str) -> impl Iterator<Item = &Record> {
        self.tables.get(type_name).into_iter().flat_map(|table| table.rows.values().map(Arc::as_ref))
    }

    pub(crate) fn count(&self, type_name: &str) -> usize {
        self.tables.get(type_name).map_or(0, |table| table.rows.len())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Record> {
        let (type_name, number) = key.split_once('/')?;
        let table = self.tables.get(type_name)?;
        table.rows.get(&number.parse().ok()?).map(Arc::as_ref)
    }

    /// Adds a record and returns its key. Numbers of deleted records are not reused.
    pub(crate) fn insert(&mut self, type_name: &str, fields: Fields) -> String {
        self.insert_with(type_name, |_| fields)
    }

    /// Adds a record with fields that depend on its number, and returns its key.
    pub(crate) fn insert_with(&mut self, type_name: &str, fields: impl FnOnce(u64) -> Fields) -> String {
        let table = Arc::make_mut(self.tables.entry(type_name.to_owned()).or_default());
        table.last_number += 1;
        let number = table.last_number;
        let key = format!("{type_name}/{number}");
        let record =
            Record { key: key.clone(), type_name: type_name.to_owned(), number, fields: fields(number) };
        table.rows.insert(number, Arc::new(record));
        key
    }

    pub(crate) fn fields_mut(&mut self, key: &str) -> Option<&mut Fields> {
        let (type_name, number) = key.split_once('/')?;
        let number: u64 = number.parse().ok()?;
        // Checked before `make_mut`, so that a miss copies nothing.
        self.get(key)?;
        let table = Arc::make_mut(self.tables.get_mut(type_name)?);
        Some(&mut Arc::make_mut(table.rows.get_mut(&number)?).fields)
    }

    /// Removes a record. References to it stay.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let Some(&Record { number, .. }) = self.get(key) else { return false };
        let table = self.tables.get_mut(type_of(key));
        table.is_some_and(|table| Arc::make_mut(table).rows.remove(&number).is_some())
    }

    /// The records that differ from `before`, each before and after. Shared tables and records are equal
    /// and skipped.
    pub(crate) fn differences<'a>(
        &'a self,
        before: &'a Self,
    ) -> impl Iterator<Item = (Option<&'a Record>, Option<&'a Record>)> {
        let touched = self.tables.iter().filter_map(|(type_name, table)| {
            let old = before.tables.get(type_name);
            let is_touched = old.is_none_or(|old| !Arc::ptr_eq(old, table));
            is_touched.then_some((old.map(|old| &old.rows), &table.rows))
        });
        touched.flat_map(|(old, new)| {
            let changed = new.iter().filter_map(move |(number, record)| {
                let was = old.and_then(|old| old.get(number));
                let is_changed = was.is_none_or(|was| !Arc::ptr_eq(was, record));
                is_changed.then_some((was.map(Arc::as_ref), Some(record.as_ref())))
            });
            let gone = old.into_iter().flatten().filter(|(number, _)| !new.contains_key(number));
            changed.chain(gone.map(|(_, record)| (Some(record.as_ref()), None)))
        })
    }

    /// The time, in seconds since 1970.
    pub(crate) fn seconds(&self) -> i64 {
        NOW + i64::try_from(self.ticks).unwrap_or(i64::MAX - NOW)
    }

    /// Advances the time by one second and returns it. Mutations use it as their timestamp, so all runs of
    /// a test see the same timestamps.
    pub(crate) fn tick(&mut self) -> String {
        self.ticks += 1;
        crate::scalar::timestamp(self.seconds())
    }
}
