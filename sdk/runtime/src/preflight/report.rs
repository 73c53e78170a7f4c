//! What a preflight found.

use crate::error::Error;
use std::fmt;

/// What a preflight found: the result of one that found no problem, and
/// [`Error::preflight`](crate::Error::preflight) of one that did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreflightReport {
    /// What the server cannot serve.
    pub problems: Vec<Finding>,
    /// What it serves, and is worth knowing: deprecated fields, arguments and values, enums
    /// whose values it does not list, and differences of inputs inside an input, which need not be given.
    pub notes: Vec<Finding>,
}

/// One difference between what a program expects and the schema of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of difference.
    pub kind: FindingKind,
    /// Where it is in Rust: `Ticket::subject` for a field of a selection, `RequestUpdateInput` for an input, and
    /// the function of the API for an argument of a call.
    pub rust: String,
    /// Where it is in the schema: `Request.subject`, `Query.people(view:)`, `RequestStatus.closed`.
    pub path: String,
    /// What the server has instead.
    pub message: String,
}

/// The kinds of differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// The type is gone, or is of another kind.
    Type,
    /// The field of a type or of an input is gone.
    Field,
    /// The argument of a field is gone.
    Argument,
    /// The value of an enum is gone.
    Value,
    /// A field has another type.
    FieldType,
    /// An argument, or a field of an input, has another type.
    InputType,
    /// A field may be null, and the struct cannot hold null.
    Null,
    /// An argument or a field of an input is required, and is not given.
    Required,
    /// Deprecated. A note.
    Deprecated,
    /// The server describes an enum as a scalar, without its values. A note.
    NotCompared,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rust == self.path {
            true => write!(f, "`{}` {}", self.rust, self.message),
            false => write!(f, "`{}` (`{}`) {}", self.rust, self.path, self.message),
        }
    }
}

/// The problems in one line, then the notes.
impl fmt::Display for PreflightReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for finding in &self.problems {
            write!(f, "{separator}{finding}")?;
            separator = "; ";
        }
        for note in &self.notes {
            write!(f, "{separator}note: {note}")?;
            separator = "; ";
        }
        if separator.is_empty() { f.write_str("no differences") } else { Ok(()) }
    }
}

impl std::error::Error for PreflightReport {}

impl Error {
    /// What a preflight found, if it found a problem. Part of the text of this error, so not its source.
    pub fn preflight(&self) -> Option<&PreflightReport> {
        self.reason()
    }
}

impl PreflightReport {
    /// Adds a difference, unless it is there: a struct may be selected at several places.
    pub(super) fn add(&mut self, finding: Finding) {
        let list = match finding.kind {
            FindingKind::Deprecated | FindingKind::NotCompared => &mut self.notes,
            _ => &mut self.problems,
        };
        if !list.contains(&finding) {
            list.push(finding);
        }
    }

    /// Notes a difference that need not matter.
    pub(super) fn note(&mut self, finding: Finding) {
        if !self.notes.contains(&finding) {
            self.notes.push(finding);
        }
    }
}
