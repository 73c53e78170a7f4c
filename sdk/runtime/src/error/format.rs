//! `Display` and `Debug` of errors.

use super::Error;
use crate::quote::OneLine;
use std::fmt::{self, Write as _};

const MAX_PRINTED: usize = 100;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine(f);
        line.write_str(&self.0.message)?;
        let mut separator = ": ";
        for error in self.0.errors.iter().take(MAX_PRINTED) {
            write!(line, "{separator}{error}")?;
            separator = "; ";
        }
        if self.0.errors.len() > MAX_PRINTED {
            write!(line, "; and {} more", self.0.errors.len() - MAX_PRINTED)?;
        }
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            write!(line, "{separator}{cause}")?;
            separator = ": ";
            source = cause.source();
        }
        match (&self.0.request_id, self.0.attempts.len()) {
            (Some(request_id), 0 | 1) => write!(line, " (request {request_id})"),
            (Some(request_id), attempts) => write!(line, " (request {request_id}, the last of {attempts})"),
            (None, 0 | 1) => Ok(()),
            (None, attempts) => write!(line, " (after {attempts} attempts)"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("status", &self.0.status)
            .field("request_id", &self.0.request_id)
            .field("errors", &self.0.errors)
            .field("attempts", &self.0.attempts)
            .field("source", &self.0.source)
            .finish()
    }
}
