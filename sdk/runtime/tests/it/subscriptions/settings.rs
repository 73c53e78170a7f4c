//! Endpoints, tokens and payloads.

use super::server::Server;
use super::{TOKEN, builder, call, failure, next};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use xurrent_runtime::{Client, ErrorKind, Hook, MemoryTransport, RequestStart, Result, RetryPolicy, reqwest};

async fn ticking() -> Server {
    Server::start(|mut peer| async move {
        peer.accept().await;
        peer.next(1).await;
        peer.complete().await;
    })
    .await
}

#[tokio::test]
async fn the_endpoint_of_subscriptions_can_be_another_one() {
    let server = ticking().await;
    let client = Client::builder()
        .endpoint("https://api.example.com/graphql")
        .subscription_endpoint(format!("ws://{}/events", server.address))
        .personal_access_token(TOKEN)
        .build()
        .unwrap();
    assert_eq!(next(&mut call(&client).stream()).await, 1);
    assert_eq!(server.seen.handshakes()[0]["path"], "/events");
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let builder = || Client::builder().endpoint("https://api.example.com").personal_access_token(TOKEN);
    for (builder, message) in [
        (builder().subscription_endpoint("ws://api.example.com"), "would send the token unencrypted"),
        (builder().subscription_endpoint("ftp://api.example.com"), "unsupported scheme \"ftp\""),
        (builder().subscription_endpoint("events"), "invalid URL"),
        (builder().connection_payload(r#"{"key": secret-4711"#), "`connection_payload` is not JSON"),
        (builder().connection_payload("[]"), "`connection_payload` is not a JSON object"),
        (builder().max_event_size(0), "`max_event_size` is 0"),
        (builder().ping_interval(Default::default()), "`ping_interval` is zero"),
        (builder().acknowledge_timeout(Default::default()), "`acknowledge_timeout` is zero"),
    ] {
        let error = builder.build().unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(message), "{error}");
        assert!(!format!("{error:?}").contains("4711"), "{error:?}");
    }
    assert!(builder().subscription_endpoint("wss://api.example.com/events").build().is_ok());
}

#[tokio::test]
async fn the_payload_has_the_token_and_is_redacted() {
    let server = Server::start(|mut peer| async move {
        peer.receive().await;
        peer.close(4400, "what is secret-4711 for?").await;
    })
    .await;
    let client = builder(&server.address)
        .connection_payload(r#"{"headers": {"Authorization": "Bearer {token}"}, "key": "secret-4711"}"#)
        .build()
        .unwrap();
    let error = failure(&mut call(&client).stream()).await;
    assert!(!format!("{error:?} {error}").contains("4711"), "{error}");
    let payload = json!({"headers": {"Authorization": "Bearer token-4f1b7a"}, "key": "secret-4711"});
    assert_eq!(server.seen.messages()[0], json!({"type": "connection_init", "payload": payload}));
}

#[tokio::test]
async fn an_expired_token_is_renewed_without_the_end_of_the_stream() {
    let issued: Vec<String> = (1..=3)
        .map(|number| format!(r#"{{"access_token": "issued-{number}", "token_type": "bearer"}}"#))
        .collect();
    let tokens = answers(issued.iter().map(|body| answer("200 OK", body)).collect()).await;
    let server = Server::start(|mut peer| async move {
        if peer.number == 0 {
            peer.receive().await;
            return peer.close(4401, "Unauthorized").await;
        }
        peer.accept().await;
        peer.next(peer.number as i64).await;
        match peer.number {
            1 => peer.close(4401, "token expired").await,
            _ => peer.complete().await,
        }
    })
    .await;
    let client = Client::builder()
        .endpoint(format!("http://{}", server.address))
        .token_endpoint(format!("http://{tokens}/token"))
        .client_credentials("id", "secret-of-a-client")
        .build()
        .unwrap();
    let mut stream = call(&client).stream();
    assert_eq!(next(&mut stream).await, 1);
    assert!(failure(&mut stream).await.is_interrupted());
    assert_eq!(next(&mut stream).await, 2);
    let tokens: Vec<_> =
        server.seen.handshakes().iter().map(|headers| headers["authorization"].clone()).collect();
    assert_eq!(tokens, ["Bearer issued-1", "Bearer issued-2", "Bearer issued-3"]);
}

/// The text of a response.
fn answer(head: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {head}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A server that answers each connection with one of these, in order, whatever it is asked.
async fn answers(answers: Vec<String>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut chunk = [0; 4096];
            assert!(stream.read(&mut chunk).await.unwrap() > 0);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn responses_that_open_no_websocket_are_errors() {
    let cases = [
        ("200 OK", ErrorKind::Status, "set `subscription_endpoint`"),
        ("404 Not Found", ErrorKind::Status, "the server answered 404 Not Found"),
        ("401 Unauthorized", ErrorKind::Unauthorized, "401"),
        ("429 Too Many Requests", ErrorKind::RateLimited, "429"),
        ("101 Switching Protocols", ErrorKind::Decode, "to another protocol than WebSocket"),
        (
            "101 Switching Protocols\r\nupgrade: websocket\r\nsec-websocket-accept: no",
            ErrorKind::Decode,
            "`sec-websocket-accept` is wrong",
        ),
    ];
    let address = answers(cases.iter().map(|(head, ..)| answer(head, "{}")).collect()).await;
    for (head, kind, message) in cases {
        let client = builder(&address).retry(RetryPolicy::never()).build().unwrap();
        let error = failure(&mut call(&client).stream()).await;
        assert_eq!(error.kind(), kind, "{head}: {error}");
        assert!(error.to_string().contains(message), "{head}: {error}");
    }
}

#[tokio::test]
async fn a_server_of_another_sub_protocol_is_refused() {
    use tokio_tungstenite::accept_async;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = accept_async(stream).await;
        }
    });
    let client = builder(&address).build().unwrap();
    let error = failure(&mut call(&client).stream()).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.to_string().contains("has not selected the sub-protocol `graphql-transport-ws`"),
        "{error}"
    );
}

#[tokio::test]
async fn an_http_client_of_the_user_s_own_needs_one_for_subscriptions() {
    let server = ticking().await;
    let client = builder(&server.address).http_client(reqwest::Client::builder()).build().unwrap();
    let error = failure(&mut call(&client).stream()).await;
    assert!(error.is_configuration() && error.to_string().contains("`subscription_http_client`"), "{error}");
    let client = builder(&server.address)
        .http_client(reqwest::Client::builder())
        .subscription_http_client(reqwest::Client::builder().user_agent("mine"))
        .build()
        .unwrap();
    assert_eq!(next(&mut call(&client).stream()).await, 1);
    assert_eq!(server.seen.handshakes()[0]["user-agent"], "mine");
}

#[tokio::test]
async fn hooks_see_connections_and_add_headers() {
    struct Trace;
    impl Hook for Trace {
        fn before_request(&self, request: &mut RequestStart<'_>) -> Result<()> {
            assert_eq!(request.operation(), Some("ticked"));
            request.add_header("traceparent", "00-1-2-3")
        }
    }
    let server = ticking().await;
    let client = builder(&server.address).hook(Trace).build().unwrap();
    assert_eq!(next(&mut call(&client).stream()).await, 1);
    assert_eq!(server.seen.handshakes()[0]["traceparent"], "00-1-2-3");
}

#[tokio::test]
async fn the_transport_in_memory_answers_with_events() {
    let transport = MemoryTransport::new(|_| json!({"data": null}));
    let client = Client::builder().personal_access_token(TOKEN).transport(transport.clone()).build().unwrap();
    assert!(failure(&mut call(&client).stream()).await.to_string().contains(".with_events(..)"));
    let transport = transport.with_events(|request| {
        let from = request.variables["from"].as_i64().unwrap();
        (from..from + 3).map(|number| json!({"data": {"ticked": {"number": number}}})).collect()
    });
    let mut stream = call(&client).stream();
    let mut numbers = Vec::new();
    while let Some(tick) = stream.try_next().await.unwrap() {
        numbers.push(tick.number);
    }
    assert_eq!(numbers, [7, 8, 9]);
    assert_eq!(transport.requests()[0].operation, "ticked");
}

#[test]
fn without_a_runtime_a_stream_fails() {
    let client =
        Client::builder().personal_access_token(TOKEN).endpoint("https://api.example.com").build().unwrap();
    let mut stream = call(&client).stream();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let error = match std::pin::pin!(stream.try_next()).poll(&mut context) {
        std::task::Poll::Ready(Err(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(error.is_configuration() && error.to_string().contains("no Tokio runtime"), "{error}");
}
