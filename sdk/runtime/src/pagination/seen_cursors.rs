//! Whether pages run in a circle.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Every cursor that was followed: one that comes back means that the pages run in a circle. A stream
/// of a million records must not keep ten thousand texts, so their hashes are kept, which nobody can
/// foresee.
#[derive(Default)]
pub(crate) struct Followed {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl Followed {
    pub(crate) fn contains(&self, cursor: &str) -> bool {
        self.hashes.contains(&self.hasher.hash_one(cursor))
    }

    /// Whether it was not there.
    pub(crate) fn insert(&mut self, cursor: &str) -> bool {
        self.hashes.insert(self.hasher.hash_one(cursor))
    }
}
