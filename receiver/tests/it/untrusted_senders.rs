//! Untrusted senders: they cannot block the server, exhaust its memory, or flood its log.

use crate::endpoint::{inbox, sender, started};
use crate::gate::Gate;
use crate::support::{QUERY, Secret, Sender, body, head, serve, until, with};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use xurrent_receiver::{Authenticated, BODY_LIMIT, Inbox, RawDelivery, Receiver, Rejection, Server};

const FOR_EVER: Duration = Duration::from_secs(60 * 60);

/// Starts a server, and returns how to stop it.
async fn serving(server: Server) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(server.serve(listener, async move { drop(stopped.await) }));
    (address, stop, served)
}

async fn half_a_head(address: SocketAddr) -> Sender {
    let mut sender = sender(address).await;
    sender.send(b"POST /xurrent HTTP/1.1\r\nHost: te").await.unwrap();
    sender
}

async fn half_a_body(address: SocketAddr) -> Sender {
    let mut sender = sender(address).await;
    sender.send((head(QUERY, "", 100) + "{").as_bytes()).await.unwrap();
    sender
}

#[tokio::test]
async fn slow_bodies_do_not_displace_real_deliveries() {
    let (inbox, _folder) = inbox().await;
    let builder = Receiver::builder(Secret, inbox.clone()).max_concurrent_requests(2);
    let address = started(builder.deadline(FOR_EVER).read_timeout(FOR_EVER)).await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        slow.push(half_a_body(address).await);
    }
    assert_eq!(sender(address).await.deliver("a", "r").await.unwrap().status, 200);
    // The slowest senders are evicted, and their memory is freed.
    let given_up = tokio::time::timeout(Duration::from_secs(20), slow[0].reply()).await;
    assert_eq!(given_up.unwrap().unwrap().status, 408);
}

