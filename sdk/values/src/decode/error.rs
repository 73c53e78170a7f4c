//! Why a response is not what the schema promised.

use crate::quote::{BRIEF, MESSAGE, OneLine, is_invisible, quote};
use std::fmt::{self, Write as _};

/// How many characters are shown of a text that a type cannot have.
const SHOWN: usize = 60;

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

/// What is wrong at the path of a [`DecodeError`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// A selected field, or a required field of an input, is absent. Not the same as null.
    Missing,
    /// Null where the schema allows none.
    Null {
        /// The type that was expected.
        expected: &'static str,
    },
    /// A JSON value of another kind.
    WrongType {
        /// The type that was expected.
        expected: &'static str,
        /// The kind of JSON value that was found.
        found: &'static str,
    },
    /// The right kind of JSON value with a content that the type cannot have.
    Invalid {
        /// The type that was expected.
        expected: &'static str,
        /// The beginning of the offending text.
        text: String,
    },
    /// A value that a type of the user's own refused.
    Refused {
        /// In the type's words.
        reason: String,
    },
    /// A key that the type does not have, where all keys must be known: in inputs.
    UnknownKey,
    /// The same key twice in one object.
    Duplicate,
    /// More nested arrays and objects than [`MAX_DEPTH`].
    TooDeep,
    /// Not JSON.
    Syntax {
        /// What the parser says.
        message: String,
        /// Byte offset in the text.
        offset: usize,
    },
}

/// A value that does not fit its type: where, in which GraphQL type, and why.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: DecodeErrorKind,
    object: Option<&'static str>,
    /// Innermost segment first: it grows while the error travels outwards.
    reversed_path: Vec<PathSegment>,
}

impl DecodeError {
    #[cold]
    #[doc(hidden)]
    pub fn new(kind: DecodeErrorKind) -> Self {
        Self(Box::new(Inner { kind, object: None, reversed_path: Vec::new() }))
    }

    #[cold]
    #[doc(hidden)]
    pub fn invalid(expected: &'static str, text: &str) -> Self {
        Self::new(DecodeErrorKind::Invalid { expected, text: beginning(text, SHOWN) })
    }

    /// Redacts secrets in all that it quotes.
    #[cold]
    #[doc(hidden)]
    pub fn redacted(mut self, secrets: &[&str]) -> Self {
        let redact = |text: &mut String, most| {
            let (quoted, is_cut) = match text.strip_suffix('…') {
                Some(beginning) => (beginning, true),
                None => (&**text, false),
            };
            *text = quote(quoted.as_bytes(), secrets, most, is_cut);
        };
        match &mut self.0.kind {
            DecodeErrorKind::Invalid { text, .. } => redact(text, SHOWN),
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
    #[doc(hidden)]
    pub fn of(mut self, object: &'static str) -> Self {
        self.0.object.get_or_insert(object);
        self
    }

    #[cold]
    #[doc(hidden)]
    pub fn at_key(self, object: &'static str, key: &str) -> Self {
        self.of(object).at_plain_key(key)
    }

    #[cold]
    #[doc(hidden)]
    pub fn at_plain_key(mut self, key: &str) -> Self {
        self.0.reversed_path.push(PathSegment::Key(beginning(key, BRIEF)));
        self
    }

    #[cold]
    #[doc(hidden)]
    pub fn at_index(mut self, index: usize) -> Self {
        self.0.reversed_path.push(PathSegment::Index(index));
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// The GraphQL type of the innermost object that holds the value.
    #[must_use]
    pub fn object(&self) -> Option<&'static str> {
        self.0.object
    }

    /// The JSON path from the outermost value to the offending one.
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
                // One of a stranger's JSON that nothing was known to conceal in.
                PathSegment::Key(key) if first => line.write_str(&key.replace(is_invisible, "\u{fffd}"))?,
                PathSegment::Key(key) => write!(line, ".{}", key.replace(is_invisible, "\u{fffd}"))?,
                PathSegment::Index(index) => write!(line, "[{index}]")?,
            }
            first = false;
        }
        if !first {
            line.write_str(": ")?;
        }
        match &self.0.kind {
            DecodeErrorKind::Missing => line.write_str("the field is missing"),
            DecodeErrorKind::Null { expected } => write!(line, "expected {expected}, found null"),
            DecodeErrorKind::WrongType { expected, found } => {
                write!(line, "expected {expected}, found {found}")
            }
            DecodeErrorKind::Invalid { expected, text } => {
                write!(line, "\"{}\" is no {expected}", text.replace('"', "\\\""))
            }
            DecodeErrorKind::Refused { reason } => line.write_str(reason),
            DecodeErrorKind::UnknownKey => line.write_str("the type has no such field"),
            DecodeErrorKind::Duplicate => line.write_str("the key occurs twice"),
            DecodeErrorKind::TooDeep => write!(line, "nested more than {} levels deep", MAX_DEPTH),
            DecodeErrorKind::Syntax { message, offset } => write!(line, "{message} at byte {offset}"),
        }?;
        match self.0.object {
            Some(object) => write!(line, " (in {object})"),
            None => Ok(()),
        }
    }
}

/// The beginning of a text, which ends in an ellipsis if it is not the whole.
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
