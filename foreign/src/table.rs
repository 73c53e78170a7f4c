//! The table of results.

use crate::compare::Compared;
use crate::error::Error;
use crate::generate::Generated;
use crate::schemas::Schema;
use std::time::Duration;

/// What one schema came to.
pub(crate) struct Row {
    pub(crate) generated: Generated,
    /// The changes since an older version, if there is one.
    pub(crate) compared: Option<Compared>,
    pub(crate) check: Duration,
    /// How many documents are valid: all.
    pub(crate) valid: usize,
    /// How many calls of a server were made.
    pub(crate) calls: Option<usize>,
}

/// Prints a line per schema, as soon as it is known.
pub(crate) struct Table {
    /// The width of the names.
    width: usize,
}

impl Table {
    /// Prints the header.
    pub(crate) fn new(schemas: &[Schema]) -> Self {
        let width = schemas.iter().map(|schema| schema.name.len()).max().unwrap_or(0).max("schema".len());
        let table = Self { width };
        println!(
            "{:<width$} {:>6} {:>7} {:>9} {:>7} {:>11} {:>9} {:>7} {:>12} {:>7} {:>9} {:>5}",
            "schema",
            "types",
            "queries",
            "mutations",
            "lines",
            "generate s",
            "memory MB",
            "diff s",
            "changes",
            "check s",
            "documents",
            "calls"
        );
        table
    }

    pub(crate) fn print(&self, schema: &Schema, row: &Row) {
        let Row { generated, compared, check, valid, calls } = row;
        let (seconds, changes) = compared.as_ref().map_or_else(
            || ("-".to_owned(), "-".to_owned()),
            |Compared { counts, time }| {
                let changes = format!("{}/{}/{}", counts.breaking, counts.behavioural, counts.safe);
                (format!("{:.3}", time.as_secs_f64()), changes)
            },
        );
        let summary = &generated.summary;
        println!(
            "{:<width$} {:>6} {:>7} {:>9} {:>7} {:>11.3} {:>9.0} {seconds:>7} {changes:>12} {:>7.1} {valid:>9} {:>5}",
            schema.name,
            summary.types,
            summary.queries,
            summary.mutations,
            generated.lines,
            generated.time.as_secs_f64(),
            generated.memory,
            check.as_secs_f64(),
            calls.map_or("-".to_owned(), |calls| calls.to_string()),
            width = self.width
        );
    }

    /// Prints the first line of an error; [`error_chain`](xurrent_generator::error_chain) has it all.
    pub(crate) fn print_failure(&self, schema: &Schema, error: &Error) {
        let error = error.to_string();
        println!(
            "{:<width$} FAILED: {}",
            schema.name,
            error.lines().next().unwrap_or_default(),
            width = self.width
        );
    }
}
