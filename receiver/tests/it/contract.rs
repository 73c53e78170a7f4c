//! The contract of every inbox.

pub(crate) use crate::arrivals::deliveries_are_taken_as_they_are_stored;
pub(crate) use crate::dead_letters::{
    an_inbox_chosen_at_run_time_is_closed_for_all_its_clones, dead_letters_are_listed_requeued_and_discarded,
    dead_letters_are_selected_by_number_event_record_and_age,
    thousands_of_dead_letters_are_requeued_each_once,
};
use crate::support::{delivery, until};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;
use xurrent_receiver::Inbox;
use xurrent_receiver::inbox::{Batch, DeadLetterFilter, Depth, Outcome, QueueId, Stored, Take, Taken};

pub(crate) const LEASE: Duration = Duration::from_secs(60);

pub(crate) fn all() -> Take {
    Take { limit: 1000, lease: LEASE, in_order: false }
}

fn in_order() -> Take {
    Take { in_order: true, ..all() }
}

pub(crate) fn origins(batch: &Batch) -> Vec<&str> {
    batch.taken.iter().map(|taken| taken.delivery.origin.as_deref().unwrap()).collect()
}

pub(crate) async fn one(inbox: &impl Inbox) -> Taken {
    let mut batch = inbox.take(Take { limit: 1, ..all() }).await.unwrap();
    batch.taken.pop().unwrap()
}

pub(crate) async fn store(inbox: &impl Inbox, deliveries: &[(&str, &str)]) {
    for (origin, record) in deliveries {
        assert_eq!(inbox.store(delivery(origin, record)).await.unwrap(), Stored::New);
    }
}

pub(crate) async fn a_delivery_from_fifty_tasks_is_stored_once(inbox: impl Inbox + Clone) {
    let barrier = Arc::new(Barrier::new(50));
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let (inbox, barrier) = (inbox.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                let mut delivery = delivery("a", "r");
                delivery.id = Some(format!("try {number}"));
                barrier.wait().await;
                inbox.store(delivery).await.unwrap()
            })
        })
        .collect();
    let mut new = 0;
    for task in tasks {
        new += usize::from(task.await.unwrap() == Stored::New);
    }
    assert_eq!(new, 1);
    assert_eq!(inbox.depth().await.unwrap().pending, 1);
}

pub(crate) async fn the_same_token_under_another_origin_is_a_duplicate(inbox: impl Inbox + Clone) {
    let mut first = delivery("a", "r");
    first.token = Some("jti".to_owned());
    let mut replayed = delivery("b", "r");
    replayed.token.clone_from(&first.token);
    let mut elsewhere = replayed.clone();
    elsewhere.account = "https://other.xurrent.com".to_owned();
    assert_eq!(inbox.store(first).await.unwrap(), Stored::New);
    assert_eq!(inbox.store(replayed).await.unwrap(), Stored::Duplicate);
    // Token ids are unique per account only.
    assert_eq!(inbox.store(elsewhere).await.unwrap(), Stored::New);
}

pub(crate) async fn deliveries_without_ids_are_stored_each_time(inbox: impl Inbox + Clone) {
    let mut nameless = delivery("a", "r");
    (nameless.id, nameless.origin, nameless.record) = (None, None, None);
    for _ in 0..2 {
        assert_eq!(inbox.store(nameless.clone()).await.unwrap(), Stored::New);
    }
    assert_eq!(inbox.take(in_order()).await.unwrap().taken.len(), 2);
}

pub(crate) async fn a_delivery_is_taken_as_it_was_stored(inbox: impl Inbox + Clone) {
    let mut stored = delivery("a", "r \u{1F600} '\"");
    stored.body = vec![0xff, 0x00, b'{'].into();
    inbox.store(stored.clone()).await.unwrap();
    let taken = one(&inbox).await.delivery;
    assert_eq!(taken.attempt, 1);
    assert_eq!(taken.delivery, stored);
}

pub(crate) async fn a_lease_belongs_to_one_worker(inbox: impl Inbox + Clone) {
    store(&inbox, &[("a", "r"), ("b", "r"), ("c", "s")]).await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let inbox = inbox.clone();
            tokio::spawn(async move { inbox.take(Take { limit: 1, ..all() }).await.unwrap().taken })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.extend(task.await.unwrap().iter().map(|taken| taken.lease.id));
    }
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (3, 3));
    assert_eq!(inbox.depth().await.unwrap(), Depth { taken: 3, ..Depth::default() });
}

