//! Progress for people, failures for everybody.

use indicatif::{ProgressBar, ProgressStyle};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a task ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The schema or the overrides cannot be used.
    #[error("{file}: {source}")]
    Generate { file: PathBuf, source: xurrent_generator::Error },
    /// A file cannot be read or written.
    #[error("cannot {what} {path}: {source}")]
    File { what: &'static str, path: PathBuf, source: io::Error },
    /// A folder has something in it that the generator has not written.
    #[error(
        "{} is not a folder of generated source: it has {} in it; give --out an empty folder or a new one",
        folder.display(), example.display()
    )]
    NotOurs { folder: PathBuf, example: PathBuf },
    /// A generated file would replace something else.
    #[error("{} is not a generated file, and one of that name is to be written: move it away", .0.display())]
    InTheWay(PathBuf),
    /// A place to write to is a symbolic link.
    #[error("{} is a symbolic link, which is not followed: give the folder itself", .0.display())]
    Link(PathBuf),
    /// A command cannot be started.
    #[error("cannot run `{command}`: {source}")]
    Command { command: String, source: io::Error },
}

impl Failure {
    /// For `map_err`: names the file and what was tried with it.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }
}

/// The root of the workspace, wherever the task was started.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A line on a terminal that says what is going on; nothing in a pipe.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn start(message: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(message);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    pub(crate) fn step(&self, message: &'static str) {
        self.0.set_message(message);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
