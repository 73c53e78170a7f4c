//! Errors of tasks.

use std::io;
use std::path::{Path, PathBuf};

/// Why a task failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The generator refuses the schema or the overrides.
    #[error("{file}: {source}")]
    Generate { file: PathBuf, source: xurrent_generator::Error },
    /// A document has no equivalent in Rust.
    #[error("{0}")]
    Select(xurrent_generator::select::SelectError),
    /// A file cannot be read or written.
    #[error("cannot {action} {path}: {source}")]
    File { action: &'static str, path: PathBuf, source: io::Error },
    /// The output folder holds files that are not generated.
    #[error(
        "{} is not a folder of generated source: it holds {}; pass an empty or new folder to --out",
        folder.display(), example.display()
    )]
    ForeignFolder { folder: PathBuf, example: PathBuf },
    /// A generated file would replace a file of another origin.
    #[error("{} is not a generated file: move it away", .0.display())]
    ForeignFile(PathBuf),
    /// An output path is a symbolic link.
    #[error("{} is a symbolic link: pass the folder itself", .0.display())]
    Link(PathBuf),
    /// A command cannot be started.
    #[error("cannot run `{command}`: {source}")]
    Command { command: String, source: io::Error },
}

impl Error {
    /// For `map_err`: adds the file and the failed action.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