pub(crate) async fn an_expired_lease_is_invalid_and_its_delivery_is_taken_again(inbox: impl Inbox + Clone) {
    store(&inbox, &[("a", "r")]).await;
    let short = Take { lease: Duration::from_millis(100), ..all() };
    let old = inbox.take(short).await.unwrap().taken.pop().unwrap();
    assert!(inbox.take(all()).await.unwrap().taken.is_empty());
    tokio::time::sleep(Duration::from_millis(150)).await;
    let new = one(&inbox).await;
    assert_eq!((new.lease.id, new.delivery.attempt), (old.lease.id, 2));
    assert_eq!(inbox.renew(vec![old.lease, new.lease], LEASE).await.unwrap(), [old.lease]);
    for outcome in [Outcome::Done, Outcome::GiveBack, Outcome::Dead { reason: String::new() }] {
        assert!(!inbox.settle(old.lease, outcome).await.unwrap());
    }
    assert!(inbox.settle(new.lease, Outcome::Done).await.unwrap());
    assert!(!inbox.settle(new.lease, Outcome::Done).await.unwrap());
    assert_eq!(inbox.renew(vec![new.lease], LEASE).await.unwrap(), [new.lease]);
}

pub(crate) async fn a_renewed_lease_does_not_expire(inbox: impl Inbox + Clone) {
    store(&inbox, &[("a", "r")]).await;
    let short = Take { lease: Duration::from_millis(100), ..all() };
    let taken = inbox.take(short).await.unwrap().taken.pop().unwrap();
    assert_eq!(inbox.renew(vec![taken.lease], LEASE).await.unwrap(), []);
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(inbox.take(all()).await.unwrap().taken.is_empty());
}

pub(crate) async fn a_failed_delivery_waits_and_a_returned_one_does_not(inbox: impl Inbox + Clone) {
    store(&inbox, &[("a", "r"), ("b", "s")]).await;
    let (first, second) = (one(&inbox).await, one(&inbox).await);
    let after = Duration::from_millis(300);
    let retry = Outcome::Retry { after, reason: "no".to_owned() };
    assert!(inbox.settle(first.lease, retry).await.unwrap());
    assert!(inbox.settle(second.lease, Outcome::GiveBack).await.unwrap());
    let batch = inbox.take(all()).await.unwrap();
    assert_eq!(origins(&batch), ["b"]);
    assert_eq!(batch.taken[0].delivery.attempt, 1, "a returned delivery was not attempted");
    assert!(batch.wait <= after, "{:?}", batch.wait);
    tokio::time::sleep(after).await;
    let again = one(&inbox).await.delivery;
    assert_eq!((again.origin.as_deref(), again.attempt), (Some("a"), 2));
}

pub(crate) async fn deliveries_of_a_record_are_taken_one_at_a_time_oldest_first(inbox: impl Inbox + Clone) {
    store(&inbox, &[("r1", "r"), ("r2", "r"), ("s1", "s"), ("r3", "r")]).await;
    let batch = inbox.take(in_order()).await.unwrap();
    assert_eq!(origins(&batch), ["r1", "s1"]);
    assert!(inbox.take(in_order()).await.unwrap().taken.is_empty());
    // A failed delivery holds its record, and no other.
    let retry = Outcome::Retry { after: Duration::from_millis(200), reason: "no".to_owned() };
    inbox.settle(batch.taken[0].lease, retry).await.unwrap();
    inbox.settle(batch.taken[1].lease, Outcome::Done).await.unwrap();
    store(&inbox, &[("s2", "s")]).await;
    let batch = inbox.take(in_order()).await.unwrap();
    assert_eq!(origins(&batch), ["s2"]);
    tokio::time::sleep(Duration::from_millis(250)).await;
    let batch = inbox.take(in_order()).await.unwrap();
    assert_eq!(origins(&batch), ["r1"]);
    // A dead letter holds nothing. After a requeue it waits for the delivery that is being handled.
    inbox.settle(batch.taken[0].lease, Outcome::Dead { reason: "never".to_owned() }).await.unwrap();
    let batch = inbox.take(in_order()).await.unwrap();
    assert_eq!(origins(&batch), ["r2"]);
    let dead = inbox.dead_letters(DeadLetterFilter::all(), None, 10).await.unwrap();
    assert_eq!(inbox.requeue(dead[0].delivery.queue_id.into()).await.unwrap(), 1);
    assert!(inbox.take(in_order()).await.unwrap().taken.is_empty());
    inbox.settle(batch.taken[0].lease, Outcome::Done).await.unwrap();
    assert_eq!(origins(&inbox.take(in_order()).await.unwrap()), ["r1"]);
}

