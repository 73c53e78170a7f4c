//! The dispatcher of a worker: takes deliveries, renews their leases, and gives them back at shutdown.

use super::attempt::{Context, Settings};
use crate::inbox::{InboxError, Lease, Outcome, Queued, Take, Taken};
use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until, timeout};
use tracing::{Instrument, error, info, info_span, warn};

/// The delay after a failure of the inbox.
const FAILURE_DELAY: Duration = Duration::from_secs(1);

/// How often old deliveries are deleted, and how soon again while there are more.
const PURGE_INTERVAL: Duration = Duration::from_secs(60);
const NEXT_PURGE: Duration = Duration::from_millis(50);

/// How long cancelled attempts may take to settle.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) struct Dispatcher {
    context: Arc<Context>,
    changes: watch::Receiver<()>,
    paused: watch::Receiver<bool>,
    /// Whether deliveries that wait for a handler are given back.
    halted: watch::Sender<bool>,
    attempts: JoinSet<()>,
    running: HashMap<Id, Running>,
}

struct Running {
    lease: Lease,
    /// `None` after it was used.
    cancel: Option<oneshot::Sender<Option<Outcome>>>,
}

impl Dispatcher {
    pub(super) fn new(context: Context, paused: watch::Receiver<bool>) -> Self {
        let changes = context.settings.inbox.changes();
        let (attempts, running) = (JoinSet::new(), HashMap::new());
        Self {
            context: Arc::new(context),
            changes,
            paused,
            halted: watch::Sender::new(false),
            attempts,
            running,
        }
    }

    pub(super) async fn run(mut self, mut stop: watch::Receiver<Option<Instant>>) {
        let mut renewal = interval(self.context.settings.lease / 3);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut purge_at = Instant::now();
        loop {
            // An inbox that hangs must not block the shutdown.
            let wait = tokio::select! {
                wait = self.fill() => wait,
                _ = stop.changed() => break,
            };
            let is_full = self.limit() == 0;
            tokio::select! {
                Some(ended) = self.attempts.join_next_with_id() => self.ended(ended),
                Ok(()) = self.changes.changed(), if !is_full => {}
                Ok(()) = self.paused.changed() => {
                    let is_paused = *self.paused.borrow_and_update();
                    self.halted.send_replace(is_paused);
                    info!(paused = is_paused, "worker paused or resumed");
                }
                () = sleep(wait), if !is_full => {}
                _ = renewal.tick() => self.renew().await,
                () = sleep_until(purge_at) => purge_at = Instant::now() + self.purge().await,
                _ = stop.changed() => break,
            }
            while let Some(ended) = self.attempts.try_join_next_with_id() {
                self.ended(ended);
            }
        }
        // `None` if the worker was dropped.
        let deadline = stop.borrow().unwrap_or_else(Instant::now);
        self.finish(deadline, renewal).await;
    }

    /// How many deliveries to take: none until half of those taken ahead are handled. Taking many at once costs
    /// little more than taking one.
    fn limit(&self) -> usize {
        let (max, concurrency) = (self.context.max_held(), self.context.settings.concurrency);
        let free = max.saturating_sub(self.running.len());
        if free > (max - concurrency) / 2 { free } else { 0 }
    }

    /// Takes deliveries, and returns how long to wait for more.
    async fn fill(&mut self) -> Duration {
        let limit = self.limit();
        if limit == 0 || *self.paused.borrow() {
            return FAILURE_DELAY;
        }
        // Deliveries that arrive from here on count as a change.
        self.changes.borrow_and_update();
        let Settings { lease, in_order, .. } = self.context.settings;
        let take = Take { limit, lease, in_order };
        match self.context.settings.inbox.take(take).await {
            Ok(batch) => {
                for taken in batch.taken {
                    self.start(taken);
                }
                batch.wait
            }
            Err(error) => {
                error!(error = &error as &dyn Error, "could not take deliveries from the inbox");
                FAILURE_DELAY
            }
        }
    }

    fn start(&mut self, taken: Taken) {
        let lease = taken.lease;
        // An older lease on the same delivery is lost.
        self.cancel(None, |running| running.lease.id == lease.id);
        let (cancel, cancelled) = oneshot::channel();
        let Queued { queue_id, attempt: number, ref delivery, .. } = taken.delivery;
        let span = info_span!("delivery", id = %queue_id, event = delivery.event, attempt = number);
        let attempt = Arc::clone(&self.context).attempt(taken, cancelled, self.halted.subscribe());
        let task = self.attempts.spawn(attempt.instrument(span));
        self.running.insert(task.id(), Running { lease, cancel: Some(cancel) });
    }

    fn ended(&mut self, ended: Result<(Id, ()), tokio::task::JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                error!(error = &error as &dyn Error, "the task of an attempt failed");
                error.id()
            }
        };
        self.running.remove(&id);
    }

    fn cancel(&mut self, outcome: Option<Outcome>, which: impl Fn(&Running) -> bool) {
        for running in self.running.values_mut().filter(|running| which(running)) {
            if let Some(sender) = running.cancel.take() {
                // Fails if the attempt has just ended.
                let _ = sender.send(outcome.clone());
            }
        }
    }

    async fn renew(&mut self) {
        let leases: Vec<Lease> = self.running.values().map(|running| running.lease).collect();
        if leases.is_empty() {
            return;
        }
        let renewal = self.context.settings.inbox.renew(leases, self.context.settings.lease);
        if let Some(lost) = self.in_time(renewal, "renew leases").await {
            self.cancel(None, |running| lost.contains(&running.lease));
        }
    }

    /// Returns the delay until the next purge.
    async fn purge(&self) -> Duration {
        match self.in_time(self.context.settings.inbox.purge(), "purge handled deliveries").await {
            None | Some(0) => PURGE_INTERVAL,
            Some(_) => NEXT_PURGE,
        }
    }

    /// Runs an operation of the inbox until the next renewal is due. Logs its failure.
    async fn in_time<T>(
        &self,
        operation: impl Future<Output = Result<T, InboxError>>,
        name: &'static str,
    ) -> Option<T> {
        match timeout(self.context.settings.lease / 3, operation).await {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(error)) => error!(error = &error as &dyn Error, "could not {name}"),
            Err(_) => error!("could not {name} in time"),
        }
        None
    }

    /// Gives back what waits, waits for running handlers, then cancels them.
    async fn finish(mut self, deadline: Instant, mut renewal: Interval) {
        self.halted.send_replace(true);
        info!(running = self.running.len(), "worker is shutting down");
        let mut is_cancelled = false;
        while !self.attempts.is_empty() {
            let until = if is_cancelled { deadline + SETTLE_TIMEOUT } else { deadline };
            tokio::select! {
                biased;
                Some(ended) = self.attempts.join_next_with_id() => self.ended(ended),
                _ = renewal.tick() => self.renew().await,
                () = sleep_until(until) => {
                    if is_cancelled {
                        let running = self.running.len();
                        warn!(running, "handlers still running at shutdown: their leases will expire");
                        break;
                    }
                    self.cancel(Some(Outcome::GiveBack), |_| true);
                    is_cancelled = true;
                }
            }
        }
    }
}
