//! Options and progress of a benchmark.

use crate::error::Error;
use crate::pairs::Pairs;
use crate::table::{Row, Unit};
use indicatif::ProgressBar;

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

    pub(crate) fn row(&self, pairs: Pairs, unit: Unit) -> Row {
        Row::new(self.name, pairs, unit)
    }
}
