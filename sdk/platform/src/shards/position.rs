//! The position of all shards.

use super::range::Range;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use xurrent_runtime::{Error, Position, Result};

/// The position of all shards of a query, to resume them: for [`Shards::resume`](super::Shards::resume).
///
/// `Display`, `FromStr` and `serde` convert it to and from about 150 bytes for each shard that is not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardsPosition {
    /// Where the query begins that was cut into shards: it identifies the query.
    pub(super) query: Position,
    pub(super) taken: usize,
    pub(super) shards: Vec<ShardPosition>,
}

/// The position of a shard that is not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ShardPosition {
    pub(super) number: usize,
    pub(super) range: Range,
    pub(super) at: Position,
}

impl ShardsPosition {
    /// The number of records taken in all, including those before an earlier position.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Whether all shards are complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.shards.is_empty()
    }
}

impl fmt::Display for ShardsPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for ShardsPosition {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let invalid = |_| Error::configuration(format!("{text:?} is not a valid position of shards"));
        serde_json::from_str(text).map_err(invalid)
    }
}
