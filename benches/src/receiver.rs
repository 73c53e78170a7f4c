//! Receiver with a durable inbox, against the same server without one.

use crate::error::Error;
use crate::run::Run;
use crate::table::{Row, Unit};
use crate::worker::{DELIVERIES, folder, per_delivery, per_handled};
use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::{HeaderMap, Uri};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{
    Batch, DeadLetter, DeadLetterFilter, Depth, InboxFuture, Lease, Outcome, QueueId, Stored, Take,
};
use xurrent_receiver::{
    Authenticated, Authenticator, Inbox, QueuedDelivery, RawDelivery, Receiver, Rejection,
};

/// Concurrent senders, each with its own connection.
const SENDERS: u64 = 64;

/// Text of the payload, repeated for a delivery of about 2 KB.
const NOTE: &str = "The printer on the second floor prints nothing but squares. ";

/// Stores deliveries on the disk of this workspace.
pub(crate) fn compare(run: &Run<'_>) -> Result<Row, Error> {
    let open = async || Ok(SqliteInbox::open(folder("receiver")?.join("inbox")).await?);
    Ok(compare_with(run, open)?.target(4.0))
}

/// Compares with a receiver that stores deliveries in an empty inbox.
pub(crate) fn compare_with<I: Inbox + Clone>(
    run: &Run<'_>,
    mut open: impl AsyncFnMut() -> Result<I, Error>,
) -> Result<Row, Error> {
    let runtime = Runtime::new()?;
    let (mut durable, mut without) = (Vec::new(), Vec::new());
    let mut shares = Vec::new();
    let pairs = run.measure(
        5,
        || runtime.block_on(async { with_inbox(open().await?, &mut durable, &mut shares).await }),
        || runtime.block_on(without_inbox(&mut without)),
    )?;
    let mut row = run.row(pairs, Unit::Microseconds);
    for (side, per_delivery, mut times) in
        [("durable", pairs.ours, durable), ("without an inbox", pairs.peer, without)]
    {
        times.sort_unstable();
        let milliseconds = |part: f64| {
            let index = (times.len() as f64 * part) as usize;
            times.get(index).or(times.last()).map_or(0.0, |time| time.as_secs_f64() * 1e3)
        };
        row = row.note(format!(
            "{side}: {:.0} deliveries a second; response after {:.1} ms (median), {:.1} ms (p99), {:.1} ms (slowest)",
            1e6 / per_delivery,
            milliseconds(0.5),
            milliseconds(0.99),
            milliseconds(1.0),
        ));
    }
    let share = shares.iter().sum::<f64>() / shares.len() as f64;
    Ok(row.note(format!(
        "{DELIVERIES} deliveries a sample, {SENDERS} senders; durable ones are also handled, with default settings: \
         {share:.0} % of them while others are received"
    )))
}

/// The time includes handling and settling all deliveries.
async fn with_inbox(
    inbox: impl Inbox + Clone,
    times: &mut Vec<Duration>,
    shares: &mut Vec<f64>,
) -> Result<f64, Error> {
    let receiver = Receiver::builder(Open, inbox.clone()).build();
    let handled = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&handled);
    let worker = receiver.worker().start(move |_: QueuedDelivery| {
        counter.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    });
    let started = Instant::now();
    times.extend(deliver_all(&receiver).await?);
    shares.push(handled.load(Ordering::Relaxed) as f64 * 100.0 / DELIVERIES as f64);
    per_handled(worker, &inbox, &handled, started).await
}

async fn without_inbox(times: &mut Vec<Duration>) -> Result<f64, Error> {
    let receiver = Receiver::builder(Open, Nowhere(watch::Sender::new(()))).build();
    let started = Instant::now();
    times.extend(deliver_all(&receiver).await?);
    Ok(per_delivery(started.elapsed()))
}

/// Serves on a socket, sends all deliveries, and returns the response times.
async fn deliver_all(receiver: &Receiver) -> Result<Vec<Duration>, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = receiver.router("/xurrent");
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let senders: Vec<_> = (0..SENDERS).map(|sender| tokio::spawn(deliver(address, sender))).collect();
    let mut times = Vec::new();
    for sender in senders {
        times.extend(sender.await??);
    }
    server.abort();
    Ok(times)
}

/// Sends the deliveries of one sender.
async fn deliver(address: SocketAddr, sender: u64) -> io::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut response = [0; 4096];
    let mut times = Vec::new();
    for number in (sender..DELIVERIES).step_by(SENDERS as usize) {
        let body = format!(
            r#"{{"webhook_id":1,"object_id":7,"account":"https://wdc.xurrent.com","event":"request.update","object_nodeID":"r{}","payload":{{"note":"{}"}}}}"#,
            number % 1000,
            NOTE.repeat(32),
        );
        let request = format!(
            "POST /xurrent HTTP/1.1\r\nHost: bench\r\nx-xurrent-delivery: {number}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let started = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        let mut read = 0;
        // The response ends with a brace.
        while read == 0 || response[read - 1] != b'}' {
            match stream.read(&mut response[read..]).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => read += more,
            }
        }
        times.push(started.elapsed());
        if !response.starts_with(b"HTTP/1.1 200 ") {
            return Err(io::Error::other("the response to a delivery was not 200"));
        }
    }
    Ok(times)
}

/// A check that accepts every delivery.
struct Open;

impl Authenticator for Open {
    fn authenticate<'a>(
        &'a self,
        _uri: &'a Uri,
        headers: &'a HeaderMap,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Authenticated, Rejection>> {
        Box::pin(std::future::ready(RawDelivery::read(headers, body).map(Authenticated::Delivery)))
    }
}

/// An inbox that stores nothing.
struct Nowhere(watch::Sender<()>);

fn ready<T: Send + Default + 'static>() -> InboxFuture<'static, T> {
    Box::pin(std::future::ready(Ok(T::default())))
}

impl Inbox for Nowhere {
    fn store(&self, _: RawDelivery) -> InboxFuture<'_, Stored> {
        Box::pin(std::future::ready(Ok(Stored::New)))
    }
    fn take(&self, _: Take) -> InboxFuture<'_, Batch> {
        ready()
    }
    fn renew(&self, _: Vec<Lease>, _: Duration) -> InboxFuture<'_, Vec<Lease>> {
        ready()
    }
    fn settle_all(&self, _: Vec<(Lease, Outcome)>) -> InboxFuture<'_, Vec<Lease>> {
        ready()
    }
    fn depth(&self) -> InboxFuture<'_, Depth> {
        ready()
    }
    fn probe(&self) -> InboxFuture<'_, ()> {
        ready()
    }
    fn depth_by_event(&self) -> InboxFuture<'_, BTreeMap<String, Depth>> {
        ready()
    }
    fn dead_letters(
        &self,
        _: DeadLetterFilter,
        _: Option<QueueId>,
        _: usize,
    ) -> InboxFuture<'_, Vec<DeadLetter>> {
        ready()
    }
    fn requeue(&self, _: DeadLetterFilter) -> InboxFuture<'_, u64> {
        ready()
    }
    fn discard(&self, _: DeadLetterFilter) -> InboxFuture<'_, u64> {
        ready()
    }
    fn purge(&self) -> InboxFuture<'_, u64> {
        ready()
    }
    fn changes(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
