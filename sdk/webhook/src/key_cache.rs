//! The cache of discovered keys.
//!
//! One task at a time fetches the keys of an issuer. Anyone who reaches a receiver can cause fetches, since
//! unverified tokens name issuers and keys. So requests to one issuer (`refetch_after`), requests to unknown
//! issuers together ([`UnknownIssuerLimit`]) and the number of cached issuers are limited. The lock of the
//! cache is never held across a signature check, a request or another lock.

use super::discovery::{KeySet, discover};
use super::http_get::{Fetcher, TOTAL};
use super::issuer::canonical;
use super::refused::{Reason, Refused};
use super::token::Token;
use super::unknown_issuers::UnknownIssuerLimit;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::watch;
use url::Url;

/// The lifetime of discovered keys: an hour, for which Xurrent allows caching.
pub const KEY_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The minimum time between fetches from one issuer, successful or not.
pub(super) const REFETCH_AFTER: Duration = Duration::from_secs(30);

/// The maximum number of cached issuers, besides the configured ones.
const MAX_ISSUERS: usize = 64;

/// A fetch that takes longer is considered lost, such as on a runtime that is not driven. The next delivery
/// starts another one.
const LOST: Duration = Duration::from_secs(TOTAL.as_secs() + 1);

type Fetched = Option<Result<Arc<KeySet>, String>>;

pub(super) struct KeyCache {
    pub(super) lifetime: Duration,
    pub(super) refetch_after: Duration,
    pub(super) loopback: bool,
    /// Also calls back for handshakes.
    pub(super) fetcher: Arc<Fetcher>,
    /// The configured issuers, which are not subject to the limit for unknown ones.
    pub(super) named: Vec<String>,
    pub(super) known: Arc<Mutex<Known>>,
}

#[derive(Default)]
pub(super) struct Known {
    issuers: HashMap<String, Issuer>,
    unknown: UnknownIssuerLimit,
}

struct Issuer {
    keys: Option<(Arc<KeySet>, Instant)>,
    asked: Instant,
    fetch: Option<watch::Receiver<Fetched>>,
    /// Configured, or the issuer of a delivery with a valid signature.
    is_trusted: bool,
}

impl Issuer {
    /// The fetch in progress.
    fn fetch(&self) -> Option<&watch::Receiver<Fetched>> {
        self.fetch.as_ref().filter(|_| self.asked.elapsed() < LOST)
    }
}

impl KeyCache {
    /// Verifies a token with the cached keys of its issuer or, if that fails, with freshly fetched ones.
    pub(super) async fn verify(&self, issuer: &Url, token: &Token<'_>) -> Result<(), Refused> {
        let name = canonical(issuer);
        let mut refused = None;
        if let Some((keys, is_trusted)) = self.remembered(&name) {
            match keys.verify(token) {
                Ok(()) => {
                    if !is_trusted {
                        self.trust(&name);
                    }
                    return Ok(());
                }
                Err(reason) => refused = Some(reason),
            }
        }
        let Some(mut fetch) = self.fetch(&name, issuer)? else {
            // The key may have been replaced, so the token may verify after the next fetch.
            let mut refused = Refused::from(refused.unwrap_or(Reason::Throttled));
            refused.is_temporary = true;
            return Err(refused);
        };
        let fetched = match tokio::time::timeout(LOST, fetch.wait_for(Option::is_some)).await {
            Ok(Ok(fetched)) => fetched.clone(),
            Ok(Err(_)) => Some(Err("the runtime is shutting down".to_owned())),
            Err(_) => None,
        };
        let keys = fetched.unwrap_or_else(|| Err("the documents were not received in time".to_owned()));
        keys.map_err(Reason::Discovery)?.verify(token)?;
        self.trust(&name);
        Ok(())
    }

    /// The cached keys, and whether their issuer is trusted.
    fn remembered(&self, name: &str) -> Option<(Arc<KeySet>, bool)> {
        let known = lock(&self.known);
        let issuer = known.issuers.get(name)?;
        let (keys, since) = issuer.keys.as_ref()?;
        (since.elapsed() < self.lifetime).then(|| (Arc::clone(keys), issuer.is_trusted))
    }

    fn trust(&self, name: &str) {
        if let Some(issuer) = lock(&self.known).issuers.get_mut(name) {
            issuer.is_trusted = true;
        }
    }

    /// The fetch in progress for an issuer, or a new one. `None` if this issuer, or too many unknown ones,
    /// were requested recently.
    fn fetch(&self, name: &str, issuer: &Url) -> Result<Option<watch::Receiver<Fetched>>, Reason> {
        let runtime =
            Handle::try_current().map_err(|_| Reason::Discovery("there is no Tokio runtime".to_owned()))?;
        let mut known = lock(&self.known);
        let Known { issuers, unknown } = &mut *known;
        let mut is_trusted = self.named.iter().any(|named| named == name);
        if let Some(issuer) = issuers.get(name) {
            if let Some(fetch) = issuer.fetch() {
                return Ok(Some(fetch.clone()));
            }
            if issuer.fetch.is_none() && issuer.asked.elapsed() < self.refetch_after {
                return Ok(None);
            }
            is_trusted |= issuer.is_trusted;
        }
        if !is_trusted && !unknown.admits(name, self.refetch_after) {
            return Ok(None);
        }
        if !issuers.contains_key(name) && !make_room(issuers, MAX_ISSUERS + self.named.len()) {
            return Ok(None);
        }
        let (done, fetch) = watch::channel(None);
        let keys = issuers.remove(name).and_then(|issuer| issuer.keys);
        let entry = Issuer { keys, asked: Instant::now(), fetch: Some(fetch.clone()), is_trusted };
        issuers.insert(name.to_owned(), entry);
        drop(known);
        // In its own task: other deliveries get the keys even if this one is dropped.
        let (fetcher, known) = (Arc::clone(&self.fetcher), Arc::clone(&self.known));
        let (name, issuer, loopback) = (name.to_owned(), issuer.clone(), self.loopback);
        runtime.spawn(async move {
            let fetched = discover(&fetcher, &issuer, loopback).await.map(Arc::new);
            if let Some(entry) = lock(&known).issuers.get_mut(&name) {
                entry.fetch = None;
                if let Ok(keys) = &fetched {
                    entry.keys = Some((Arc::clone(keys), Instant::now()));
                }
            }
            // There may be no receiver any more.
            done.send(Some(fetched)).ok();
        });
        Ok(Some(fetch))
    }
}

/// Evicts an issuer if the cache is full: first one without keys, last a trusted one. Issuers with a fetch in
/// progress stay.
fn make_room(issuers: &mut HashMap<String, Issuer>, capacity: usize) -> bool {
    if issuers.len() < capacity {
        return true;
    }
    let idle = issuers.iter().filter(|(_, issuer)| issuer.fetch().is_none());
    let least = idle.min_by_key(|(_, issuer)| (issuer.is_trusted, issuer.keys.is_some(), issuer.asked));
    let least = least.map(|(name, _)| name.clone());
    least.is_some_and(|name| issuers.remove(&name).is_some())
}

/// Locks, ignoring poisoning: every change is one assignment, so a panic leaves the state consistent.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
