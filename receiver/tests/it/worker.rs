//! The worker: at-least-once handling, retries, order, and shutdown.

use crate::support::{delivery, drained, until};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{DeadLetterFilter, Depth, Outcome, Take};
use xurrent_receiver::{Failure, Inbox, QueuedDelivery, Worker, WorkerBuilder};

pub(crate) async fn inbox() -> (SqliteInbox, TempDir) {
    let folder = TempDir::new().unwrap();
    (SqliteInbox::open(folder.path().join("inbox")).await.unwrap(), folder)
}

/// A worker with a short backoff.
pub(crate) fn worker(inbox: &SqliteInbox) -> WorkerBuilder {
    Worker::builder(inbox.clone()).backoff(Duration::from_millis(20), Duration::from_millis(50))
}

async fn store(inbox: &SqliteInbox, count: usize, records: usize) {
    for number in 0..count {
        inbox.store(delivery(&number.to_string(), &format!("r{}", number % records))).await.unwrap();
    }
}

/// The origins of handled deliveries, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(String, u32)>>>);

impl Log {
    fn add(&self, delivery: &QueuedDelivery) {
        self.0.lock().unwrap().push((delivery.origin.clone().unwrap(), delivery.attempt));
    }

    fn entries(&self) -> Vec<(String, u32)> {
        self.0.lock().unwrap().clone()
    }

    fn origins(&self) -> Vec<String> {
        self.entries().into_iter().map(|(origin, _)| origin).collect()
    }
}

#[tokio::test]
async fn deliveries_stored_before_and_after_the_start_are_handled() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 20, 20).await;
    let log = Log::default();
    let worker = {
        let log = log.clone();
        worker(&inbox).start(move |delivery: QueuedDelivery| {
            log.add(&delivery);
            async { Ok(()) }
        })
    };
    drained(&inbox).await;
    let started = Instant::now();
    inbox.store(delivery("late", "r")).await.unwrap();
    until("the late one is handled", async || log.entries().len() == 21).await;
    assert!(started.elapsed() < Duration::from_secs(2), "the worker was notified");
    drained(&inbox).await;
    worker.shutdown(Duration::ZERO).await;
    let mut origins = log.origins();
    origins.sort_unstable();
    origins.dedup();
    assert_eq!(origins.len(), 21);
}

#[tokio::test]
async fn as_many_handlers_run_at_once_as_configured() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 40, 40).await;
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let worker = {
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        worker(&inbox).concurrency(4).start(move |_| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
        })
    };
    drained(&inbox).await;
    worker.shutdown(Duration::ZERO).await;
    assert_eq!(most.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn failures_and_panics_are_retried_until_dead_and_again_after_a_requeue() {
    let (inbox, _folder) = inbox().await;
    inbox.store(delivery("error", "r")).await.unwrap();
    inbox.store(delivery("panic", "s")).await.unwrap();
    inbox.store(delivery("dead", "t")).await.unwrap();
    let (log, is_repaired) = (Log::default(), Arc::new(AtomicBool::new(false)));
    let worker = {
        let (log, is_repaired) = (log.clone(), Arc::clone(&is_repaired));
        worker(&inbox).max_attempts(3).start(move |delivery: QueuedDelivery| {
            let (log, is_repaired) = (log.clone(), Arc::clone(&is_repaired));
            async move {
                log.add(&delivery);
                match delivery.origin.as_deref() {
                    _ if is_repaired.load(Ordering::SeqCst) => Ok(()),
                    Some("error") => Ok("x".parse::<u8>().map(drop)?),
                    Some("panic") => panic!("at the disco {}", delivery.attempt),
                    _ => Err(Failure::dead("nobody can do this")),
                }
            }
        })
    };
    drained(&inbox).await;
    assert_eq!(inbox.depth().await.unwrap(), Depth { dead: 3, ..Depth::default() });
    let letters = inbox.dead_letters(DeadLetterFilter::all(), None, 10).await.unwrap();
    let told: Vec<_> =
        letters.iter().map(|letter| (letter.reason.as_str(), letter.delivery.attempt)).collect();
    assert_eq!(
        told,
        [
            ("invalid digit found in string", 3),
            ("the handler panicked: at the disco 3", 3),
            ("nobody can do this", 1),
        ]
    );
    is_repaired.store(true, Ordering::SeqCst);
    for letter in letters {
        assert_eq!(inbox.requeue(letter.delivery.queue_id.into()).await.unwrap(), 1);
    }
    until("all are done", async || inbox.depth().await.unwrap() == Depth::default()).await;
    assert_eq!(log.entries().len(), 3 + 3 + 1 + 3);
    worker.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_failure_can_set_the_delay_of_its_retry() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 1, 1).await;
    let times = Arc::new(Mutex::new(Vec::new()));
    let worker = {
        let times = Arc::clone(&times);
        Worker::builder(inbox.clone()).start(move |delivery: QueuedDelivery| {
            times.lock().unwrap().push(Instant::now());
            async move {
                match delivery.attempt {
                    1 => Err(Failure::retry_after(Duration::from_millis(300), "later")),
                    _ => Ok(()),
                }
            }
        })
    };
    drained(&inbox).await;
    worker.shutdown(Duration::ZERO).await;
    let times = times.lock().unwrap();
    let waited = times[1] - times[0];
    assert!(waited >= Duration::from_millis(290) && waited < Duration::from_secs(3), "{waited:?}");
}

