//! Eviction of the slowest senders.
//!
//! A real delivery arrives within one round trip, so the sender that has taken longest is evicted when
//! there are too many.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Senders that have not finished sending, the slowest first.
#[derive(Default)]
pub(crate) struct EvictionQueue(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    next: u64,
    senders: BTreeMap<u64, Arc<Notify>>,
}

/// One sender, which leaves the queue when it is dropped.
pub(crate) struct Sender {
    queue: Arc<EvictionQueue>,
    /// The position in the queue, if the sender is in it.
    position: Mutex<Option<u64>>,
    evicted: Arc<Notify>,
}

impl EvictionQueue {
    pub(crate) fn enter(self: &Arc<Self>) -> Sender {
        let sender = Sender { queue: Arc::clone(self), position: Mutex::default(), evicted: Arc::default() };
        sender.enter();
        sender
    }

    /// Enters, and evicts the slowest sender if there are more than `limit` now.
    pub(crate) fn enter_within(self: &Arc<Self>, limit: usize) -> Sender {
        let sender = self.enter();
        if lock(&self.0).senders.len() > limit {
            self.evict_slowest();
        }
        sender
    }

    /// Returns whether there was a sender to evict.
    pub(crate) fn evict_slowest(&self) -> bool {
        let slowest = lock(&self.0).senders.pop_first();
        slowest.inspect(|(_, evicted)| evicted.notify_one()).is_some()
    }
}

impl Sender {
    /// Enters the queue at its end, unless the sender is in it.
    pub(crate) fn enter(&self) {
        let mut position = lock(&self.position);
        if position.is_none() {
            let mut entries = lock(&self.queue.0);
            entries.next += 1;
            let next = entries.next;
            entries.senders.insert(next, Arc::clone(&self.evicted));
            *position = Some(next);
        }
    }

    /// Leaves the queue: a sender that waits for its response is not evicted.
    pub(crate) fn leave(&self) {
        if let Some(position) = lock(&self.position).take() {
            lock(&self.queue.0).senders.remove(&position);
        }
    }

    /// Resolves when the sender is evicted.
    pub(crate) async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.leave();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
