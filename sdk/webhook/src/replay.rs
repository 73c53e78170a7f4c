//! Every token is used once.

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

/// Remembers which tokens were used. Several machines that receive for one webhook should share a
/// store, or each of them accepts a token once.
///
/// Only tokens with a good signature are ever recorded: a forger cannot use up an id, and the number
/// of records is the number of deliveries in the time they are remembered.
pub trait ReplayStore: Send + Sync {
    /// Records a token, at once and whole: of several calls with the same `token` one is answered
    /// with true, all others with false. The record may go after `remember`, not before.
    ///
    /// `token` is the issuer and the `jti`, separated by a line feed; at most
    /// [`MAX_TOKEN_ID`](super::MAX_TOKEN_ID) bytes.
    fn first_use<'a>(&'a self, token: &'a str, remember: Duration)
    -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Takes a record back: the delivery was good, and could not be kept. See
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

/// The store of a verifier that was given no other: in the memory of this process.
///
/// It is bounded. When it is full of tokens that must still be remembered, the next delivery is
/// refused, which Xurrent repeats later, rather than an old token be accepted twice.
pub struct MemoryReplayStore {
    capacity: usize,
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    hashes: RandomState,
    tokens: HashMap<Token, Instant, BuildHasherDefault<Known>>,
    /// The earliest to go is on top. A token that was taken back stays here until its time.
    until: BinaryHeap<Reverse<(Instant, Token)>>,
}

/// A token with its hash: a map of thousands that grows, while others wait for it, need not look at
/// each of their texts again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Token(u64, Arc<str>);

impl Hash for Token {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// The hash that is known already.
#[derive(Default)]
struct Known(u64);

impl Hasher for Known {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    /// Not called: tokens are all that is hashed.
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
    /// Tokens that the store of a verifier can remember: a thousand a second with the times that
    /// are accepted by default, in some 20 MB.
    pub const DEFAULT_CAPACITY: usize = 128 * 1024;

    /// A store for so many tokens.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, used: Mutex::default() }
    }

    fn record(&self, token: &str, remember: Duration) -> Result<bool, StoreError> {
        let now = Instant::now();
        let mut used = lock(&self.used);
        while let Some(Reverse((until, _))) = used.until.peek() {
            if *until > now {
                break;
            }
            if let Some(Reverse((until, token))) = used.until.pop()
                // It may have been taken back and used again since.
                && used.tokens.get(&token) == Some(&until)
            {
                used.tokens.remove(&token);
            }
        }
        let token = used.token(token);
        let Used { tokens, until: order, .. } = &mut *used;
        let Entry::Vacant(place) = tokens.entry(token) else { return Ok(false) };
        if order.len() >= self.capacity {
            return Err("it is full".into());
        }
        // A time beyond the clock is no time to forget.
        let until = now.checked_add(remember).ok_or("a token is to be remembered for ever")?;
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
        Box::pin(std::future::ready(self.record(token, remember)))
    }

    fn forget<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut used = lock(&self.used);
        let token = used.token(token);
        used.tokens.remove(&token);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Records a token or says why not.
pub(super) async fn use_once(store: &dyn ReplayStore, token: &str, remember: Duration) -> Result<(), Reason> {
    match store.first_use(token, remember).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Reason::Replayed),
        Err(error) => Err(Reason::ReplayStore(error.to_string())),
    }
}
