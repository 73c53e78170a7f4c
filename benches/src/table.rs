//! Report: a table, and a JSON array.

use crate::pairs::Pairs;
use serde::Serialize;

/// Result of a benchmark.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    name: &'static str,
    pairs: Pairs,
    unit: Unit,
    target: Option<f64>,
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
}

/// A row of `--json`.
#[derive(Serialize)]
pub(crate) struct JsonRow {
    name: &'static str,
    ours: f64,
    peer: f64,
    ratio: f64,
    /// The smallest and the largest ratio of a pair.
    min: f64,
    max: f64,
    pairs: usize,
    unit: Unit,
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

    pub(crate) fn json(&self) -> JsonRow {
        let Self { name, pairs, unit, .. } = self;
        let (min, max) = pairs.range();
        JsonRow {
            name,
            ours: pairs.ours(),
            peer: pairs.peer(),
            ratio: pairs.ratio(),
            min,
            max,
            pairs: pairs.count(),
            unit: *unit,
        }
    }

    /// The lines below the table.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        self.notes.iter().map(|note| format!("{}: {note}", self.name))
    }

    fn cells(&self) -> [String; COLUMNS] {
        let Self { name, pairs, unit, .. } = self;
        let (low, high) = pairs.range();
        let target = match self.target {
            None => String::new(),
            Some(target) if pairs.ratio() <= target => format!("<= {target:.2}"),
            Some(target) => format!("<= {target:.2} MISSED"),
        };
        let ratio = |ratio: f64| format!("{ratio:.3}");
        [
            (*name).to_owned(),
            unit.format(pairs.ours()),
            unit.format(pairs.peer()),
            unit.name().to_owned(),
            ratio(low),
            ratio(pairs.ratio()),
            ratio(high),
            pairs.count().to_string(),
            target,
        ]
    }
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Microseconds => "us",
            Self::Bytes => "bytes",
        }
    }

    fn format(self, value: f64) -> String {
        match self {
            Self::Seconds => format!("{value:.3}"),
            Self::Microseconds => format!("{value:.1}"),
            Self::Bytes => format!("{value:.0}"),
        }
    }
}

const COLUMNS: usize = 9;

const HEAD: [&str; COLUMNS] = ["name", "ours", "peer", "unit", "min", "ratio", "max", "pairs", "target"];

/// Layout of the rows. It does not depend on values, so that each row can be printed immediately.
pub(crate) struct Table {
    name_width: usize,
}

impl Table {
    /// A table of rows with these names.
    pub(crate) fn new(names: impl Iterator<Item = &'static str>) -> Self {
        Self { name_width: names.map(str::len).fold(HEAD[0].len(), usize::max) }
    }

    pub(crate) fn head(&self) -> String {
        self.lay_out(HEAD)
    }

    pub(crate) fn line(&self, row: &Row) -> String {
        let cells = row.cells();
        self.lay_out(cells.each_ref().map(String::as_str))
    }

    fn lay_out(&self, cells: [&str; COLUMNS]) -> String {
        let [name, ours, peer, unit, low, ratio, high, pairs, target] = cells;
        let width = self.name_width;
        let line = format!(
            "{name:width$}  {ours:>11}  {peer:>11}  {unit:5}  {low:>6}  {ratio:>6}  {high:>6}  {pairs:>5}  {target}"
        );
        line.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_missed_targets_are_marked() {
        let rows = [
            Row::new("decode-a", Pairs::exact(1.0, 2.0), Unit::Microseconds).target(0.8),
            Row::new("b", Pairs::exact(300.0, 200.0), Unit::Bytes).target(0.5).note("as it is"),
        ];
        let table = Table::new(rows.iter().map(|row| row.name));
        let mut lines = vec![table.head()];
        lines.extend(rows.iter().map(|row| table.line(row)));
        let expected = [
            "name             ours         peer  unit      min   ratio     max  pairs  target",
            "decode-a          1.0          2.0  us      0.500   0.500   0.500      1  <= 0.80",
            "b                 300          200  bytes   1.500   1.500   1.500      1  <= 0.50 MISSED",
        ];
        assert_eq!(lines, expected);
        assert_eq!(rows.iter().flat_map(Row::notes).collect::<Vec<_>>(), ["b: as it is"]);
    }

    #[test]
    fn json_holds_the_range_of_the_ratios() -> Result<(), serde_json::Error> {
        let row = Row::new("b", Pairs::exact(1.0, 2.0), Unit::Seconds).target(0.8).note("unused");
        let json = serde_json::to_string(&row.json())?;
        assert_eq!(
            json,
            r#"{"name":"b","ours":1.0,"peer":2.0,"ratio":0.5,"min":0.5,"max":0.5,"pairs":1,"unit":"s"}"#
        );
        Ok(())
    }
}
