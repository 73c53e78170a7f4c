//! An HTTP/1.1 server with limits on connections and slow senders.

use crate::eviction::{EvictionQueue, Sender};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::serve::Listener;
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::error::Error;
use std::future::{pending, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower_service::Service;
use tracing::{debug, error, warn};

/// The maximum size of the head of a request, and of the read-ahead of a body. Heads of Xurrent have 1
/// or 2 KiB.
const BUFFER: usize = 16 * 1024;

/// How long incomplete requests may take after the shutdown has begun.
const INCOMPLETE_GRACE: Duration = Duration::from_secs(1);

/// The maximum grace period: longer ones overflow the clock.
const MAX_GRACE: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// How long a new connection waits for an evicted one to close, before another one is evicted.
const EVICTION_INTERVAL: Duration = Duration::from_millis(50);

/// Serves a router over HTTP/1.1, like `axum::serve`, with limits for public endpoints: on the time and
/// size of the head of a request, on the number of connections, and on the time of a shutdown.
#[derive(Debug, Clone)]
#[must_use = "a server does nothing until `serve` is called"]
pub struct Server {
    router: Router,
    head_timeout: Duration,
    max_connections: usize,
    grace: Duration,
}

impl Server {
    /// Configures a server of this router.
    pub fn new(router: Router) -> Self {
        Self {
            router,
            head_timeout: Duration::from_secs(5),
            max_connections: 512,
            grace: Duration::from_secs(10),
        }
    }

    /// How long a connection may be idle and take for the head of a request: 5 seconds by default. After
    /// that it is closed.
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.head_timeout = timeout;
        self
    }

    /// The maximum number of open connections: 512 by default, at least 1. A further one replaces the
    /// connection whose sender has taken longest for a head or a body. Connections that wait for a
    /// response are not closed.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// The grace period for responses after the shutdown has begun: 10 seconds by default. Incomplete
    /// requests have one second.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Serves until `shutdown` resolves, for example [`shutdown_signal`]. Returns when all pending
    /// responses are sent or the grace period is over.
    pub async fn serve<L>(self, mut listener: L, shutdown: impl Future<Output = ()> + Send)
    where
        L: Listener,
        L::Io: AsyncRead + AsyncWrite,
    {
        let mut shutdown = pin!(shutdown);
        let permits = Arc::new(Semaphore::new(self.max_connections));
        let senders = Arc::new(EvictionQueue::default());
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        loop {
            let next = async {
                let (io, _) = listener.accept().await;
                loop {
                    if let Ok(permit) = Arc::clone(&permits).try_acquire_owned() {
                        break (io, permit);
                    }
                    senders.evict_slowest();
                    // If all connections wait for a response, one may be idle soon.
                    drop(timeout(EVICTION_INTERVAL, permits.acquire()).await);
                }
            };
            let (io, permit) = tokio::select! {
                biased;
                () = &mut shutdown => break,
                next = next => next,
            };
            let router = self.router.clone();
            let connection = serve_one(io, router, self.head_timeout, senders.enter(), graceful.watcher());
            connections.spawn(async move {
                connection.await;
                drop(permit);
            });
            while connections.try_join_next().is_some() {}
        }
        drop(listener);
        let evict_incomplete = async {
            sleep(INCOMPLETE_GRACE.min(self.grace)).await;
            while senders.evict_slowest() {}
            pending().await
        };
        tokio::select! {
            () = graceful.shutdown() => {}
            () = evict_incomplete => {}
            () = sleep(self.grace.min(MAX_GRACE)) => {
                while connections.try_join_next().is_some() {}
                warn!(connections = connections.len(), "closing connections: no response within the grace period");
                connections.shutdown().await;
            }
        }
    }
}

/// Serves one connection. Its sender can be evicted, except from the end of a request to its response.
async fn serve_one(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    head_timeout: Duration,
    sender: Sender,
    watcher: Watcher,
) {
    let sender = Arc::new(sender);
    let service = service_fn(|request: Request<Incoming>| {
        let sender = Arc::clone(&sender);
        let request = request.map(|body| tracked(body, Arc::clone(&sender)));
        // A router is always ready.
        let response = router.clone().call(request);
        async move {
            let response = response.await;
            sender.enter();
            response
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(io), service);
    tokio::select! {
        ended = watcher.watch(connection) => {
            if let Err(error) = ended {
                debug!(error = &error as &dyn Error, "connection failed");
            }
        }
        () = sender.evicted() => debug!("connection of a slow sender closed"),
    }
}

/// A body whose sender leaves the eviction queue once the body has arrived.
fn tracked(body: Incoming, sender: Arc<Sender>) -> Body {
    if body.is_end_stream() {
        sender.leave();
    }
    // The trailers are polled after the last frame.
    Body::new(body.with_trailers(poll_fn(move |_| {
        sender.leave();
        Poll::Ready(None)
    })))
}

/// Resolves on Ctrl-C and on SIGTERM, with which `systemd`, Docker and Kubernetes end a process. Poll it
/// early: before the first poll, the signals end the process at once.
pub async fn shutdown_signal() {
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?.recv().await;
        Ok(())
    };
    #[cfg(not(unix))]
    let terminate = pending();
    tokio::select! {
        () = received(tokio::signal::ctrl_c(), "Ctrl-C") => {}
        () = received(terminate, "SIGTERM") => {}
    }
}

async fn received(signal: impl Future<Output = io::Result<()>>, name: &'static str) {
    if let Err(error) = signal.await {
        error!(error = &error as &dyn Error, "could not listen for {name}");
        pending().await
    }
}
