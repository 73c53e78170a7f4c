//! The endpoint: checks, stores, answers.

mod answer;
mod body;
mod monitoring;
mod service;

use crate::check::Check;
use crate::inbox::Inbox;
use crate::metrics::Metrics;
use crate::worker::WorkerBuilder;
use axum::Router;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The largest body that is read: 256 KiB.
pub const BODY_LIMIT: usize = 256 * 1024;

/// Within this time every request has its answer. Xurrent waits 10 seconds.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(7);

/// The part of it that a sender may take for the body.
const DEFAULT_READ_TIMEOUT: Duration = Duration::from_secs(3);

/// How many requests are worked on at once. Each may hold a body.
const DEFAULT_REQUESTS: usize = 1024;

/// A webhook endpoint that answers 2xx only to what is durable.
///
/// It is a `tower` service for requests of any path; [`router`](Self::router) makes an `axum` router
/// of it. Clones are the same endpoint.
#[derive(Clone)]
pub struct Receiver {
    shared: Arc<Shared>,
}

struct Shared {
    check: Arc<dyn Check>,
    inbox: Arc<dyn Inbox>,
    deadline: Duration,
    read_timeout: Duration,
    requests: Semaphore,
    metrics: Metrics,
}

/// Settings of a receiver.
#[must_use = "nothing is received before `build`"]
pub struct ReceiverBuilder {
    check: Arc<dyn Check>,
    inbox: Arc<dyn Inbox>,
    deadline: Duration,
    read_timeout: Duration,
    requests: usize,
}

impl Receiver {
    /// An endpoint that stores what passes the check.
    pub fn builder(check: impl Check, inbox: impl Inbox) -> ReceiverBuilder {
        ReceiverBuilder {
            check: Arc::new(check),
            inbox: Arc::new(inbox),
            deadline: DEFAULT_DEADLINE,
            read_timeout: DEFAULT_READ_TIMEOUT,
            requests: DEFAULT_REQUESTS,
        }
    }

    /// A router with this endpoint at `path`.
    pub fn router(&self, path: &str) -> Router {
        Router::new().route_service(path, self.clone())
    }

    /// A router with `/health` and `/metrics`, for those who run the receiver: both say more than a
    /// stranger should know, so serve them on an address of their own.
    ///
    /// `/health` writes to the inbox and answers 200 or 503. `/metrics` is text for Prometheus.
    pub fn monitoring(&self) -> Router {
        monitoring::router(self)
    }

    /// A worker on the same inbox, which counts in the same metrics.
    pub fn worker(&self) -> WorkerBuilder {
        WorkerBuilder::new(Arc::clone(&self.shared.inbox), self.shared.metrics.clone())
    }
}

impl ReceiverBuilder {
    /// The time from the head of a request to its answer: 7 seconds by default. When it passes, the
    /// answer is 503 and nothing is promised. Xurrent waits 10 seconds.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The part of the deadline that a sender may take for the body: 3 seconds by default.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// How many requests are worked on at once; further ones are answered with 503. 1024 by default,
    /// at least 1. Each holds a body of up to [`BODY_LIMIT`].
    pub fn requests(mut self, requests: usize) -> Self {
        self.requests = requests.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// The endpoint.
    pub fn build(self) -> Receiver {
        let Self { check, inbox, deadline, read_timeout, requests } = self;
        Receiver {
            shared: Arc::new(Shared {
                check,
                inbox,
                deadline,
                read_timeout,
                requests: Semaphore::new(requests),
                metrics: Metrics::new(),
            }),
        }
    }
}
