//! Replay protection: stores of used tokens.

use super::key_cache::lock;
use futures_core::future::BoxFuture;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The error of a [`ReplayStore`]. It is logged, so it should hold no secret.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// Remembers used tokens. Machines that receive for the same webhook should share a store. Otherwise each of
/// them accepts a token once.
///
/// Only tokens with a valid signature are stored. A forger can neither use up an id nor fill the store.
pub trait ReplayStore: Send + Sync {
    /// Marks a token as used, atomically: of several calls with the same `token`, one returns true and all
    /// others false. The token may be forgotten after `remember`, not before.
    ///
    /// `token` is the issuer and the `jti`, separated by a line feed; at most
    /// [`MAX_TOKEN_ID`](super::MAX_TOKEN_ID) bytes.
    fn first_use<'a>(&'a self, token: &'a str, remember: Duration)
    -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Marks a token as unused: the delivery was valid but could not be stored. See
    /// [`Verifier::release`](super::Verifier::release).
    fn forget<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;
}

impl<T: ReplayStore + ?Sized> ReplayStore for Arc<T> {
    fn first_use<'a>(
        &'a self,
        token: &'a str,
        remember: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        (**self).first_use(token, remember)
    }

    fn forget<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        (**self).forget(token)
    }
}

/// The default store, in the memory of this process.
///
/// Its capacity is bounded. If it is full, further deliveries are refused, which Xurrent sends again later.
/// No token is forgotten early.
pub struct MemoryReplayStore {
    capacity: usize,
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    hashes: RandomState,
    /// Each token has its hash beside it, so that a growing table does not hash all texts again while the
    /// lock is held.
    tokens: HashTable<(u64, Arc<str>, Instant)>,
    /// The earliest to expire is on top. A token that was marked as unused stays here until then.
    until: BinaryHeap<Reverse<(Instant, u64, Arc<str>)>>,
}

impl Used {
    /// Removes a token, or only its use until a certain time: it may have been marked as unused and used
    /// again.
    fn remove(&mut self, hash: u64, token: &str, until: Option<Instant>) {
        let is_it = |(_, text, end): &(u64, Arc<str>, Instant)| {
            **text == *token && until.is_none_or(|until| until == *end)
        };
        if let Ok(entry) = self.tokens.find_entry(hash, is_it) {
            entry.remove();
        }
    }
}

impl MemoryReplayStore {
    /// The capacity by default: 1,000 tokens per second with the default times, in about 20 MB.
    pub const DEFAULT_CAPACITY: usize = 128 * 1024;

    /// A store for at most this many tokens.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, used: Mutex::default() }
    }

    fn insert(&self, token: &str, remember: Duration) -> Result<bool, StoreError> {
        let now = Instant::now();
        let mut used = lock(&self.used);
        while used.until.peek().is_some_and(|Reverse((until, ..))| *until <= now)
            && let Some(Reverse((until, hash, token))) = used.until.pop()
        {
            used.remove(hash, &token, Some(until));
        }
        let hash = used.hashes.hash_one(token);
        let Used { tokens, until: order, .. } = &mut *used;
        let Entry::Vacant(place) = tokens.entry(hash, |(_, text, _)| **text == *token, |(hash, ..)| *hash)
        else {
            return Ok(false);
        };
        if order.len() >= self.capacity {
            return Err("the store is full".into());
        }
        // Without a time to forget it, a token would be kept forever.
        let until = now.checked_add(remember).ok_or("the time to remember a token is out of range")?;
        let token: Arc<str> = token.into();
        order.push(Reverse((until, hash, Arc::clone(&token))));
        place.insert((hash, token, until));
        Ok(true)
    }
}

impl Default for MemoryReplayStore {
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY)
    }
}

impl ReplayStore for MemoryReplayStore {
    fn first_use<'a>(
        &'a self,
        token: &'a str,
        remember: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(std::future::ready(self.insert(token, remember)))
    }

    fn forget<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut used = lock(&self.used);
        let hash = used.hashes.hash_one(token);
        used.remove(hash, token, None);
        Box::pin(std::future::ready(Ok(())))
    }
}
