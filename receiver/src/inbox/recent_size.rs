//! The size of recent deliveries.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Bounds of the size that a probe writes.
const MIN: usize = 16 * 1024;
const MAX: usize = 1024 * 1024;

/// The decaying maximum of the sizes of recent deliveries: what a probe of the inbox writes.
#[derive(Debug, Default)]
pub(crate) struct RecentSize(AtomicUsize);

impl RecentSize {
    /// Adds a delivery. A larger one raises the size at once; smaller ones lower it step by step.
    pub(crate) fn add(&self, size: usize) {
        let update = |recent: usize| Some(size.max(recent - recent / 64));
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed).clamp(MIN, MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_delivery_counts_until_many_smaller_ones_have_followed() {
        let recent = RecentSize::default();
        assert_eq!(recent.get(), MIN);
        recent.add(200_000);
        recent.add(100);
        assert!(recent.get() > 190_000);
        (0..500).for_each(|_| recent.add(100));
        assert_eq!(recent.get(), MIN);
        recent.add(usize::MAX);
        assert_eq!(recent.get(), MAX);
    }
}
