//! What each close code means.

use super::server::Server;
use super::{builder, call, ended, failure, next, ticks};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use xurrent_runtime::{ErrorKind, RetryPolicy};

#[tokio::test]
async fn close_codes_that_do_not_change_end_the_stream() {
    let code = Arc::new(AtomicU16::new(0));
    let of_server = Arc::clone(&code);
    let server = Server::start(move |mut peer| {
        let code = of_server.load(Ordering::SeqCst);
        async move {
            peer.accept().await;
            peer.next(1).await;
            peer.close(code, "because of token-4f1b7a").await;
        }
    })
    .await;
    for (number, (close, kind)) in [
        (4400, ErrorKind::Status),
        (4401, ErrorKind::Unauthorized),
        (4403, ErrorKind::Unauthorized),
        (4409, ErrorKind::Status),
        (4500, ErrorKind::Status),
        (3000, ErrorKind::Unauthorized),
        (1008, ErrorKind::Status),
    ]
    .into_iter()
    .enumerate()
    {
        code.store(close, Ordering::SeqCst);
        let mut stream = ticks(&server);
        assert_eq!(next(&mut stream).await, 1);
        let error = failure(&mut stream).await;
        assert_eq!((error.kind(), error.status()), (kind, Some(close).filter(|code| *code >= 3000)));
        let text = format!("{error} {error:?}");
        assert!(text.contains(&format!("with {close}: because of")) && !text.contains("4f1b7a"), "{text}");
        ended(&mut stream).await;
        assert_eq!(server.seen.handshakes().len(), number + 1);
    }
}

#[tokio::test]
async fn other_close_codes_are_a_lost_connection() {
    for code in [1000, 1001, 1011, 1012, 4408, 4429, 4499] {
        let server = Server::start(move |mut peer| async move {
            peer.accept().await;
            peer.next(peer.number as i64).await;
            match peer.number {
                0 => peer.close(code, "").await,
                _ => peer.complete().await,
            }
        })
        .await;
        let mut stream = ticks(&server);
        assert_eq!(next(&mut stream).await, 0);
        let gap = failure(&mut stream).await;
        assert!(gap.is_interrupted() && format!("{gap:#}").contains(&format!("with {code}")), "{gap:#}");
        assert_eq!(next(&mut stream).await, 1);
        ended(&mut stream).await;
    }
}

#[tokio::test]
async fn a_refused_connection_is_an_error_with_its_code() {
    let server = Server::start(|mut peer| async move {
        peer.receive().await;
        peer.close(4403, "Forbidden").await;
    })
    .await;
    let mut stream = ticks(&server);
    let error = stream.connect().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(4403)));
    assert_eq!(error.to_string(), "the server closed the subscription with 4403: Forbidden (request r-7)");
    ended(&mut stream).await;
    assert!(stream.connect().await.unwrap_err().is_configuration());
}

#[tokio::test]
async fn without_retries_a_lost_connection_ends_the_stream() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        peer.next(1).await;
    })
    .await;
    let client = builder(&server.address).build().unwrap();
    let mut stream = call(&client).retry(RetryPolicy::never()).stream();
    assert_eq!(next(&mut stream).await, 1);
    assert_eq!(failure(&mut stream).await.kind(), ErrorKind::Transport);
    ended(&mut stream).await;
    assert_eq!(server.seen.messages()[0], json!({"type": "connection_init"}));
}
