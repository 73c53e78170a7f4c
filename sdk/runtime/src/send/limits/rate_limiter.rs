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
    /// The waiting calls, by their number and so in order.
    waiting: BTreeMap<u64, Waiting>,
    last_number: u64,
}

struct Waiting {
    waker: Waker,
    /// Since when a free permit is reserved for it.
    reserved_since: Option<Instant>,
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
            let is_free = state.keep(&self.0, now, woken) > state.waiting.len();
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

    /// Keeps the permits that are free for the first calls that wait, and says how many are free. A call
    /// that does not come for its permit loses its place until it is polled again.
    fn keep(&mut self, limiter: &Shared, now: Instant, woken: &mut Vec<Waker>) -> usize {
        while self.taken.first().is_some_and(|(until, _)| *until <= now) {
            self.taken.pop_first();
        }
        let free = limiter.requests - self.taken.len();
        let (mut left, mut passed_over) = (free, Vec::new());
        for (number, waiting) in &mut self.waiting {
            if left == 0 {
                break;
            }
            match waiting.reserved_since {
                Some(since) if since + RESERVED <= now => {
                    passed_over.push(*number);
                    continue;
                }
                Some(_) => {}
                None => {
                    waiting.reserved_since = Some(now);
                    woken.push(waiting.waker.clone());
                }
            }
            left -= 1;
        }
        for number in passed_over {
            self.waiting.remove(&number);
        }
        free
    }

    fn take(&mut self, limiter: &Arc<Shared>, now: Instant, woken: &mut Vec<Waker>) -> Permit {
        let (number, until) = (self.number(), now + TRANSIT + limiter.window);
        self.taken.insert((until, number));
        // This call can know now when its permit becomes free.
        woken.extend(self.waiting.values().nth(limiter.requests - 1).map(|waiting| waiting.waker.clone()));
        Permit(Some(Lease { limiter: Arc::clone(limiter), until, number }))
    }

    /// When a permit may become free for a waiting call without a reserved one.
    fn next(&self, limiter: &Shared, number: u64, now: Instant) -> Instant {
        let free = limiter.requests - self.taken.len();
        let before = self.waiting.range(..number).take(limiter.requests).count();
        // The permit after those for the calls before it, or the last one that is known.
        let comes = self.taken.iter().nth(before.saturating_sub(free)).or(self.taken.last());
        let kept = self.waiting.values().take(free).filter_map(|waiting| waiting.reserved_since).min();
        let both = [comes.map(|(until, _)| *until), kept.map(|since| since + RESERVED)];
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
            let place = || Waiting { waker: waker.clone(), reserved_since: None };
            let is_kept =
                |state: &State| state.waiting.get(&number).is_some_and(|it| it.reserved_since.is_some());
            state.waiting.entry(number).or_insert_with(place).waker.clone_from(waker);
            // A permit that is still reserved is taken, however late.
            if !is_kept(state) {
                state.keep(limiter, now, woken);
            }
            if !is_kept(state) {
                return Err(state.next(limiter, number, now));
            }
            state.waiting.remove(&number);
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
            state.keep(self.limiter, now, woken);
            // All calls behind have moved up.
            let behind = state.waiting.range(number..).take(self.limiter.requests);
            woken.extend(behind.map(|(_, waiting)| waiting.waker.clone()));
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
            let rank = |state: &State, until| state.taken.range(..(until, number)).count();
            let (first, last) = (rank(state, ends), rank(state, until));
            state.taken.insert((ends, number));
            let free = state.keep(&limiter, now, woken);
            // Their permits become free sooner.
            let sooner = state.waiting.values().skip(first + free).take(last - first + 1);
            woken.extend(sooner.map(|waiting| waiting.waker.clone()));
        });
    }

    /// Returns the permit of a request that was not sent.
    pub(crate) fn unused(self) {
        let Some(Lease { limiter, until, number }) = self.0 else { return };
        limiter.with(|state, now, woken| {
            state.taken.remove(&(until, number));
            state.keep(&limiter, now, woken);
        });
    }
}
