//! How requests travel: timeouts, proxies, a client of the user's own, and the size of answers.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::{builder, start};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use xurrent::{
    Client, ClientBuilder, ErrorKind, MemoryTransport, RequestCreateInput, RetryPolicy, Stage, reqwest,
};
use xurrent_sandbox::{Fault, Sandbox};

const ME: &str = r#"{"data":{"me":null}}"#;

/// `{"data":{"me":null},"extensions":"xxx.."}` with 100,000 times `x`, by gzip.
#[rustfmt::skip]
const PACKED: &[u8] = &[
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xed, 0xc1, 0xb1, 9, 0xc0, 0x20, 0x10, 0, 0xc0, 0x5d, 0xbe,
    0xce, 4, 0x6e, 0x23, 0xc4, 0x22, 0x60, 0x4c, 0xa1, 1, 0x41, 0xdc, 0x3d, 0x6b, 0xa4, 0xb8, 0xbb,
    0x15, 0x67, 0x1e, 0x39, 0xd2, 0x8a, 0xbb, 0x44, 0x6a, 0x6f, 0xad, 0xfb, 0x88, 0x32, 0x47, 0x69,
    0xfd, 0x7a, 0x5a, 0x8f, 0x14, 0x13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0xad, 0xd8, 0x1f, 0xed, 0xa0, 0x41, 0x71, 0xc4, 0x86, 1, 0,
];

/// A server that gives every request this answer, and what it was sent.
async fn server(answer: impl Into<Vec<u8>>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (requests, answer) = (Arc::new(Mutex::new(Vec::new())), answer.into());
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 64 * 1024];
            let mut length = 0;
            let is_whole = |request: &[u8]| match request.starts_with(b"CONNECT") {
                true => request.ends_with(b"\r\n\r\n"),
                false => request.ends_with(b"}"),
            };
            while !is_whole(&bytes[..length]) {
                match stream.read(&mut bytes[length..]).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => length += count,
                }
            }
            seen.lock().unwrap().push(String::from_utf8_lossy(&bytes[..length]).into_owned());
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    });
    (address, requests)
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: r-77\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}

fn at(url: &str) -> ClientBuilder {
    Client::builder()
        .account("wdc")
        .endpoints(format!("{url}/graphql"), format!("{url}/token"))
        .personal_access_token("token-4f1b7a")
        .retry(RetryPolicy::never())
}

/// How many requests with this subject there are.
fn stored(sandbox: &Sandbox, subject: &str) -> u64 {
    let query = serde_json::json!({
        "query": "query($s: String!) { requests(view: all, filter: { subject: { values: [$s] } }) { totalCount } }",
        "variables": { "s": subject },
    });
    sandbox.engine().execute(&query)["data"]["requests"]["totalCount"].as_u64().unwrap()
}

#[tokio::test]
async fn a_proxy_receives_every_request_and_its_password_is_redacted() {
    let (proxy, seen) = server(ok(ME)).await;
    let url = format!("http://user-1c9d:pass%2Fword-88@{proxy}");
    let building = at("http://api.example.invalid").allow_plain_http().proxy(url.clone());
    let shown = format!("{building:?}");
    let client = building.build().unwrap();
    assert!(client.me().await.unwrap().is_none());
    let request = seen.lock().unwrap().concat();
    assert!(request.starts_with("POST http://api.example.invalid/graphql"), "{request}");
    // `user-1c9d:pass/word-88`
    assert!(request.contains("Basic dXNlci0xYzlkOnBhc3Mvd29yZC04OA=="), "{request}");

    let (refusing, _) =
        server("HTTP/1.1 407 Proxy Authentication Required\r\nconnection: close\r\n\r\n").await;
    let refused = at("https://api.example.invalid").proxy(url.replace(&proxy, &refusing)).build().unwrap();
    let error = refused.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    let shown = format!("{shown} {client:?} {refused:?} {error} {error:?}");
    for bad in ["user-1c9d:pass/word@", "ftp://user-1c9d:pass%2Fword-88@host", "http://user-1c9d:word-88@"] {
        let error = at("https://a.example.com").proxy(bad).build().unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("the proxy"), "{error}");
        assert!(!format!("{error} {error:?}").contains("word"), "{error}");
    }
    for secret in ["user-1c9d", "word-88", "dXNlci0x", "token-4f1b7a"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn a_custom_http_client_is_used_without_redirects() {
    let sandbox = start(|it| it).await;
    let own = || {
        let everywhere = reqwest::redirect::Policy::limited(10);
        reqwest::Client::builder().user_agent("nightly-export/1.0").redirect(everywhere)
    };
    let client = builder(&sandbox).http_client(own()).build().unwrap();
    client.me().await.unwrap();
    let agent = ("user-agent".to_owned(), "nightly-export/1.0".to_owned());
    assert!(sandbox.requests()[0].headers.contains(&agent));

    let (elsewhere, carried) = server(ok(ME)).await;
    for status in [301, 302, 303, 307, 308] {
        let moved =
            format!("HTTP/1.1 {status} Moved\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
        let (here, _) = server(moved).await;
        for building in [at(&format!("http://{here}")), at(&format!("http://{here}")).http_client(own())] {
            let error = building.build().unwrap().me().await.unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(status)));
        }
    }
    assert!(carried.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_request_ends_at_its_timeout() {
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).request_timeout(Duration::from_millis(200)).build().unwrap();
    sandbox.faults([
        Fault::none().delayed(Duration::from_secs(20)),
        Fault::slow_body(Duration::from_secs(20)),
        Fault::none().delayed(Duration::from_secs(20)),
    ]);
    let start = Instant::now();
    // A query is sent again; each request has its own time.
    let error = client.me().retry(RetryPolicy::new().max_attempts(2)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Timeout, 2), "{error}");
    assert!(error.to_string().contains("in time"), "{error}");
    let error = client.request_create(RequestCreateInput::new().subject("Late")).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Timeout, 1), "{error}");
    assert!(!error.is_not_executed(), "it may still be executed");
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(client.me().await.unwrap().is_some());
}

