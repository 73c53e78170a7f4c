//! The error of configuration and of payloads.

use std::fmt::{self, Write as _};
use xurrent_values::quote::OneLine;

/// A [`Verifier`](crate::Verifier) that cannot be built, or a payload of another type than the one asked
/// for. A delivery that is refused is a [`Refused`](crate::Refused).
///
/// `{error}` says what failed; [`source`](std::error::Error::source) says why, where there is a cause, and
/// `{error:#}` says both. None holds a secret.
#[derive(Debug, Clone)]
pub struct Error {
    message: String,
    pub(crate) delivery_id: Option<String>,
    source: Option<Cause>,
}

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The text of a cause, in one line: a payload's own words can be in it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
struct Cause(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.source {
            Some(cause) if f.alternate() => write!(f, ": {cause}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|cause| cause as _)
    }
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), delivery_id: None, source: None }
    }

    pub(crate) fn with_cause(mut self, cause: &dyn std::error::Error) -> Self {
        let mut text = String::new();
        let (mut next, mut separator) = (Some(cause), "");
        while let Some(cause) = next {
            // Writing to a text does not fail.
            let _ = write!(OneLine(&mut text), "{separator}{cause}");
            (next, separator) = (cause.source(), ": ");
        }
        self.source = Some(Cause(text));
        self
    }

    /// The id of the delivery whose payload could not be read: the header `x-xurrent-delivery`.
    #[must_use]
    pub fn delivery_id(&self) -> Option<&str> {
        self.delivery_id.as_deref()
    }
}
