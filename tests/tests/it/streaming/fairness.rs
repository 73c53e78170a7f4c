//! Streams that share the limits of a client.

use crate::sandboxed::{builder, with};
use crate::streaming::{MILLISECOND, OnlyId, Slow, collect};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tokio::time::{sleep, timeout};
use xurrent::Client;

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
