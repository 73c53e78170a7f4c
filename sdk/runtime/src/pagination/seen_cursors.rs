//! Detection of repeated cursors.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// The cursors of a pagination so far. Only their hashes are kept, since a stream of a million records
/// has ten thousand; the random seed prevents forged collisions.
#[derive(Default)]
pub(crate) struct SeenCursors {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl SeenCursors {
    pub(crate) fn contains(&self, cursor: &str) -> bool {
        self.hashes.contains(&self.hasher.hash_one(cursor))
    }

    /// Adds a cursor. Returns false if it was there already.
    pub(crate) fn insert(&mut self, cursor: &str) -> bool {
        self.hashes.insert(self.hasher.hash_one(cursor))
    }
}
