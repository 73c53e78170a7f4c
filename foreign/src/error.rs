//! Errors of this program.

use std::io;
use std::path::{Path, PathBuf};

/// Why a schema did not pass. `Display` does not repeat the source.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("no schema is called `{name}`; the names are {names}")]
    Unknown { name: String, names: String },
    #[error(
        "`{0}` has no program for --engine: add foreign/programs/{0}.rs and `engine = true` in foreign/schemas.toml"
    )]
    NoProgram(String),
    #[error("foreign/schemas.toml")]
    Table(#[from] toml::de::Error),
    #[error(transparent)]
    Generate(#[from] xurrent_generator::Error),
    #[error("cannot {action} {path}")]
    File { action: &'static str, path: PathBuf, source: io::Error },
    #[error("`{tool}` is missing: install it with {hint}")]
    Missing { tool: String, hint: &'static str },
    #[error("cannot run `{tool}`")]
    Start { tool: String, source: io::Error },
    #[error("`{command}` failed:\n{output}")]
    Command { command: String, output: String },
    #[error("`{package}` has no file {file}")]
    NoFile { package: String, file: String },
    #[error("{} of {documents} documents are invalid:\n{output}", documents - valid)]
    Invalid { documents: usize, valid: usize, output: String },
    #[error("the server printed {0:?} instead of its port")]
    Port(String),
    #[error("docs/other-apis.md: {0}")]
    Guide(String),
}

impl Error {
    /// For `map_err`: adds the file and the failed action.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
