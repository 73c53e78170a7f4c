//! An attempt to handle one delivery.

use super::backoff::Backoff;
use super::handler::{BoxedHandler, Failure, Retry};
use super::pace::Pace;
use super::settler::Settler;
use crate::inbox::{Inbox, Lease, Outcome, Queued, RawDelivery, Taken};
use crate::metrics::Metrics;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::{sleep, timeout};
use tracing::{debug, error, warn};

const MIN_DELAY: Duration = Duration::from_millis(50);
const MAX_DELAY: Duration = Duration::from_secs(10);

/// How long a delivery may wait for a handler until it is given back. Another machine may be faster.
const MAX_WAIT: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) inbox: Arc<dyn Inbox>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) concurrency: usize,
    pub(super) max_attempts: u32,
    pub(super) backoff: Backoff,
    pub(super) lease: Duration,
    pub(super) handler_timeout: Duration,
    pub(super) in_order: bool,
}

/// What all attempts of a worker share.
pub(super) struct Context {
    handler: BoxedHandler,
    pub(super) settings: Settings,
    settler: Settler,
    /// Handlers that may start.
    slots: Semaphore,
    pace: Pace,
}

/// Cancels an attempt with the outcome to store, or with `None` if the lease is no longer valid.
type Cancelled = oneshot::Receiver<Option<Outcome>>;

impl Context {
    pub(super) fn new(handler: BoxedHandler, settings: Settings) -> Self {
        let settler = Settler::start(Arc::clone(&settings.inbox));
        let slots = Semaphore::new(settings.concurrency.min(Semaphore::MAX_PERMITS));
        Self { handler, settings, settler, slots, pace: Pace::new() }
    }

    /// How many deliveries the worker may hold: those that are handled, those that wait for a handler, and those
    /// whose outcome is not stored yet.
    pub(super) fn max_held(&self) -> usize {
        let concurrency = self.settings.concurrency;
        concurrency.saturating_add(self.pace.ahead(concurrency))
    }

    /// Handles one delivery as soon as a handler may start, or gives it back when the worker halts before.
    pub(super) async fn attempt(
        self: Arc<Self>,
        Taken { lease, delivery }: Taken,
        mut cancelled: Cancelled,
        mut halted: watch::Receiver<bool>,
    ) {
        let waited = tokio::select! {
            biased;
            _ = halted.wait_for(|is_halted| *is_halted) => Err(Some(Outcome::GiveBack)),
            outcome = &mut cancelled => Err(outcome.unwrap_or(Some(Outcome::GiveBack))),
            slot = self.slots.acquire() => Ok(slot),
            () = sleep(MAX_WAIT.min(self.settings.lease / 2)) => {
                self.pace.reset();
                Err(Some(Outcome::GiveBack))
            }
        };
        let slot = match waited {
            Ok(slot) => slot,
            Err(outcome) => {
                if let Some(outcome) = outcome {
                    self.settle(lease, outcome, &mut cancelled).await;
                }
                return;
            }
        };
        let started = Instant::now();
        let outcome = self.handle(delivery, &mut cancelled).await;
        let elapsed = started.elapsed();
        self.pace.add(elapsed);
        drop(slot);
        let mut result = outcome.as_ref().map(name);
        if let Some(outcome) = outcome
            && !self.settle(lease, outcome, &mut cancelled).await
        {
            result = None;
        }
        if result.is_none() {
            warn!("lease lost: the delivery will be handled again");
        }
        self.settings.metrics.handled(result.unwrap_or("lost"), elapsed);
    }

    /// Returns `None` when the lease is lost.
    async fn handle(&self, delivery: Queued<RawDelivery>, cancelled: &mut Cancelled) -> Option<Outcome> {
        let (attempt, limit) = (delivery.attempt, self.settings.handler_timeout);
        // Attempts that ended with the process reported no failure, so they are counted here.
        if attempt > self.settings.max_attempts {
            let reason = format!("no result after {} attempts: the process may have crashed", attempt - 1);
            return Some(Outcome::Dead { reason });
        }
        let Queued { queue_id, received, attempt, delivery } = delivery;
        let delivery = match delivery.decode() {
            Ok(delivery) => Queued { queue_id, received, attempt, delivery },
            Err(rejection) => return Some(self.outcome(Failure::dead(rejection), attempt)),
        };
        tokio::select! {
            biased;
            handled = timeout(limit, (self.handler)(delivery)) => Some(match handled {
                Ok(Ok(())) => Outcome::Done,
                Ok(Err(failure)) => self.outcome(failure, attempt),
                Err(_) => self.outcome(Failure::retry(format_args!("handler timed out after {limit:?}")), attempt),
            }),
            outcome = cancelled => outcome.unwrap_or(Some(Outcome::GiveBack)),
        }
    }

    fn outcome(&self, failure: Failure, attempt: u32) -> Outcome {
        let Failure { reason, retry } = failure;
        let after = match retry {
            _ if attempt >= self.settings.max_attempts => None,
            Retry::Never => None,
            Retry::After(after) => Some(after),
            Retry::Backoff => Some(self.settings.backoff.after(attempt)),
        };
        match after {
            Some(after) => {
                warn!(reason, ?after, "delivery failed and will be retried");
                Outcome::Retry { after, reason }
            }
            None => {
                error!(reason, "delivery failed and is a dead letter");
                Outcome::Dead { reason }
            }
        }
    }

    /// Settles the lease, retrying for as long as it is renewed: otherwise the delivery would be handled
    /// again. Returns `false` when the lease is lost.
    async fn settle(&self, lease: Lease, outcome: Outcome, cancelled: &mut Cancelled) -> bool {
        let mut delay = MIN_DELAY;
        loop {
            match self.settler.settle(lease, outcome.clone()).await {
                Ok(settled) => {
                    debug!(settled, result = name(&outcome), "delivery settled");
                    return settled;
                }
                Err(error) => error!(error = &error as &dyn Error, "could not settle a delivery"),
            }
            tokio::select! {
                () = sleep(delay) => delay = (delay * 2).min(MAX_DELAY),
                _ = &mut *cancelled => return false,
            }
        }
    }
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Retry { .. } => "retried",
        Outcome::Dead { .. } => "dead",
        Outcome::GiveBack => "given_back",
    }
}
