//! The webhook endpoint: its configuration and its monitoring.

mod service;

use crate::authenticator::Authenticator;
use crate::eviction::EvictionQueue;
use crate::inbox::{Inbox, InboxError};
use crate::log::LogLimiter;
use crate::metrics::Metrics;
use crate::worker::WorkerBuilder;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tracing::error;

/// The maximum size of a body by default: 256 KiB, the default of a verifier.
pub const BODY_LIMIT: usize = xurrent_webhook::MAX_BODY;

const INBOX_TIMEOUT: Duration = Duration::from_secs(2);

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A webhook endpoint that responds with 2xx only to deliveries that are durable.
///
/// It is a `tower` service for requests of any path; [`router`](Self::router) makes an `axum` router
/// of it. Clones share everything.
#[derive(Clone)]
pub struct Receiver {
    shared: Arc<Shared>,
}

struct Shared {
    authenticator: Arc<dyn Authenticator>,
    inbox: Arc<dyn Inbox>,
    deadline: Duration,
    read_timeout: Duration,
    body_limit: usize,
    max_concurrent_requests: usize,
    /// Senders of bodies that are being read.
    senders: Arc<EvictionQueue>,
    requests: Semaphore,
    metrics: Arc<Metrics>,
    log: LogLimiter,
    is_stopping: AtomicBool,
}

/// Configures a receiver.
#[must_use = "a builder does nothing until `build` is called"]
pub struct ReceiverBuilder(Shared);

impl Receiver {
    /// Configures an endpoint that stores authenticated deliveries in this inbox.
    pub fn builder(authenticator: impl Authenticator, inbox: impl Inbox) -> ReceiverBuilder {
        const MAX_CONCURRENT_REQUESTS: usize = 1024;
        ReceiverBuilder(Shared {
            authenticator: Arc::new(authenticator),
            inbox: Arc::new(inbox),
            deadline: Duration::from_secs(7),
            read_timeout: Duration::from_secs(3),
            body_limit: BODY_LIMIT,
            max_concurrent_requests: MAX_CONCURRENT_REQUESTS,
            senders: Arc::default(),
            requests: Semaphore::new(MAX_CONCURRENT_REQUESTS),
            metrics: Arc::new(Metrics::new()),
            log: LogLimiter::default(),
            is_stopping: AtomicBool::new(false),
        })
    }

    /// A router with this endpoint at `path`. Serve it with a [`Server`](crate::Server): other servers
    /// may have no limit on the time for the head of a request.
    pub fn router(&self, path: &str) -> Router {
        Router::new().route_service(path, self.clone())
    }

    /// A router with `/live`, `/health` and `/metrics` for operators. Serve it on an internal address, because
    /// they disclose details about the receiver.
    ///
    /// `/live` responds with 200 as long as the process responds at all: a restart helps only if it does not.
    /// `/health`, the readiness, checks that a delivery as large as recent ones can be stored, and responds with
    /// 200, or with 503 and the reason, also after [`stop`](Self::stop). `/metrics` responds with metrics for Prometheus; while the inbox is
    /// unavailable, `xurrent_receiver_inbox_up` is 0 and the metrics of the inbox's content are missing.
    pub fn monitoring(&self) -> Router {
        let health = get(health).with_state(Arc::clone(&self.shared));
        let metrics = get(metrics).with_state(self.clone());
        let live = get(async || "ok\n");
        Router::new().route("/live", live).route("/health", health).route("/metrics", metrics)
    }

    /// Makes `/health` respond with 503 from now on, so that no more requests are sent here. Call it when a
    /// shutdown begins; requests that still arrive are handled as before.
    ///
    /// ```no_run
    /// # async fn example(receiver: xurrent_receiver::Receiver, listener: tokio::net::TcpListener) {
    /// use xurrent_receiver::{Server, shutdown_signal};
    ///
    /// let shutdown = async {
    ///     shutdown_signal().await;
    ///     receiver.stop();
    /// };
    /// Server::new(receiver.router("/xurrent")).serve(listener, shutdown).await;
    /// # }
    /// ```
    pub fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
    }

    /// The metrics that `/metrics` responds with, as text in the format of OpenMetrics.
    pub async fn metrics(&self) -> String {
        self.shared.metrics.text(in_time(self.shared.inbox.depth()).await.ok()).unwrap_or_default()
    }

    /// Configures a worker on the same inbox, with the same metrics.
    pub fn worker(&self) -> WorkerBuilder {
        WorkerBuilder::new(Arc::clone(&self.shared.inbox), Arc::clone(&self.shared.metrics))
    }
}

impl ReceiverBuilder {
    /// The time from the head of a request to its response: 7 seconds by default, because Xurrent waits
    /// 10 seconds. After that the response is 503, and Xurrent sends the delivery again.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.0.deadline = deadline;
        self
    }

    /// The part of the deadline in which the body must arrive: 3 seconds by default.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.0.read_timeout = timeout;
        self
    }

    /// The maximum size of a body in bytes: [`BODY_LIMIT`] by default. The response to a larger one is
    /// 413. A verifier has a limit of its own, which must be raised as well.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.0.body_limit = bytes;
        self
    }

    /// The maximum number of requests that are authenticated and stored at once: 1024 by default, at
    /// least 1. The response to further ones is 503. A request counts once its body has arrived.
    ///
    /// The same number of bodies is read at once. When there are more, the slowest sender is evicted
    /// with 408. Each body can take up to [`body_limit`](Self::body_limit) of memory.
    pub fn max_concurrent_requests(mut self, requests: usize) -> Self {
        self.0.max_concurrent_requests = requests.clamp(1, Semaphore::MAX_PERMITS);
        self.0.requests = Semaphore::new(self.0.max_concurrent_requests);
        self
    }

    /// Creates the endpoint.
    pub fn build(self) -> Receiver {
        Receiver { shared: Arc::new(self.0) }
    }
}

/// Checks whether a delivery could be stored now.
async fn health(State(shared): State<Arc<Shared>>) -> Response {
    if shared.is_stopping.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "the receiver is stopping\n").into_response();
    }
    match in_time(shared.inbox.probe()).await {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

/// Counters belong to the process, so they are available while the inbox is not.
async fn metrics(State(receiver): State<Receiver>) -> Response {
    ([(CONTENT_TYPE, OPENMETRICS)], receiver.metrics().await).into_response()
}

async fn in_time<T>(operation: impl Future<Output = Result<T, InboxError>>) -> Result<T, String> {
    match timeout(INBOX_TIMEOUT, operation).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            error!(error = &error as &dyn Error, "the inbox failed");
            Err(error.to_string())
        }
        Err(_) => {
            error!(timeout = ?INBOX_TIMEOUT, "the inbox timed out");
            Err(format!("the inbox timed out after {INBOX_TIMEOUT:?}"))
        }
    }
}
