//! Why a response is not what the schema promised.

use std::fmt;

/// One step of a JSON path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathSegment {
    /// A key of an object.
    Key(String),
    /// An index of an array, from 0.
    Index(usize),
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
    /// More nested arrays and objects than [`MAX_DEPTH`](super::MAX_DEPTH).
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
    pub(crate) fn new(kind: DecodeErrorKind) -> Self {
        Self(Box::new(Inner { kind, object: None, reversed_path: Vec::new() }))
    }

    #[cold]
    pub(crate) fn invalid(expected: &'static str, text: &str) -> Self {
        const SHOWN: usize = 60;
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        Self::new(DecodeErrorKind::Invalid { expected, text: shown })
    }

    #[cold]
    pub(crate) fn of(mut self, object: &'static str) -> Self {
        self.0.object.get_or_insert(object);
        self
    }

    #[cold]
    pub(crate) fn at_key(self, object: &'static str, key: &str) -> Self {
        self.of(object).at_plain_key(key)
    }

    #[cold]
    pub(crate) fn at_plain_key(mut self, key: &str) -> Self {
        self.0.reversed_path.push(PathSegment::Key(key.to_owned()));
        self
    }

    #[cold]
    pub(crate) fn at_index(mut self, index: usize) -> Self {
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
        let mut first = true;
        for segment in self.path() {
            match segment {
                PathSegment::Key(key) if first => write!(f, "{key}")?,
                PathSegment::Key(key) => write!(f, ".{key}")?,
                PathSegment::Index(index) => write!(f, "[{index}]")?,
            }
            first = false;
        }
        if !first {
            f.write_str(": ")?;
        }
        match &self.0.kind {
            DecodeErrorKind::Missing => f.write_str("the field is missing"),
            DecodeErrorKind::Null { expected } => write!(f, "expected {expected}, found null"),
            DecodeErrorKind::WrongType { expected, found } => write!(f, "expected {expected}, found {found}"),
            DecodeErrorKind::Invalid { expected, text } => write!(f, "{text:?} is no {expected}"),
            DecodeErrorKind::Refused { reason } => f.write_str(reason),
            DecodeErrorKind::UnknownKey => f.write_str("the type has no such field"),
            DecodeErrorKind::Duplicate => f.write_str("the key occurs twice"),
            DecodeErrorKind::TooDeep => write!(f, "nested more than {} levels deep", super::MAX_DEPTH),
            DecodeErrorKind::Syntax { message, offset } => write!(f, "{message} at byte {offset}"),
        }?;
        match self.0.object {
            Some(object) => write!(f, " (in {object})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({self})")
    }
}

impl std::error::Error for DecodeError {}
