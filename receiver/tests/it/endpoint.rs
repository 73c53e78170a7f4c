//! The endpoint over real sockets: 2xx only for durable deliveries, and no details for anybody else.

use crate::gate::Gate;
use crate::support::{QUERY, Reply, Secret, Sender, body, head, serve, until, with};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use xurrent_receiver::inbox::Depth;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::{
    Authenticated, Authenticator, BODY_LIMIT, Inbox, InboxError, RawDelivery, Receiver, ReceiverBuilder,
    Rejection,
};

pub(crate) async fn inbox() -> (SqliteInbox, TempDir) {
    let folder = TempDir::new().unwrap();
    (SqliteInbox::open(folder.path().join("inbox")).await.unwrap(), folder)
}

pub(crate) async fn started(builder: ReceiverBuilder) -> SocketAddr {
    let receiver = builder.build();
    serve(receiver.router("/xurrent").merge(receiver.monitoring())).await
}

pub(crate) async fn sender(address: SocketAddr) -> Sender {
    Sender::connect(address).await.unwrap()
}

#[tokio::test]
async fn a_delivery_is_in_the_inbox_when_the_response_is_200() {
    let (inbox, _folder) = inbox().await;
    let address = started(Receiver::builder(Secret, inbox.clone())).await;
    let mut sender = sender(address).await;
    for (origin, pending) in [("a", 1), ("b", 2), ("a", 2)] {
        assert_eq!(sender.deliver(origin, "r").await.unwrap().status, 200);
        assert_eq!(inbox.depth().await.unwrap().pending, pending, "{origin}");
    }
    let again = "x-xurrent-delivery: c\r\nx-xurrent-delivery-origin: b\r\n";
    assert_eq!(sender.deliver_with(QUERY, again, &body("r")).await.unwrap().status, 200);
    assert_eq!(inbox.depth().await.unwrap().pending, 2);
}

