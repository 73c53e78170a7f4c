//! The records the sandbox serves.
//!
//! A record is a map from field name to JSON. A to-one field holds the key of another record
//! (`Person/12`), a connection holds a list of keys, and an object without an `id` stands there
//! as a JSON object. The schema decides how a value is read, so the store itself knows no types.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The fields of a record or of an object without an id.
pub(crate) type Fields = Map<String, Value>;

/// One stored record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// `Type/number`.
    pub(crate) key: String,
    pub(crate) type_name: String,
    pub(crate) number: u64,
    pub(crate) fields: Fields,
}

#[derive(Debug, Clone, Default)]
struct Table {
    last_number: u64,
    rows: BTreeMap<u64, Arc<Record>>,
}

/// All records. Cloning shares the tables, so a reader's snapshot costs next to nothing and a
/// mutation copies only the tables it touches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    tables: BTreeMap<String, Arc<Table>>,
    /// How many mutations have been applied; the store's only notion of time.
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

    /// Adds a record and returns its key. Numbers of deleted records are not used again.
    pub(crate) fn insert(&mut self, type_name: &str, fields: Fields) -> String {
        let table = Arc::make_mut(self.tables.entry(type_name.to_owned()).or_default());
        table.last_number += 1;
        let number = table.last_number;
        let key = format!("{type_name}/{number}");
        table.rows.insert(
            number,
            Arc::new(Record { key: key.clone(), type_name: type_name.to_owned(), number, fields }),
        );
        key
    }

    /// The fields of a record, to be changed.
    pub(crate) fn fields_mut(&mut self, key: &str) -> Option<&mut Fields> {
        let (type_name, number) = key.split_once('/')?;
        let number: u64 = number.parse().ok()?;
        // Looked up before `make_mut`, so that a miss copies nothing.
        self.get(key)?;
        let table = Arc::make_mut(self.tables.get_mut(type_name)?);
        Some(&mut Arc::make_mut(table.rows.get_mut(&number)?).fields)
    }

    /// Removes a record. What points to it is not touched: see [`crate::relation::forget`].
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let Some((type_name, number)) = key.split_once('/') else {
            return false;
        };
        let Ok(number) = number.parse::<u64>() else {
            return false;
        };
        self.get(key).is_some()
            && self
                .tables
                .get_mut(type_name)
                .is_some_and(|table| Arc::make_mut(table).rows.remove(&number).is_some())
    }

    /// The records that are not the same as `before`, with what they were and what they are. Both
    /// stores share what no mutation has touched, so that is not looked at.
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

    /// Moves time on by one second and returns the new moment. Mutations are stamped with it, so
    /// two runs of the same test see the same timestamps.
    pub(crate) fn tick(&mut self) -> String {
        self.ticks += 1;
        crate::scalar::timestamp(crate::seed::NOW + i64::try_from(self.ticks).unwrap_or(i64::MAX))
    }
}
