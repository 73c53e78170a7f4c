//! Options and progress of a run of benchmarks.

use crate::error::Error;
use crate::pairs::Pairs;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use std::time::Duration;

/// One run of benchmarks.
pub(crate) struct Run {
    /// Number of pairs, if the user chose one.
    pub(crate) runs: Option<usize>,
    /// Whether to run only benchmarks of less than a minute.
    pub(crate) quick: bool,
    progress: ProgressBar,
}

impl Run {
    /// Starts a progress line on a terminal, cleared at the end; nothing in a pipe.
    pub(crate) fn start(runs: Option<usize>, quick: bool) -> Self {
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
        let progress = ProgressBar::new_spinner()
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
            .with_finish(ProgressFinish::AndClear);
        progress.enable_steady_tick(Duration::from_millis(100));
        Self { runs, quick, progress }
    }

    /// Shows work that is not measured.
    pub(crate) fn prepare(&self, name: &'static str, work: &str) {
        self.progress.set_message(format!("{name}: {work}"));
    }

    /// Prints without disturbing the progress line.
    pub(crate) fn print(&self, lines: &str) {
        self.progress.suspend(|| println!("{lines}"));
    }

    /// Measures both sides in pairs and shows the progress. The number of pairs is the user's choice or
    /// `default`.
    pub(crate) fn measure(
        &self,
        name: &'static str,
        default: usize,
        ours: impl FnMut() -> Result<f64, Error>,
        peer: impl FnMut() -> Result<f64, Error>,
    ) -> Result<Pairs, Error> {
        let step = |pair, of| self.prepare(name, &format!("pair {pair} of {of}"));
        Pairs::measure(self.runs.unwrap_or(default), step, ours, peer)
    }
}