#[tokio::test]
async fn deliveries_of_a_record_are_handled_in_order_and_a_failing_one_holds_only_its_record() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 60, 3).await;
    let (log, busy) = (Log::default(), Arc::new(Mutex::new(HashSet::new())));
    let collided = Arc::new(AtomicBool::new(false));
    let worker = {
        let (log, busy, collided) = (log.clone(), Arc::clone(&busy), Arc::clone(&collided));
        worker(&inbox).max_attempts(1000).in_order().start(move |delivery: QueuedDelivery| {
            let (log, busy, collided) = (log.clone(), Arc::clone(&busy), Arc::clone(&collided));
            async move {
                let record = delivery.object_node_id.clone().unwrap();
                if !busy.lock().unwrap().insert(record.clone()) {
                    collided.store(true, Ordering::SeqCst);
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
                busy.lock().unwrap().remove(&record);
                // The first delivery of record 0 fails until the other two records are done.
                if delivery.origin.as_deref() == Some("0") && log.entries().len() < 40 {
                    return Err(Failure::retry("not yet"));
                }
                log.add(&delivery);
                Ok(())
            }
        })
    };
    drained(&inbox).await;
    worker.shutdown(Duration::ZERO).await;
    assert!(!collided.load(Ordering::SeqCst), "two deliveries of a record at once");
    let numbers: Vec<usize> = log.origins().iter().map(|origin| origin.parse().unwrap()).collect();
    for record in 0..3 {
        let of_record: Vec<_> = numbers.iter().filter(|number| *number % 3 == record).collect();
        assert_eq!(of_record.len(), 20);
        assert!(of_record.is_sorted(), "{of_record:?}");
    }
    assert!(numbers[..40].iter().all(|number| number % 3 != 0));
}

#[tokio::test]
async fn a_lease_is_renewed_while_the_handler_runs() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 1, 1).await;
    let lease = Duration::from_millis(200);
    let log = Log::default();
    let slow = |log: Log| {
        move |delivery: QueuedDelivery| {
            log.add(&delivery);
            async {
                tokio::time::sleep(Duration::from_millis(1000)).await;
                Ok(())
            }
        }
    };
    let first = worker(&inbox).lease(lease).start(slow(log.clone()));
    let second = worker(&inbox).lease(lease).start(slow(log.clone()));
    drained(&inbox).await;
    assert_eq!(log.entries(), [("0".to_owned(), 1)]);
    first.shutdown(Duration::ZERO).await;
    second.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_lost_lease_drops_the_handler() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 1, 1).await;
    let (ended, finished) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    struct OnDrop(Arc<AtomicBool>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let running = Arc::new(AtomicBool::new(false));
    let worker = {
        let (ended, finished, running) = (Arc::clone(&ended), Arc::clone(&finished), Arc::clone(&running));
        worker(&inbox).lease(Duration::from_millis(300)).start(move |_| {
            let (guard, finished) = (OnDrop(Arc::clone(&ended)), Arc::clone(&finished));
            running.store(true, Ordering::SeqCst);
            async move {
                std::future::pending::<()>().await;
                finished.store(true, Ordering::SeqCst);
                drop(guard);
                Ok(())
            }
        })
    };
    until("it runs", async || running.load(Ordering::SeqCst)).await;
    // Settles the lease, as another worker would.
    let lease = xurrent_receiver::inbox::Lease { id: xurrent_receiver::inbox::QueueId(1), number: 1 };
    assert!(inbox.settle(lease, Outcome::Done).await.unwrap());
    until("the handler is dropped", async || ended.load(Ordering::SeqCst)).await;
    assert!(!finished.load(Ordering::SeqCst));
    worker.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_shutdown_waits_for_handlers_and_gives_back_the_rest() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 6, 6).await;
    let log = Log::default();
    let worker = {
        let log = log.clone();
        worker(&inbox).concurrency(4).start(move |delivery: QueuedDelivery| {
            let log = log.clone();
            async move {
                log.add(&delivery);
                let number: u64 = delivery.origin.as_deref().unwrap().parse().unwrap();
                let time = if number < 2 { 100 } else { 3_600_000 };
                tokio::time::sleep(Duration::from_millis(time)).await;
                Ok(())
            }
        })
    };
    until("four run", async || log.entries().len() == 4).await;
    let started = Instant::now();
    worker.shutdown(Duration::from_millis(500)).await;
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    let depth = inbox.depth().await.unwrap();
    assert_eq!((depth.pending, depth.taken), (4, 0), "0 and 1 are done, 4 and 5 were not started");
    let batch = inbox.take(Take { limit: 9, lease: Duration::from_secs(9), in_order: false }).await.unwrap();
    assert!(
        batch.taken.iter().all(|taken| taken.delivery.attempt == 1),
        "a returned delivery was not attempted"
    );
}

