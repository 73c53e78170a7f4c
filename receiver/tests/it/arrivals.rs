//! Deliveries that are taken in the transaction that stores them.

use crate::contract::{LEASE, all, origins, store};
use crate::support::{delivery, until};
use crate::worker::{inbox, worker};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{Outcome, Stored, Taken};
use xurrent_receiver::{Inbox, InboxError};

/// A part of the contract of every inbox.
pub(crate) async fn deliveries_are_taken_as_they_are_stored(inbox: impl Inbox + Clone) {
    let (mut arrivals, mut changes) = (inbox.arrivals(LEASE).unwrap(), inbox.changes());
    store(&inbox, &[("unasked", "r")]).await;
    changes.changed().await.unwrap();
    let mut first = delivery("a", "r");
    first.token = Some("jti".to_owned());
    arrivals.accept(1);
    assert_eq!(inbox.store(first.clone()).await.unwrap(), Stored::New);
    assert!(arrivals.are_on_their_way());
    let taken = arrivals.next().await;
    assert!(!arrivals.are_on_their_way());
    let [Taken { lease, delivery: stored }] = &taken[..] else { panic!("{taken:?}") };
    assert_eq!((stored.queue_id, stored.attempt), (lease.id, 1));
    assert_eq!(stored.delivery, first);
    assert!(stored.received.elapsed().unwrap() < LEASE);
    assert!(!changes.has_changed().unwrap(), "it is not pending");
    assert_eq!(inbox.depth().await.unwrap().taken, 1);
    assert_eq!(inbox.renew(vec![*lease], LEASE).await.unwrap(), []);
    assert!(inbox.settle(*lease, Outcome::Done).await.unwrap());

    arrivals.accept(1);
    assert_eq!(inbox.store(first).await.unwrap(), Stored::Duplicate);
    assert!(arrivals.next().await.is_empty());
    arrivals.accept(1);
    store(&inbox, &[("b", "r"), ("c", "r")]).await;
    changes.changed().await.unwrap();
    let taken = arrivals.next().await;
    assert_eq!(taken[0].delivery.origin.as_deref(), Some("b"));
    inbox.settle(taken[0].lease, Outcome::GiveBack).await.unwrap();
    arrivals.accept(1);
    drop(arrivals);
    store(&inbox, &[("d", "r")]).await;
    let batch = inbox.take(all()).await.unwrap();
    assert_eq!(origins(&batch), ["unasked", "b", "c", "d"]);
    assert!(batch.taken.iter().all(|taken| taken.delivery.attempt == 1));
    assert_eq!(batch.taken[1].lease.number, 2);
}

#[tokio::test]
async fn what_a_full_inbox_refuses_does_not_arrive() {
    let folder = TempDir::new().unwrap();
    let inbox = SqliteInbox::builder(folder.path().join("inbox")).max_size(1 << 20).open().await.unwrap();
    let mut arrivals = inbox.arrivals(LEASE).unwrap();
    let mut large = delivery("large", "r");
    large.body = vec![b' '; 1 << 20].into();
    arrivals.accept(2);
    let (refused, stored) = tokio::join!(inbox.store(large), inbox.store(delivery("a", "r")));
    assert!(matches!(refused, Err(InboxError::Full)), "{refused:?}");
    assert_eq!(stored.unwrap(), Stored::New);
    let mut taken = Vec::new();
    while arrivals.are_on_their_way() {
        taken.extend(arrivals.next().await);
    }
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].delivery.origin.as_deref(), Some("a"));
}

/// Deliveries may be on their way to a worker that stops.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_stops_while_deliveries_arrive_leaves_none_taken() {
    let (inbox, _folder) = inbox().await;
    let (stored, handled) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let is_over = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..8)
        .map(|sender| {
            let (inbox, stored, is_over) = (inbox.clone(), Arc::clone(&stored), Arc::clone(&is_over));
            tokio::spawn(async move {
                for number in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    inbox.store(delivery(&format!("{sender}-{number}"), "r")).await.unwrap();
                    stored.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for round in 1..=20 {
        let counter = Arc::clone(&handled);
        let worker = worker(&inbox).start(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        });
        until("some are handled", async || handled.load(Ordering::Relaxed) > round * 100).await;
        if round % 2 == 0 {
            worker.pause();
            until("none is taken", async || inbox.depth().await.unwrap().taken == 0).await;
        }
        worker.shutdown(Duration::from_secs(5)).await;
        until("none is taken", async || inbox.depth().await.unwrap().taken == 0).await;
    }
    is_over.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }
    let depth = inbox.depth().await.unwrap();
    let ended = handled.load(Ordering::Relaxed) as u64;
    assert_eq!((ended + depth.pending, depth.dead), (stored.load(Ordering::Relaxed) as u64, 0));
}
