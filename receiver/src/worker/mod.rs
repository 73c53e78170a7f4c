//! Workers, which hand deliveries from the inbox to a handler: configuration, start and shutdown.

mod attempt;
mod backoff;
mod dispatcher;
mod handler;
mod pace;
mod settler;

use crate::inbox::Inbox;
use crate::metrics::Metrics;
use attempt::{Context, Settings};
use backoff::Backoff;
use dispatcher::Dispatcher;
use handler::boxed;
pub use handler::{Failure, Handler};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

const MIN_LEASE: Duration = Duration::from_millis(100);

/// A grace period without end: longer ones overflow the clock.
const MAX_GRACE: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// A running worker. Dropping it has the effect of [`shutdown`](Self::shutdown) without a grace period.
#[must_use = "a worker stops when it is dropped"]
pub struct Worker {
    /// Until when handlers may run after the worker has stopped; `None` while it runs.
    stop: watch::Sender<Option<Instant>>,
    paused: watch::Sender<bool>,
    dispatcher: JoinHandle<()>,
}

/// Configures a worker.
#[derive(Clone)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct WorkerBuilder(Settings);

impl Worker {
    /// Configures a worker on an inbox that other processes fill. In the process of a receiver, use
    /// [`Receiver::worker`](crate::Receiver::worker), which shares its metrics.
    pub fn builder(inbox: impl Inbox) -> WorkerBuilder {
        WorkerBuilder::new(Arc::new(inbox), Arc::new(Metrics::new()))
    }

    /// Stops taking deliveries until [`resume`](Self::resume). Running handlers continue, and deliveries
    /// are still received and stored.
    ///
    /// ```
    /// # use xurrent_receiver::Worker;
    /// async fn maintain(worker: &Worker, maintenance: impl Future<Output = ()>) {
    ///     worker.pause();
    ///     maintenance.await;
    ///     worker.resume();
    /// }
    /// ```
    pub fn pause(&self) {
        self.paused.send_replace(true);
    }

    /// Takes deliveries again.
    pub fn resume(&self) {
        self.paused.send_replace(false);
    }

    /// Whether the worker is paused.
    pub fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Stops taking deliveries, waits up to `grace` for running handlers, and gives the remaining
    /// deliveries back. Another worker, or this one after a restart, handles them; interrupted attempts
    /// are not counted.
    pub async fn shutdown(mut self, grace: Duration) {
        self.stop.send_replace(Some(Instant::now() + grace.min(MAX_GRACE)));
        // An error means that the runtime is shutting down.
        let _ = (&mut self.dispatcher).await;
    }
}

impl WorkerBuilder {
    pub(crate) fn new(inbox: Arc<dyn Inbox>, metrics: Arc<Metrics>) -> Self {
        Self(Settings {
            inbox,
            metrics,
            concurrency: 8,
            max_attempts: 12,
            backoff: Backoff { first: Duration::from_secs(1), max: Duration::from_secs(60 * 60) },
            lease: Duration::from_secs(60),
            handler_timeout: Duration::from_secs(5 * 60),
            in_order: false,
        })
    }

    /// The maximum number of deliveries that are handled at once: 8 by default, at least 1.
    ///
    /// A worker takes up to 256 further deliveries ahead of fast handlers, and gives them back when it is paused or
    /// shut down.
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.0.concurrency = concurrency.max(1);
        self
    }

    /// The number of attempts before a delivery becomes a dead letter: 12 by default, at least 1. With
    /// the default [`backoff`](Self::backoff) they take about half an hour.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.0.max_attempts = attempts.max(1);
        self
    }

    /// The delay before a retry: `first` after the first attempt, doubled after every further one, at
    /// most `max`, with a random half. One second and one hour by default.
    pub fn backoff(mut self, first: Duration, max: Duration) -> Self {
        self.0.backoff = Backoff { first, max };
        self
    }

    /// How long a delivery stays with a worker that crashed: one minute by default, at least 100 ms. A
    /// running handler's lease is renewed three times in this period.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.0.lease = lease.max(MIN_LEASE);
        self
    }

    /// How long a handler may run: 5 minutes by default. After that its future is dropped and the
    /// delivery is retried. A handler that blocks its thread cannot be interrupted: use
    /// `tokio::task::spawn_blocking` for blocking work.
    pub fn handler_timeout(mut self, timeout: Duration) -> Self {
        self.0.handler_timeout = timeout;
        self
    }

    /// Handles the deliveries of each record one after the other, in the order of arrival. A failing
    /// delivery holds the later ones of its record, and no others, until it is handled or dead.
    ///
    /// Workers do not scan held deliveries, so any number of them does not slow down the others.
    ///
    /// All workers of an inbox must use the same setting.
    pub fn in_order(mut self) -> Self {
        self.0.in_order = true;
        self
    }

    /// Starts the worker on the current Tokio runtime.
    pub fn start(self, handler: impl Handler) -> Worker {
        let (stop, stopped) = watch::channel(None);
        let (paused, pauses) = watch::channel(false);
        let dispatcher = Dispatcher::new(Context::new(boxed(handler), self.0), pauses);
        Worker { stop, paused, dispatcher: tokio::spawn(dispatcher.run(stopped)) }
    }
}
