//! Prefetch of the next page.

use crate::in_memory;
use crate::log_capture;
use crate::sandboxed::with;
use crate::streaming::{MILLISECOND, OnlyId, Slow, collect};
use std::time::Instant;
use tokio::time::sleep;
use tracing::Instrument;
use xurrent::{Client, ErrorKind, RetryPolicy};
use xurrent_sandbox::{Fault, Sandbox};

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
