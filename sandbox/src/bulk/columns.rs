//! The types of records and their columns, which follow from the schema.

use heck::{ToSnakeCase as _, ToTitleCase as _};
use serde_json::Value;

use crate::exact_number;
use crate::model::{FieldKind, Model};
use crate::path::{lower_first, plurals};
use crate::store::{Record, Store};

/// The column of the number of a record.
pub(super) const ID: &str = "ID";

/// A column, and the field that it is.
pub(super) struct Column<'m> {
    pub(super) header: String,
    pub(super) field: &'m str,
    pub(super) kind: &'m FieldKind,
}

/// The record type of `people`, `configuration_items` (or `cis`), and so on.
pub(super) fn record_type<'m>(model: &'m Model, name: &str) -> Option<&'m str> {
    let name = if name == "cis" { "configuration_items" } else { name };
    let is_named = |record: &&str| plurals(&lower_first(record)).iter().any(|it| it.to_snake_case() == name);
    model.record_types().filter(|record| model.has_field(record, "updatedAt")).find(is_named)
}

/// The columns of a type beside [`ID`]: its leaves, and the records that it refers to, by their names.
pub(super) fn columns<'m>(model: &'m Model, record_type: &str) -> Vec<Column<'m>> {
    let fields = model.fields(record_type).filter(|(name, _)| *name != "id");
    let has_column = |kind: &FieldKind| match kind {
        FieldKind::Leaf(of) => of != "JSON" && of != "ID",
        FieldKind::One(target) => model.possible_types(target).iter().all(|it| model.has_field(it, "name")),
        _ => false,
    };
    let fields = fields.filter(|(_, field)| has_column(&field.kind));
    fields.map(|(name, field)| Column { header: header(name), field: name, kind: &field.kind }).collect()
}

/// `Primary Email` for `primaryEmail`.
fn header(field: &str) -> String {
    let title = field.to_title_case();
    match title.strip_suffix(" Id") {
        Some(start) => format!("{start} ID"),
        None => title,
    }
}

impl Column<'_> {
    /// The text of a cell.
    pub(super) fn cell(&self, store: &Store, record: &Record) -> String {
        let Some(value) = record.value(self.field) else { return String::new() };
        match (self.kind, value) {
            (FieldKind::One(_), Value::String(key)) => {
                let name = store.get(key).and_then(|it| it.text("name"));
                name.unwrap_or_default().to_owned()
            }
            (_, Value::String(text)) => text.clone(),
            (_, value) => {
                exact_number::of(value).map_or_else(|| value.to_string(), |number| number.into_owned())
            }
        }
    }
}
