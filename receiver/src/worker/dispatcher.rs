//! The dispatcher of a worker: takes deliveries, renews their leases, and gives them back at shutdown.

use super::attempt::{Context, Settings};
use crate::inbox::{Arrivals, InboxError, Lease, Outcome, Queued, Take, Taken};
use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until, timeout};
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
    /// Takes deliveries as they are stored.
    arrivals: Option<Arrivals>,
    last_take: LastTake,
    /// Whether to take deliveries now.
    is_due: bool,
    paused: watch::Receiver<bool>,
    /// Whether deliveries that wait for a handler are given back.
    halted: watch::Sender<bool>,
    attempts: JoinSet<()>,
    running: HashMap<Id, Running>,
}

/// What the worker found when it took deliveries last.
#[derive(Clone, Copy, PartialEq)]
enum LastTake {
    /// As many as it asked for, or it cannot know that there are no more.
    MaybeMore,
    /// All that were due.
    All,
    Nothing,
}

struct Running {
    lease: Lease,
    /// `None` after it was used.
    cancel: Option<oneshot::Sender<Option<Outcome>>>,
}

impl Dispatcher {
    pub(super) fn new(context: Context, paused: watch::Receiver<bool>) -> Self {
        let Settings { inbox, lease, in_order, .. } = &context.settings;
        let changes = inbox.changes();
        // What is stored may have to wait for earlier deliveries of its record.
        let arrivals = if *in_order { None } else { inbox.arrivals(*lease) };
        let (attempts, running) = (JoinSet::new(), HashMap::new());
        Self {
            context: Arc::new(context),
            changes,
            arrivals,
            last_take: LastTake::MaybeMore,
            is_due: true,
            paused,
            halted: watch::Sender::new(false),
            attempts,
            running,
        }
    }

    pub(super) async fn run(mut self, mut stop: watch::Receiver<Option<Instant>>) {
        let mut renewal = interval(self.context.settings.lease / 3);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut purge_at, mut fill_at) = (Instant::now(), Instant::now());
        loop {
            if self.is_due {
                // An inbox that hangs must not block the shutdown.
                fill_at = tokio::select! {
                    wait = self.fill() => Instant::now() + wait,
                    _ = stop.changed() => break,
                };
            }
            self.accept(0);
            let is_full = self.limit() == 0;
            tokio::select! {
                Some(ended) = self.attempts.join_next_with_id() => self.ended(ended),
                taken = next(&mut self.arrivals) => taken.into_iter().for_each(|taken| self.start(taken)),
                Ok(()) = self.changes.changed(), if !is_full => self.is_due = true,
                Ok(()) = self.paused.changed() => {
                    let is_paused = *self.paused.borrow_and_update();
                    self.halted.send_replace(is_paused);
                    info!(paused = is_paused, "worker paused or resumed");
                }
                () = sleep_until(fill_at), if !is_full => self.is_due = true,
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

    /// Whether the worker took all that were due.
    fn is_drained(&self) -> bool {
        self.last_take != LastTake::MaybeMore
    }

    /// Accepts as many deliveries that are stored as there are places, but for `kept` ones. Accepts none while older ones
    /// are pending.
    fn accept(&self, kept: usize) {
        let Some(arrivals) = &self.arrivals else { return };
        let is_due = self.is_due || self.changes.has_changed().unwrap_or(true);
        let accepts = self.is_drained() && !is_due && !*self.paused.borrow();
        let free = self.context.max_held().saturating_sub(self.running.len() + kept);
        arrivals.accept(if accepts { free } else { 0 });
    }

    /// Takes deliveries, and returns how long to wait for more.
    async fn fill(&mut self) -> Duration {
        // Deliveries that are stored meanwhile have the other half of the places.
        let limit = if self.is_drained() { self.limit().div_ceil(2) } else { self.limit() };
        if limit == 0 || *self.paused.borrow() {
            return FAILURE_DELAY;
        }
        self.is_due = false;
        // Deliveries that become pending from here on count as a change.
        self.changes.borrow_and_update();
        self.accept(limit);
        let Settings { lease, in_order, .. } = self.context.settings;
        let take = Take { limit, lease, in_order };
        match self.context.settings.inbox.take(take).await {
            Ok(batch) => {
                self.last_take = match batch.taken.len() {
                    count if self.arrivals.is_none() || count >= limit => LastTake::MaybeMore,
                    0 => LastTake::Nothing,
                    _ => LastTake::All,
                };
                self.is_due = !self.is_drained();
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
        // Other machines may have stored more.
        self.is_due |= self.last_take != LastTake::Nothing;
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

    /// Starts attempts of what transactions under way are taking, which then give it back.
    async fn start_last_arrivals(&mut self) {
        while self.arrivals.as_ref().is_some_and(Arrivals::are_on_their_way) {
            next(&mut self.arrivals).await.into_iter().for_each(|taken| self.start(taken));
        }
    }

    /// Gives back what waits, waits for running handlers, then cancels them.
    async fn finish(mut self, deadline: Instant, mut renewal: Interval) {
        self.halted.send_replace(true);
        self.last_take = LastTake::MaybeMore;
        self.accept(0);
        // A transaction that hangs must not block the shutdown.
        let _ = timeout(SETTLE_TIMEOUT, self.start_last_arrivals()).await;
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

async fn next(arrivals: &mut Option<Arrivals>) -> Vec<Taken> {
    match arrivals {
        Some(arrivals) => arrivals.next().await,
        None => std::future::pending().await,
    }
}
