//! Replay protection: stores of used tokens.

use super::key_cache::lock;
use super::refused::Reason;
use futures_core::future::BoxFuture;
use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
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
    tokens: HashMap<Token, Instant, BuildHasherDefault<Known>>,
    /// The earliest to expire is on top. A token that was marked as unused stays here until then.
    until: BinaryHeap<Reverse<(Instant, Token)>>,
}

/// A token with its hash, so that a growing map does not hash all texts again while the lock is held.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Token(u64, Arc<str>);

impl Hash for Token {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// Passes on the hash of a [`Token`].
#[derive(Default)]
struct Known(u64);

impl Hasher for Known {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    /// Not called for tokens.
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }
}

impl Used {
    fn token(&self, text: &str) -> Token {
        Token(self.hashes.hash_one(text), text.into())
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
        while let Some(Reverse((until, _))) = used.until.peek() {
            if *until > now {
                break;
            }
            if let Some(Reverse((until, token))) = used.until.pop()
                // It may have been marked as unused and used again.
                && used.tokens.get(&token) == Some(&until)
            {
                used.tokens.remove(&token);
            }
        }
        let token = used.token(token);
        let Used { tokens, until: order, .. } = &mut *used;
        let Entry::Vacant(place) = tokens.entry(token) else { return Ok(false) };
        if order.len() >= self.capacity {
            return Err("the store is full".into());
        }
        // Without a time to forget it, a token would be kept forever.
        let until = now.checked_add(remember).ok_or("the time to remember a token is out of range")?;
        order.push(Reverse((until, place.key().clone())));
        place.insert(until);
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
        let token = used.token(token);
        used.tokens.remove(&token);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Marks a token as used, or returns the reason to refuse it.
pub(super) async fn use_once(store: &dyn ReplayStore, token: &str, remember: Duration) -> Result<(), Reason> {
    match store.first_use(token, remember).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Reason::Replayed),
        Err(error) => Err(Reason::ReplayStore(error.to_string())),
    }
}
