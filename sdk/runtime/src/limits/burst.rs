//! No more requests in a short time than the API allows.

use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, sleep_until, timeout_at};

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
///
/// Waiting calls are served in their order. One that is given up leaves the queue, and that is all;
/// one that nobody polls holds up at most one slot, and not those behind it. A call
/// that can use tokens of several users waits in the queue of each, and takes the slot that comes
/// first.
pub(crate) struct Burst {
    window: Duration,
    slots: Arc<Semaphore>,
}

/// A slot that was taken for one request. One that is dropped was given up on the way: the request
/// may still arrive.
#[must_use]
pub(crate) struct Slot(Option<oneshot::Sender<End>>);

/// What became of a request.
enum End {
    /// It arrived before now, or never will.
    Answered,
    /// It was not sent.
    Unused,
}

impl Burst {
    pub(crate) fn new(requests: usize, window: Duration) -> Self {
        Self { window, slots: Arc::new(Semaphore::new(requests)) }
    }

    /// A slot for a request that is sent now, if one is free and nobody waits for it.
    pub(crate) fn try_slot(&self) -> Option<Slot> {
        Arc::clone(&self.slots).try_acquire_owned().ok().map(|permit| self.take(permit))
    }

    /// Waits for a slot. The request must be sent as soon as this returns.
    pub(crate) async fn slot(&self) -> Slot {
        match Arc::clone(&self.slots).acquire_owned().await {
            Ok(permit) => self.take(permit),
            // Slots are never closed.
            Err(_) => Slot::uncounted(),
        }
    }

    /// Gives the slot back when the request no longer counts. Without a runtime there is no time, and
    /// the slot is free at once.
    fn take(&self, permit: OwnedSemaphorePermit) -> Slot {
        let Ok(runtime) = Handle::try_current() else { return Slot::uncounted() };
        let (slot, end) = oneshot::channel();
        let (window, arrived) = (self.window, Instant::now() + TRANSIT);
        runtime.spawn(async move {
            match timeout_at(arrived, end).await {
                Ok(Ok(End::Unused)) => {}
                Ok(Ok(End::Answered)) => sleep_until(Instant::now() + window).await,
                Ok(Err(_)) | Err(_) => sleep_until(arrived + window).await,
            }
            drop(permit);
        });
        Slot(Some(slot))
    }
}

impl Slot {
    /// For a request that no limit counts.
    pub(super) fn uncounted() -> Self {
        Self(None)
    }

    /// The exchange is over.
    pub(crate) fn answered(self) {
        self.end(End::Answered);
    }

    /// No request was sent.
    pub(crate) fn unused(self) {
        self.end(End::Unused);
    }

    fn end(self, end: End) {
        // Nobody listens any more when the transit is over.
        let _ = self.0.map(|slot| slot.send(end));
    }
}
