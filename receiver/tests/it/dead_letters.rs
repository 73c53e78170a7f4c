//! The contract of every inbox: dead letters, and closing.

use crate::contract::{all, one, origins, store};
use crate::support::delivery;
use futures_util::stream::{self, StreamExt};
use std::sync::Arc;
use std::time::{Duration, Instant};
use xurrent_receiver::inbox::{DeadLetterFilter, Depth, Outcome, Stored, Take};
use xurrent_receiver::{Inbox, InboxError};

pub(crate) async fn dead_letters_are_listed_requeued_and_discarded(inbox: impl Inbox + Clone) {
    store(&inbox, &[("a", "r"), ("b", "r"), ("c", "r")]).await;
    for taken in inbox.take(all()).await.unwrap().taken {
        let reason = format!("no {}", taken.delivery.origin.as_deref().unwrap());
        assert!(inbox.settle(taken.lease, Outcome::Dead { reason }).await.unwrap());
    }
    assert!(inbox.take(all()).await.unwrap().taken.is_empty());
    assert_eq!(inbox.depth().await.unwrap(), Depth { dead: 3, ..Depth::default() });
    let first = inbox.dead_letters(DeadLetterFilter::all(), None, 2).await.unwrap();
    let rest =
        inbox.dead_letters(DeadLetterFilter::all(), Some(first[1].delivery.queue_id), 2).await.unwrap();
    let letters: Vec<_> = first.iter().chain(&rest).collect();
    assert_eq!(
        letters.iter().map(|letter| letter.reason.as_str()).collect::<Vec<_>>(),
        ["no a", "no b", "no c"]
    );
    assert_eq!(letters[2].delivery.body, delivery("c", "r").body, "the body is unchanged");

    let [a, b, c] = [0, 1, 2].map(|index| letters[index].delivery.queue_id);
    assert_eq!(inbox.requeue(a.into()).await.unwrap(), 1);
    assert_eq!(inbox.requeue(a.into()).await.unwrap(), 0);
    assert_eq!(inbox.discard(b.into()).await.unwrap(), 1);
    assert_eq!(inbox.discard(b.into()).await.unwrap(), 0);
    assert_eq!(inbox.requeue(b.into()).await.unwrap(), 0);
    let batch = inbox.take(all()).await.unwrap();
    assert_eq!((origins(&batch), batch.taken[0].delivery.attempt), (vec!["a"], 1));
    assert_eq!(inbox.dead_letters(DeadLetterFilter::all(), None, 9).await.unwrap()[0].delivery.queue_id, c);
    assert_eq!(inbox.store(delivery("b", "r")).await.unwrap(), Stored::Duplicate);
}

pub(crate) async fn dead_letters_are_selected_by_number_event_record_and_age(inbox: impl Inbox + Clone) {
    let events = ["request.create", "request.update", "requestx.update", "task.create"];
    let mut between = Instant::now();
    for (number, event) in events.into_iter().enumerate() {
        if number == 2 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            between = Instant::now();
            tokio::time::sleep(Duration::from_millis(1_500)).await;
        }
        let mut delivery = delivery(event, &format!("r{}", number % 2));
        delivery.event = event.to_owned();
        inbox.store(delivery).await.unwrap();
    }
    for taken in inbox.take(all()).await.unwrap().taken {
        assert!(inbox.settle(taken.lease, Outcome::Dead { reason: "no".to_owned() }).await.unwrap());
    }
    let selected = async |filter| {
        let letters = inbox.dead_letters(filter, None, 9).await.unwrap();
        letters.into_iter().map(|letter| letter.delivery.event.clone()).collect::<Vec<_>>()
    };
    let any = DeadLetterFilter::all;
    assert_eq!(selected(any()).await, events);
    assert_eq!(selected(any().event("request.*")).await, events[..2]);
    assert_eq!(selected(any().event("request.update")).await, events[1..2]);
    assert_eq!(selected(any().record("r1")).await, ["request.update", "task.create"]);
    assert_eq!(selected(any().record("r1").event("task.*")).await, ["task.create"]);
    assert_eq!(selected(any().older_than(between.elapsed())).await, events[..2]);
    for nothing in ["", "*", "request", "%", "request._pdate"] {
        assert!(selected(any().event(nothing)).await.is_empty(), "{nothing:?}");
    }
    assert!(selected(DeadLetterFilter::ids([])).await.is_empty(), "no number selects nothing");
    let numbers: Vec<_> = inbox.dead_letters(any(), None, 9).await.unwrap();
    let numbers: Vec<_> = numbers.iter().map(|letter| letter.delivery.queue_id).collect();
    assert_eq!(selected(DeadLetterFilter::ids([numbers[3], numbers[0]])).await, [events[0], events[3]]);

    let depths = inbox.depth_by_event().await.unwrap();
    assert_eq!(depths.keys().collect::<Vec<_>>(), events.iter().collect::<Vec<_>>());
    assert!(depths.values().all(|depth| *depth == Depth { dead: 1, ..Depth::default() }), "{depths:?}");
    assert_eq!(inbox.discard(any().record("r1")).await.unwrap(), 2);
    assert_eq!(inbox.requeue(any()).await.unwrap(), 2);
    let depths = inbox.depth_by_event().await.unwrap();
    assert!(depths.values().all(|depth| depth.pending == 1 && depth.oldest.is_some()), "{depths:?}");
}

/// More than the number that one transaction changes.
pub(crate) async fn thousands_of_dead_letters_are_requeued_each_once(inbox: impl Inbox + Clone) {
    const MANY: u64 = 2_050;
    let stored = (0..MANY).map(|number| inbox.store(delivery(&number.to_string(), "r")));
    let stored = stream::iter(stored).buffer_unordered(64).map(Result::unwrap).count().await;
    assert_eq!(stored as u64, MANY);
    let taken = inbox.take(Take { limit: usize::MAX, ..all() }).await.unwrap().taken;
    let dead = taken.iter().map(|taken| inbox.settle(taken.lease, Outcome::Dead { reason: "no".to_owned() }));
    assert!(stream::iter(dead).buffer_unordered(64).map(Result::unwrap).all(async |dead| dead).await);
    assert_eq!(inbox.requeue(DeadLetterFilter::all()).await.unwrap(), MANY);
    assert_eq!(inbox.requeue(DeadLetterFilter::all()).await.unwrap(), 0);
    assert_eq!(inbox.depth().await.unwrap().pending, MANY);
}

pub(crate) async fn an_inbox_chosen_at_run_time_is_closed_for_all_its_clones(inbox: impl Inbox + Clone) {
    let chosen: Arc<dyn Inbox> = Arc::new(inbox.clone());
    store(&chosen, &[("a", "r")]).await;
    assert_eq!(one(&inbox).await.delivery.origin.as_deref(), Some("a"));
    chosen.close().await;
    for closed in [&chosen, &(Arc::new(inbox) as Arc<dyn Inbox>)] {
        assert!(matches!(closed.store(delivery("b", "r")).await, Err(InboxError::Closed)));
    }
    chosen.close().await;
}