#[tokio::test]
async fn connecting_ends_at_its_timeout_with_nothing_sent() {
    // It accepts connections and never says hello.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let client = at(&url).connect_timeout(Duration::from_millis(100)).build().unwrap();
    let start = Instant::now();
    let twice = RetryPolicy::new().max_attempts(2);
    let call = client.request_create(RequestCreateInput::new().subject("Early")).retry(twice);
    let error = call.await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Timeout, 2), "{error}");
    assert!(error.is_not_executed(), "{error}");
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn a_response_that_is_too_large_is_rejected_with_its_request_id() {
    let large = format!(r#"{{"data":{{"me":null}},"extensions":"{}"}}"#, "x".repeat(5_000));
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: r-77\r\nconnection: close\r\n";
    let endless =
        format!("{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    // It announces what never comes.
    let announced = format!("{head}content-length: 9000000000000\r\n\r\n{{");
    for answer in [ok(&large), endless.clone(), announced.clone()] {
        let (address, requests) = server(answer).await;
        let client = at(&format!("http://{address}")).max_response_size(5_000).retry(RetryPolicy::new());
        let error = client.build().unwrap().me().await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Decode, Some("r-77")), "{error}");
        assert!(error.to_string().contains("more than 5000 bytes"), "{error}");
        // The next answer would not be smaller.
        assert_eq!(requests.lock().unwrap().len(), 1);
    }
    for (size, fits) in [(large.len(), true), (large.len() - 1, false)] {
        let (address, _) = server(ok(&large)).await;
        let client = at(&format!("http://{address}")).max_response_size(size as u64).build().unwrap();
        assert_eq!(client.me().await.is_ok(), fits);
    }
    // What counts is what was packed.
    let packed = [
        format!("{head}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n", PACKED.len()).into_bytes(),
        PACKED.to_vec(),
    ];
    for (size, fits) in [(100_036, true), (100_035, false)] {
        let (address, _) = server(packed.concat()).await;
        let client = at(&format!("http://{address}")).max_response_size(size).build().unwrap();
        assert_eq!(client.me().await.is_ok(), fits, "{size}");
    }
    let (address, _) = server(announced).await;
    let default = at(&format!("http://{address}")).build().unwrap().me().await.unwrap_err();
    assert!(default.to_string().contains("more than 268435456 bytes"), "{default}");

    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).max_response_size(20).build().unwrap();
    let error = client.request_create(RequestCreateInput::new().subject("Once")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(stored(&sandbox, "Once"), 1);
}

#[test]
fn invalid_settings_are_rejected_by_build() {
    let zero = Duration::ZERO;
    let building = || Client::builder().account("wdc").stage(Stage::Qa).personal_access_token("t");
    let memory = || MemoryTransport::new(|_| serde_json::json!({}));
    for (building, part) in [
        (building().connect_timeout(zero), "connect_timeout"),
        (building().request_timeout(zero), "request_timeout"),
        (building().transport(memory()).request_timeout(zero), "request_timeout"),
        (building().max_response_size(0), "max_response_size"),
        (building().proxy("proxy.example.com:3128"), "proxy"),
        (building().proxy(""), "proxy"),
        (building().proxy("ftp://proxy.example.com"), "proxy"),
        (building().transport(memory()).proxy("http://proxy.example.com"), "`proxy`"),
        (building().transport(memory()).http_client(reqwest::Client::builder()), "`http_client`"),
        (building().transport(memory()).max_response_size(5), "`max_response_size`"),
        (building().transport(memory()).connect_timeout(Duration::from_secs(1)), "`connect_timeout`"),
    ] {
        let error = building.build().unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(part), "{part}: {error}");
    }
    assert!(building().proxy("socks5://proxy.example.com").build().is_ok());
    let good = building().proxy("http://proxy.example.com:3128").http_client(reqwest::Client::builder());
    assert!(good.connect_timeout(Duration::from_secs(1)).max_response_size(1).build().is_ok());
}