/// Concurrent workers must not take two deliveries of one record.
pub(crate) async fn two_workers_never_handle_the_same_record(inbox: impl Inbox + Clone) {
    let busy = Arc::new(std::sync::Mutex::new(HashSet::new()));
    let last = Arc::new(std::sync::Mutex::new(std::collections::HashMap::new()));
    let storing = {
        let inbox = inbox.clone();
        tokio::spawn(async move {
            for number in 0..200 {
                let record = format!("r{}", number % 3);
                inbox.store(delivery(&number.to_string(), &record)).await.unwrap();
            }
        })
    };
    let workers: Vec<_> = (0..6)
        .map(|_| {
            let (inbox, busy, last) = (inbox.clone(), Arc::clone(&busy), Arc::clone(&last));
            tokio::spawn(async move {
                let mut done = 0;
                while last.lock().unwrap().values().map(|(count, _)| *count).sum::<usize>() < 200 {
                    for taken in inbox.take(Take { limit: 2, ..in_order() }).await.unwrap().taken {
                        let record = taken.delivery.record.clone().unwrap();
                        assert!(busy.lock().unwrap().insert(record.clone()), "{record} is taken twice");
                        tokio::task::yield_now().await;
                        {
                            let mut last = last.lock().unwrap();
                            let (count, id) = last.entry(record.clone()).or_insert((0, QueueId(0)));
                            assert!(*id < taken.lease.id, "{record} is out of order");
                            (*count, *id) = (*count + 1, taken.lease.id);
                        }
                        assert!(busy.lock().unwrap().remove(&record));
                        assert!(inbox.settle(taken.lease, Outcome::Done).await.unwrap());
                        done += 1;
                    }
                }
                done
            })
        })
        .collect();
    storing.await.unwrap();
    let mut done = 0;
    for worker in workers {
        done += worker.await.unwrap();
    }
    assert_eq!(done, 200);
}

/// A held delivery is taken in the end, however the earlier ones of its record end.
pub(crate) async fn no_delivery_is_held_behind_ended_ones(inbox: impl Inbox + Clone) {
    // From here on the inbox has workers that take in order.
    assert!(inbox.take(in_order()).await.unwrap().taken.is_empty());
    store(&inbox, &[("first", "r"), ("second", "r")]).await;
    let both = inbox.take(all()).await.unwrap().taken;
    inbox.settle(both[1].lease, Outcome::Dead { reason: "no".to_owned() }).await.unwrap();
    inbox.settle(both[0].lease, Outcome::Done).await.unwrap();
    assert_eq!(inbox.requeue(both[1].lease.id.into()).await.unwrap(), 1);
    let again = inbox.take(in_order()).await.unwrap();
    assert_eq!(origins(&again), ["second"]);
    inbox.settle(again.taken[0].lease, Outcome::Done).await.unwrap();
    for seed in 0..5 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (mut taken, mut stored) = (Vec::new(), 0);
        for _ in 0..120 {
            match random.u8(..10) {
                0..4 => {
                    let record = ["r", "s"][random.usize(..2)];
                    store(&inbox, &[(&format!("{seed} {stored}"), record)]).await;
                    stored += 1;
                }
                4..6 => {
                    let take = Take { limit: random.usize(1..4), ..in_order() };
                    taken.append(&mut inbox.take(take).await.unwrap().taken);
                }
                // Workers that do not take in order.
                6 => taken.append(&mut inbox.take(Take { limit: 1, ..all() }).await.unwrap().taken),
                7..9 if !taken.is_empty() => {
                    let ended = taken.swap_remove(random.usize(..taken.len()));
                    let outcome = match random.u8(..4) {
                        0 => Outcome::Done,
                        1 => Outcome::Dead { reason: "no".to_owned() },
                        2 => Outcome::Retry { after: Duration::ZERO, reason: "later".to_owned() },
                        _ => Outcome::GiveBack,
                    };
                    assert!(inbox.settle(ended.lease, outcome).await.unwrap());
                }
                _ => {
                    for letter in inbox.dead_letters(DeadLetterFilter::all(), None, 1).await.unwrap() {
                        let one = letter.delivery.queue_id.into();
                        let ended = match random.bool() {
                            true => inbox.requeue(one).await.unwrap(),
                            false => inbox.discard(one).await.unwrap(),
                        };
                        assert_eq!(ended, 1);
                    }
                }
            }
        }
        for letter in inbox.dead_letters(DeadLetterFilter::all(), None, 1000).await.unwrap() {
            inbox.requeue(letter.delivery.queue_id.into()).await.unwrap();
        }
        loop {
            for ended in taken {
                assert!(inbox.settle(ended.lease, Outcome::Done).await.unwrap());
            }
            taken = inbox.take(in_order()).await.unwrap().taken;
            if taken.is_empty() {
                break;
            }
        }
        assert_eq!(inbox.depth().await.unwrap(), Depth::default(), "seed {seed}");
    }
}

