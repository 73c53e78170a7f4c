//! Errors of the command.

use std::io;
use std::path::{Path, PathBuf};

/// Why the command failed. `Display` does not repeat the source: see [`error_chain`](crate::error_chain).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No source can be generated from this file.
    #[error("{}", file.display())]
    Generate {
        /// The schema or the configuration.
        file: PathBuf,
        /// The reason.
        source: crate::Error,
    },
    /// A header is not given as a name and a value. The text says where, not what.
    #[error("{0} is no header: expected `Name: value`, or `Name=VARIABLE` for --header-env")]
    Header(String),
    /// An environment variable of a header is not set.
    #[error("the environment variable {0} of --header-env is not set")]
    Variable(String),
    /// The schema cannot be fetched. The source holds no values of headers.
    #[error("cannot fetch the schema of {url}")]
    Fetch {
        /// The endpoint, without secrets.
        url: String,
        /// The reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An argument is not possible.
    #[error(transparent)]
    Argument(crate::Error),
    /// A file cannot be read or written.
    #[error("cannot {action} {path}")]
    File {
        /// What failed, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The output folder holds files of another origin.
    #[error(
        "{} is not a folder of generated source: it holds {}; pass an empty or new folder to --out",
        folder.display(), example.display()
    )]
    ForeignFolder {
        /// The folder.
        folder: PathBuf,
        /// One of the files.
        example: PathBuf,
    },
    /// A file of another origin is in the place of a generated one.
    #[error("{} is not a generated file: move it away", .0.display())]
    ForeignFile(PathBuf),
    /// A folder is a symbolic link.
    #[error("{} is a symbolic link: pass the folder itself", .0.display())]
    Link(PathBuf),
}

impl Error {
    /// For `map_err`: adds the file and the failed action.
    pub fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
