//! Failing inboxes: no response is 200 unless the delivery is durable, and health and metrics report it.

use crate::endpoint::{inbox, sender};
use crate::support::{Secret, Sender, body, delivery, drained, serve};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{Outcome, Take};
use xurrent_receiver::{Inbox, Receiver};

async fn health(monitor: &mut Sender) -> (u16, String) {
    let reply = monitor.get("/health").await.unwrap();
    (reply.status, reply.body)
}

#[tokio::test]
async fn health_fails_while_a_delivery_of_recent_size_does_not_fit() {
    for size in [1_000, 60_000] {
        let folder = TempDir::new().unwrap();
        let file = SqliteInbox::builder(folder.path().join("inbox")).max_size(1 << 20);
        let inbox = file.open().await.unwrap();
        let receiver = Receiver::builder(Secret, inbox.clone()).build();
        let mut sender = sender(serve(receiver.router("/xurrent").merge(receiver.monitoring())).await).await;
        let large = format!("{}{}", body("r"), " ".repeat(size));
        assert_eq!(health(&mut sender).await.0, 200);
        while sender.deliver_with(crate::support::QUERY, "", &large).await.unwrap().status == 200 {}
        for _ in 0..3 {
            assert_eq!(health(&mut sender).await, (503, "the inbox is full\n".to_owned()), "{size}");
        }
        let take = Take { limit: 9, lease: Duration::from_secs(60), in_order: false };
        let first = inbox.take(take).await.unwrap().taken;
        for taken in first {
            inbox.settle(taken.lease, Outcome::Done).await.unwrap();
        }
        for _ in 0..3 {
            assert_eq!(health(&mut sender).await.0, if size > 10_000 { 200 } else { 503 }, "{size}");
        }
    }
}

#[tokio::test]
async fn counters_stay_available_while_the_inbox_fails() {
    let (inbox, _folder) = inbox().await;
    let receiver = Receiver::builder(Secret, inbox.clone()).build();
    let mut sender = sender(serve(receiver.router("/xurrent").merge(receiver.monitoring())).await).await;
    sender.deliver("a", "r").await.unwrap();
    let before = sender.get("/metrics").await.unwrap();
    for line in ["xurrent_receiver_inbox_up 1", "xurrent_receiver_deliveries{state=\"pending\"} 1"] {
        assert!(before.body.lines().any(|found| found == line), "{line} in\n{}", before.body);
    }
    inbox.close().await;
    assert_eq!(sender.deliver("b", "r").await.unwrap().status, 503);
    let after = sender.get("/metrics").await.unwrap();
    assert_eq!(after.status, 200);
    for line in [
        "xurrent_receiver_inbox_up 0",
        "xurrent_receiver_answers_total{status=\"200\"} 1",
        "xurrent_receiver_answers_total{status=\"503\"} 1",
    ] {
        assert!(after.body.lines().any(|found| found == line), "{line} in\n{}", after.body);
    }
    assert!(!after.body.contains("xurrent_receiver_deliveries"), "the content of the inbox is unknown");
    assert!(after.body.ends_with("# EOF\n"));
}

#[tokio::test]
async fn deliveries_get_503_after_the_file_was_deleted_or_replaced_and_stored_ones_are_handled() {
    type Incident = fn(&Path);
    let incidents: [Incident; 4] = [
        |file| std::fs::remove_file(file).unwrap(),
        |file| std::fs::remove_file(file.with_file_name("inbox-wal")).unwrap(),
        |file| std::fs::rename(file, file.with_file_name("elsewhere")).unwrap(),
        |file| {
            std::fs::copy(file, file.with_file_name("copy")).unwrap();
            std::fs::rename(file.with_file_name("copy"), file).unwrap();
        },
    ];
    for (number, incident) in incidents.iter().enumerate() {
        let (inbox, folder) = inbox().await;
        let receiver = Receiver::builder(Secret, inbox.clone()).build();
        let mut sender = sender(serve(receiver.router("/xurrent").merge(receiver.monitoring())).await).await;
        assert_eq!(sender.deliver("a", "r").await.unwrap().status, 200);
        assert_eq!(health(&mut sender).await.0, 200);
        incident(&folder.path().join("inbox"));
        for origin in ["a", "b"] {
            assert_eq!(sender.deliver(origin, "r").await.unwrap().status, 503, "{number}");
        }
        let (status, words) = health(&mut sender).await;
        assert!(status == 503 && words.contains("was deleted or replaced"), "{number}: {words}");
        let worker = receiver.worker().start(|_| async { Ok(()) });
        drained(&inbox).await;
        worker.shutdown(Duration::from_secs(5)).await;
    }
}

#[tokio::test]
async fn a_reopened_file_counts_as_in_place() {
    let (inbox, folder) = inbox().await;
    inbox.close().await;
    for number in 0..2 {
        let inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
        inbox.store(delivery(&number.to_string(), "r")).await.unwrap();
        inbox.probe().await.unwrap();
        inbox.close().await;
    }
}
