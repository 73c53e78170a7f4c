//! Options and progress of a benchmark.

use crate::error::Error;
use crate::pairs::{self, Pairs};
use crate::table::{Row, Unit};
use indicatif::ProgressBar;
use std::sync::OnceLock;

/// One run of a benchmark.
pub(crate) struct Run<'p> {
    pub(crate) name: &'static str,
    /// Number of pairs, if the user chose one.
    pub(crate) runs: Option<usize>,
    /// Whether to run only benchmarks of less than a minute.
    pub(crate) quick: bool,
    pub(crate) progress: &'p ProgressBar,
}

impl Run<'_> {
    /// Shows work that is not measured.
    pub(crate) fn prepare(&self, work: &str) {
        self.progress.set_message(format!("{}: {work}", self.name));
    }

    /// Measures both sides in pairs and shows the progress. The number of pairs is the user's choice or
    /// `default`.
    pub(crate) fn measure(
        &self,
        default: usize,
        ours: impl FnMut() -> Result<f64, Error>,
        peer: impl FnMut() -> Result<f64, Error>,
    ) -> Result<Pairs, Error> {
        let step = |pair, of| self.prepare(&format!("pair {pair} of {of}"));
        Pairs::measure(self.runs.unwrap_or(default), step, ours, peer)
    }

    /// Measures several sides in rounds, as [`measure`](Self::measure) does two.
    pub(crate) fn rounds<T, const SIDES: usize>(
        &self,
        default: usize,
        measure: impl FnMut(usize) -> Result<T, Error>,
    ) -> Result<Vec<[T; SIDES]>, Error> {
        let step = |round, of| self.prepare(&format!("round {round} of {of}"));
        pairs::rounds(self.runs.unwrap_or(default), step, measure)
    }

    pub(crate) fn row(&self, pairs: Pairs, unit: Unit) -> Row {
        Row::new(self.name, pairs, unit)
    }
}

/// Measures once for all rows that share a cell.
pub(crate) fn once<T>(
    cell: &'static OnceLock<T>,
    measure: impl FnOnce() -> Result<T, Error>,
) -> Result<&'static T, Error> {
    match cell.get() {
        Some(measured) => Ok(measured),
        None => measure().map(|measured| cell.get_or_init(|| measured)),
    }
}
