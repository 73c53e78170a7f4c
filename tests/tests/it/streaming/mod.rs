//! Streams: prefetch of the next page, cancellation, panics, and a fair share of the limits.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::in_memory;
use crate::log_capture;
use crate::sandboxed::{builder, with};
use serde_json::json;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use tracing::Instrument;
use xurrent::{
    Client, ErrorKind, Leaf, MemoryTransport, PageStream, Person, RecordStream, RetryPolicy, Select,
    Transport,
};
use xurrent_runtime::transport::{BoxFuture, Request};
use xurrent_sandbox::{Fault, Sandbox};

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

/// How many of four further pages were asked for before the page in front of them was consumed.
async fn asked_ahead(
    sandbox: &Sandbox,
    client: Client,
    limit: usize,
    prefetch: bool,
    computes: bool,
) -> usize {
    let before = sandbox.arrivals().len();
    // In a task, as a task of one's own is what holds up those that it has spawned.
    let consumer = tokio::spawn(async move {
        let mut pages =
            client.people().select::<OnlyId>().page_size(5).limit(limit).prefetch(prefetch).pages();
        let mut consumed = Vec::new();
        while pages.try_next().await.unwrap().is_some() {
            if computes {
                std::thread::sleep(200 * MILLISECOND);
            } else {
                sleep(200 * MILLISECOND).await;
            }
            consumed.push(Instant::now());
        }
        consumed
    });
    let consumed = consumer.await.unwrap();
    let arrivals = &sandbox.arrivals()[before..];
    assert_eq!((arrivals.len(), consumed.len()), (5, 5));
    arrivals[1..].iter().zip(&consumed).filter(|(arrival, consumed)| arrival < consumed).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_socket_the_next_page_is_requested_before_one_is_consumed() {
    let (sandbox, client) = with(|sandbox| sandbox).await;
    // What the last page is asked for depends on how many records the one before it has, with 23.
    for (limit, prefetch, computes, ahead) in [
        (25, true, false, 4),
        (25, true, true, 4),
        (23, true, true, 4),
        (25, false, false, 0),
        (25, false, true, 0),
    ] {
        let asked = asked_ahead(&sandbox, client.clone(), limit, prefetch, computes).await;
        assert_eq!(asked, ahead, "limit {limit}, prefetch is {prefetch}, the consumer computes: {computes}");
    }
}

#[tokio::test(start_paused = true)]
async fn prefetching_hides_latency_from_a_slow_consumer() {
    for (latency, consumer, total) in [(50, 20, 10 * 50 + 20), (20, 50, 20 + 10 * 50), (50, 0, 10 * 50)] {
        let (_, client) = Slow::new(latency * MILLISECOND);
        let start = tokio::time::Instant::now();
        let mut pages = client.people().select::<OnlyId>().page_size(10).limit(100).pages();
        while pages.try_next().await.unwrap().is_some() {
            sleep(consumer * MILLISECOND).await;
        }
        let took = start.elapsed();
        assert!((total..=total + 15).contains(&took.as_millis()), "{latency} {consumer}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn exactly_one_page_is_prefetched() {
    let (transport, client) = Slow::new(10 * MILLISECOND);
    let mut stream = client.people().select::<OnlyId>().page_size(3).stream();
    sleep(100 * MILLISECOND).await;
    assert_eq!(transport.counts(), (0, 0), "nobody has asked for anything");
    for page in 1..=4 {
        for record in 0..3 {
            stream.try_next().await.unwrap().unwrap();
            let pause = if record == 0 { 1 } else { 100 };
            sleep(pause * MILLISECOND).await;
            let answered = if record == 0 { page } else { page + 1 };
            assert_eq!(transport.counts(), (page + 1, answered), "record {record} of page {page}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_unneeded_page_is_prefetched() {
    let (transport, client) = Slow::new(MILLISECOND);
    let people = || client.people().select::<OnlyId>();
    let mut limited = people().page_size(4).limit(8).stream();
    for _ in 0..8 {
        limited.try_next().await.unwrap().unwrap();
        sleep(10 * MILLISECOND).await;
    }
    assert_eq!(transport.counts().0, 2, "a limit that ends with a page");
    people().first().await.unwrap().unwrap();
    sleep(10 * MILLISECOND).await;
    assert_eq!(transport.counts().0, 3, "the first record");
    let mut plain = people().page_size(4).prefetch(false).pages();
    plain.try_next().await.unwrap().unwrap();
    sleep(10 * MILLISECOND).await;
    assert_eq!(transport.counts().0, 4, "without prefetching");
    let mut last = people().page_size(100).pages();
    while last.try_next().await.unwrap().is_some_and(|page| page.has_next_page) {}
    let asked = transport.counts().0;
    sleep(10 * MILLISECOND).await;
    assert_eq!(transport.counts().0, asked, "the last page");
}

#[tokio::test(start_paused = true)]
async fn the_request_limit_includes_prefetched_pages() {
    let (transport, client) = Slow::new(MILLISECOND);
    let mut stream = client.people().select::<OnlyId>().page_size(2).max_requests(2).stream();
    for _ in 0..4 {
        stream.try_next().await.unwrap().unwrap();
        sleep(10 * MILLISECOND).await;
    }
    assert_eq!(stream.try_next().await.unwrap_err().kind(), ErrorKind::Pagination);
    assert_eq!(transport.counts(), (2, 2));
    assert!(stream.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_prefetch_error_follows_the_records_before_it() {
    let (sandbox, client) = with(|sandbox| sandbox).await;
    let once = RetryPolicy::never();
    let people = || client.people().select::<OnlyId>().page_size(3).retry(once);
    for fault in [Fault::status(500), Fault::cut_after(), Fault::cut_body(), Fault::errors(["no"])] {
        sandbox.faults([Fault::none(), fault]);
        let mut stream = people().stream();
        for _ in 0..3 {
            stream.try_next().await.unwrap().unwrap();
            sleep(10 * MILLISECOND).await;
        }
        assert_eq!(sandbox.faults_left(), 0, "it has happened");
        assert!(stream.try_next().await.is_err());
        assert!(stream.try_next().await.unwrap().is_none(), "the stream has ended");
    }
    sandbox.faults([Fault::none(), Fault::status(503), Fault::cut_body()]);
    let all = people().retry(RetryPolicy::new()).limit(9).stream();
    assert_eq!(collect(all).await, people().limit(9).all().await.unwrap(), "and repeated as any page");
}

async fn collect<T>(mut stream: RecordStream<T>) -> Vec<T> {
    let mut records = Vec::new();
    while let Some(record) = stream.try_next().await.unwrap() {
        records.push(record);
    }
    records
}

#[tokio::test(start_paused = true)]
async fn dropping_a_stream_cancels_its_request() {
    // In every state: before the first page, while it comes, with a page ahead on its way, with one
    // that has arrived.
    for (polled, paused, counts) in
        [(0, 20, (0, 0)), (5, 20, (1, 0)), (15, 0, (2, 1)), (15, 5, (2, 1)), (15, 20, (2, 2))]
    {
        let (transport, client) = Slow::new(10 * MILLISECOND);
        let mut stream = client.people().select::<OnlyId>().page_size(2).stream();
        if polled > 0 {
            let _ = timeout(polled * MILLISECOND, stream.try_next()).await;
        }
        sleep(paused * MILLISECOND).await;
        drop(stream);
        sleep(100 * MILLISECOND).await;
        assert_eq!(transport.counts(), counts, "after {polled} and {paused} ms");
    }
}

#[tokio::test]
async fn over_a_socket_a_client_stays_usable_after_its_stream_is_dropped() {
    let (sandbox, client) = with(|sandbox| sandbox.latency(5 * MILLISECOND)).await;
    for time in 0..20 {
        let mut stream = client.people().select::<OnlyId>().page_size(2).stream();
        let _ =
            timeout(time * MILLISECOND, async { while stream.try_next().await.unwrap().is_some() {} }).await;
        drop(stream);
    }
    assert!(!everyone(&client).await.is_empty());
    let asked = sandbox.arrivals().len();
    sleep(50 * MILLISECOND).await;
    assert_eq!(sandbox.arrivals().len(), asked, "nothing goes on behind one's back");
}

#[tokio::test]
async fn waiting_for_a_record_can_be_cancelled_and_continued() {
    let (sandbox, _) = with(|sandbox| sandbox.latency(3 * MILLISECOND)).await;
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    let whole = everyone(&client).await;
    for prefetch in [true, false] {
        let mut stream = client.people().select::<OnlyId>().page_size(4).prefetch(prefetch).stream();
        let (mut records, mut given_up) = (Vec::new(), 0);
        for attempt in 0_u64.. {
            match timeout(Duration::from_micros(attempt * 397 % 2_500), stream.try_next()).await {
                Ok(Ok(Some(record))) => records.push(record),
                Ok(Ok(None)) => break,
                Ok(Err(error)) => panic!("{error}"),
                Err(_) => given_up += 1,
            }
        }
        assert_eq!(records, whole);
        assert!(given_up > 10, "{given_up}");
    }
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

/// A leaf that panics for one id, once.
#[derive(Debug)]
struct Fragile;

static LEFT: AtomicUsize = AtomicUsize::new(0);

impl Leaf for Fragile {
    type Wire = xurrent::Id;

    fn from_wire(_: xurrent::Id) -> Result<Self, String> {
        assert!(LEFT.fetch_sub(1, Ordering::SeqCst) != 1, "fragile");
        Ok(Self)
    }
}

#[derive(Debug, Select)]
#[select(on = Person)]
struct Breaking {
    #[allow(dead_code, reason = "never filled")]
    id: Fragile,
}

/// Whether polling the stream panics.
async fn panics<T>(stream: &mut RecordStream<T>) -> bool {
    let mut next = pin!(stream.try_next());
    let poll = |context: &mut Context<'_>| match std::panic::catch_unwind(AssertUnwindSafe(|| {
        next.as_mut().poll(context)
    })) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(_)) => Poll::Ready(false),
        Err(_) => Poll::Ready(true),
    };
    std::future::poll_fn(poll).await
}

#[tokio::test]
async fn a_panic_while_decoding_a_page_does_not_end_the_stream_silently() {
    let (_, client) = in_memory::engine();
    LEFT.store(5, Ordering::SeqCst);
    let mut stream = client.people().select::<Breaking>().page_size(3).stream();
    for _ in 0..3 {
        stream.try_next().await.unwrap().unwrap();
    }
    assert!(panics(&mut stream).await);
    let error = stream.try_next().await.unwrap_err();
    assert!(error.to_string().contains("decoding a page of"), "{error}");
    assert!(stream.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_panic_while_prefetching_reaches_the_consumer() {
    let transport = MemoryTransport::new(|request| {
        assert!(request.variables.get("after").is_none(), "a transport that panics");
        in_memory::answer(request)
    });
    let client = in_memory::client(&transport);
    let mut stream = client.people().select::<OnlyId>().page_size(2).stream();
    for _ in 0..2 {
        stream.try_next().await.unwrap().unwrap();
        sleep(10 * MILLISECOND).await;
    }
    assert!(panics(&mut stream).await);
    assert!(stream.try_next().await.is_err());
}

#[tokio::test]
async fn prefetched_pages_are_in_the_span_of_their_stream() {
    let (log, guard) = log_capture::begin();
    let (_, client) = in_memory::engine();
    let span = tracing::info_span!("export", of = "people");
    let all = collect(client.people().select::<OnlyId>().page_size(30).limit(90).stream());
    assert_eq!(all.instrument(span).await.len(), 90);
    drop(guard);
    let text = log.text();
    let answered: Vec<_> = text.lines().filter(|line| line.contains("response attempt=")).collect();
    assert_eq!(answered.len(), 3, "{text}");
    for line in answered {
        assert!(line.contains("export{of=\"people\"}:xurrent{operation=\"people\""), "{line}");
    }
}

#[tokio::test]
async fn errors_beside_data_are_kept_for_each_page() {
    let transport = MemoryTransport::new(|request| {
        let mut answer = in_memory::answer(request);
        let after = request.variables.get("after").is_some();
        answer["errors"] = json!([{ "message": if after { "later" } else { "first" } }]);
        answer
    });
    let client = in_memory::client(&transport);
    let mut stream = client.people().select::<OnlyId>().page_size(2).limit(4).allow_partial().stream();
    for (number, errors) in [(0, 1), (1, 1), (2, 2), (3, 2)] {
        stream.try_next().await.unwrap().unwrap();
        sleep(MILLISECOND).await;
        assert_eq!(stream.errors().len(), errors, "a page ahead has said nothing yet: record {number}");
    }
}

/// Streams of so many pages each at once, each in a task of its own. Returns how far the first was
/// ahead of the last at most, in pages, before the first came to its end.
async fn apart(client: &Client, streams: usize, pages: usize) -> usize {
    let progress: Arc<Vec<AtomicUsize>> = Arc::new((0..streams).map(|_| AtomicUsize::new(0)).collect());
    let tasks: Vec<_> = (0..streams)
        .map(|number| {
            let (client, progress) = (client.clone(), Arc::clone(&progress));
            tokio::spawn(async move {
                let mut apart = 0;
                let mut stream = client.people().select::<OnlyId>().page_size(2).limit(2 * pages).pages();
                while stream.try_next().await.unwrap().is_some() {
                    let mine = progress[number].fetch_add(1, Ordering::SeqCst) + 1;
                    let last = progress.iter().map(|pages| pages.load(Ordering::SeqCst)).min().unwrap();
                    apart = apart.max(mine - last);
                    // Some are quick, some are not.
                    sleep(u32::try_from(number).unwrap() * MILLISECOND).await;
                }
                apart
            })
        })
        .collect();
    let mut largest = 0;
    for task in tasks {
        largest = largest.max(task.await.unwrap());
    }
    largest
}

/// As many streams as there are slots, and more. All wait for the limit: with fewer there would be slots
/// that nobody waits for, and a quick stream would use them at nobody's cost.
const CROWDS: [(usize, usize); 3] = [(10, 12), (15, 8), (40, 3)];

#[tokio::test(start_paused = true)]
async fn streams_of_one_client_share_its_limit_fairly() {
    let window = 100 * MILLISECOND;
    let (transport, _) = Slow::new(10 * MILLISECOND);
    let builder = Client::builder().account("wdc").personal_access_token("token").rate_limit(10, window);
    let client = builder.transport(transport).build().unwrap();
    for (streams, pages) in CROWDS {
        let start = tokio::time::Instant::now();
        let apart = apart(&client, streams, pages).await;
        assert!(apart <= 2, "{streams} streams are {apart} pages apart");
        // 120 requests.
        assert!(start.elapsed() > window * 10, "{:?}", start.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_socket_streams_share_the_limit_fairly() {
    let window = 100 * MILLISECOND;
    let (sandbox, _) = with(|sandbox| sandbox.burst(10, window)).await;
    let client = builder(&sandbox).rate_limit(10, window).build().unwrap();
    for (streams, pages) in [CROWDS[0], CROWDS[1]] {
        let start = Instant::now();
        let apart = apart(&client, streams, pages).await;
        println!("{streams} streams of {pages} pages: {apart} pages apart, {:?}", start.elapsed());
        // One or two, unless the machine has other things to do: a stream that is left behind is at
        // its first page when another one is at its last.
        assert!(apart <= pages * 3 / 4, "{streams} streams are {apart} pages apart");
    }
    assert!(sandbox.requests().iter().all(|request| request.status == 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_not_polled_blocks_no_other() {
    let window = 50 * MILLISECOND;
    let (sandbox, _) = with(|sandbox| sandbox.burst(2, window)).await;
    let client = builder(&sandbox).rate_limit(2, window).build().unwrap();
    let mut idle = Vec::new();
    for _ in 0..6 {
        let mut stream = client.people().select::<OnlyId>().page_size(2).stream();
        stream.try_next().await.unwrap().unwrap();
        idle.push(stream);
    }
    let busy = client.people().select::<OnlyId>().page_size(10).limit(80).stream();
    assert_eq!(timeout(5_000 * MILLISECOND, collect(busy)).await.unwrap().len(), 80);
    for mut stream in idle {
        stream.try_next().await.unwrap().unwrap();
    }
}
