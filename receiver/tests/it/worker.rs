//! The worker: at least once, as often as it takes, in good order.

use crate::support::{delivery, drained, until};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{Depth, Outcome, Take};
use xurrent_receiver::{Delivery, Failure, Inbox, Worker, WorkerBuilder};

async fn inbox() -> (SqliteInbox, TempDir) {
    let folder = TempDir::new().unwrap();
    (SqliteInbox::open(folder.path().join("inbox")).await.unwrap(), folder)
}

/// A worker that does not wait long after a failure.
fn worker(inbox: &SqliteInbox) -> WorkerBuilder {
    Worker::builder(inbox.clone()).backoff(Duration::from_millis(20), Duration::from_millis(50))
}

async fn store(inbox: &SqliteInbox, count: usize, records: usize) {
    for number in 0..count {
        inbox.store(delivery(&number.to_string(), &format!("r{}", number % records))).await.unwrap();
    }
}

/// What was handled: origins in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(String, u32)>>>);

impl Log {
    fn add(&self, delivery: &Delivery) {
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
async fn every_delivery_is_handled_whether_it_came_before_or_after_the_start() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 20, 20).await;
    let log = Log::default();
    let worker = {
        let log = log.clone();
        worker(&inbox).start(move |delivery: Delivery| {
            log.add(&delivery);
            async { Ok(()) }
        })
    };
    drained(&inbox).await;
    let started = Instant::now();
    inbox.store(delivery("late", "r")).await.unwrap();
    until("the late one is handled", async || log.entries().len() == 21).await;
    assert!(started.elapsed() < Duration::from_secs(2), "it did not wait for the next look");
    drained(&inbox).await;
    worker.shutdown(Duration::ZERO).await;
    let mut origins = log.origins();
    origins.sort_unstable();
    origins.dedup();
    assert_eq!(origins.len(), 21);
}

