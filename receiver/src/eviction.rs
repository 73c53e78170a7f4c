//! Senders that are waited for, the longest-waiting first.
//!
//! A real delivery arrives within a round trip, so whoever has waited longest is the one to give up
//! when there are too many.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// All senders that are waited for.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    next: u64,
    senders: BTreeMap<u64, Arc<Notify>>,
}

/// One sender, which is waited for from the start.
pub(crate) struct Waiter {
    all: Arc<Waiting>,
    number: Mutex<Option<u64>>,
    evicted: Arc<Notify>,
}

impl Waiting {
    pub(crate) fn enter(self: &Arc<Self>) -> Waiter {
        let waiter = Waiter { all: Arc::clone(self), number: Mutex::default(), evicted: Arc::default() };
        waiter.wait();
        waiter
    }

    /// The same; if more than `limit` are waited for then, the longest-waiting is evicted.
    pub(crate) fn enter_within(self: &Arc<Self>, limit: usize) -> Waiter {
        let waiter = self.enter();
        if locked(&self.0).senders.len() > limit {
            self.evict_oldest();
        }
        waiter
    }

    pub(crate) fn evict_oldest(&self) -> bool {
        let oldest = locked(&self.0).senders.pop_first();
        oldest.inspect(|(_, evicted)| evicted.notify_one()).is_some()
    }
}

impl Waiter {
    /// The sender is waited for from now on, if it was not before.
    pub(crate) fn wait(&self) {
        let mut number = locked(&self.number);
        if number.is_none() {
            let mut entries = locked(&self.all.0);
            entries.next += 1;
            let next = entries.next;
            entries.senders.insert(next, Arc::clone(&self.evicted));
            *number = Some(next);
        }
    }

    /// The sender has done its part: it is not evicted while it waits for us.
    pub(crate) fn arrived(&self) {
        if let Some(number) = locked(&self.number).take() {
            locked(&self.all.0).senders.remove(&number);
        }
    }

    /// Resolves when the sender is to be given up.
    pub(crate) async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.arrived();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn the_longest_waiting_is_evicted_and_never_one_that_waits_for_us() {
        let all = Arc::new(Waiting::default());
        let is_evicted = |waiter: &Waiter| waiter.evicted().now_or_never().is_some();
        let (first, second, third) = (all.enter(), all.enter(), all.enter_within(3));
        assert!(!is_evicted(&first) && !is_evicted(&second) && !is_evicted(&third));
        first.arrived();
        assert!(all.evict_oldest());
        assert!(!is_evicted(&first) && is_evicted(&second) && !is_evicted(&third));
        first.wait();
        drop(second);
        let fourth = all.enter_within(2);
        assert!(is_evicted(&third) && !is_evicted(&first) && !is_evicted(&fourth));
        drop((first, third, fourth));
        assert!(!all.evict_oldest());
    }
}
