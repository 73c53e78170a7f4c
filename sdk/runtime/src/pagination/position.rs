//! Where a stream stands, to be kept and gone on from.

use crate::error::{Error, Result};
use crate::input::{InputObject, Wire};
use crate::operation::Call;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Where a stream stands: the cursor of the page that was begun, how many of its records were taken,
/// and how many in all. For [`ConnectionQuery::resume`](crate::ConnectionQuery::resume).
///
/// It is a short text, with `Display` and `FromStr` and in `serde`. What it says is of no concern
/// but to later versions of this crate, which will read it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Position {
    /// The root field.
    root: String,
    /// What else the query was, as [`fingerprint`] tells.
    query: u64,
    taken: usize,
    pub(super) place: Place,
}

/// A place between two records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// The end of the page before; none at the beginning.
    pub(super) cursor: Option<String>,
    /// How many records behind it come before this place.
    pub(super) skip: usize,
}

/// Before the version of the text, should it ever change.
const VERSION: &str = "1";

impl Position {
    pub(super) fn new(root: &str, query: u64, taken: usize, place: Place) -> Self {
        Self { root: root.to_owned(), query, taken, place }
    }

    /// How many records were taken in all, those before an earlier position among them.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Refuses the position of another query.
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

/// A number for everything that says which records a query has, in which order: account, root field
/// and arguments, but not how large its pages are or where they begin. The same in every run, so not
/// by a hasher of the standard library (this is FNV-1a).
pub(super) fn fingerprint(call: &Call) -> u64 {
    let mut arguments = InputObject::new();
    for (name, value) in call.arguments.iter().filter(|(name, _)| !matches!(*name, "first" | "after")) {
        arguments.set(name, value.clone());
    }
    // What cannot be written is not sent either.
    let mut arguments = serde_json::to_value(Wire(&arguments)).unwrap_or_default();
    arguments.sort_all_objects();
    let query = format!("{}\n{}\n{arguments}", call.client.session.label(), call.root.name);
    query.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { root, query, taken, place: Place { cursor, skip } } = self;
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
            let place = Place { cursor: parts.next().map(str::to_owned), skip };
            Some(Self { root, query, taken, place })
        };
        read().ok_or_else(|| Error::configuration(format!("{text:?} is not the position of a stream")))
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
