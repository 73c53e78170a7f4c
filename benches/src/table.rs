//! The report: a table for people, an array for machines.

use crate::pair::Pairs;
use serde::Serialize;
use std::fmt;

/// What is compared, and how it came out.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    name: &'static str,
    pairs: Pairs,
    unit: Unit,
    target: Option<f64>,
    notes: Vec<String>,
}

/// What a value counts. Less is better for all of them.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum Unit {
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "us")]
    Microseconds,
    #[serde(rename = "bytes")]
    Bytes,
}

/// What `--json` writes for a row.
#[derive(Serialize)]
pub(crate) struct Record {
    name: &'static str,
    ours: f64,
    peer: f64,
    ratio: f64,
    unit: Unit,
}

impl Row {
    pub(crate) fn new(name: &'static str, pairs: Pairs, unit: Unit) -> Self {
        Self { name, pairs, unit, target: None, notes: Vec::new() }
    }

    /// The ratio that is not to be exceeded.
    pub(crate) fn target(mut self, ratio: f64) -> Self {
        self.target = Some(ratio);
        self
    }

    /// A line below the table.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn record(&self) -> Record {
        let Self { name, pairs, unit, .. } = self;
        Record { name, ours: pairs.ours(), peer: pairs.peer(), ratio: pairs.ratio(), unit: *unit }
    }

    fn cells(&self) -> [String; 7] {
        let (low, high) = self.pairs.range();
        let target = match self.target {
            None => String::new(),
            Some(target) if self.pairs.ratio() <= target => format!("<= {target:.2}"),
            Some(target) => format!("<= {target:.2} MISSED"),
        };
        [
            self.name.to_owned(),
            self.unit.show(self.pairs.ours()),
            self.unit.show(self.pairs.peer()),
            format!("{:.3}", self.pairs.ratio()),
            format!("{low:.3}..{high:.3}"),
            target,
            self.unit.name().to_owned(),
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

    fn show(self, value: f64) -> String {
        match self {
            Self::Seconds => format!("{value:.3}"),
            Self::Microseconds => format!("{value:.1}"),
            Self::Bytes => format!("{value:.0}"),
        }
    }
}

/// All rows.
pub(crate) struct Table(pub(crate) Vec<Row>);

const HEAD: [&str; 7] = ["name", "ours", "peer", "ratio", "min..max", "target", "unit"];

/// Names and targets are read from the left, numbers from the right.
const TO_THE_RIGHT: [bool; 7] = [false, true, true, true, true, false, false];

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![HEAD.map(str::to_owned)];
        lines.extend(self.0.iter().map(Row::cells));
        let mut widths = [0; 7];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.len().max(*width);
            }
        }
        for line in &lines {
            let cells: Vec<String> = line
                .iter()
                .zip(widths)
                .zip(TO_THE_RIGHT)
                .map(|((cell, width), right)| match right {
                    true => format!("{cell:>width$}"),
                    false => format!("{cell:<width$}"),
                })
                .collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        for row in &self.0 {
            for note in &row.notes {
                write!(f, "\n{}: {note}", row.name)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_a_missed_target_is_marked() {
        let table = Table(vec![
            Row::new("decode-a", Pairs::exact(1.0, 2.0), Unit::Microseconds).target(0.8),
            Row::new("b", Pairs::exact(300.0, 200.0), Unit::Bytes).target(0.5).note("as it is"),
        ]);
        let expected = "\
name      ours  peer  ratio      min..max  target          unit
decode-a   1.0   2.0  0.500  0.500..0.500  <= 0.80         us
b          300   200  1.500  1.500..1.500  <= 0.50 MISSED  bytes

b: as it is";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn a_record_has_five_keys() -> Result<(), serde_json::Error> {
        let row = Row::new("b", Pairs::exact(1.0, 2.0), Unit::Seconds).target(0.8).note("unused");
        let json = serde_json::to_string(&row.record())?;
        assert_eq!(json, r#"{"name":"b","ours":1.0,"peer":2.0,"ratio":0.5,"unit":"s"}"#);
        Ok(())
    }
}
