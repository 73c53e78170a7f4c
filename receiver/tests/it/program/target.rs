//! A target on a loopback port, which tests can let fail.

use axum::Router;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone)]
pub(super) struct Target {
    pub(super) address: SocketAddr,
    status: Arc<AtomicU16>,
    retry_after: Arc<AtomicU64>,
    delay: Arc<AtomicU64>,
    posts: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Target {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let status = Arc::new(AtomicU16::new(200));
        let retry_after = Arc::default();
        let target = Self { address, status, retry_after, delay: Arc::default(), posts: Arc::default() };
        let router = Router::new().fallback(respond).with_state(target.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        target
    }

    pub(super) fn respond_with(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// The seconds of `Retry-After` in responses.
    pub(super) fn retry_after(&self, seconds: u64) {
        self.retry_after.store(seconds, Ordering::SeqCst);
    }

    pub(super) fn delay(&self, delay: Duration) {
        self.delay.store(delay.as_millis() as u64, Ordering::SeqCst);
    }

    /// All requests, also those that it refused.
    pub(super) fn posts(&self) -> Vec<(HeaderMap, Bytes)> {
        self.posts.lock().unwrap().clone()
    }

    /// The origins of all requests.
    pub(super) fn origins(&self) -> Vec<String> {
        let origin = |(headers, _): &(HeaderMap, Bytes)| header(headers, "x-xurrent-delivery-origin");
        self.posts().iter().map(origin).collect()
    }
}

async fn respond(
    State(target): State<Target>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, String); 2]) {
    tokio::time::sleep(Duration::from_millis(target.delay.load(Ordering::SeqCst))).await;
    target.posts.lock().unwrap().push((headers, body));
    let status = StatusCode::from_u16(target.status.load(Ordering::SeqCst)).unwrap();
    let retry_after = target.retry_after.load(Ordering::SeqCst).to_string();
    (status, [("location", "/elsewhere".to_owned()), ("retry-after", retry_after)])
}

pub(super) fn header(headers: &HeaderMap, name: &str) -> String {
    headers[name].to_str().unwrap().to_owned()
}
