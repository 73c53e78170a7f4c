//! The position of a stream, to resume it later.

use crate::call::Call;
use crate::error::{Error, Result};
use crate::input::{InputObject, Wire};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The position of a stream: the cursor before the current page, and how many records were taken of this
/// page and in all. For [`ConnectionQuery::resume`](crate::ConnectionQuery::resume).
///
/// `Display`, `FromStr` and `serde` convert it to and from a short opaque text, which later versions of this
/// crate can read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Position {
    /// The root field.
    root: String,
    /// The [`fingerprint`] of the query.
    query: u64,
    taken: usize,
    pub(super) offset: Offset,
}

/// A position between two records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Offset {
    /// The cursor of the page before; none at the beginning.
    pub(super) cursor: Option<String>,
    /// The number of records between the cursor and this position.
    pub(super) skip: usize,
}

/// The version of the text format.
const VERSION: &str = "1";

impl Position {
    pub(super) fn new(root: &str, query: u64, taken: usize, offset: Offset) -> Self {
        Self { root: root.to_owned(), query, taken, offset }
    }

    /// The number of records taken in all, including those before an earlier position.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Checks that this is a position of the same query.
    pub(super) fn check(&self, root: &str, query: u64) -> Result<()> {
        let of = if self.root != root {
            format!("of `{}`", self.root)
        } else if self.query != query {
            format!("of `{root}` with other arguments, or of another account")
        } else {
            return Ok(());
        };
        Err(Error::configuration(format!("`{root}` cannot be resumed from a position {of}")))
    }
}

/// Hashes what determines the records of a query and their order: the label of the API, root field and
/// arguments, except those of pages. The FNV-1a hash is the same in every run, unlike those of the standard
/// library.
pub(super) fn fingerprint(call: &Call) -> u64 {
    let (mut arguments, shape) = (InputObject::new(), call.root.paging());
    for (name, value) in call.arguments.iter().filter(|(name, _)| ![shape.first, shape.after].contains(name))
    {
        arguments.set(name, value.clone());
    }
    // Arguments that do not serialize are not sent either.
    let mut arguments = serde_json::to_value(Wire(&arguments)).unwrap_or_default();
    arguments.sort_all_objects();
    let query = format!("{}\n{}\n{arguments}", call.client.session.api.label, call.root.name);
    query.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { root, query, taken, offset: Offset { cursor, skip } } = self;
        write!(f, "{VERSION}.{root}.{query:016x}.{taken}.{skip}")?;
        cursor.as_ref().map_or(Ok(()), |cursor| write!(f, ".{cursor}"))
    }
}

impl FromStr for Position {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let mut parts = text.splitn(6, '.');
            parts.next().filter(|version| *version == VERSION)?;
            let root = parts.next().filter(|root| !root.is_empty())?.to_owned();
            let query = parts.next().filter(|hex| hex.len() == 16)?;
            let query = u64::from_str_radix(query, 16).ok()?;
            let (taken, skip) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let offset = Offset { cursor: parts.next().map(str::to_owned), skip };
            Some(Self { root, query, taken, offset })
        };
        read().ok_or_else(|| Error::configuration(format!("{text:?} is not a valid position of a stream")))
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
