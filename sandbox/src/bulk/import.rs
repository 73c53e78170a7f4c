//! Imports: the check of their parameters, and the change of records line by line.

use axum::http::StatusCode;
use csv::{ReaderBuilder, StringRecord};
use serde_json::{Value, json};

use super::columns::{Column, ID, columns, record_type};
use super::form::BulkForm;
use super::jobs::{End, JobKind, Jobs};
use crate::engine::Engine;
use crate::model::{FieldKind, Model};
use crate::mutation::change::Change;
use crate::mutation::change_store;
use crate::node_id;
use crate::rest::{RestResult, invalid};
use crate::scalar;
use crate::server::response::ApiResponse;
use crate::store::{Fields, Store};

/// The types that can be imported, and the column that finds a record without a source.
const TYPES: [(&str, &str); 6] = [
    ("organizations", "Name"),
    ("people", "Primary Email"),
    ("products", "Name"),
    ("services", "Name"),
    ("sites", "Name"),
    ("teams", "Name"),
];

/// What counts as true; everything else is false.
const TRUE: [&str; 6] = ["1", "T", "Y", "TRUE", "YES", "ON"];

/// Starts an import.
pub(super) fn start(engine: &Engine, jobs: &Jobs, form: &BulkForm, language: &str) -> RestResult {
    if !jobs.settings.is_administrator {
        return Err(Box::new(ApiResponse::message(StatusCode::FORBIDDEN, "Access denied")));
    }
    let mut mistakes = form.mistakes(&["type"]);
    let name = form.get("type").unwrap_or_default();
    let importable = TYPES.iter().find(|(known, _)| *known == name);
    let of = record_type(engine.model(), name);
    if importable.is_none() || of.is_none() {
        mistakes.push(("type".to_owned(), format!("{name} is not included in the list")));
    }
    if form.file.is_none() {
        mistakes.push(("file".to_owned(), "can't be blank".to_owned()));
    }
    let (Some((_, key)), Some(of), Some(file), true) = (importable, of, &form.file, mistakes.is_empty())
    else {
        return Err(invalid(&mistakes));
    };
    let end = match Table::read(engine.model(), of, key, file) {
        Ok(table) => table.import(engine, language),
        Err(message) => {
            let log = format!("{message}\n");
            let body = json!({ "state": "error", "message": message, "results": Results::default().body() });
            End { body, file: Some(("logfile", log.into())), lines: 0 }
        }
    };
    let token = jobs.begin(JobKind::Import, vec![name.to_owned()], end);
    Ok(ApiResponse::json(StatusCode::OK, &json!({ "token": token })))
}

#[derive(Default)]
struct Results {
    created: u64,
    updated: u64,
    unchanged: u64,
    failures: u64,
}

impl Results {
    fn body(&self) -> Value {
        let Self { created, updated, unchanged, failures } = self;
        json!({ "created": created, "updated": updated, "deleted": 0, "unchanged": unchanged,
            "failures": failures, "errors": 0 })
    }
}

/// The rows of a file.
struct Table<'m> {
    of: &'m str,
    key: &'m str,
    /// The columns in the order of the file; none is that of the number.
    columns: Vec<Option<Column<'m>>>,
    rows: Vec<(u64, StringRecord)>,
}

impl<'m> Table<'m> {
    fn read(model: &'m Model, of: &'m str, key: &'m str, file: &[u8]) -> Result<Self, String> {
        let text = text(file)?;
        let first = text.lines().next().unwrap_or_default();
        let delimiter = if first.contains('\t') && !first.contains(',') { b'\t' } else { b',' };
        let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        let mut known = columns(model, of);
        let mut columns = Vec::new();
        for header in reader.headers().map_err(|error| error.to_string())? {
            let place = known.iter().position(|column| column.header == header.trim());
            match place {
                Some(place) => columns.push(Some(known.swap_remove(place))),
                None if header.trim() == ID && !columns.iter().any(Option::is_none) => columns.push(None),
                None => return Err(format!("Unknown column {header:?}")),
            }
        }
        let headers = |column: &Option<Column<'_>>| column.as_ref().is_none_or(|column| column.header == key);
        if !columns.iter().any(headers) {
            return Err(format!("The column {key:?} is missing"));
        }
        let rows = reader.records().map(|row| {
            let row = row.map_err(|error| error.to_string())?;
            Ok((row.position().map_or(0, csv::Position::line), row))
        });
        Ok(Self { of, key, columns, rows: rows.collect::<Result<_, String>>()? })
    }

