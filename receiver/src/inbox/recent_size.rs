//! How large deliveries are of late.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What a probe tries at least, and at most.
const LEAST: usize = 16 * 1024;
const MOST: usize = 1024 * 1024;

/// The size of a large delivery of late: what a probe of the inbox has to find room for.
#[derive(Debug, Default)]
pub(crate) struct UsualSize(AtomicUsize);

impl UsualSize {
    /// A larger one counts at once, and is forgotten as smaller ones follow.
    pub(crate) fn note(&self, size: usize) {
        let update = |usual: usize| Some(size.max(usual - usual / 64));
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed).clamp(LEAST, MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_delivery_counts_until_many_smaller_ones_have_followed() {
        let usual = UsualSize::default();
        assert_eq!(usual.get(), LEAST);
        usual.note(200_000);
        usual.note(100);
        assert!(usual.get() > 190_000);
        (0..500).for_each(|_| usual.note(100));
        assert_eq!(usual.get(), LEAST);
        usual.note(usize::MAX);
        assert_eq!(usual.get(), MOST);
    }
}
