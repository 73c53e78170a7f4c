//! Handing deliveries to the user's handler, each at least once.

use super::backoff::Backoff;
use super::dispatcher::{Pump, Stop};
use super::handler::{self, Handler};
use super::settings::Settings;
use crate::inbox::Inbox;
use crate::metrics::Metrics;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

const SHORTEST_LEASE: Duration = Duration::from_millis(100);

/// A worker that runs. When it is dropped, it stops like after [`shutdown`](Self::shutdown) without
/// grace.
#[must_use = "a worker that is dropped stops"]
pub struct Worker {
    stop: watch::Sender<Stop>,
    pump: JoinHandle<()>,
}

/// Settings of a worker.
#[derive(Clone)]
#[must_use = "nothing is handled before `start`"]
pub struct WorkerBuilder {
    inbox: Arc<dyn Inbox>,
    metrics: Metrics,
    settings: Settings,
}

impl Worker {
    /// A worker on an inbox that other processes fill. Next to a receiver,
    /// [`Receiver::worker`](crate::Receiver::worker) counts in the metrics of both.
    pub fn builder(inbox: impl Inbox) -> WorkerBuilder {
        WorkerBuilder::new(Arc::new(inbox), Metrics::new())
    }

    /// Takes nothing more, waits until everything under way is handled, but not longer than `grace`,
    /// and gives the rest back: another worker, or this one after a restart, handles it, and the
    /// broken attempt is not counted.
    pub async fn shutdown(mut self, grace: Duration) {
        // A grace without end is one that no clock can hold.
        let far = Duration::from_secs(60 * 60 * 24 * 365);
        self.stop.send_replace(Stop::By(Instant::now() + grace.min(far)));
        // The pump ends by itself; that it was killed with the runtime is nothing to report.
        let _ = (&mut self.pump).await;
    }
}

impl WorkerBuilder {
    pub(crate) fn new(inbox: Arc<dyn Inbox>, metrics: Metrics) -> Self {
        Self { inbox, metrics, settings: Settings::default() }
    }

    /// How many deliveries are handled at once: 8 by default, at least 1.
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.settings.concurrency = concurrency.max(1);
        self
    }

    /// How often a delivery is tried before it becomes a dead letter: 12 times by default, at least
    /// once. With the default [`backoff`](Self::backoff) that takes about half an hour.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.settings.attempts = attempts.max(1);
        self
    }

    /// How long a failed delivery waits: `first` after the first attempt, twice as long after each
    /// further one, at most `longest`, and of each wait a random half. A second and an hour by
    /// default.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.settings.backoff = Backoff { first, longest };
        self
    }

    /// How long a delivery stays with a worker that died: a minute by default, at least 100 ms. While
    /// a handler runs, its lease is renewed three times in that time.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.settings.lease = lease.max(SHORTEST_LEASE);
        self
    }

    /// How long a handler may take: 5 minutes by default. Its future is dropped then, and the delivery
    /// is tried again like after a failure. A handler that blocks its thread instead of awaiting cannot
    /// be ended: use `tokio::task::spawn_blocking` for such work.
    pub fn handler_timeout(mut self, timeout: Duration) -> Self {
        self.settings.handler_timeout = timeout;
        self
    }

    /// Handles the deliveries of a record one after the other, in the order of their arrival. One
    /// that fails holds up the others of its record, and only those, until it is handled or dead.
    ///
    /// However many are held up, the others are taken as quickly: an inbox does not look at them
    /// before their turn comes.
    ///
    /// All workers of an inbox must agree on this.
    pub fn in_order(mut self) -> Self {
        self.settings.in_order = true;
        self
    }

    /// Starts to work, on the runtime of the caller.
    pub fn start(self, handler: impl Handler) -> Worker {
        let Self { inbox, metrics, settings } = self;
        let (stop, stopped) = watch::channel(Stop::Never);
        let pump = Pump::new(inbox, handler::erase(handler), settings, metrics);
        Worker { stop, pump: tokio::spawn(pump.run(stopped)) }
    }
}