#[tokio::test]
async fn a_shutdown_without_running_handlers_returns_at_once() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 1, 1).await;
    let worker = worker(&inbox).start(|_| async { Ok(()) });
    drained(&inbox).await;
    let started = Instant::now();
    worker.shutdown(Duration::MAX).await;
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_dropped_worker_gives_back_its_deliveries() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 3, 3).await;
    let worker = worker(&inbox).start(|_| std::future::pending());
    until("three run", async || inbox.depth().await.unwrap().taken == 3).await;
    drop(worker);
    until("all are pending", async || inbox.depth().await.unwrap().pending == 3).await;
    inbox.store(delivery("more", "r")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(inbox.depth().await.unwrap().pending, 4);
}

#[tokio::test]
async fn a_delivery_that_crashes_every_attempt_becomes_a_dead_letter() {
    let (inbox, folder) = inbox().await;
    store(&inbox, 1, 1).await;
    let mut inbox = inbox;
    for _ in 0..3 {
        let take = Take { limit: 1, lease: Duration::from_secs(60), in_order: false };
        assert_eq!(inbox.take(take).await.unwrap().taken.len(), 1);
        // The process crashes here: nothing is settled.
        inbox.close().await;
        inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
    }
    let log = Log::default();
    let worker = {
        let log = log.clone();
        worker(&inbox).max_attempts(3).start(move |delivery: QueuedDelivery| {
            log.add(&delivery);
            async { Ok(()) }
        })
    };
    drained(&inbox).await;
    worker.shutdown(Duration::ZERO).await;
    assert_eq!(log.entries(), []);
    let letters = inbox.dead_letters(DeadLetterFilter::all(), None, 1).await.unwrap();
    assert_eq!(letters[0].reason, "no result after 3 attempts: the process may have crashed");
}

#[tokio::test]
async fn handled_deliveries_are_purged_after_their_retention() {
    // More than one purge deletes.
    const DELIVERIES: usize = 5_000;
    let folder = TempDir::new().unwrap();
    let inbox =
        SqliteInbox::builder(folder.path().join("inbox")).retention(Duration::ZERO).open().await.unwrap();
    let mut stores = tokio::task::JoinSet::new();
    for number in 0..DELIVERIES {
        let inbox = inbox.clone();
        stores.spawn(async move { inbox.store(delivery(&number.to_string(), "r")).await.unwrap() });
    }
    stores.join_all().await;
    let take = Take { limit: DELIVERIES, lease: Duration::from_secs(60), in_order: false };
    let mut settles = tokio::task::JoinSet::new();
    for taken in inbox.take(take).await.unwrap().taken {
        let inbox = inbox.clone();
        settles.spawn(async move { inbox.settle(taken.lease, Outcome::Done).await.unwrap() });
    }
    assert!(settles.join_all().await.into_iter().all(|settled| settled));
    let worker = worker(&inbox).start(|_| async { Ok(()) });
    tokio::time::sleep(Duration::from_secs(3)).await;
    worker.shutdown(Duration::ZERO).await;
    assert_eq!(inbox.purge().await.unwrap(), 0);
    inbox.store(delivery("0", "r")).await.unwrap();
    assert_eq!(inbox.depth().await.unwrap().pending, 1, "it is new again");
}

#[tokio::test]
async fn a_handler_that_hangs_times_out_and_its_delivery_is_retried() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 2, 1).await;
    let log = Log::default();
    let worker = {
        let log = log.clone();
        let worker = worker(&inbox).concurrency(1).in_order().max_attempts(2);
        worker.handler_timeout(Duration::from_millis(50)).start(move |delivery: QueuedDelivery| {
            log.add(&delivery);
            async move {
                match delivery.origin.as_deref() {
                    Some("0") => std::future::pending().await,
                    _ => Ok(()),
                }
            }
        })
    };
    drained(&inbox).await;
    worker.shutdown(Duration::ZERO).await;
    assert_eq!(log.entries(), [("0".to_owned(), 1), ("0".to_owned(), 2), ("1".to_owned(), 1)]);
    let letters = inbox.dead_letters(DeadLetterFilter::all(), None, 9).await.unwrap();
    assert_eq!(letters[0].reason, "handler timed out after 50ms");
}
