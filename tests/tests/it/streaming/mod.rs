//! Streams: prefetch of the next page, cancellation, panics, and a fair share of the limits.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod cancellation;
mod failures;
mod fairness;
mod prefetching;

use crate::in_memory;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::sleep;
use xurrent::transport::Transport;
use xurrent::{Client, MemoryTransport, PageStream, Person, RecordStream, Select};
use xurrent_runtime::transport::{BoxFuture, Request};

const MILLISECOND: Duration = Duration::from_millis(1);

#[derive(Debug, PartialEq, Select)]
#[select(on = Person)]
struct OnlyId {
    id: xurrent::Id,
}

/// Carries requests to the engine in this time. Counts those that were begun and those that were
/// answered.
#[derive(Clone)]
struct Slow {
    engine: MemoryTransport,
    time: Duration,
    begun: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
}

impl Slow {
    fn new(time: Duration) -> (Self, Client) {
        let engine = MemoryTransport::new(in_memory::answer);
        let this = Self { engine, time, begun: Arc::default(), answered: Arc::default() };
        let builder = Client::builder().account("wdc").personal_access_token("token").no_rate_limit();
        let client = builder.transport(this.clone()).build().unwrap();
        (this, client)
    }

    fn counts(&self) -> (usize, usize) {
        (self.begun.load(Ordering::SeqCst), self.answered.load(Ordering::SeqCst))
    }
}

impl Transport for Slow {
    fn send(&self, request: Request) -> BoxFuture<'_, xurrent::Result<http::Response<Vec<u8>>>> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            sleep(self.time).await;
            let answer = self.engine.send(request).await;
            self.answered.fetch_add(1, Ordering::SeqCst);
            answer
        })
    }
}

/// The ids of all people, as one page after the other has them.
async fn everyone(client: &Client) -> Vec<OnlyId> {
    client.people().select::<OnlyId>().all().await.unwrap()
}

#[test]
fn streams_can_be_moved_between_threads_and_in_memory() {
    fn check<T: Send + Unpin + 'static>() {}
    check::<PageStream<Person>>();
    check::<RecordStream<Person>>();
    check::<RecordStream<OnlyId>>();
}

async fn collect<T>(mut stream: RecordStream<T>) -> Vec<T> {
    let mut records = Vec::new();
    while let Some(record) = stream.try_next().await.unwrap() {
        records.push(record);
    }
    records
}

/// Polls a future where there is no runtime. What it waits for is there at once.
fn without_a_runtime<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

#[test]
fn without_tokio_pages_are_fetched_on_demand() {
    let (transport, client) = in_memory::engine();
    let mut stream = client.people().select::<OnlyId>().page_size(30).stream();
    let mut records = Vec::new();
    while let Some(record) = without_a_runtime(stream.try_next()).unwrap() {
        records.push(record);
        assert_eq!(transport.requests().len(), records.len().div_ceil(30));
    }
    assert_eq!(records, without_a_runtime(client.people().select::<OnlyId>().all()).unwrap());
}

#[test]
fn a_stream_survives_the_runtime_it_started_in() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (transport, client) = Slow::new(10 * MILLISECOND);
    let mut stream = client.people().select::<OnlyId>().page_size(20).stream();
    let first = runtime();
    let mut records = vec![first.block_on(stream.try_next()).unwrap().unwrap()];
    drop(first);
    records.extend(runtime().block_on(collect(stream)));
    assert_eq!(records, runtime().block_on(everyone(&client)));
    assert!(transport.counts().0 > 6);
}
