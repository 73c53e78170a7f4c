//! What two lists have of each name.

use std::collections::BTreeMap;

/// An item of one list, or of both.
#[derive(Clone, Copy)]
pub(super) enum Pair<'a, T> {
    /// The list, 0 or 1, and its item.
    One(usize, &'a T),
    Both(&'a T, &'a T),
}

impl<'a, T> Pair<'a, T> {
    /// The item of the first list that has one.
    pub(super) fn first(&self) -> &'a T {
        match self {
            Self::One(_, item) | Self::Both(item, _) => item,
        }
    }
}

/// The items of two lists, in the order of their names.
pub(super) fn pairs<'a, T>([one, other]: [&'a [T]; 2], name: fn(&T) -> &str) -> Vec<Pair<'a, T>> {
    let mut pairs: BTreeMap<&str, Pair<'a, T>> =
        one.iter().map(|item| (name(item), Pair::One(0, item))).collect();
    for item in other {
        pairs
            .entry(name(item))
            .and_modify(|pair| *pair = Pair::Both(pair.first(), item))
            .or_insert(Pair::One(1, item));
    }
    pairs.into_values().collect()
}
