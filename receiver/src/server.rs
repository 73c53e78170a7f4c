//! Serving over HTTP/1.1, with limits on what a stranger can hold.

use crate::eviction::{Waiter, Waiting};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::serve::Listener;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::error::Error;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tower_service::Service;
use tracing::{debug, error, warn};

const DEFAULT_HEAD_TIMEOUT: Duration = Duration::from_secs(5);
const DEFAULT_CONNECTIONS: usize = 512;
const DEFAULT_GRACE: Duration = Duration::from_secs(10);

/// The largest head of a request, and what is read ahead of a body. Heads of Xurrent have 1 or 2 KiB.
const BUFFER: usize = 16 * 1024;

/// At shutdown, what is half sent may still be completed within this time.
const HALF_SENT: Duration = Duration::from_secs(1);

/// How long a new connection waits for one that was evicted, before the next one is.
const NEXT_EVICTION: Duration = Duration::from_millis(50);

/// Serves a router over HTTP/1.1, as `axum::serve` does, with limits for endpoints that strangers
/// reach: a time and a size for the head of a request, a number of connections, and a shutdown that
/// nobody can hold up.
///
/// ```no_run
/// # async fn example(receiver: xurrent_receiver::Receiver) -> std::io::Result<()> {
/// use xurrent_receiver::{Server, shutdown_signal};
///
/// let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
/// Server::new(receiver.router("/xurrent")).serve(listener, shutdown_signal()).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is served before `serve`"]
pub struct Server {
    router: Router,
    head_timeout: Duration,
    connections: usize,
    grace: Duration,
}

impl Server {
    /// Settings to serve this router.
    pub fn new(router: Router) -> Self {
        Self {
            router,
            head_timeout: DEFAULT_HEAD_TIMEOUT,
            connections: DEFAULT_CONNECTIONS,
            grace: DEFAULT_GRACE,
        }
    }

    /// How long a connection may take for the head of a request, and may be idle before it: 5 seconds
    /// by default. It is closed then.
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.head_timeout = timeout;
        self
    }

    /// How many connections are open at once: 512 by default, at least 1. For a further one, the
    /// connection is closed whose sender has taken longest for a head or a body; none is closed that
    /// waits for an answer.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// How long requests may take to be answered after the shutdown has begun: 10 seconds by default.
    /// What is only half sent has one second.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Serves until `shutdown` resolves, for example [`shutdown_signal`], and what is under way has
    /// been answered or the grace has passed.
    pub async fn serve<L>(self, mut listener: L, shutdown: impl Future<Output = ()> + Send)
    where
        L: Listener,
        L::Io: AsyncRead + AsyncWrite,
    {
        let mut shutdown = pin!(shutdown);
        let places = Arc::new(Semaphore::new(self.connections));
        let waiting = Arc::new(Waiting::default());
        let (stop, stopped) = watch::channel(());
        let mut connections = JoinSet::new();
        loop {
            let next = async {
                let (io, _) = listener.accept().await;
                loop {
                    if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
                        break (io, place);
                    }
                    waiting.evict_oldest();
                    // Where all wait for answers, one may be idle soon.
                    drop(timeout(NEXT_EVICTION, places.acquire()).await);
                }
            };
            let (io, place) = tokio::select! {
                biased;
                () = &mut shutdown => break,
                next = next => next,
            };
            let router = self.router.clone();
            let connection = serve_one(io, router, self.head_timeout, waiting.enter(), stopped.clone());
            connections.spawn(async move {
                connection.await;
                drop(place);
            });
            while connections.try_join_next().is_some() {}
        }
        drop((listener, stopped));
        stop.send_replace(());
        let ends = Instant::now() + self.grace.min(Duration::from_secs(60 * 60 * 24 * 365));
        let mut half_sent = pin!(sleep(HALF_SENT.min(self.grace)));
        let mut are_evicted = false;
        while !connections.is_empty() {
            tokio::select! {
                _ = connections.join_next() => {}
                () = &mut half_sent, if !are_evicted => {
                    are_evicted = true;
                    while waiting.evict_oldest() {}
                }
                () = sleep_until(ends) => {
                    warn!(connections = connections.len(), "requests were not answered within the grace");
                    connections.shutdown().await;
                }
            }
        }
    }
}

/// Serves one connection. Its sender is waited for except from the end of a request to the answer.
async fn serve_one(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    head_timeout: Duration,
    waiter: Waiter,
    mut stopped: watch::Receiver<()>,
) {
    let waiter = Arc::new(waiter);
    let service = service_fn(|request: Request<Incoming>| {
        let waiter = Arc::clone(&waiter);
        let request = request.map(|body| Body::new(Arriving::new(body, Arc::clone(&waiter))));
        // A router is always ready.
        let answer = router.clone().call(request);
        async move {
            let answer = answer.await;
            waiter.wait();
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(io), service);
    let mut connection = pin!(connection);
    let mut is_stopping = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    debug!(error = &error as &dyn Error, "a connection broke off");
                }
                return;
            }
            () = waiter.evicted() => return debug!("a connection that waited was closed"),
            _ = stopped.changed(), if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// The body of a request, which notes when it has arrived as a whole.
struct Arriving {
    body: Incoming,
    waiter: Arc<Waiter>,
}

impl Arriving {
    fn new(body: Incoming, waiter: Arc<Waiter>) -> Self {
        if body.is_end_stream() {
            waiter.arrived();
        }
        Self { body, waiter }
    }
}

impl http_body::Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.waiter.arrived();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Resolves when the process is asked to end: by Ctrl-C, or by SIGTERM, as `systemd`, Docker and
/// Kubernetes ask. It has to be polled early: before, the signal ends the process at once.
pub async fn shutdown_signal() {
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            error!(error = &error as &dyn Error, "Ctrl-C cannot be waited for");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => drop(terminated.recv().await),
            Err(error) => {
                error!(error = &error as &dyn Error, "SIGTERM cannot be waited for");
                std::future::pending().await
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
