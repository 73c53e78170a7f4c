//! Panics, and errors beside data.

use crate::in_memory;
use crate::streaming::{MILLISECOND, OnlyId};
use serde_json::json;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::time::sleep;
use xurrent::{Leaf, MemoryTransport, RecordStream, Select};

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
