//! Shared by the tests: deliveries, an authenticator, and a client that writes HTTP by hand.

#![allow(dead_code)] // Each test binary uses a part of it.

pub(crate) mod process;
#[cfg(feature = "postgres")]
pub(crate) mod server;

use axum::Router;
use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::{HeaderMap, Uri};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use xurrent_receiver::{Authenticated, Authenticator, Inbox, RawDelivery, Rejection};

/// Makes a current file one of version 2.
pub(crate) const BACK_TO_2: &str = "
    DROP INDEX delivery_dead; CREATE INDEX delivery_state ON delivery (state); CREATE INDEX delivery_open ON delivery (due);
    DROP TRIGGER delivery_body_ended; DROP TABLE delivery_body; PRAGMA user_version = 2";

/// The query that [`Secret`] accepts.
pub(crate) const QUERY: &str = "secret=correct";

/// Authenticates with a function, for tests.
#[derive(Clone)]
pub(crate) struct With<F>(pub(crate) F);

impl<F> Authenticator for With<F>
where
    F: Fn(&Uri, &HeaderMap, Bytes) -> Result<Authenticated, Rejection> + Send + Sync + 'static,
{
    fn authenticate<'a>(
        &'a self,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Authenticated, Rejection>> {
        Box::pin(async move { (self.0)(uri, headers, body) })
    }
}

/// An authenticator that is this function.
pub(crate) fn with<F>(authenticate: F) -> With<F>
where
    F: Fn(&Uri, &HeaderMap, Bytes) -> Result<Authenticated, Rejection>,
{
    With(authenticate)
}

type Authenticate = fn(&Uri, &HeaderMap, Bytes) -> Result<Authenticated, Rejection>;

/// Accepts requests with the secret in their query.
#[allow(non_upper_case_globals, reason = "reads as the authenticator that it is")]
pub(crate) const Secret: With<Authenticate> = With(|uri, headers, body| match uri.query() {
    Some(QUERY) => RawDelivery::read(headers, body).map(Authenticated::Delivery),
    _ => Err(Rejection::new("secret", "the query does not hold the secret")),
});

/// A delivery about a record.
pub(crate) fn delivery(origin: &str, record: &str) -> RawDelivery {
    let mut accepted = RawDelivery::new("https://wdc.xurrent.com", "request.update", body(record));
    accepted.id = Some(format!("try of {origin}"));
    accepted.origin = Some(origin.to_owned());
    accepted.record = Some(record.to_owned());
    accepted
}

pub(crate) fn body(record: &str) -> String {
    format!(
        r#"{{"webhook_id":1,"object_id":7,"account":"https://wdc.xurrent.com","event":"request.update","object_nodeID":"{record}","payload":{{}}}}"#
    )
}

/// Serves a router on a loopback port until the test ends.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// The head of a delivery whose body has this length.
pub(crate) fn head(query: &str, headers: &str, length: usize) -> String {
    format!("POST /xurrent?{query} HTTP/1.1\r\nHost: test\r\n{headers}Content-Length: {length}\r\n\r\n")
}

/// A connection that is kept alive.
pub(crate) struct Sender {
    stream: TcpStream,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Sender {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    pub(crate) async fn deliver(&mut self, origin: &str, record: &str) -> io::Result<Reply> {
        self.deliver_with(QUERY, &format!("x-xurrent-delivery: {origin}\r\n"), &body(record)).await
    }

    pub(crate) async fn deliver_with(&mut self, query: &str, headers: &str, body: &str) -> io::Result<Reply> {
        let request = head(query, headers, body.len()) + body;
        self.send(request.as_bytes()).await?;
        self.reply().await
    }

    pub(crate) async fn get(&mut self, path: &str) -> io::Result<Reply> {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).await?;
        self.reply().await
    }

    pub(crate) async fn reply(&mut self) -> io::Result<Reply> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if self.stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        while bytes.len() < end + length {
            if self.stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let body = String::from_utf8_lossy(&bytes[end..]).into_owned();
        Ok(Reply { status, head, body })
    }
}

/// Waits until the condition holds, and panics with its name when that takes too long.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(30), "still not: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until nothing is pending or taken.
pub(crate) async fn drained(inbox: &impl Inbox) {
    until("drained", async || {
        let depth = inbox.depth().await.unwrap();
        depth.pending == 0 && depth.taken == 0
    })
    .await;
}