/// The retention of the inbox is 300 ms.
pub(crate) async fn a_handled_delivery_is_a_duplicate_until_its_retention_is_over(inbox: impl Inbox + Clone) {
    store(&inbox, &[("done", "r"), ("dead", "r"), ("pending", "r")]).await;
    let batch = inbox.take(Take { limit: 2, ..all() }).await.unwrap();
    inbox.settle(batch.taken[0].lease, Outcome::Done).await.unwrap();
    inbox.settle(batch.taken[1].lease, Outcome::Dead { reason: "no".to_owned() }).await.unwrap();
    assert_eq!(inbox.purge().await.unwrap(), 0);
    assert_eq!(inbox.store(delivery("done", "r")).await.unwrap(), Stored::Duplicate);
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(inbox.purge().await.unwrap(), 1);
    assert_eq!(inbox.store(delivery("done", "r")).await.unwrap(), Stored::New);
    for kept in ["dead", "pending"] {
        assert_eq!(inbox.store(delivery(kept, "r")).await.unwrap(), Stored::Duplicate);
    }
}

pub(crate) async fn depth_counts_deliveries_and_measures_their_age(inbox: impl Inbox + Clone) {
    assert_eq!(inbox.depth().await.unwrap(), Depth::default());
    store(&inbox, &[("a", "r"), ("b", "r")]).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let depth = inbox.depth().await.unwrap();
    assert_eq!((depth.pending, depth.taken, depth.dead), (2, 0, 0));
    let oldest = depth.oldest.unwrap();
    assert!(oldest >= Duration::from_millis(40) && oldest < Duration::from_secs(20), "{oldest:?}");
    inbox.probe().await.unwrap();
    inbox.probe().await.unwrap();
}

pub(crate) async fn pending_deliveries_notify_workers(inbox: impl Inbox + Clone) {
    let mut changes = inbox.changes();
    store(&inbox, &[("a", "r")]).await;
    changes.changed().await.unwrap();
    let taken = one(&inbox).await;
    changes.borrow_and_update();
    inbox.settle(taken.lease, Outcome::GiveBack).await.unwrap();
    changes.changed().await.unwrap();
    let taken = one(&inbox).await;
    inbox.settle(taken.lease, Outcome::Dead { reason: "no".to_owned() }).await.unwrap();
    changes.borrow_and_update();
    inbox.requeue(taken.lease.id.into()).await.unwrap();
    changes.changed().await.unwrap();
}

/// Drops futures at any point of a take.
pub(crate) async fn cancelled_takes_lose_no_delivery(inbox: impl Inbox + Clone) {
    for number in 0..100 {
        store(&inbox, &[(&number.to_string(), "r")]).await;
    }
    for micros in 0..100 {
        let take = inbox.take(Take { limit: 1, ..all() });
        if let Ok(batch) = tokio::time::timeout(Duration::from_micros(micros * 10), take).await {
            for taken in batch.unwrap().taken {
                inbox.settle(taken.lease, Outcome::GiveBack).await.unwrap();
            }
        }
    }
    until("all are pending again", async || inbox.depth().await.unwrap().pending == 100).await;
    let mut attempts = inbox.take(all()).await.unwrap().taken;
    attempts.retain(|taken| taken.delivery.attempt != 1);
    assert!(attempts.is_empty(), "what nobody got is no attempt");
}

/// Passes the names of all parts to a macro.
macro_rules! parts {
    ($macro:ident) => {
        $macro!(
            a_delivery_from_fifty_tasks_is_stored_once,
            the_same_token_under_another_origin_is_a_duplicate,
            deliveries_without_ids_are_stored_each_time,
            a_delivery_is_taken_as_it_was_stored,
            a_lease_belongs_to_one_worker,
            an_expired_lease_is_invalid_and_its_delivery_is_taken_again,
            a_renewed_lease_does_not_expire,
            a_failed_delivery_waits_and_a_returned_one_does_not,
            deliveries_of_a_record_are_taken_one_at_a_time_oldest_first,
            two_workers_never_handle_the_same_record,
            no_delivery_is_held_behind_ended_ones,
            dead_letters_are_listed_requeued_and_discarded,
            dead_letters_are_selected_by_number_event_record_and_age,
            thousands_of_dead_letters_are_requeued_each_once,
            an_inbox_chosen_at_run_time_is_closed_for_all_its_clones,
            a_handled_delivery_is_a_duplicate_until_its_retention_is_over,
            depth_counts_deliveries_and_measures_their_age,
            pending_deliveries_notify_workers,
            cancelled_takes_lose_no_delivery,
            deliveries_are_taken_as_they_are_stored
        );
    };
}
pub(crate) use parts;
