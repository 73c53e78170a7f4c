//! What all measurements share: how often, where, and who is told.

use crate::calls::Streamed;
use crate::pair::Tick;
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One call of the benchmarks.
pub(crate) struct Run {
    /// Pairs to measure, when the user said how many.
    pub(crate) runs: Option<usize>,
    /// Only what takes less than a minute is measured.
    pub(crate) quick: bool,
    /// The line on the terminal.
    pub(crate) progress: Progress,
    /// What one stream came to, which has figures for two benchmarks.
    pub(crate) streamed: OnceCell<Streamed>,
}

impl Run {
    /// How many pairs are measured: what the user wants, else what the measurement needs.
    pub(crate) fn pairs(&self, default: usize) -> usize {
        self.runs.unwrap_or(default)
    }
}

/// The root of the workspace, wherever the benchmarks were started.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where scratch projects are kept: below the target folder that this program was built in.
pub(crate) fn scratch() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    root().join(target).join("benches")
}

/// A line on a terminal that says what is going on; nothing in a pipe.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn start() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// Work that is not measured.
    pub(crate) fn prepare(&self, name: &'static str, what: &str) {
        self.0.set_message(format!("{name}: {what}"));
    }

    /// Prints without disturbing the line.
    pub(crate) fn suspend(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }

    /// A pair that begins.
    pub(crate) fn step(&self, name: &'static str, tick: Tick) {
        self.0.set_message(format!("{name}: pair {} of {}", tick.pair, tick.of));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
