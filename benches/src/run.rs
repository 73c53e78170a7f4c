//! Options, folders and progress of a run of benchmarks.

use crate::error::Error;
use crate::pairs::Pairs;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One run of benchmarks.
pub(crate) struct Run {
    /// Number of pairs, if the user chose one.
    pub(crate) runs: Option<usize>,
    /// Whether to run only benchmarks of less than a minute.
    pub(crate) quick: bool,
    pub(crate) progress: Progress,
}

impl Run {
    /// Number of pairs: the user's choice, or the default of the benchmark.
    pub(crate) fn pairs(&self, default: usize) -> usize {
        self.runs.unwrap_or(default)
    }

    /// Measures both sides in pairs and shows the progress.
    pub(crate) fn measure(
        &self,
        name: &'static str,
        pairs: usize,
        ours: impl FnMut() -> Result<f64, Error>,
        peer: impl FnMut() -> Result<f64, Error>,
    ) -> Result<Pairs, Error> {
        let step = |pair, of| self.progress.prepare(name, &format!("pair {pair} of {of}"));
        Pairs::measure(self.pairs(pairs), step, ours, peer)
    }
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The folder of scratch projects, in the target folder of this program.
pub(crate) fn scratch() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    root().join(target).join("benches")
}

/// A progress line on a terminal, cleared at its end; nothing in a pipe.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn start() -> Self {
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
        let bar = ProgressBar::new_spinner()
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
            .with_finish(ProgressFinish::AndClear);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// Shows work that is not measured.
    pub(crate) fn prepare(&self, name: &'static str, what: &str) {
        self.0.set_message(format!("{name}: {what}"));
    }

    /// Prints without disturbing the line.
    pub(crate) fn suspend(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }
}
