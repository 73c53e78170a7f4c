//! The endpoint: checks, stores, answers.

use super::monitoring;
use crate::authenticator::Check;
use crate::eviction::Waiting;
use crate::inbox::Inbox;
use crate::log::LogLimiter;
use crate::metrics::Metrics;
use crate::worker::WorkerBuilder;
use axum::Router;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The largest body that is read by default: what a verifier takes, 256 KiB.
pub const BODY_LIMIT: usize = xurrent_webhook::MAX_BODY;

/// Within this time every request has its answer. Xurrent waits 10 seconds.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(7);

/// The part of it that a sender may take for the body.
const DEFAULT_READ_TIMEOUT: Duration = Duration::from_secs(3);

/// How many requests are worked on at once, and how many bodies are read at once.
const DEFAULT_REQUESTS: usize = 1024;

/// A webhook endpoint that answers 2xx only to what is durable.
///
/// It is a `tower` service for requests of any path; [`router`](Self::router) makes an `axum` router
/// of it. Clones are the same endpoint.
#[derive(Clone)]
pub struct Receiver {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) check: Arc<dyn Check>,
    pub(super) inbox: Arc<dyn Inbox>,
    pub(super) deadline: Duration,
    pub(super) read_timeout: Duration,
    pub(super) body_limit: usize,
    /// How many bodies are read at once, and whose.
    pub(super) bodies: usize,
    pub(super) waiting: Arc<Waiting>,
    pub(super) requests: Semaphore,
    pub(super) metrics: Metrics,
    pub(super) log: LogLimiter,
}

/// Settings of a receiver.
#[must_use = "nothing is received before `build`"]
pub struct ReceiverBuilder {
    check: Arc<dyn Check>,
    inbox: Arc<dyn Inbox>,
    deadline: Duration,
    read_timeout: Duration,
    body_limit: usize,
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
            body_limit: BODY_LIMIT,
            requests: DEFAULT_REQUESTS,
        }
    }

    /// A router with this endpoint at `path`. Serve it with a [`Server`](crate::Server): other servers
    /// may wait for the head of a request without a limit.
    pub fn router(&self, path: &str) -> Router {
        Router::new().route_service(path, self.clone())
    }

    /// A router with `/health` and `/metrics`, for those who run the receiver: both say more than a
    /// stranger should know, so serve them on an address of their own.
    ///
    /// `/health` answers 200 if a delivery as large as those of late could be stored now, which it
    /// tries, or 503 and why not. `/metrics` is text for Prometheus; when the inbox cannot be asked,
    /// `xurrent_receiver_inbox_up` is 0, and only what the inbox holds is left out.
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

    /// The largest body in bytes: [`BODY_LIMIT`] by default. A larger one is answered with 413. A
    /// verifier has a limit of its own, which has to be raised with this one.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// How many requests are worked on at once; further ones are answered with 503. 1024 by default,
    /// at least 1. A request counts from the end of its body. So many bodies are read besides; for a
    /// further one, the body that has taken longest is given up with 408. Each can take the
    /// [`body_limit`](Self::body_limit) in memory.
    pub fn requests(mut self, requests: usize) -> Self {
        self.requests = requests.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// The endpoint.
    pub fn build(self) -> Receiver {
        let Self { check, inbox, deadline, read_timeout, body_limit, requests } = self;
        Receiver {
            shared: Arc::new(Shared {
                check,
                inbox,
                deadline,
                read_timeout,
                body_limit,
                bodies: requests,
                waiting: Arc::default(),
                requests: Semaphore::new(requests),
                metrics: Metrics::new(),
                log: LogLimiter::default(),
            }),
        }
    }
}
