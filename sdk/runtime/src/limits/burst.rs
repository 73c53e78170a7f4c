//! No more requests in a short time than the API allows.

use std::sync::{Mutex as Plain, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, timeout_at};

/// How many requests the API allows in [`WINDOW`].
pub(crate) const REQUESTS: usize = 20;

/// How long a request counts.
pub(crate) const WINDOW: Duration = Duration::from_secs(2);

/// How long a request may be on its way to the server.
const TRANSIT: Duration = Duration::from_millis(100);

/// Slots for requests. A request takes one until it no longer counts at the server, which is a
/// window after it has arrived there. When that was is not known: not later than its answer came,
/// and not later than the transit takes. So no window at the server ever sees more requests than
/// there are slots, and next to no time is lost.
pub(crate) struct Burst {
    window: Duration,
    /// Held by the call that is served next; the others wait for it in their order. A call that is
    /// given up leaves the queue, and that is all.
    turn: Mutex<()>,
    /// When each slot is free again; at once when it was never used.
    free_at: Plain<Vec<Option<Instant>>>,
    /// An answer came, which frees a slot earlier than was known.
    freed: Notify,
}

/// A slot that was taken for one request.
#[must_use]
pub(crate) struct Slot<'b> {
    burst: &'b Burst,
    index: usize,
    /// What was noted when the slot was taken: another request may have it by now.
    until: Instant,
}

impl Burst {
    pub(crate) fn new(requests: usize, window: Duration) -> Self {
        Self { window, turn: Mutex::new(()), free_at: Plain::new(vec![None; requests]), freed: Notify::new() }
    }

    /// A slot for a request that is sent now, if one is free and nobody waits for it.
    pub(crate) fn try_slot(&self) -> Option<Slot<'_>> {
        let _turn = self.turn.try_lock().ok()?;
        self.take().ok()
    }

    /// Waits for a slot. The request must be sent as soon as this returns.
    pub(crate) async fn slot(&self) -> Slot<'_> {
        let _turn = self.turn.lock().await;
        loop {
            match self.take() {
                Ok(slot) => return slot,
                // Either the slot is free then, or an answer says that one is free earlier.
                Err(free_at) => drop(timeout_at(free_at, self.freed.notified()).await),
            }
        }
    }

    /// The slot that is free earliest, or when it will be.
    fn take(&self) -> Result<Slot<'_>, Instant> {
        let now = Instant::now();
        let mut slots = self.slots();
        let earliest = slots.iter_mut().enumerate().min_by_key(|(_, free_at)| **free_at);
        // A client has at least one slot.
        let Some((index, free_at)) = earliest else { return Err(now + self.window) };
        match *free_at {
            Some(free_at) if free_at > now => Err(free_at),
            _ => {
                let until = now + TRANSIT + self.window;
                *free_at = Some(until);
                Ok(Slot { burst: self, index, until })
            }
        }
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Option<Instant>>> {
        self.free_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot<'_> {
    /// The exchange is over: the request arrived before now, or never will.
    pub(crate) fn answered(self) {
        self.free(Instant::now() + self.burst.window);
    }

    /// No request was sent.
    pub(crate) fn unused(self) {
        self.free(Instant::now());
    }

    fn free(&self, at: Instant) {
        if let Some(free_at) = self.burst.slots().get_mut(self.index)
            && *free_at == Some(self.until)
            && at < self.until
        {
            *free_at = Some(at);
            self.burst.freed.notify_one();
        }
    }
}
