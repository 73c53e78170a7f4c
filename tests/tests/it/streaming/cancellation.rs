//! Dropped streams and cancelled waits.

use crate::sandboxed::{builder, with};
use crate::streaming::{MILLISECOND, OnlyId, Slow, everyone};
use std::time::Duration;
use tokio::time::{sleep, timeout};

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
