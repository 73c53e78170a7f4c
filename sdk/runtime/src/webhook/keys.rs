//! Keys that were discovered: per issuer, for an hour, asked for by one task at a time.
//!
//! Whoever can reach a receiver can make it look for keys, since a token names its issuer and its
//! key before anything can be proven. So this is bounded in every direction: an issuer is not asked
//! again within half a minute, issuers that never had a key share a small budget, and the number of
//! issuers that are remembered is fixed.

use super::Algorithm;
use super::algorithm::PublicKey;
use super::discovery::{KeySet, discover};
use super::fetch::Fetcher;
use super::issuer::canonical;
use super::refused::{Reason, cut};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// How long discovered keys are used: an hour, as Xurrent's documents may be cached.
pub const KEY_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// How long an issuer is not asked again, whether it answered or not.
pub(super) const REFETCH_AFTER: Duration = Duration::from_secs(30);

/// How many issuers without a key are asked in the time above, together.
const STRANGERS: u32 = 10;

/// How many issuers are remembered.
const MAX_ISSUERS: usize = 64;

pub(super) struct KeyCache {
    lifetime: Duration,
    refetch_after: Duration,
    loopback: bool,
    fetcher: Arc<Fetcher>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    issuers: HashMap<String, Arc<Issuer>>,
    strangers: Option<(Instant, u32)>,
}

/// One issuer, apart from all others.
#[derive(Default)]
struct Issuer {
    state: Mutex<State>,
    /// Held while the issuer is asked.
    asking: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    keys: Option<(Arc<KeySet>, Instant)>,
    asked: Option<Instant>,
}

/// A key of a set that stays whole while it is used.
pub(super) struct Found(Arc<KeySet>, String, Algorithm);

impl Found {
    pub(super) fn key(&self) -> Option<&PublicKey> {
        self.0.get(&self.1, self.2)
    }
}

impl KeyCache {
    pub(super) fn new(
        fetcher: Arc<Fetcher>,
        loopback: bool,
        lifetime: Duration,
        refetch_after: Duration,
    ) -> Self {
        Self { lifetime, refetch_after, loopback, fetcher, known: Mutex::default() }
    }

    /// The key, from memory or from the issuer.
    pub(super) async fn get(&self, issuer: &Url, kid: &str, algorithm: Algorithm) -> Result<Found, Reason> {
        let name = canonical(issuer);
        let entry = self.entry(&name);
        if let Some(found) = self.remembered(&entry, kid, algorithm) {
            return Ok(found);
        }
        let asking = Arc::clone(&entry.asking).lock_owned().await;
        if let Some(found) = self.remembered(&entry, kid, algorithm) {
            return Ok(found);
        }
        self.may_ask(&entry, kid, algorithm)?;
        // Apart from the delivery that asks: when that is dropped, those behind it still get the keys.
        let (fetcher, issuer, loopback) = (Arc::clone(&self.fetcher), issuer.clone(), self.loopback);
        let asked = Arc::clone(&entry);
        let answer = tokio::spawn(async move {
            let _asking = asking;
            let keys = discover(&fetcher, &issuer, loopback).await?;
            lock(&asked.state).keys = Some((Arc::new(keys), Instant::now()));
            Ok(())
        });
        let answer = answer.await.unwrap_or_else(|_| Err("the runtime is being stopped".to_owned()));
        answer.map_err(Reason::Discovery)?;
        self.remembered(&entry, kid, algorithm).ok_or_else(|| Reason::UnknownKey { kid: cut(kid), algorithm })
    }

    fn remembered(&self, entry: &Issuer, kid: &str, algorithm: Algorithm) -> Option<Found> {
        let state = lock(&entry.state);
        let (keys, since) = state.keys.as_ref()?;
        let usable = since.elapsed() < self.lifetime && keys.get(kid, algorithm).is_some();
        usable.then(|| Found(Arc::clone(keys), kid.to_owned(), algorithm))
    }

    /// Notes that the issuer is asked now, unless it, or too many others, were a moment ago.
    fn may_ask(&self, entry: &Issuer, kid: &str, algorithm: Algorithm) -> Result<(), Reason> {
        let mut state = lock(&entry.state);
        if state.asked.is_some_and(|asked| asked.elapsed() < self.refetch_after) {
            // An answer as young as this tells that there is no such key.
            return match &state.keys {
                Some((_, since)) if since.elapsed() < self.lifetime => {
                    Err(Reason::UnknownKey { kid: cut(kid), algorithm })
                }
                _ => Err(Reason::Throttled),
            };
        }
        if state.keys.is_none() {
            let mut known = lock(&self.known);
            let (since, asked) = match known.strangers {
                Some((since, asked)) if since.elapsed() < self.refetch_after => (since, asked),
                _ => (Instant::now(), 0),
            };
            if asked >= STRANGERS {
                return Err(Reason::Throttled);
            }
            known.strangers = Some((since, asked + 1));
        }
        state.asked = Some(Instant::now());
        Ok(())
    }

    fn entry(&self, name: &str) -> Arc<Issuer> {
        let mut known = lock(&self.known);
        if let Some(entry) = known.issuers.get(name) {
            return Arc::clone(entry);
        }
        if known.issuers.len() >= MAX_ISSUERS {
            // Whoever has no keys goes first; with so many that have some, one of them has to.
            let stranger = |entry: &Arc<Issuer>| lock(&entry.state).keys.is_none();
            let goes =
                known.issuers.iter().find(|(_, entry)| stranger(entry)).or(known.issuers.iter().next());
            if let Some(goes) = goes.map(|(name, _)| name.clone()) {
                known.issuers.remove(&goes);
            }
        }
        Arc::clone(known.issuers.entry(name.to_owned()).or_default())
    }
}

/// A task that panicked leaves the state whole: every change is one assignment.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
