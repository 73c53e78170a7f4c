//! Decoding errors.

use crate::quote::{BRIEF, MESSAGE, OneLine, is_invisible, quote};
use std::fmt::{self, Write as _};

/// The maximum length of a quoted invalid value.
const MAX_QUOTED: usize = 60;

/// The maximum depth of nested arrays and objects.
pub const MAX_DEPTH: usize = 128;

/// The result of a decoding step.
pub type Decoded = Result<(), DecodeError>;

/// One step of a JSON path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathSegment {
    /// A key of an object.
    Key(String),
    /// An index of an array, from 0.
    Index(usize),
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

/// The kind of a [`DecodeError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// A selected field, or a required field of an input, is absent. Not the same as null.
    #[error("the field is missing")]
    Missing,
    /// Null where the schema does not allow it.
    #[error("expected {expected}, found null")]
    Null {
        /// The type that was expected.
        expected: &'static str,
    },
    /// A JSON value of another type.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// The type that was expected.
        expected: &'static str,
        /// The type that was found.
        found: &'static str,
    },
    /// A JSON value of the right type with invalid content.
    #[error("\"{}\" is not a valid {expected}", text.replace('"', "\\\""))]
    Invalid {
        /// The type that was expected.
        expected: &'static str,
        /// The beginning of the content.
        text: String,
    },
    /// A value that a custom type refused.
    #[error("{reason}")]
    Refused {
        /// The reason.
        reason: String,
    },
    /// An unknown key, in inputs.
    #[error("the type has no such field")]
    UnknownKey,
    /// The same key twice in one object.
    #[error("the key occurs twice")]
    Duplicate,
    /// More nested arrays and objects than [`MAX_DEPTH`].
    #[error("nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// Not JSON.
    #[error("{message} at byte {offset}")]
    Syntax {
        /// The message of the parser.
        message: String,
        /// Byte offset in the text.
        offset: usize,
    },
}

/// A value that does not match its type, with its path and its GraphQL type.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: DecodeErrorKind,
    object: Option<&'static str>,
    /// Innermost segment first, since it grows while the error is returned outwards.
    reversed_path: Vec<PathSegment>,
}

#[doc(hidden)]
impl DecodeError {
    #[cold]
    pub fn new(kind: DecodeErrorKind) -> Self {
        Self(Box::new(Inner { kind, object: None, reversed_path: Vec::new() }))
    }

    #[cold]
    pub fn invalid(expected: &'static str, text: &str) -> Self {
        Self::new(DecodeErrorKind::Invalid { expected, text: beginning(text, MAX_QUOTED) })
    }

    /// Redacts secrets in all that it quotes.
    #[cold]
    pub fn redacted(mut self, secrets: &[&str]) -> Self {
        let redact = |text: &mut String, most| {
            let beginning = text.strip_suffix('…');
            let quoted = beginning.unwrap_or(text).as_bytes();
            *text = quote(quoted, secrets, most, beginning.is_some());
        };
        match &mut self.0.kind {
            DecodeErrorKind::Invalid { text, .. } => redact(text, MAX_QUOTED),
            DecodeErrorKind::Refused { reason } => redact(reason, MESSAGE),
            DecodeErrorKind::Syntax { message, .. } => redact(message, BRIEF),
            _ => {}
        }
        for segment in &mut self.0.reversed_path {
            if let PathSegment::Key(key) = segment {
                redact(key, BRIEF);
            }
        }
        self
    }

    #[cold]
    pub fn of(mut self, object: &'static str) -> Self {
        self.0.object.get_or_insert(object);
        self
    }

    #[cold]
    pub fn at_key(self, object: &'static str, key: &str) -> Self {
        self.of(object).at_plain_key(key)
    }

    #[cold]
    pub fn at_plain_key(mut self, key: &str) -> Self {
        self.0.reversed_path.push(PathSegment::Key(beginning(key, BRIEF)));
        self
    }

    #[cold]
    pub fn at_index(mut self, index: usize) -> Self {
        self.0.reversed_path.push(PathSegment::Index(index));
        self
    }
}

impl DecodeError {
    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// The GraphQL type of the innermost object with the value.
    #[must_use]
    pub fn object(&self) -> Option<&'static str> {
        self.0.object
    }

    /// The JSON path of the value.
    pub fn path(&self) -> impl Iterator<Item = &PathSegment> {
        self.0.reversed_path.iter().rev()
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine(f);
        let mut first = true;
        for segment in self.path() {
            match segment {
                // An untrusted key: escapes would make it look like another one.
                PathSegment::Key(key) if first => line.write_str(&key.replace(is_invisible, "\u{fffd}"))?,
                PathSegment::Key(key) => write!(line, ".{}", key.replace(is_invisible, "\u{fffd}"))?,
                PathSegment::Index(index) => write!(line, "[{index}]")?,
            }
            first = false;
        }
        if !first {
            line.write_str(": ")?;
        }
        write!(line, "{}", self.0.kind)?;
        match self.0.object {
            Some(object) => write!(line, " (in {object})"),
            None => Ok(()),
        }
    }
}

/// The beginning of a text, with an ellipsis if it is cut.
fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({self})")
    }
}

impl std::error::Error for DecodeError {}
