//! Eviction of the slowest senders.
//!
//! A real delivery arrives within one round trip, so the sender that has taken longest is evicted when
//! there are too many.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Senders that have not finished sending, the slowest first.
#[derive(Default)]
pub(crate) struct EvictionQueue {
    senders: Mutex<BTreeMap<u64, Arc<Notify>>>,
    last: AtomicU64,
}

/// One sender, which leaves the queue when it is dropped.
pub(crate) struct Sender {
    queue: Arc<EvictionQueue>,
    /// The position in the queue, or 0 if the sender is not in it. It changes while the queue is locked.
    position: AtomicU64,
    evicted: Arc<Notify>,
}

impl EvictionQueue {
    pub(crate) fn enter(self: &Arc<Self>) -> Sender {
        let sender = Sender { queue: Arc::clone(self), position: AtomicU64::new(0), evicted: Arc::default() };
        sender.enter();
        sender
    }

    /// Enters, and evicts the slowest sender if there are more than `limit` now.
    pub(crate) fn enter_within(self: &Arc<Self>, limit: usize) -> Sender {
        let sender = self.enter();
        if self.lock().len() > limit {
            self.evict_slowest();
        }
        sender
    }

    /// Returns whether there was a sender to evict.
    pub(crate) fn evict_slowest(&self) -> bool {
        let slowest = self.lock().pop_first();
        slowest.inspect(|(_, evicted)| evicted.notify_one()).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Notify>>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sender {
    /// Enters the queue at its end, unless the sender is in it.
    pub(crate) fn enter(&self) {
        let mut senders = self.queue.lock();
        if self.position.load(Relaxed) == 0 {
            let position = self.queue.last.fetch_add(1, Relaxed) + 1;
            self.position.store(position, Relaxed);
            senders.insert(position, Arc::clone(&self.evicted));
        }
    }

    /// Leaves the queue: a sender that waits for its response is not evicted.
    pub(crate) fn leave(&self) {
        let mut senders = self.queue.lock();
        senders.remove(&self.position.swap(0, Relaxed));
    }

    pub(crate) async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn the_slowest_sender_is_evicted_unless_it_has_left_the_queue() {
        let queue = Arc::new(EvictionQueue::default());
        let is_evicted = |sender: &Sender| sender.evicted().now_or_never().is_some();
        let (first, second, third) = (queue.enter(), queue.enter(), queue.enter_within(3));
        assert!(!is_evicted(&first) && !is_evicted(&second) && !is_evicted(&third));
        first.leave();
        assert!(queue.evict_slowest());
        assert!(!is_evicted(&first) && is_evicted(&second) && !is_evicted(&third));
        first.enter();
        drop(second);
        let fourth = queue.enter_within(2);
        assert!(is_evicted(&third) && !is_evicted(&first) && !is_evicted(&fourth));
        drop((first, third, fourth));
        assert!(!queue.evict_slowest());
    }
}