#[tokio::test]
async fn the_body_limit_can_be_set() {
    let (inbox, _folder) = inbox().await;
    for (limit, length, status) in [
        (BODY_LIMIT * 2, BODY_LIMIT * 2, 200),
        (BODY_LIMIT * 2, BODY_LIMIT * 2 + 1, 413),
        (1_000, 1_000, 200),
        (1_000, 1_001, 413),
    ] {
        let address = started(Receiver::builder(Secret, inbox.clone()).body_limit(limit)).await;
        let body = format!("{}{}", body("r"), " ".repeat(length - body("r").len()));
        assert_eq!(sender(address).await.deliver_with(QUERY, "", &body).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn slow_and_endless_heads_are_closed() {
    let (inbox, _folder) = inbox().await;
    let receiver = Receiver::builder(Secret, inbox).build();
    let server = Server::new(receiver.router("/xurrent")).head_timeout(Duration::from_millis(300));
    let (address, _stop, _served) = serving(server).await;
    let (mut half, mut silent) = (half_a_head(address).await, sender(address).await);
    let mut real = sender(address).await;
    assert_eq!(real.deliver("a", "r").await.unwrap().status, 200);
    for sender in [&mut half, &mut silent, &mut real] {
        let closed = tokio::time::timeout(Duration::from_secs(20), sender.reply()).await;
        assert!(closed.unwrap().is_err());
    }
    let mut endless = sender(address).await;
    let header = format!("x-endless: {}\r\n", "x".repeat(8_000));
    let _ = endless.send(head(QUERY, &header.repeat(20), 0).as_bytes()).await;
    assert!(endless.reply().await.is_ok_and(|reply| reply.status == 431) || endless.reply().await.is_err());
}

#[tokio::test]
async fn slow_connections_are_closed_for_new_ones() {
    let (inner, _folder) = inbox().await;
    let gate = Gate::new(&inner);
    let builder = Receiver::builder(Secret, gate.clone()).deadline(FOR_EVER).read_timeout(FOR_EVER);
    let server = Server::new(builder.build().router("/xurrent")).head_timeout(FOR_EVER).max_connections(4);
    let (address, _stop, _served) = serving(server).await;
    let mut waiting = sender(address).await;
    let request = head(QUERY, "x-xurrent-delivery: first\r\n", body("r").len()) + &body("r");
    waiting.send(request.as_bytes()).await.unwrap();
    let mut strangers = Vec::new();
    for number in 0..20 {
        strangers.push(match number % 3 {
            0 => half_a_head(address).await,
            1 => half_a_body(address).await,
            _ => sender(address).await,
        });
    }
    gate.open.add_permits(10);
    assert_eq!(sender(address).await.deliver("a", "r").await.unwrap().status, 200);
    assert_eq!(
        waiting.reply().await.unwrap().status,
        200,
        "a connection that waits for its response is not closed"
    );
    assert_eq!(inner.depth().await.unwrap().pending, 2);
}

#[tokio::test]
async fn a_shutdown_answers_complete_requests_and_closes_incomplete_ones() {
    let (inner, _folder) = inbox().await;
    let gate = Gate::new(&inner);
    let builder = Receiver::builder(Secret, gate.clone()).deadline(FOR_EVER).read_timeout(FOR_EVER);
    let server = Server::new(builder.build().router("/xurrent")).head_timeout(FOR_EVER).grace(FOR_EVER);
    let (address, stop, served) = serving(server).await;
    let (_head, _body, _silent) =
        (half_a_head(address).await, half_a_body(address).await, sender(address).await);
    let mut waiting = sender(address).await;
    let request = head(QUERY, "x-xurrent-delivery: a\r\n", body("r").len()) + &body("r");
    waiting.send(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(!served.is_finished());
    gate.open.add_permits(1);
    assert_eq!(waiting.reply().await.unwrap().status, 200);
    tokio::time::timeout(Duration::from_secs(30), served).await.unwrap().unwrap();
    assert!(Sender::connect(address).await.is_err());
}

#[tokio::test]
async fn a_shutdown_ends_with_its_grace_period() {
    let (inner, _folder) = inbox().await;
    let gate = Gate::new(&inner);
    let receiver = Receiver::builder(Secret, gate.clone()).deadline(FOR_EVER).build();
    let server = Server::new(receiver.router("/xurrent")).grace(Duration::from_millis(300));
    let (address, stop, served) = serving(server).await;
    let mut waiting = sender(address).await;
    let request = head(QUERY, "x-xurrent-delivery: a\r\n", body("r").len()) + &body("r");
    waiting.send(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(30), served).await.unwrap().unwrap();
    assert!(waiting.reply().await.is_err());
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_rejection_is_one_log_line_and_senders_can_neither_flood_nor_forge_lines() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let (inbox, _folder) = inbox().await;
    // Rejects everything, with text from the sender.
    let quoting = with(|_, headers, body| match &body[..] {
        b"" => Err(Rejection::new("unsigned", "there is no token")),
        [b'{', ..] => RawDelivery::read(headers, body).map(Authenticated::Delivery),
        text => Err(Rejection::new("token", format!("issuer {}", String::from_utf8_lossy(text)))),
    });
    let receiver = Receiver::builder(quoting, inbox).build();
    let mut sender = sender(serve(receiver.router("/xurrent")).await).await;
    let forged = format!("a\r\n2026-01-01T00:00:00Z ERROR \u{1b}[31mforged\u{202e}{}", "x".repeat(50_000));
    for _ in 0..200 {
        assert_eq!(sender.deliver_with(QUERY, "", &forged).await.unwrap().status, 403);
    }
    let private = r#"{"event":["private note"]}"#;
    for text in ["", private] {
        assert_eq!(sender.deliver_with("token=correct-horse", "", text).await.unwrap().status, 403);
    }
    until("all is written", async || String::from_utf8_lossy(&lines.0.lock().unwrap()).contains("malformed"))
        .await;
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let of = |reason: &str| {
        let reason = format!("reason=\"{reason}\"");
        text.lines().filter(|line| line.contains("delivery rejected") && line.contains(&reason)).count()
    };
    assert!((1..=10).contains(&of("token")), "{text}");
    assert_eq!((of("unsigned"), of("malformed")), (1, 1), "{text}");
    assert!(text.lines().all(|line| line.len() < 2_000 && !line.starts_with("2026-01-01")), "{text}");
    for never in ["\u{1b}", "\u{202e}", "correct-horse", "private note"] {
        assert!(!text.contains(never), "{never:?} in {text}");
    }
}
