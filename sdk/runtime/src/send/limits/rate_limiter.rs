//! The limit of requests in a short window.

use crate::send::lock;
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker, ready};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The longest transit of a request to the server.
const TRANSIT: Duration = Duration::from_millis(100);

/// How long a free permit is reserved for the first call of the queue. A call that is not polled by then,
/// for example because its Tokio runtime does not run, loses it to the next one.
const RESERVED: Duration = Duration::from_millis(200);

/// A rate limiter over a sliding window. A request holds a permit until the server no longer counts it: a
/// window after its arrival there. The arrival is not known, but not later than the response, and not later
/// than the longest transit. So no window at the server has more requests than there are permits, and next
/// to no time is lost.
///
/// A permit expires by itself, without a task: several Tokio runtimes may share a client, and some of them
/// may not run. For the same reason, every waiting call has its own timer.
///
/// Waiting calls are served in order. A cancelled one leaves the queue; one that is not polled delays the
/// others for a moment. A call that can use tokens of several users waits in the queue of each, and takes
/// the first permit.
pub(crate) struct RateLimiter(Arc<Shared>);

struct Shared {
    requests: usize,
    window: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The permits in use, by their expiry and number.
    taken: BTreeSet<(Instant, u64)>,
    /// The calls that wait for a permit, by their number and so in order.
    waiting: BTreeMap<u64, Waker>,
    /// The calls for which a free permit is reserved, and since when. Never more than there are free ones.
    reserved: BTreeMap<u64, Instant>,
    last_number: u64,
}

/// A permit for one request, uncounted without a rate limit. Dropping it does not return it: the request may
/// still arrive.
#[must_use]
pub(crate) struct Permit(pub(super) Option<Lease>);

pub(super) struct Lease {
    limiter: Arc<Shared>,
    until: Instant,
    number: u64,
}

impl RateLimiter {
    pub(crate) fn new(requests: usize, window: Duration) -> Self {
        Self(Arc::new(Shared { requests, window, state: Mutex::default() }))
    }

    /// A permit for a request that is sent now, if one is free and no call waits.
    pub(crate) fn try_acquire(&self) -> Option<Permit> {
        self.0.with(|state, now, woken| {
            let is_free = state.reserve(&self.0, now, woken) > 0;
            is_free.then(|| state.take(&self.0, now, woken))
        })
    }

    /// Waits for a permit. The request must be sent as soon as this returns.
    pub(crate) async fn acquire(&self) -> Permit {
        let mut place = Place { limiter: &self.0, number: None };
        let mut alarm = None;
        poll_fn(|context| {
            loop {
                let at = match place.take(context.waker()) {
                    Ok(permit) => return Poll::Ready(permit),
                    Err(at) => at,
                };
                let alarm = alarm.get_or_insert_with(|| Box::pin(sleep_until(at)));
                if alarm.deadline() != at {
                    alarm.as_mut().reset(at);
                }
                ready!(alarm.as_mut().poll(context));
            }
        })
        .await
    }
}

impl Shared {
    /// Changes the state, and wakes whom that concerns when it is unlocked again.
    fn with<T>(&self, change: impl FnOnce(&mut State, Instant, &mut Vec<Waker>) -> T) -> T {
        let mut woken = Vec::new();
        let result = change(&mut lock(&self.state), Instant::now(), &mut woken);
        woken.into_iter().for_each(Waker::wake);
        result
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Reserves the free permits for the first calls that wait, and says how many are left. A call that does
    /// not come for its permit loses its place until it is polled again.
    fn reserve(&mut self, limiter: &Shared, now: Instant, woken: &mut Vec<Waker>) -> usize {
        while self.taken.first().is_some_and(|(until, _)| *until <= now) {
            self.taken.pop_first();
        }
        self.reserved.retain(|_, since| now < *since + RESERVED);
        let mut left = limiter.requests - self.taken.len() - self.reserved.len();
        while left > 0
            && let Some((number, waker)) = self.waiting.pop_first()
        {
            self.reserved.insert(number, now);
            woken.push(waker);
            left -= 1;
        }
        left
    }

    fn take(&mut self, limiter: &Arc<Shared>, now: Instant, woken: &mut Vec<Waker>) -> Permit {
        let (number, until) = (self.number(), now + TRANSIT + limiter.window);
        self.taken.insert((until, number));
        // This call can know now when its permit becomes free.
        woken.extend(self.waiting.values().nth(self.taken.len() - 1).cloned());
        Permit(Some(Lease { limiter: Arc::clone(limiter), until, number }))
    }

    /// When a permit may become free for a waiting call.
    fn next(&self, limiter: &Shared, number: u64, now: Instant) -> Instant {
        let before = self.waiting.range(..number).take(limiter.requests).count();
        // The permit after those for the calls before it, or the last one that is known.
        let comes = self.taken.iter().nth(before).or(self.taken.last());
        let reserved = self.reserved.values().min();
        let both = [comes.map(|(until, _)| *until), reserved.map(|since| *since + RESERVED)];
        both.into_iter().flatten().min().unwrap_or(now + RESERVED)
    }
}

/// The place of one call in the queue. Dropping it leaves the queue.
struct Place<'b> {
    limiter: &'b Arc<Shared>,
    number: Option<u64>,
}

impl Place<'_> {
    /// The reserved permit, or when to try again.
    fn take(&mut self, waker: &Waker) -> Result<Permit, Instant> {
        let limiter = self.limiter;
        limiter.with(|state, now, woken| {
            let number = *self.number.get_or_insert_with(|| state.number());
            // A permit that is still reserved is taken, however late.
            if state.reserved.remove(&number).is_none() {
                state.waiting.insert(number, waker.clone());
                state.reserve(limiter, now, woken);
                if state.reserved.remove(&number).is_none() {
                    return Err(state.next(limiter, number, now));
                }
            }
            self.number = None;
            Ok(state.take(limiter, now, woken))
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        self.limiter.with(|state, now, woken| {
            state.waiting.remove(&number);
            state.reserved.remove(&number);
            state.reserve(self.limiter, now, woken);
            // All calls behind have moved up.
            let behind = state.waiting.range(number..).take(self.limiter.requests);
            woken.extend(behind.map(|(_, waker)| waker.clone()));
        });
    }
}

impl Permit {
    /// Returns the permit after the response or a failure: the request has arrived, or never will.
    pub(crate) fn answered(self) {
        let Some(Lease { limiter, until, number }) = self.0 else { return };
        limiter.with(|state, now, woken| {
            let ends = now + limiter.window;
            if ends >= until || !state.taken.remove(&(until, number)) {
                return;
            }
            state.taken.insert((ends, number));
            state.reserve(&limiter, now, woken);
            let rank = |until| state.taken.range(..(until, number)).count();
            let (first, behind) = (rank(ends), rank(until));
            // Their permits become free sooner.
            woken.extend(state.waiting.values().take(behind).skip(first).cloned());
        });
    }

    /// Returns the permit of a request that was not sent.
    pub(crate) fn unused(self) {
        let Some(Lease { limiter, until, number }) = self.0 else { return };
        limiter.with(|state, now, woken| {
            state.taken.remove(&(until, number));
            state.reserve(&limiter, now, woken);
        });
    }
}
