//! The JSON form of records: `{"Person": {"grace": {"name": "Grace"}}, "Note": [{"text": "Hi"}]}`.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use super::own_record::OwnRecord;
use crate::exact_number;

/// The records of each type, in their order.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub(super) struct RecordsByType(Entries<Records>);

/// The records of one type: an object by key, or a list of records without keys.
struct Records(Vec<(Option<String>, Entries<Value>)>);

/// An object in its own order, with each key once.
struct Entries<T>(Vec<(String, T)>);

impl RecordsByType {
    pub(super) fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&exact_number::mark(text.trim_start_matches('\u{feff}')))
    }

    pub(super) fn from_value(value: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(value)
    }

    pub(super) fn into_records(self) -> Vec<OwnRecord> {
        let types = self.0.0.into_iter();
        let records = types.flat_map(|(type_name, records)| {
            records.0.into_iter().map(move |(key, fields)| OwnRecord {
                type_name: type_name.clone(),
                key,
                fields: fields.0,
            })
        });
        records.collect()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let (mut entries, mut known) = (Vec::new(), HashSet::new());
                while let Some(key) = map.next_key::<String>()? {
                    if !known.insert(key.clone()) {
                        return Err(A::Error::custom(format!("duplicate key {key:?}")));
                    }
                    entries.push((key, map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RecordsVisitor;
        impl<'de> Visitor<'de> for RecordsVisitor {
            type Value = Records;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the records of a type: an object of records by key, or a list of records")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Records, A::Error> {
                let entries = Entries::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Records(entries.0.into_iter().map(|(key, fields)| (Some(key), fields)).collect()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Records, A::Error> {
                let mut records = Vec::new();
                while let Some(fields) = list.next_element()? {
                    records.push((None, fields));
                }
                Ok(Records(records))
            }
        }
        deserializer.deserialize_any(RecordsVisitor)
    }
}
