//! The error of a command, with its exit code.

use std::process::ExitCode;
pub(crate) use xurrent_receiver::inbox::error_chain as chain;

/// Why a command failed. No text holds a secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The configuration is wrong: a restart does not help.
    #[error("{0}")]
    Configuration(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl Error {
    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::Configuration(message.into())
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Configuration(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }
}
