//! What a client sends and receives when all goes well.

use super::{Server, builder, call, ended, failure, next, ticks};
use serde_json::json;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use xurrent_runtime::ErrorKind;

#[tokio::test]
async fn events_arrive_in_order_until_the_server_has_no_more() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        for number in 0..1_000 {
            peer.next(number).await;
        }
        peer.complete().await;
    })
    .await;
    let mut stream = ticks(&server);
    stream.connect().await.unwrap();
    for number in 0..1_000 {
        assert_eq!(next(&mut stream).await, number);
    }
    ended(&mut stream).await;
    let seen = server.seen.messages();
    let query = "subscription ticked($from: Int!) { ticked(from: $from) { number } }";
    let payload = json!({"operationName": "ticked", "query": query, "variables": {"from": 7}});
    assert_eq!(
        seen[..2],
        [json!({"type": "connection_init"}), json!({"id": "1", "type": "subscribe", "payload": payload})]
    );
    server.seen.wait_for(&json!({"closed": 1000})).await;
    let headers = server.seen.handshakes().remove(0);
    for (name, value) in [
        ("path", "/graphql"),
        ("authorization", "Bearer token-4f1b7a"),
        ("x-account", "wdc"),
        ("sec-websocket-protocol", "graphql-transport-ws"),
    ] {
        assert_eq!(headers[name], value);
    }
    assert!(headers["user-agent"].to_str().unwrap().starts_with("xurrent-runtime/"));
}

#[tokio::test]
async fn pings_of_both_kinds_are_answered_and_sent() {
    let server = Server::start(|mut peer| async move {
        assert_eq!(peer.receive().await.unwrap()["type"], "connection_init");
        peer.send(json!({"type": "ping", "payload": {"at": 1}})).await;
        assert_eq!(peer.receive().await.unwrap(), json!({"type": "pong"}));
        peer.frame(Message::Ping("alive".into())).await;
        peer.send(json!({"type": "connection_ack", "payload": null})).await;
        peer.receive().await.unwrap();
        peer.send(json!({"type": "ping"})).await;
        assert_eq!(peer.receive().await.unwrap(), json!({"type": "pong"}));
        // Three pings of the client in a row: silence between events is no failure.
        for _ in 0..3 {
            assert_eq!(peer.receive().await.unwrap(), json!({"type": "ping"}));
            peer.send(json!({"type": "pong"})).await;
        }
        peer.next(1).await;
        peer.complete().await;
    })
    .await;
    let client = builder(&server.address).ping_interval(Duration::from_millis(60)).build().unwrap();
    let mut stream = call(&client).stream();
    assert_eq!(next(&mut stream).await, 1);
    ended(&mut stream).await;
}

#[tokio::test]
async fn errors_of_an_event_do_not_end_the_stream() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        let errors = json!([{"message": "no tick for token-4f1b7a", "path": ["ticked"]}]);
        for payload in [
            json!({"data": {"ticked": null}, "errors": errors}),
            json!({"data": {"ticked": {"number": "many"}}}),
            json!({"data": {"ticked": {"number": 3}}, "errors": []}),
        ] {
            peer.send(json!({"id": "1", "type": "next", "payload": payload})).await;
        }
        peer.complete().await;
    })
    .await;
    let mut stream = ticks(&server);
    let error = failure(&mut stream).await;
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    assert_eq!(error.request_id(), Some("r-7"));
    assert!(!format!("{error:?} {error}").contains("4f1b7a"), "{error:?}");
    let error = failure(&mut stream).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("ticked.number"), "{error}");
    assert_eq!(next(&mut stream).await, 3);
    ended(&mut stream).await;
}

#[tokio::test]
async fn a_refused_subscription_ends_with_the_errors_of_the_server() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        peer.send(json!({"id": "1", "type": "error", "payload": [{"message": "unknown field `ticked`"}]}))
            .await;
        while peer.receive().await.is_some() {}
    })
    .await;
    let mut stream = ticks(&server);
    let error = failure(&mut stream).await;
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::GraphQl, "`ticked` failed: unknown field `ticked` (request r-7)".to_owned())
    );
    ended(&mut stream).await;
    assert_eq!(server.seen.handshakes().len(), 1);
}

#[tokio::test]
async fn dropping_the_stream_ends_the_subscription_at_the_server() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        peer.next(1).await;
        while peer.receive().await.is_some() {}
    })
    .await;
    let mut stream = ticks(&server);
    assert_eq!(next(&mut stream).await, 1);
    drop(stream);
    server.seen.wait_for(&json!({"id": "1", "type": "complete"})).await;
    server.seen.wait_for(&json!({"closed": 1000})).await;
}

#[tokio::test]
async fn a_stream_that_is_dropped_at_any_await_leaves_the_client_usable() {
    let server = Server::start(|mut peer| async move {
        peer.accept().await;
        for number in 0.. {
            peer.next(number).await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    let client = builder(&server.address).build().unwrap();
    for delay in 0..30 {
        let mut stream = call(&client).stream();
        let limit = Duration::from_micros(delay * 200);
        // Also cancels waits for an event: none is lost by that.
        let mut expected = 0;
        while let Ok(event) = tokio::time::timeout(limit, stream.try_next()).await {
            assert_eq!(event.unwrap().unwrap().number, expected);
            expected += 1;
            if expected > 3 {
                break;
            }
        }
    }
    let mut stream = call(&client).stream();
    assert_eq!(next(&mut stream).await, 0);
}
