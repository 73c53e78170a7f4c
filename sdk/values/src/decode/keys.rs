//! The keys of an object: which field a key is, and which fields were seen.

use super::selection::Table;
use std::ptr;

/// Whether two names are the same. Names are short: a call of `memcmp` takes longer than the comparison.
#[inline]
pub(super) fn is_same(left: &[u8], right: &[u8]) -> bool {
    fn ends<const N: usize>(left: &[u8], right: &[u8]) -> Option<bool> {
        let same_begin = left.first_chunk::<N>()? == right.first_chunk()?;
        Some(same_begin && left.last_chunk::<N>()? == right.last_chunk()?)
    }
    left.len() == right.len()
        && match left.len() {
            0..4 => left.iter().eq(right),
            4..8 => ends::<4>(left, right) == Some(true),
            // The ends overlap.
            8..=16 => ends::<8>(left, right) == Some(true),
            17..=32 => ends::<16>(left, right) == Some(true),
            _ => left == right,
        }
}

/// The fields of a table by their names, for objects whose keys have another order.
#[derive(Default)]
pub(super) struct FieldIndex {
    table: Option<&'static Table>,
    /// A hash table of indexes of fields, at most half full.
    slots: Vec<u16>,
}

impl FieldIndex {
    const EMPTY: u16 = u16::MAX;

    /// The number of fields that are not worth a hash table. Small objects inside large ones do not displace theirs.
    const FEW: usize = 8;

    /// The index of the field with this name.
    pub(super) fn find(&mut self, table: &'static Table, name: &[u8]) -> Option<usize> {
        if table.fields.len() <= Self::FEW {
            return table.fields.iter().position(|field| is_same(field.as_bytes(), name));
        }
        if !self.table.is_some_and(|indexed| ptr::eq(indexed, table)) {
            self.build(table);
        }
        let mut slot = hash(name);
        loop {
            let field = usize::from(self.slots[slot & (self.slots.len() - 1)]);
            // No table has as many fields as an empty slot says.
            if is_same(table.fields.get(field)?.as_bytes(), name) {
                return Some(field);
            }
            slot += 1;
        }
    }

    /// Once for all records of a page.
    #[cold]
    fn build(&mut self, table: &'static Table) {
        let slots = (2 * table.fields.len() + 1).next_power_of_two();
        self.table = Some(table);
        self.slots.clear();
        self.slots.resize(slots, Self::EMPTY);
        for (field, name) in (0..Self::EMPTY).zip(table.fields) {
            let mut slot = hash(name.as_bytes());
            while self.slots[slot & (slots - 1)] != Self::EMPTY {
                slot += 1;
            }
            self.slots[slot & (slots - 1)] = field;
        }
    }
}

/// Of the length and three bytes: names of one record differ in them.
fn hash(name: &[u8]) -> usize {
    let byte = |at: usize| name.get(at).copied().map_or(0, u32::from);
    let length = name.len();
    let bytes = [byte(0), byte(length / 2), byte(length.wrapping_sub(1)), length as u32];
    let word = bytes.into_iter().fold(0_u32, |word, byte| (word << 8) ^ byte);
    (word.wrapping_mul(0x9e37_79b9) >> 16) as usize
}

/// The fields that were seen: one bit each, on the stack except for the largest objects.
pub(super) struct SeenFields {
    missing: usize,
    near: [u64; SeenFields::WORDS],
    far: Vec<u64>,
}

impl SeenFields {
    const WORDS: usize = 4;

    #[inline]
    pub(super) fn new(fields: usize) -> Self {
        let far = fields.div_ceil(64).saturating_sub(Self::WORDS);
        Self { missing: fields, near: [0; Self::WORDS], far: vec![0; far] }
    }

    /// Returns false if the field was seen before.
    #[inline]
    pub(super) fn insert(&mut self, index: usize) -> bool {
        let bit = 1 << (index % 64);
        let word = match self.near.get_mut(index / 64) {
            Some(word) => word,
            None => &mut self.far[index / 64 - Self::WORDS],
        };
        let fresh = *word & bit == 0;
        *word |= bit;
        self.missing -= usize::from(fresh);
        fresh
    }

    #[inline]
    pub(super) fn first_missing(&self) -> Option<usize> {
        if self.missing == 0 {
            return None;
        }
        let mut words = self.near.iter().chain(&self.far).enumerate();
        words.find(|(_, word)| **word != u64::MAX).map(|(at, word)| at * 64 + word.trailing_ones() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldIndex, hash, is_same};
    use crate::decode::Table;
    use std::collections::BTreeSet;

    fn table(names: Vec<String>) -> &'static Table {
        let names: Vec<&'static str> = names.into_iter().map(|name| &*name.leak()).collect();
        Box::leak(Box::new(Table { name: "Wide", fields: names.leak(), nested: &[], source: "" }))
    }

    #[test]
    fn fields_with_one_hash_are_found_and_others_are_not() {
        let names = |middle: char, count| {
            table((0..count).map(|number| format!("f{number:03}{middle}{number:03}g")).collect())
        };
        let tables = [names('-', 300), names('_', 300), names('.', FieldIndex::FEW), names(' ', 0)];
        let hashes = tables[0].fields.iter().map(|name| hash(name.as_bytes()));
        assert_eq!(hashes.collect::<BTreeSet<_>>().len(), 1);
        let mut index = FieldIndex::default();
        for (at, table) in tables.into_iter().enumerate() {
            for (other, names) in tables.into_iter().enumerate() {
                for (field, name) in names.fields.iter().enumerate() {
                    let expected = (at == other).then_some(field);
                    assert_eq!(index.find(table, name.as_bytes()), expected, "{name}");
                }
            }
            assert_eq!(index.find(table, b""), None);
        }
    }

    #[test]
    fn names_that_differ_in_one_byte_are_not_the_same() {
        for length in 0..40 {
            let name = vec![b'a'; length];
            assert!(is_same(&name, &name.clone()));
            assert!(!is_same(&name, &vec![b'a'; length + 1]));
            for at in 0..length {
                let mut other = name.clone();
                other[at] = b'b';
                assert!(!is_same(&name, &other), "{length} {at}");
            }
        }
    }
}
