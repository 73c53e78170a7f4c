//! The keys of an object: which field a key is, and which fields were seen.

/// The index of `key`: the expected one, else the first match after it, else one before it.
#[inline]
pub(super) fn find(names: &[&str], expected: usize, key: &[u8]) -> Option<usize> {
    let (before, after) = names.split_at(expected.min(names.len()));
    let position = |names: &[&str]| names.iter().position(|name| name.as_bytes() == key);
    position(after).map(|index| index + before.len()).or_else(|| position(before))
}

/// The same for keys with a prefix. Not inlined, since most keys have none.
#[inline(never)]
pub(super) fn find_prefixed(names: &[&str], expected: usize, prefix: &str, key: &[u8]) -> Option<usize> {
    find(names, expected, key.strip_prefix(prefix.as_bytes())?)
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
