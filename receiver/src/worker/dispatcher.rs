//! Takes deliveries as places get free, keeps their leases, and ends in good order.

use super::attempt::{Attempt, Cancel};
use super::handler::Erased;
use super::settings::Settings;
use crate::inbox::{Inbox, Lease, Take, Taken};
use crate::metrics::Metrics;
use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until, timeout};
use tracing::{error, info, warn};

/// How long a worker waits when the inbox failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How often what was handled long ago is forgotten, and how soon again while there is more of it: an
/// inbox does not forget everything at once.
const PURGE: Duration = Duration::from_secs(60);
const PURGE_MORE: Duration = Duration::from_millis(50);

/// How long results may take that are noted when the grace has passed.
const LAST_RESULTS: Duration = Duration::from_secs(5);

/// Whether to end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stop {
    Never,
    /// Handlers may run until then.
    By(Instant),
}

pub(super) struct Pump {
    inbox: Arc<dyn Inbox>,
    handler: Erased,
    settings: Arc<Settings>,
    metrics: Metrics,
    changes: watch::Receiver<()>,
    attempts: JoinSet<()>,
    running: HashMap<Id, Running>,
}

struct Running {
    lease: Lease,
    /// Gone once it was used.
    cancel: Option<oneshot::Sender<Cancel>>,
}

impl Pump {
    pub(super) fn new(inbox: Arc<dyn Inbox>, handler: Erased, settings: Settings, metrics: Metrics) -> Self {
        let changes = inbox.changes();
        Self {
            inbox,
            handler,
            settings: Arc::new(settings),
            metrics,
            changes,
            attempts: JoinSet::new(),
            running: HashMap::new(),
        }
    }

    pub(super) async fn run(mut self, mut stop: watch::Receiver<Stop>) {
        let mut renewal = every(self.settings.lease / 3);
        let mut purge_at = Instant::now();
        loop {
            // An inbox that hangs must not keep the worker from ending.
            let wait = tokio::select! {
                wait = self.fill() => wait,
                _ = stop.changed() => break,
            };
            let is_full = self.running.len() >= self.settings.concurrency;
            tokio::select! {
                Some(ended) = self.attempts.join_next_with_id() => self.ended(ended),
                Ok(()) = self.changes.changed(), if !is_full => {}
                () = sleep(wait), if !is_full => {}
                _ = renewal.tick() => self.renew().await,
                () = sleep_until(purge_at) => purge_at = Instant::now() + self.purge().await,
                _ = stop.changed() => break,
            }
            while let Some(ended) = self.attempts.try_join_next_with_id() {
                self.ended(ended);
            }
        }
        let ends = match *stop.borrow() {
            Stop::By(ends) => ends,
            // Nobody holds the worker any more.
            Stop::Never => Instant::now(),
        };
        self.finish(ends, renewal).await;
    }

    /// Takes as many deliveries as there are places, and returns how long to wait for more.
    async fn fill(&mut self) -> Duration {
        let limit = self.settings.concurrency.saturating_sub(self.running.len());
        if limit == 0 {
            return AFTER_FAILURE;
        }
        // What arrives from here on is a change again.
        self.changes.borrow_and_update();
        let take = Take { limit, lease: self.settings.lease, in_order: self.settings.in_order };
        match self.inbox.take(take).await {
            Ok(batch) => {
                for taken in batch.taken {
                    self.start(taken);
                }
                batch.wait
            }
            Err(error) => {
                error!(error = &error as &dyn Error, "nothing could be taken from the inbox");
                AFTER_FAILURE
            }
        }
    }

    fn start(&mut self, taken: Taken) {
        let lease = taken.lease;
        // An older lease on the same delivery was lost.
        self.cancel(Cancel::Lost, |running| running.lease.id == lease.id);
        let (cancel, cancelled) = oneshot::channel();
        let attempt = Attempt {
            inbox: Arc::clone(&self.inbox),
            handler: Arc::clone(&self.handler),
            settings: Arc::clone(&self.settings),
            metrics: self.metrics.clone(),
            cancel: cancelled,
        };
        let task = self.attempts.spawn(attempt.run(taken));
        self.running.insert(task.id(), Running { lease, cancel: Some(cancel) });
    }

    fn ended(&mut self, ended: Result<(Id, ()), tokio::task::JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                error!(error = &error as &dyn Error, "an attempt broke off");
                error.id()
            }
        };
        self.running.remove(&id);
    }

    fn cancel(&mut self, cancel: Cancel, which: impl Fn(&Running) -> bool) {
        for running in self.running.values_mut().filter(|running| which(running)) {
            if let Some(sender) = running.cancel.take() {
                // It has just ended by itself.
                let _ = sender.send(cancel);
            }
        }
    }

    async fn renew(&mut self) {
        let leases: Vec<Lease> = self.running.values().map(|running| running.lease).collect();
        if leases.is_empty() {
            return;
        }
        // An answer that comes after the next renewal is due is of no use.
        match timeout(self.settings.lease / 3, self.inbox.renew(leases, self.settings.lease)).await {
            Ok(Ok(lost)) => self.cancel(Cancel::Lost, |running| lost.contains(&running.lease)),
            Ok(Err(error)) => error!(error = &error as &dyn Error, "leases could not be renewed"),
            Err(_) => error!("leases were not renewed in time"),
        }
    }

    /// How long to wait before the next time.
    async fn purge(&self) -> Duration {
        match timeout(self.settings.lease / 3, self.inbox.purge()).await {
            Ok(Ok(0)) => return PURGE,
            Ok(Ok(_)) => return PURGE_MORE,
            Ok(Err(error)) => {
                error!(error = &error as &dyn Error, "handled deliveries could not be forgotten");
            }
            Err(_) => error!("handled deliveries were not forgotten in time"),
        }
        PURGE
    }

    /// Waits for what is under way, then gives it back.
    async fn finish(mut self, ends: Instant, mut renewal: Interval) {
        info!(running = self.running.len(), "the worker ends");
        let mut has_ended = false;
        while !self.attempts.is_empty() {
            let until = if has_ended { ends + LAST_RESULTS } else { ends };
            tokio::select! {
                biased;
                Some(ended) = self.attempts.join_next_with_id() => self.ended(ended),
                _ = renewal.tick() => self.renew().await,
                () = sleep_until(until) => {
                    if has_ended {
                        warn!(running = self.running.len(), "handlers do not let go: their leases expire");
                        break;
                    }
                    self.cancel(Cancel::GiveBack, |_| true);
                    has_ended = true;
                }
            }
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
