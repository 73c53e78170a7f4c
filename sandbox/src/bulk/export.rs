//! Exports: the check of their parameters, and their files.

use csv::Terminator;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::columns::{ID, columns, record_type};
use super::form::BulkForm;
use super::format::{Format, Line, archive};
use super::jobs::{End, JobKind, Jobs};
use crate::engine::Engine;
use crate::rest::{RestResult, invalid};
use crate::server::response::ApiResponse;
use crate::store::{Record, Store};
use crate::view;
use axum::http::StatusCode;

const PARAMETERS: [&str; 5] = ["type", "from", "export_format", "line_separator", "locale"];

/// What makes a spreadsheet take a cell for a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

struct Parameters<'f> {
    types: Vec<&'f str>,
    from: Option<Timestamp>,
    format: Format,
}

/// Starts an export.
pub(super) fn start(engine: &Engine, jobs: &Jobs, form: &BulkForm) -> RestResult {
    let store = engine.snapshot();
    let parameters = read(engine, form, &store).map_err(|mistakes| invalid(&mistakes))?;
    let mut files = Vec::new();
    let mut lines = 0;
    for name in &parameters.types {
        // The types were checked.
        let Some(of) = record_type(engine.model(), name) else { continue };
        let is_wanted = |record: &&Record| {
            view::shows(&store, "current_account", record)
                && parameters.from.is_none_or(|from| is_changed_since(record, from))
        };
        let records: Vec<&Record> = store.records(of).filter(is_wanted).collect();
        lines += records.len();
        if parameters.from.is_some() && records.is_empty() {
            continue;
        }
        let (headers, rows) = table(engine, of, &store, &records);
        let written = parameters.format.files(name, &headers, &rows);
        files.extend(written.map_err(|_| ApiResponse::internal_error())?);
    }
    if files.is_empty() {
        return Ok(ApiResponse::text(StatusCode::NO_CONTENT, String::new()));
    }
    let end = match parameters.from.is_none() && jobs.exceeds_day(lines) {
        true => End { body: json!({ "state": "failed", "rate_limit_exceeded": true }), file: None, lines },
        false => {
            let content = if parameters.types.len() == 1 && files.len() == 1 {
                files.remove(0).1
            } else {
                archive(files)
            };
            let body = json!({ "state": "done", "expires_at": expires_at(jobs) });
            End { body, file: Some(("url", content.into())), lines }
        }
    };
    let types = parameters.types.iter().map(|name| (*name).to_owned()).collect();
    let token = jobs.begin(JobKind::Export, types, end);
    Ok(ApiResponse::json(StatusCode::OK, &json!({ "token": token })))
}

/// Links expire in real time.
fn expires_at(jobs: &Jobs) -> Value {
    let until = Timestamp::now().checked_add(jobs.settings.link_lifetime).ok();
    json!(until.map(|until| format!("{until:.0}")))
}

fn is_changed_since(record: &Record, from: Timestamp) -> bool {
    let changed: Option<Timestamp> = record.text("updatedAt").and_then(|text| text.parse().ok());
    changed.is_some_and(|changed| changed >= from)
}

fn read<'f>(
    engine: &Engine,
    form: &'f BulkForm,
    store: &Store,
) -> Result<Parameters<'f>, Vec<(String, String)>> {
    let mut mistakes = form.mistakes(&PARAMETERS);
    let mut refuse = |name: &str, why: &str| mistakes.push((name.to_owned(), why.to_owned()));
    if form.file.is_some() {
        refuse("file", "is not a parameter");
    }
    let types: Vec<&str> = form.get("type").unwrap_or_default().split(',').map(str::trim).collect();
    for name in &types {
        if name.is_empty() {
            refuse("type", "can't be blank");
        } else if record_type(engine.model(), name).is_none() {
            refuse("type", &format!("{name} is not included in the list"));
        }
    }
    let from = form.get("from").map(|text| text.parse::<Timestamp>());
    match from {
        Some(Err(_)) => refuse("from", "is not a timestamp"),
        Some(Ok(from)) if earliest(store).is_none_or(|earliest| from < earliest) => {
            refuse("from", "must be within the last two months");
        }
        _ => {}
    }
    match form.get("export_format") {
        None | Some("csv" | "xlsx") => {}
        Some(_) => refuse("export_format", "is not included in the list"),
    }
    let terminator = match form.get("line_separator") {
        None | Some("lf") => Terminator::Any(b'\n'),
        Some("crlf") => Terminator::CRLF,
        Some(_) => {
            refuse("line_separator", "is not included in the list");
            Terminator::CRLF
        }
    };
    if form.get("locale").is_some() != types.contains(&"translations") {
        refuse("locale", "is required for translations, and for nothing else");
    }
    match mistakes.is_empty() {
        true => {
            let is_xlsx = form.get("export_format") == Some("xlsx");
            let format = if is_xlsx { Format::Xlsx } else { Format::Csv(terminator) };
            Ok(Parameters { types, from: from.and_then(Result::ok), format })
        }
        false => Err(mistakes),
    }
}

/// Two months before the time of the store.
fn earliest(store: &Store) -> Option<Timestamp> {
    let now = Timestamp::from_second(store.seconds()).ok()?.to_zoned(TimeZone::UTC);
    now.checked_sub(2.months()).ok().map(|earliest| earliest.timestamp())
}

/// The headers and the lines of a type.
fn table(engine: &Engine, of: &str, store: &Store, records: &[&Record]) -> (Line, Vec<Line>) {
    let columns = columns(engine.model(), of);
    let headers = columns.iter().map(|column| column.header.clone());
    let line = |record: &&Record| {
        let cells = columns.iter().map(|column| safe(column.cell(store, record)));
        std::iter::once(record.number.to_string()).chain(cells).collect()
    };
    (std::iter::once(ID.to_owned()).chain(headers).collect(), records.iter().map(line).collect())
}

/// Puts a tab before what a spreadsheet takes for a formula, as the server does.
fn safe(cell: String) -> String {
    if cell.starts_with(FORMULA) { format!("\t{cell}") } else { cell }
}
