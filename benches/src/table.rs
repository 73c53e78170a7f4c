//! Report: a table in Markdown, and a JSON array.

use crate::pairs::Pairs;
use serde::Serialize;
use std::fmt::Display;

/// Result of a benchmark, and its record of `--json`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    name: &'static str,
    #[serde(flatten)]
    pairs: Pairs,
    unit: Unit,
    #[serde(skip)]
    target: Option<f64>,
    #[serde(skip)]
    notes: Vec<String>,
}

/// Unit of a value. Less is better.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum Unit {
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "us")]
    Microseconds,
    #[serde(rename = "bytes")]
    Bytes,
    #[serde(rename = "crates")]
    Crates,
    #[serde(rename = "requests")]
    Requests,
    /// The power of the size of the input with which something grows.
    #[serde(rename = "exponent")]
    Exponent,
}

impl Row {
    pub(crate) fn new(name: &'static str, pairs: Pairs, unit: Unit) -> Self {
        Self { name, pairs, unit, target: None, notes: Vec::new() }
    }

    /// Sets the largest allowed ratio.
    pub(crate) fn target(mut self, ratio: f64) -> Self {
        self.target = Some(ratio);
        self
    }

    /// Adds a line below the table.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        self.notes.iter().map(|note| format!("{}: {note}", self.name))
    }

    fn cells(&self) -> [String; COLUMNS] {
        let Pairs { ours, peer, ratio, min, max, pairs } = self.pairs;
        let (unit, decimals) = match self.unit {
            Unit::Seconds => ("s", 3),
            Unit::Microseconds => ("us", 1),
            Unit::Bytes => ("bytes", 0),
            Unit::Crates => ("crates", 0),
            Unit::Requests => ("reqs", 0),
            Unit::Exponent => ("power", 3),
        };
        let decimal = |value: f64, decimals: usize| format!("{value:.decimals$}");
        let missed = |target| if ratio <= target { "" } else { " MISSED" };
        [
            self.name.to_owned(),
            decimal(ours, decimals),
            decimal(peer, decimals),
            unit.to_owned(),
            decimal(min, 3),
            decimal(ratio, 3),
            decimal(max, 3),
            pairs.to_string(),
            self.target.map_or_else(String::new, |target| format!("<= {target:.2}{}", missed(target))),
        ]
    }
}

const COLUMNS: usize = 9;

const HEAD: [&str; COLUMNS] = ["name", "ours", "peer", "unit", "min", "ratio", "max", "pairs", "target"];

/// The widths of the columns but the first, which do not depend on values, so that each row can be printed immediately.
const WIDTHS: [usize; COLUMNS - 1] = [11, 11, 6, 6, 6, 6, 5, 14];

/// Layout of the rows, in Markdown.
pub(crate) struct Table {
    name_width: usize,
}

impl Table {
    pub(crate) fn new(names: impl Iterator<Item = &'static str>) -> Self {
        Self { name_width: names.map(str::len).fold(HEAD[0].len(), usize::max) }
    }

    /// The names of the columns, and the line below them.
    pub(crate) fn head(&self) -> String {
        let [_, numbers @ ..] = HEAD;
        let rules = WIDTHS.into_iter().zip(numbers).map(|(width, column)| match is_text(column) {
            true => format!(" {} |", "-".repeat(width)),
            false => format!(" {}: |", "-".repeat(width - 1)),
        });
        format!("{}\n| {} |{}", self.lay_out(HEAD), "-".repeat(self.name_width), rules.collect::<String>())
    }

    pub(crate) fn line(&self, row: &Row) -> String {
        self.lay_out(row.cells())
    }

    fn lay_out<T: Display>(&self, cells: [T; COLUMNS]) -> String {
        let [name, others @ ..] = cells;
        let mut line = format!("| {name:0$} |", self.name_width);
        let [_, columns @ ..] = HEAD;
        for ((cell, width), column) in others.into_iter().zip(WIDTHS).zip(columns) {
            line += &match is_text(column) {
                true => format!(" {cell:width$} |"),
                false => format!(" {cell:>width$} |"),
            };
        }
        line
    }
}

/// Whether a column has text, which begins on the left.
fn is_text(column: &str) -> bool {
    matches!(column, "name" | "unit" | "target")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_markdown_and_missed_targets_are_marked() {
        let rows = [
            Row::new("decode-a", Pairs::exact(1.0, 2.0), Unit::Microseconds).target(0.8),
            Row::new("b", Pairs::exact(300.0, 200.0), Unit::Bytes).target(0.5).note("as it is"),
        ];
        let table = Table::new(rows.iter().map(|row| row.name));
        let mut lines: Vec<_> = table.head().lines().map(str::to_owned).collect();
        lines.extend(rows.iter().map(|row| table.line(row)));
        let expected = [
            "| name     |        ours |        peer | unit   |    min |  ratio |    max | pairs | target         |",
            "| -------- | ----------: | ----------: | ------ | -----: | -----: | -----: | ----: | -------------- |",
            "| decode-a |         1.0 |         2.0 | us     |  0.500 |  0.500 |  0.500 |     1 | <= 0.80        |",
            "| b        |         300 |         200 | bytes  |  1.500 |  1.500 |  1.500 |     1 | <= 0.50 MISSED |",
        ];
        assert_eq!(lines, expected);
        assert_eq!(rows.iter().flat_map(Row::notes).collect::<Vec<_>>(), ["b: as it is"]);
    }

    #[test]
    fn json_holds_the_range_of_the_ratios() -> Result<(), serde_json::Error> {
        let row = Row::new("b", Pairs::exact(1.0, 2.0), Unit::Seconds).target(0.8).note("unused");
        let json = serde_json::to_string(&row)?;
        assert_eq!(
            json,
            r#"{"name":"b","ours":1.0,"peer":2.0,"ratio":0.5,"min":0.5,"max":0.5,"pairs":1,"unit":"s"}"#
        );
        Ok(())
    }
}
