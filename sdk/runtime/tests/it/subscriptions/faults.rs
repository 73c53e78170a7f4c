//! Servers and networks that fail.

use super::server::Server;
use super::{builder, call, ended, failure, next, ticks};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::Message;
use xurrent_runtime::{ErrorKind, RetryPolicy};

#[tokio::test]
async fn a_cut_connection_is_a_gap_and_the_stream_goes_on() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        let first = peer.number as i64 * 10;
        peer.next(first).await;
        peer.next(first + 1).await;
        if peer.number == 2 {
            peer.complete().await;
        }
    })
    .await;
    let mut stream = ticks(&server);
    for first in [0, 10, 20] {
        assert_eq!((next(&mut stream).await, next(&mut stream).await), (first, first + 1));
        if first < 20 {
            let gap = failure(&mut stream).await;
            assert_eq!(gap.kind(), ErrorKind::Interrupted);
            assert!(gap.to_string().starts_with("`ticked` was interrupted for "), "{gap}");
        }
    }
    ended(&mut stream).await;
}

#[tokio::test]
async fn gaps_can_be_ignored() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        peer.next(peer.number as i64).await;
        if peer.number == 1 {
            peer.complete().await;
        }
    })
    .await;
    let mut stream = call(&builder(&server.address).build().unwrap()).ignore_gaps().stream();
    assert_eq!((next(&mut stream).await, next(&mut stream).await), (0, 1));
    ended(&mut stream).await;
}

#[tokio::test]
async fn a_server_that_restarts_is_found_again() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        peer.next(1).await;
        std::future::pending::<()>().await;
    })
    .await;
    let address = server.address.clone();
    let mut stream = ticks(&server);
    assert_eq!(next(&mut stream).await, 1);
    server.stop().await;
    let restarted = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        Server::on(&address, |mut peer| async move {
            peer.accept().await;
            peer.next(2).await;
            peer.complete().await;
        })
        .await
    });
    assert!(failure(&mut stream).await.is_interrupted());
    assert_eq!(next(&mut stream).await, 2);
    ended(&mut stream).await;
    restarted.await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_gone_is_given_up_after_the_attempts_of_the_policy() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        peer.next(1).await;
        std::future::pending::<()>().await;
    })
    .await;
    let client = builder(&server.address).build().unwrap();
    let mut stream = call(&client).retry(RetryPolicy::new().max_attempts(2)).stream();
    assert_eq!(next(&mut stream).await, 1);
    server.stop().await;
    let error = failure(&mut stream).await;
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Transport, 2));
    ended(&mut stream).await;
}

#[tokio::test]
async fn connections_that_are_of_no_use_are_given_up() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
    })
    .await;
    let client = builder(&server.address).build().unwrap();
    let mut stream = call(&client).retry(RetryPolicy::new().max_attempts(3)).ignore_gaps().stream();
    assert_eq!(failure(&mut stream).await.kind(), ErrorKind::Transport);
    ended(&mut stream).await;
    assert_eq!(server.seen.handshakes().len(), 3);
}

#[tokio::test]
async fn silence_is_a_lost_connection() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        peer.next(peer.number as i64).await;
        match peer.number {
            0 => std::future::pending().await,
            _ => peer.complete().await,
        }
    })
    .await;
    let client = builder(&server.address).ping_interval(Duration::from_millis(100)).build().unwrap();
    let mut stream = call(&client).stream();
    assert_eq!(next(&mut stream).await, 0);
    let gap = failure(&mut stream).await;
    assert!(format!("{gap:#}").contains("the server has been silent for 200ms"), "{gap:#}");
    assert_eq!(next(&mut stream).await, 1);
}

#[tokio::test]
async fn a_server_that_does_not_acknowledge_is_a_timeout() {
    let server = Server::start(|mut peer| async move { while peer.receive().await.is_some() {} }).await;
    let client = builder(&server.address).acknowledge_timeout(Duration::from_millis(200)).build().unwrap();
    let mut stream = call(&client).retry(RetryPolicy::never()).stream();
    let error = failure(&mut stream).await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("time limit of 200ms"), "{error}");
    ended(&mut stream).await;
}