#[tokio::test]
async fn no_more_run_at_once_than_allowed_and_as_many_as_allowed() {
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
async fn failures_and_panics_are_tried_again_until_the_letter_is_dead_and_again_when_it_is_requeued() {
    let (inbox, _folder) = inbox().await;
    inbox.store(delivery("error", "r")).await.unwrap();
    inbox.store(delivery("panic", "s")).await.unwrap();
    inbox.store(delivery("dead", "t")).await.unwrap();
    let (log, is_repaired) = (Log::default(), Arc::new(AtomicBool::new(false)));
    let worker = {
        let (log, is_repaired) = (log.clone(), Arc::clone(&is_repaired));
        worker(&inbox).attempts(3).start(move |delivery: Delivery| {
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
    let letters = inbox.dead_letters(None, 10).await.unwrap();
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
        assert!(inbox.requeue(letter.delivery.id).await.unwrap());
    }
    until("all are done", async || inbox.depth().await.unwrap() == Depth::default()).await;
    assert_eq!(log.entries().len(), 3 + 3 + 1 + 3);
    worker.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_handler_says_when_it_wants_to_be_asked_again() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 1, 1).await;
    let times = Arc::new(Mutex::new(Vec::new()));
    let worker = {
        let times = Arc::clone(&times);
        Worker::builder(inbox.clone()).start(move |delivery: Delivery| {
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
async fn the_deliveries_of_a_record_are_handled_in_order_and_a_failing_one_holds_up_no_other_record() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 60, 3).await;
    let (log, busy) = (Log::default(), Arc::new(Mutex::new(HashSet::new())));
    let collided = Arc::new(AtomicBool::new(false));
    let worker = {
        let (log, busy, collided) = (log.clone(), Arc::clone(&busy), Arc::clone(&collided));
        worker(&inbox).attempts(1000).in_order().start(move |delivery: Delivery| {
            let (log, busy, collided) = (log.clone(), Arc::clone(&busy), Arc::clone(&collided));
            async move {
                let record = delivery.record.clone().unwrap();
                if !busy.lock().unwrap().insert(record.clone()) {
                    collided.store(true, Ordering::SeqCst);
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
                busy.lock().unwrap().remove(&record);
                // The first of record 0 fails until the other two records are done.
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
    assert!(!collided.load(Ordering::SeqCst), "two of one record at once");
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
        move |delivery: Delivery| {
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
async fn a_lost_lease_ends_the_handler() {
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
    // Somebody settles it with the right lease number, as another worker would.
    let lease = xurrent_receiver::inbox::Lease { id: xurrent_receiver::inbox::DeliveryId(1), number: 1 };
    assert!(inbox.settle(lease, Outcome::Done).await.unwrap());
    until("the handler is dropped", async || ended.load(Ordering::SeqCst)).await;
    assert!(!finished.load(Ordering::SeqCst));
    worker.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_shutdown_finishes_what_it_can_and_gives_back_the_rest() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 6, 6).await;
    let log = Log::default();
    let worker = {
        let log = log.clone();
        worker(&inbox).concurrency(4).start(move |delivery: Delivery| {
            let log = log.clone();
            async move {
                log.add(&delivery);
                let number: u64 = delivery.origin.unwrap().parse().unwrap();
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
    assert_eq!((depth.pending, depth.taken), (4, 0), "0 and 1 are done, 4 and 5 were not begun");
    let batch = inbox.take(Take { limit: 9, lease: Duration::from_secs(9), in_order: false }).await.unwrap();
    assert!(batch.taken.iter().all(|taken| taken.delivery.attempt == 1), "what was given back is no attempt");
}

#[tokio::test]
async fn a_shutdown_is_over_when_the_work_is() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 1, 1).await;
    let worker = worker(&inbox).start(|_| async { Ok(()) });
    drained(&inbox).await;
    let started = Instant::now();
    worker.shutdown(Duration::MAX).await;
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_worker_that_is_dropped_gives_back_what_it_had() {
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
async fn a_delivery_that_ends_the_process_each_time_becomes_a_dead_letter() {
    let (inbox, folder) = inbox().await;
    store(&inbox, 1, 1).await;
    let mut inbox = inbox;
    for _ in 0..3 {
        let take = Take { limit: 1, lease: Duration::from_secs(60), in_order: false };
        assert_eq!(inbox.take(take).await.unwrap().taken.len(), 1);
        // The process dies here: nothing is settled.
        inbox.close().await;
        inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
    }
    let log = Log::default();
    let worker = {
        let log = log.clone();
        worker(&inbox).attempts(3).start(move |delivery: Delivery| {
            log.add(&delivery);
            async { Ok(()) }
        })
    };
    drained(&inbox).await;
    worker.shutdown(Duration::ZERO).await;
    assert_eq!(log.entries(), []);
    let letters = inbox.dead_letters(None, 1).await.unwrap();
    assert_eq!(letters[0].reason, "no result after 3 attempts: did they end the process?");
}

#[tokio::test]
async fn what_was_handled_is_forgotten_in_time() {
    // More than is forgotten in one go.
    const DELIVERIES: usize = 5_000;
    let folder = TempDir::new().unwrap();
    let inbox = SqliteInbox::builder(folder.path().join("inbox")).keep(Duration::ZERO).open().await.unwrap();
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
async fn a_handler_that_never_returns_is_given_up_and_its_delivery_tried_again() {
    let (inbox, _folder) = inbox().await;
    store(&inbox, 2, 1).await;
    let log = Log::default();
    let worker = {
        let log = log.clone();
        let worker = worker(&inbox).concurrency(1).in_order().attempts(2);
        worker.handler_timeout(Duration::from_millis(50)).start(move |delivery: Delivery| {
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
    let letters = inbox.dead_letters(None, 9).await.unwrap();
    assert_eq!(letters[0].reason, "the handler was given up: it took longer than 50ms");
}
