//! Errors of tasks.

use std::io;
use std::path::{Path, PathBuf};

/// Why a task failed. `Display` does not repeat the source.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{}", file.display())]
    Generate { file: PathBuf, source: xurrent_generator::Error },
    #[error(transparent)]
    Select(xurrent_generator::select::SelectError),
    #[error("cannot {action} {path}")]
    File { action: &'static str, path: PathBuf, source: io::Error },
    #[error(
        "{} is not a folder of generated source: it holds {}; pass an empty or new folder to --out",
        folder.display(), example.display()
    )]
    ForeignFolder { folder: PathBuf, example: PathBuf },
    #[error("{} is not a generated file: move it away", .0.display())]
    ForeignFile(PathBuf),
    #[error("{} is a symbolic link: pass the folder itself", .0.display())]
    Link(PathBuf),
    #[error("cannot run `{command}`")]
    Command { command: String, source: io::Error },
}

impl Error {
    /// For `map_err`: adds the file and the failed action.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