#[tokio::test]
async fn malformed_messages_end_the_stream() {
    for message in [
        Message::text("{"),
        Message::text("[]"),
        Message::text(r#"{"type":"data"}"#),
        Message::text(r#"{"type":"next","id":"2","payload":{"data":null}}"#),
        Message::text(r#"{"type":"next","id":"1"}"#),
        Message::text(r#"{"type":"connection_ack"}"#),
        Message::text("Bearer token-4f1b7a"),
        Message::binary(vec![1, 2, 3]),
    ] {
        let server = Server::start(move |mut peer| {
            let message = message.clone();
            async move {
                peer.accept().await;
                peer.frame(message).await;
                while peer.receive().await.is_some() {}
            }
        })
        .await;
        let mut stream = ticks(&server);
        let error = failure(&mut stream).await;
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert!(!format!("{error:?}").contains("4f1b7a"), "{error:?}");
        ended(&mut stream).await;
        server.seen.wait_for(&json!({"closed": 4400})).await;
        assert_eq!(server.seen.handshakes().len(), 1);
    }
}

#[tokio::test]
async fn malformed_frames_are_a_lost_connection() {
    // A reserved opcode, a fragment of nothing, text that is not UTF-8, a masked frame, a cut frame.
    let frames: [&[u8]; 5] =
        [&[0x83, 0], &[0x80, 1, b'a'], &[0x81, 1, 0xff], &[0x81, 0x81, 1, 2, 3, 4, 0], &[0x81, 126]];
    for frame in frames {
        let server = Server::start(move |mut peer| async move {
            peer.accept().await;
            if peer.number == 0 {
                peer.bytes().write_all(frame).await.unwrap();
                peer.bytes().shutdown().await.unwrap();
            }
            peer.next(1).await;
            peer.complete().await;
        })
        .await;
        let mut stream = ticks(&server);
        assert!(failure(&mut stream).await.is_interrupted());
        assert_eq!(next(&mut stream).await, 1);
    }
}

#[tokio::test]
async fn a_huge_message_ends_the_stream_before_it_is_read() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        // A frame that announces 2 GiB.
        peer.bytes().write_all(&[0x81, 127, 0, 0, 0, 0, 0x80, 0, 0, 0]).await.unwrap();
        while peer.receive().await.is_some() {}
    })
    .await;
    let client = builder(&server.address).max_event_size(1_000).build().unwrap();
    let mut stream = call(&client).stream();
    let error = failure(&mut stream).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.to_string().contains("more than 1000 bytes: ask for less, or raise `max_event_size`"),
        "{error}"
    );
    ended(&mut stream).await;
}

#[tokio::test]
async fn a_flood_waits_for_the_consumer() {
    let (sender, mut sent) = tokio::sync::watch::channel(0);
    let server = Server::start(move |mut peer| {
        let sender = sender.clone();
        async move {
            peer.accept().await;
            let text = "x".repeat(10_000);
            for number in 0..3_000 {
                let payload = json!({"data": {"ticked": {"number": number}}, "extensions": text});
                peer.send(json!({"id": "1", "type": "next", "payload": payload})).await;
                sender.send_replace(number);
            }
            peer.complete().await;
        }
    })
    .await;
    let client = builder(&server.address)
        .max_event_size(100_000)
        .ping_interval(Duration::from_millis(200))
        .build()
        .unwrap();
    let mut stream = call(&client).stream();
    assert_eq!(next(&mut stream).await, 0);
    // The server stops sending: what is on its way are the buffers of sockets, not all 30 MB. Time passes without that
    // the client takes the server for silent.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let before = *sent.borrow_and_update();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(*sent.borrow(), before);
    assert!(before < 2_000, "{before}");
    let start = Instant::now();
    for number in 1..3_000 {
        assert_eq!(next(&mut stream).await, number);
    }
    ended(&mut stream).await;
    assert!(start.elapsed() < Duration::from_secs(60));
}