    /// Changes the records, each by itself. Imports fire no webhooks.
    fn import(&self, engine: &Engine, language: &str) -> End {
        let (mut results, mut log) = (Results::default(), String::new());
        for (line, row) in &self.rows {
            let mut kind = None;
            let (outcome, _) =
                change_store(&engine.account, language, |change| self.apply(change, row, &mut kind));
            match kind {
                _ if !outcome.errors.is_empty() => {
                    results.failures += 1;
                    let reasons = outcome.errors.iter().filter_map(|error| error["message"].as_str());
                    log += &format!("line {line}: {}\n", reasons.collect::<Vec<_>>().join("; "));
                }
                Some(RowChange::Created) => results.created += 1,
                Some(RowChange::Updated) => results.updated += 1,
                _ => results.unchanged += 1,
            }
        }
        let body = json!({ "state": "done", "results": results.body() });
        End { body, file: Some(("logfile", log.into())), lines: self.rows.len() }
    }

    /// Applies a row. Without a change of the record, none.
    fn apply(
        &self,
        change: &mut Change<'_>,
        row: &StringRecord,
        kind: &mut Option<RowChange>,
    ) -> Option<String> {
        let mut input = Fields::new();
        let mut number = None;
        for (column, cell) in self.columns.iter().zip(row) {
            let Some(column) = column else {
                number = Some(cell).filter(|cell| !cell.is_empty());
                continue;
            };
            match value(change.model, column, cell) {
                Ok(value) => drop(input.insert(column.field.to_owned(), value)),
                Err(message) => change.refuse(&[column.field], format!("{} {message}", column.header)),
            }
        }
        let found = match number {
            Some(number) => {
                let key = format!("{}/{number}", self.of);
                if change.store.get(&key).is_none() {
                    change.refuse(&["id"], format!("ID {number} not found"));
                }
                Some(key)
            }
            None => self.find(change.store, &input),
        };
        if !change.errors.is_empty() {
            return None;
        }
        let Some(key) = found else {
            input.retain(|_, value| !value.is_null());
            for field in ["name", self.field(self.key)?] {
                if !input.contains_key(field) && change.errors.is_empty() {
                    change.refuse_blank(&[field], field);
                }
            }
            *kind = Some(RowChange::Created);
            return change.create(self.of, &input);
        };
        input.insert("id".to_owned(), json!(node_id::encode(&key)));
        change.update(self.of, &input)?;
        let values = |store: &Store| {
            let mut fields = store.get(&key).map(|record| record.fields.clone()).unwrap_or_default();
            fields.remove("updatedAt");
            fields.retain(|_, value| !value.is_null());
            fields
        };
        if values(change.before) == values(change.store) {
            return None;
        }
        *kind = Some(RowChange::Updated);
        Some(key)
    }

    fn field(&self, header: &str) -> Option<&str> {
        self.columns.iter().flatten().find(|column| column.header == header).map(|column| column.field)
    }

    /// The record with the same source, or else with the same key.
    fn find(&self, store: &Store, input: &Fields) -> Option<String> {
        let by = |fields: &[&str]| {
            let wanted = fields.iter().map(|field| Some((*field, input.get(*field)?.as_str()?)));
            let wanted: Vec<_> = wanted.collect::<Option<_>>()?;
            let mut records = store.records(self.of);
            let found = records.find(|it| wanted.iter().all(|(field, text)| it.text(field) == Some(text)));
            found.map(|record| record.key.clone())
        };
        by(&["source", "sourceID"]).or_else(|| by(&[self.field(self.key)?]))
    }
}

enum RowChange {
    Created,
    Updated,
}

/// The text of a file in UTF-8 or UTF-16LE.
fn text(file: &[u8]) -> Result<String, String> {
    if let Some(file) = file.strip_prefix(b"\xff\xfe") {
        let units =
            file.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
        return String::from_utf16(&units.collect::<Vec<_>>()).map_err(|_| "Invalid UTF-16LE".to_owned());
    }
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let text = std::str::from_utf8(file).map_err(|error| {
        let line = 1 + file[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        format!("Invalid byte sequence in UTF-8 on line {line}")
    });
    text.map(str::to_owned)
}

/// The value of a cell; null if it is empty.
fn value(model: &Model, column: &Column<'_>, cell: &str) -> Result<Value, String> {
    // The tab that exports put before formulas.
    let cell = cell.strip_prefix('\t').unwrap_or(cell);
    if cell.is_empty() {
        return Ok(Value::Null);
    }
    let FieldKind::Leaf(of) = column.kind else { return Ok(json!(cell)) };
    let number = || serde_json::from_str(cell).ok().filter(Value::is_number);
    let value = match of.as_str() {
        "Boolean" => json!(TRUE.contains(&cell.to_uppercase().as_str())),
        "Int" | "BigInt" => json!(cell.parse::<i64>().map_err(|_| "is not a number")?),
        "Float" => number().ok_or("is not a number")?,
        _ => json!(cell),
    };
    scalar::check(of, model.enum_values(of), &value).map(|()| value)
}
