//! The cache of discovered keys: per issuer, for an hour, fetched by one task at a time.
//!
//! A token names its issuer and its key before anything is proven, so whoever reaches a receiver can
//! make it look for keys. Everything here is bounded: the requests to one issuer (`refetch_after`), the
//! requests to unknown issuers together ([`Budget`]), and the number of issuers that are kept. One lock
//! guards all of it. It is held for a look-up or an assignment, never across a signature, a request or
//! another lock.

use super::discovery::{KeySet, discover};
use super::http_get::{Fetcher, TOTAL};
use super::issuer::canonical;
use super::refused::{Reason, Refused};
use super::token::Token;
use super::unknown_issuers::Budget;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::watch;
use url::Url;

/// How long discovered keys are used: an hour, as Xurrent's documents may be cached.
pub const KEY_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// How long an issuer is not asked again, whether it answered or not.
pub(super) const REFETCH_AFTER: Duration = Duration::from_secs(30);

/// How many issuers are kept besides those that the operator named.
const MAX_ISSUERS: usize = 64;

/// A fetch that takes longer is lost, as on a runtime that nobody drives: whoever comes next starts
/// another one.
const LOST: Duration = Duration::from_secs(TOTAL.as_secs() + 1);

/// What was fetched, once it is there.
type Fetched = Option<Result<Arc<KeySet>, String>>;

pub(super) struct KeyCache {
    lifetime: Duration,
    refetch_after: Duration,
    loopback: bool,
    fetcher: Arc<Fetcher>,
    /// The issuers that the operator named: they are never subject to the budget for unknown ones.
    named: Vec<String>,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    issuers: HashMap<String, Issuer>,
    unknown: Budget,
}

struct Issuer {
    keys: Option<(Arc<KeySet>, Instant)>,
    asked: Instant,
    fetch: Option<watch::Receiver<Fetched>>,
    /// Named by the operator, or the issuer of a delivery with a good signature.
    is_trusted: bool,
}

impl Issuer {
    /// The fetch that is under way.
    fn fetch(&self) -> Option<&watch::Receiver<Fetched>> {
        self.fetch.as_ref().filter(|_| self.asked.elapsed() < LOST)
    }
}

impl KeyCache {
    pub(super) fn new(
        fetcher: Arc<Fetcher>,
        named: Vec<String>,
        loopback: bool,
        lifetime: Duration,
        refetch_after: Duration,
    ) -> Self {
        Self { lifetime, refetch_after, loopback, fetcher, named, known: Arc::default() }
    }

    /// Verifies a token with the keys of its issuer, from memory or, when these do not verify it, as
    /// the issuer publishes them now.
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
            // The key may have been replaced since: the same token can be good in a moment.
            return Err(Refused::temporary(refused.unwrap_or(Reason::Throttled)));
        };
        let fetched = match tokio::time::timeout(LOST, fetch.wait_for(Option::is_some)).await {
            Ok(Ok(fetched)) => fetched.clone(),
            Ok(Err(_)) => Some(Err("the runtime is being stopped".to_owned())),
            Err(_) => None,
        };
        let keys = fetched.unwrap_or_else(|| Err("the documents did not arrive in time".to_owned()));
        keys.map_err(Reason::Discovery)?.verify(token)?;
        self.trust(&name);
        Ok(())
    }

    /// The keys that may still be used, and whether their issuer is trusted.
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

    /// The fetch that is under way for an issuer, or a new one; none where it, or too many unknown
    /// ones, were asked a moment ago.
    fn fetch(&self, name: &str, issuer: &Url) -> Result<Option<watch::Receiver<Fetched>>, Reason> {
        let runtime = Handle::try_current()
            .map_err(|_| Reason::Discovery("there is no Tokio runtime to fetch them on".to_owned()))?;
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
        // Apart from the delivery that asks: when that is dropped, those behind it still get the keys.
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
            // Nobody may be waiting any more.
            done.send(Some(fetched)).ok();
        });
        Ok(Some(fetch))
    }
}

/// Forgets an issuer if there are too many: one without keys first, and one that is trusted last. Those
/// that are being asked stay, or their keys would be fetched in vain.
fn make_room(issuers: &mut HashMap<String, Issuer>, capacity: usize) -> bool {
    if issuers.len() < capacity {
        return true;
    }
    let idle = issuers.iter().filter(|(_, issuer)| issuer.fetch().is_none());
    let least = idle.min_by_key(|(_, issuer)| (issuer.is_trusted, issuer.keys.is_some(), issuer.asked));
    let least = least.map(|(name, _)| name.clone());
    least.is_some_and(|name| issuers.remove(&name).is_some())
}

/// A task that panicked leaves the state whole: every change is one assignment.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