#[tokio::test]
async fn every_rejection_has_the_same_response() {
    let (inbox, _folder) = inbox().await;
    let address = started(Receiver::builder(Secret, inbox.clone())).await;
    let mut sender = sender(address).await;
    let long = format!("x-xurrent-delivery: {}\r\n", "x".repeat(2000));
    let mut replies = Vec::new();
    for (query, headers, body) in [
        ("secret=wrong", "", body("r")),
        ("", "", body("r")),
        (QUERY, "", "not json".to_owned()),
        (QUERY, "", String::new()),
        (QUERY, "", "[1]".to_owned()),
        (QUERY, &*long, body("r")),
        (QUERY, "", body(&"r".repeat(2000))),
    ] {
        let mut reply = sender.deliver_with(query, headers, &body).await.unwrap();
        reply.head = reply.head.lines().filter(|line| !line.starts_with("date")).collect();
        replies.push(reply);
    }
    replies.dedup();
    let [Reply { status, body, .. }] = &replies[..] else { panic!("{replies:?}") };
    assert_eq!((*status, body.as_str()), (403, r#"{"message":"Refused"}"#));
    assert_eq!(inbox.depth().await.unwrap(), Depth::default());
}

#[tokio::test]
async fn other_methods_than_post_get_405() {
    let (inbox, _folder) = inbox().await;
    let address = started(Receiver::builder(Secret, inbox.clone())).await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let mut sender = sender(address).await;
        let head = head(QUERY, "", body("r").len()).replacen("POST", method, 1);
        sender.send((head + &body("r")).as_bytes()).await.unwrap();
        let reply = sender.reply().await.unwrap();
        assert_eq!(reply.status, 405, "{method}");
        assert!(reply.head.contains("allow: post\r\n"), "{}", reply.head);
    }
    assert_eq!(inbox.depth().await.unwrap(), Depth::default());
}

#[tokio::test]
async fn a_body_at_the_limit_is_accepted_and_a_larger_one_gets_413() {
    let (inbox, _folder) = inbox().await;
    let address = started(Receiver::builder(Secret, inbox.clone())).await;
    let fitting = format!("{}{}", body("r"), " ".repeat(BODY_LIMIT - body("r").len()));
    assert_eq!(sender(address).await.deliver_with(QUERY, "", &fitting).await.unwrap().status, 200);

    // Rejected as soon as the length is known.
    let mut announced = sender(address).await;
    announced.send(head(QUERY, "", BODY_LIMIT + 1).as_bytes()).await.unwrap();
    assert_eq!(announced.reply().await.unwrap().status, 413);

    // Without an announced length, rejected once it exceeds the limit.
    let mut endless = sender(address).await;
    let chunked = head(QUERY, "", 0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
    endless.send(chunked.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..5 {
        // The server may close the connection before it has read everything.
        let _ = endless.send(chunk.as_bytes()).await;
    }
    assert_eq!(endless.reply().await.unwrap().status, 413);
    assert_eq!(inbox.depth().await.unwrap().pending, 1);
}

#[tokio::test]
async fn a_slow_body_gets_408_and_an_incomplete_one_is_not_stored() {
    let (inbox, _folder) = inbox().await;
    let builder = Receiver::builder(Secret, inbox.clone()).read_timeout(Duration::from_millis(200));
    let address = started(builder).await;
    let started = Instant::now();
    let mut slow = sender(address).await;
    slow.send(head(QUERY, "", 100).as_bytes()).await.unwrap();
    slow.send(b"{").await.unwrap();
    assert_eq!(slow.reply().await.unwrap().status, 408);
    assert!(started.elapsed() < Duration::from_secs(3));

    let mut cut = sender(address).await;
    cut.send(head(QUERY, "", body("r").len() + 1).as_bytes()).await.unwrap();
    cut.send(body("r").as_bytes()).await.unwrap();
    drop(cut);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(inbox.depth().await.unwrap(), Depth::default());
    assert_eq!(sender(address).await.deliver("a", "r").await.unwrap().status, 200);
}

/// Accepts every delivery id once: the authenticator, and the ids that it has seen.
fn once() -> (impl Authenticator, Arc<Mutex<Vec<String>>>) {
    let all: Arc<Mutex<Vec<String>>> = Arc::default();
    let of_authenticator = Arc::clone(&all);
    let authenticator = with(move |_, headers, body| {
        let accepted = RawDelivery::read(headers, body)?;
        let id = accepted.id.clone().unwrap();
        let mut seen = of_authenticator.lock().unwrap();
        if seen.contains(&id) {
            return Err(Rejection::new("replay", "seen before"));
        }
        seen.push(id.clone());
        let seen = Arc::clone(&of_authenticator);
        let release = async move { seen.lock().unwrap().retain(|seen| *seen != id) };
        Ok(Authenticated::OneTime(accepted, Box::pin(release)))
    });
    (authenticator, all)
}

#[tokio::test]
async fn a_delivery_not_stored_before_the_deadline_gets_503_and_may_be_retried() {
    let (inner, _folder) = inbox().await;
    let (gate, (check, seen)) = (Gate::new(&inner), once());
    let deadline = Duration::from_millis(300);
    let address = started(Receiver::builder(check, gate.clone()).deadline(deadline)).await;
    let mut sender = sender(address).await;
    let start = Instant::now();
    let reply = sender.deliver("a", "r").await.unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (503, r#"{"message":"Try again later"}"#));
    assert!(start.elapsed() >= deadline && start.elapsed() < deadline * 5, "{:?}", start.elapsed());
    until("the check has forgotten it", async || seen.lock().unwrap().is_empty()).await;
    gate.open.add_permits(1);
    assert_eq!(sender.deliver("a", "r").await.unwrap().status, 200);
    assert_eq!(sender.deliver("a", "r").await.unwrap().status, 403, "the second time");
    assert_eq!(inner.depth().await.unwrap().pending, 1);
}

#[tokio::test]
async fn a_sender_that_disconnects_before_the_response_may_retry() {
    let (inner, _folder) = inbox().await;
    let (gate, (check, seen)) = (Gate::new(&inner), once());
    let address = started(Receiver::builder(check, gate.clone())).await;
    let mut leaving = sender(address).await;
    let request = head(QUERY, "x-xurrent-delivery: a\r\n", body("r").len()) + &body("r");
    leaving.send(request.as_bytes()).await.unwrap();
    until("it was checked", async || !seen.lock().unwrap().is_empty()).await;
    drop(leaving);
    until("the check has forgotten it", async || seen.lock().unwrap().is_empty()).await;
    gate.open.add_permits(1);
    assert_eq!(sender(address).await.deliver("a", "r").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_failing_inbox_is_answered_with_503_without_details() {
    let (inner, _folder) = inbox().await;
    let (gate, (check, _)) = (Gate::new(&inner), once());
    gate.open.add_permits(10);
    let address = started(Receiver::builder(check, gate.clone())).await;
    let mut sender = sender(address).await;
    for error in [InboxError::Full, InboxError::Closed] {
        *gate.error.lock().unwrap() = Some(error);
        let reply = sender.deliver("a", "r").await.unwrap();
        assert_eq!((reply.status, reply.body.as_str()), (503, r#"{"message":"Try again later"}"#));
    }
    *gate.error.lock().unwrap() = None;
    assert_eq!(sender.deliver("a", "r").await.unwrap().status, 200);
}

#[tokio::test]
async fn requests_over_the_limit_get_503() {
    let (inner, _folder) = inbox().await;
    let gate = Gate::new(&inner);
    let address = started(Receiver::builder(Secret, gate.clone()).max_concurrent_requests(2)).await;
    let mut senders = Vec::new();
    for number in 0..3 {
        let mut sender = sender(address).await;
        let request = head(QUERY, &format!("x-xurrent-delivery: {number}\r\n"), body("r").len()) + &body("r");
        sender.send(request.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        senders.push(sender);
    }
    assert_eq!(senders[2].reply().await.unwrap().status, 503);
    gate.open.add_permits(3);
    for sender in &mut senders[..2] {
        assert_eq!(sender.reply().await.unwrap().status, 200);
    }
    assert_eq!(senders[2].deliver("2", "r").await.unwrap().status, 200, "below the limit again");
}

#[tokio::test]
async fn a_handshake_confirmed_by_the_authenticator_is_not_stored() {
    let (inbox, _folder) = inbox().await;
    let handshakes = AtomicUsize::new(0);
    // Confirms handshakes, from the second one on.
    let authenticator = with(move |_, headers, body| {
        let accepted = RawDelivery::read(headers, body)?;
        if accepted.event != "webhook.verify" {
            return Ok(Authenticated::Delivery(accepted));
        }
        match handshakes.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Rejection::new("handshake", "the callback failed")),
            _ => Ok(Authenticated::Handshake),
        }
    });
    let address = started(Receiver::builder(authenticator, inbox.clone())).await;
    let mut sender = sender(address).await;
    let handshake = r#"{"webhook_id":1,"object_id":7,"event":"webhook.verify","account":"a","payload":{"callback":"https://a"}}"#;
    assert_eq!(sender.deliver_with("", "", handshake).await.unwrap().status, 403);
    assert_eq!(sender.deliver_with("", "", handshake).await.unwrap().status, 200);
    assert_eq!(inbox.depth().await.unwrap(), Depth::default());
    let other = handshake.replace("webhook.verify", "webhook.verified");
    assert_eq!(sender.deliver_with("", "", &other).await.unwrap().status, 200);
    assert_eq!(inbox.depth().await.unwrap().pending, 1);
}

#[tokio::test]
async fn a_handshake_passed_by_the_authenticator_is_stored() {
    let (inbox, _folder) = inbox().await;
    let address = started(Receiver::builder(Secret, inbox.clone())).await;
    let handshake = r#"{"webhook_id":1,"object_id":7,"event":"webhook.verify","account":"a","payload":{}}"#;
    assert_eq!(sender(address).await.deliver_with(QUERY, "", handshake).await.unwrap().status, 200);
    assert_eq!(inbox.depth().await.unwrap().pending, 1);
}

#[tokio::test]
async fn metrics_count_deliveries_and_health_follows_the_inbox() {
    let (inbox, _folder) = inbox().await;
    let receiver = Receiver::builder(Secret, inbox.clone()).build();
    let public = serve(receiver.router("/xurrent")).await;
    let private = serve(receiver.monitoring()).await;
    let mut webhooks = sender(public).await;
    for origin in ["a", "b", "a"] {
        webhooks.deliver(origin, "r").await.unwrap();
    }
    webhooks.deliver_with("", "", &body("r")).await.unwrap();
    let mut monitor = sender(private).await;
    let health = monitor.get("/health").await.unwrap();
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
    let metrics = monitor.get("/metrics").await.unwrap();
    assert!(metrics.head.contains("content-type: application/openmetrics-text;"), "{}", metrics.head);
    for line in [
        "xurrent_receiver_answers_total{status=\"200\"} 3",
        "xurrent_receiver_answers_total{status=\"403\"} 1",
        "xurrent_receiver_stored_total{result=\"new\"} 2",
        "xurrent_receiver_stored_total{result=\"duplicate\"} 1",
        "xurrent_receiver_refused_total{reason=\"secret\"} 1",
        "xurrent_receiver_answer_time_seconds_count 4",
        "xurrent_receiver_deliveries{state=\"pending\"} 2",
    ] {
        assert!(metrics.body.lines().any(|found| found == line), "{line} in\n{}", metrics.body);
    }

    let worker =
        receiver.worker().max_attempts(1).start(|delivery: xurrent_receiver::QueuedDelivery| async move {
            match delivery.origin_id() {
                Some("a") => Ok(()),
                _ => Err(xurrent_receiver::Failure::retry("no")),
            }
        });
    until("both are handled", async || inbox.depth().await.unwrap().dead == 1).await;
    worker.shutdown(Duration::from_secs(5)).await;
    let metrics = monitor.get("/metrics").await.unwrap().body;
    for line in [
        "xurrent_receiver_handled_total{result=\"done\"} 1",
        "xurrent_receiver_handled_total{result=\"dead\"} 1",
        "xurrent_receiver_deliveries{state=\"pending\"} 0",
        "xurrent_receiver_deliveries{state=\"dead\"} 1",
        "xurrent_receiver_oldest_pending_seconds 0.0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} in\n{metrics}");
    }

    inbox.close().await;
    assert_eq!(monitor.get("/health").await.unwrap().status, 503);
    assert_eq!(webhooks.deliver("c", "r").await.unwrap().status, 503);
    assert_eq!(sender(public).await.get("/metrics").await.unwrap().status, 404, "metrics are not public");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_sent_by_fifty_senders_is_stored_once() {
    let (inbox, _folder) = inbox().await;
    let address = started(Receiver::builder(Secret, inbox.clone())).await;
    let senders: Vec<_> = (0..50)
        .map(|_| tokio::spawn(async move { sender(address).await.deliver("a", "r").await.unwrap().status }))
        .collect();
    for sender in senders {
        assert_eq!(sender.await.unwrap(), 200);
    }
    assert_eq!(inbox.depth().await.unwrap().pending, 1);
}
