//! No more requests in a short time than the API allows.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker, ready};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How many requests the API allows in [`WINDOW`].
pub(crate) const REQUESTS: usize = 20;

/// How long a request counts.
pub(crate) const WINDOW: Duration = Duration::from_secs(2);

/// How long a request may be on its way to the server.
const TRANSIT: Duration = Duration::from_millis(100);

/// How long a free slot is kept for the call whose turn it is. A call that is not polled by then, for
/// example because its runtime is not driven, is passed over.
const KEPT: Duration = Duration::from_millis(200);

/// Slots for requests. A request takes one until it no longer counts at the server, which is a
/// window after it has arrived there. When that was is not known: not later than its answer came,
/// and not later than the transit takes. So no window at the server ever sees more requests than
/// there are slots, and next to no time is lost.
///
/// A slot ends by time alone, and no task gives it back: a client may be shared by several runtimes,
/// of which some are no longer driven. For the same reason every waiting call has a timer of its own.
///
/// Waiting calls are served in their order. One that is given up leaves the queue, and that is all;
/// those that nobody polls hold the others up for a moment. A call that can use tokens of several
/// users waits in the queue of each, and takes the slot that comes first.
pub(crate) struct Burst(Arc<Shared>);

struct Shared {
    requests: usize,
    window: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The slots in use: until when each is, and its number.
    taken: BTreeSet<(Instant, u64)>,
    /// The calls that wait, by their number: in their order.
    waiting: BTreeMap<u64, Waiting>,
    last_number: u64,
}

struct Waiting {
    waker: Waker,
    /// Since when a free slot is kept for it.
    kept_since: Option<Instant>,
}

/// A slot that was taken for one request. One that is dropped was given up on the way: the request
/// may still arrive.
#[must_use]
pub(crate) struct Slot(Option<Lease>);

struct Lease {
    burst: Arc<Shared>,
    until: Instant,
    number: u64,
}

impl Burst {
    pub(crate) fn new(requests: usize, window: Duration) -> Self {
        Self(Arc::new(Shared { requests, window, state: Mutex::default() }))
    }

    /// A slot for a request that is sent now, if one is free and nobody waits for it.
    pub(crate) fn try_slot(&self) -> Option<Slot> {
        self.0.with(|state, now, woken| {
            let is_free = state.keep(&self.0, now, woken) > state.waiting.len();
            is_free.then(|| state.take(&self.0, now, woken))
        })
    }

    /// Waits for a slot. The request must be sent as soon as this returns.
    pub(crate) async fn slot(&self) -> Slot {
        let mut place = Place { burst: &self.0, number: None };
        let mut alarm = None;
        poll_fn(|context| {
            loop {
                let at = match place.take(context.waker()) {
                    Ok(slot) => return Poll::Ready(slot),
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
        let result = change(&mut self.state(), Instant::now(), &mut woken);
        woken.into_iter().for_each(Waker::wake);
        result
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Keeps the slots that are free for the first calls that wait, and says how many are free. A call
    /// that does not come for its slot loses its place until it is polled again.
    fn keep(&mut self, burst: &Shared, now: Instant, woken: &mut Vec<Waker>) -> usize {
        while self.taken.first().is_some_and(|(until, _)| *until <= now) {
            self.taken.pop_first();
        }
        let free = burst.requests - self.taken.len();
        let (mut left, mut passed_over) = (free, Vec::new());
        for (number, waiting) in &mut self.waiting {
            if left == 0 {
                break;
            }
            match waiting.kept_since {
                Some(since) if since + KEPT <= now => {
                    passed_over.push(*number);
                    continue;
                }
                Some(_) => {}
                None => {
                    waiting.kept_since = Some(now);
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

    /// Takes a slot that is free.
    fn take(&mut self, burst: &Arc<Shared>, now: Instant, woken: &mut Vec<Waker>) -> Slot {
        let (number, until) = (self.number(), now + TRANSIT + burst.window);
        self.taken.insert((until, number));
        // It is known now when the slot comes that this one can have.
        woken.extend(self.waiting.values().nth(burst.requests - 1).map(|waiting| waiting.waker.clone()));
        Slot(Some(Lease { burst: Arc::clone(burst), until, number }))
    }

    /// When there may be a slot for a call that waits, and for which none is kept.
    fn next(&self, burst: &Shared, number: u64, now: Instant) -> Instant {
        let free = burst.requests - self.taken.len();
        let before = self.waiting.range(..number).take(burst.requests).count();
        // That of the slot that comes when everybody before has one, or of the last one that is known.
        let comes = self.taken.iter().nth(before.saturating_sub(free)).or(self.taken.last());
        let kept = self.waiting.values().take(free).filter_map(|waiting| waiting.kept_since).min();
        let both = [comes.map(|(until, _)| *until), kept.map(|since| since + KEPT)];
        both.into_iter().flatten().min().unwrap_or(now + KEPT)
    }
}

/// The place of one call in the queue. Dropping it leaves the queue.
struct Place<'b> {
    burst: &'b Arc<Shared>,
    number: Option<u64>,
}

impl Place<'_> {
    /// The slot that is kept for this call, or when to look again.
    fn take(&mut self, waker: &Waker) -> Result<Slot, Instant> {
        let burst = self.burst;
        burst.with(|state, now, woken| {
            let number = *self.number.get_or_insert_with(|| state.number());
            let place = || Waiting { waker: waker.clone(), kept_since: None };
            let is_kept =
                |state: &State| state.waiting.get(&number).is_some_and(|it| it.kept_since.is_some());
            state.waiting.entry(number).or_insert_with(place).waker.clone_from(waker);
            // What is still kept for it is its own, however late it comes.
            if !is_kept(state) {
                state.keep(burst, now, woken);
            }
            if !is_kept(state) {
                return Err(state.next(burst, number, now));
            }
            state.waiting.remove(&number);
            self.number = None;
            Ok(state.take(burst, now, woken))
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        self.burst.with(|state, now, woken| {
            state.waiting.remove(&number);
            state.keep(self.burst, now, woken);
            // Everybody behind has moved up.
            let behind = state.waiting.range(number..).take(self.burst.requests);
            woken.extend(behind.map(|(_, waiting)| waiting.waker.clone()));
        });
    }
}

impl Slot {
    /// For a request that no limit counts.
    pub(super) fn uncounted() -> Self {
        Self(None)
    }

    /// The exchange is over: the request arrived before now, or never will.
    pub(crate) fn answered(self) {
        let Some(Lease { burst, until, number }) = self.0 else { return };
        burst.with(|state, now, woken| {
            let ends = now + burst.window;
            if ends >= until || !state.taken.remove(&(until, number)) {
                return;
            }
            let rank = |state: &State, until| state.taken.range(..(until, number)).count();
            let (first, last) = (rank(state, ends), rank(state, until));
            state.taken.insert((ends, number));
            let free = state.keep(&burst, now, woken);
            // Their slots come sooner.
            let sooner = state.waiting.values().skip(first + free).take(last - first + 1);
            woken.extend(sooner.map(|waiting| waiting.waker.clone()));
        });
    }

    /// No request was sent.
    pub(crate) fn unused(self) {
        let Some(Lease { burst, until, number }) = self.0 else { return };
        burst.with(|state, now, woken| {
            state.taken.remove(&(until, number));
            state.keep(&burst, now, woken);
        });
    }
}
