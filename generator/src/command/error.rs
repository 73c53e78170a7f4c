//! Errors of the command.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Why the command failed. `Display` does not repeat the source: see [`error_chain`](crate::error_chain).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No source can be generated from this file.
    #[error("{}", file.display())]
    Generate {
        /// The schema or the configuration, or both schemas of two environments.
        file: PathBuf,
        /// The reason.
        source: crate::Error,
    },
    /// The settings of the new schema name what the old one does not have.
    #[error("the old schema needs the settings of its own version: pass their file to --old-config")]
    OldConfig(#[source] Box<Self>),
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
    /// A file cannot be read from a revision of git.
    #[error("cannot read {path} of the revision {revision}: {reason}")]
    Revision {
        /// The revision.
        revision: String,
        /// The file in it.
        path: String,
        /// Why, in git's words.
        reason: String,
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
    /// Cargo cannot be run.
    #[error("cannot run cargo")]
    Cargo(#[source] io::Error),
    /// A folder has no crate that cargo can read.
    #[error("{} is no crate: pass the folder of a `Cargo.toml`\n{}", folder.display(), text.trim_end())]
    NoCrate {
        /// The folder.
        folder: PathBuf,
        /// What cargo says.
        text: String,
    },
    /// A manifest cannot be read.
    #[error("cannot read {}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// The reason.
        source: Box<toml::de::Error>,
    },
    /// A crate does not use the SDK.
    #[error("{} has no dependency on `{sdk}`: pass a crate that uses it", folder.display())]
    NoDependency {
        /// The folder of the crate.
        folder: PathBuf,
        /// The name of the SDK.
        sdk: String,
    },
    /// A crate does not compile before anything changes.
    #[error("{} does not compile with the SDK of the old schema: repair it first\n{}", folder.display(), text.trim_end())]
    DoesNotCompile {
        /// The folder of the crate.
        folder: PathBuf,
        /// What the compiler says.
        text: String,
    },
    /// The hand-written part of the SDK does not compile with the new schema.
    #[error("the SDK itself does not compile with the new schema: repair it first\n{}", .0.trim_end())]
    SdkDoesNotCompile(String),
    /// A file of another origin is in the place of a changelog.
    #[error("{} was not written by this command: move it away, or pass another file to --changelog", .0.display())]
    ForeignChangelog(PathBuf),
    /// The variable for the time of a reproducible build is not valid.
    #[error("the environment variable SOURCE_DATE_EPOCH is {0:?}: expected seconds since 1970")]
    SourceDate(OsString),
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

    /// For `map_err`: adds the manifest.
    pub(super) fn manifest(path: &Path) -> impl FnOnce(toml::de::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Manifest { path, source: Box::new(source) }
    }
}
