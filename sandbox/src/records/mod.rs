//! The user's own records, from the builder or a JSON file.
//!
//! [`json`] reads them, [`insert`] checks them against the schema and adds them to the store.

mod insert;
mod json;
mod own_record;
mod value;

use serde_json::Value;
use std::path::PathBuf;

use crate::error::SandboxError;
use crate::model::Model;
use crate::store::Store;
use insert::Insertion;
use json::RecordsByType;
pub(crate) use own_record::Keys;
use own_record::OwnRecord;

/// Where records come from.
#[derive(Debug, Clone)]
pub(crate) enum RecordSource {
    /// One record: its type, its key and its fields.
    Record(String, String, Value),
    /// Records by type.
    Json(Value),
    /// A JSON file with records by type.
    File(PathBuf),
}

/// Adds the records of all sources to the store. They can refer to each other. `account` is the id of the
/// own account.
///
/// # Errors
/// If a file cannot be read, or a record does not fit the schema; then all mistakes are named.
pub(crate) fn add(
    model: &Model,
    store: &mut Store,
    account: &str,
    sources: &[RecordSource],
) -> Result<Keys, SandboxError> {
    let mut records = Vec::new();
    for source in sources {
        records.extend(read(source)?);
    }
    Insertion::new(model, store, account).run(records).map_err(|mistakes| SandboxError::Records {
        source_name: source_names(sources),
        reason: listed(&mistakes),
    })
}

fn read(source: &RecordSource) -> Result<Vec<OwnRecord>, SandboxError> {
    let failed = |reason: String| SandboxError::Records {
        source_name: source_names(std::slice::from_ref(source)),
        reason: format!(": {reason}"),
    };
    match source {
        RecordSource::Record(type_name, key, Value::Object(fields)) => Ok(vec![OwnRecord {
            type_name: type_name.clone(),
            key: Some(key.clone()),
            fields: fields.clone().into_iter().collect(),
        }]),
        RecordSource::Record(type_name, key, other) => {
            Err(failed(format!("{type_name} {key:?}: expected an object of fields, found {other}")))
        }
        RecordSource::Json(value) => RecordsByType::from_value(value)
            .map(RecordsByType::into_records)
            .map_err(|it| failed(it.to_string())),
        RecordSource::File(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
            RecordsByType::from_text(&text)
                .map(RecordsByType::into_records)
                .map_err(|it| failed(it.to_string()))
        }
    }
}

/// ` in records.json`, if there are files.
fn source_names(sources: &[RecordSource]) -> String {
    let files = sources.iter().filter_map(|source| match source {
        RecordSource::File(path) => Some(path.display().to_string()),
        _ => None,
    });
    let files: Vec<String> = files.collect();
    if files.is_empty() { String::new() } else { format!(" in {}", files.join(", ")) }
}

/// One mistake after a colon, or a line for each of the first ones.
fn listed(mistakes: &[String]) -> String {
    const MAX: usize = 20;
    if let [mistake] = mistakes {
        return format!(": {mistake}");
    }
    let mut text: String = ":".to_owned();
    text.extend(mistakes.iter().take(MAX).map(|mistake| format!("\n  {mistake}")));
    if mistakes.len() > MAX {
        text.push_str(&format!("\n  and {} more", mistakes.len() - MAX));
    }
    text
}
