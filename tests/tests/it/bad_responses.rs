//! Invalid responses: broken, truncated, not JSON, of another type.

#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use xurrent::{Client, Error, ErrorKind, Person, RetryPolicy};

const TOKEN: &str = "secret-token-5b1f";

/// Answers every request with these bytes and closes the connection.
async fn server(answer: Vec<u8>) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !String::from_utf8_lossy(&request).trim_end().ends_with("}}") {
                let mut chunk = [0; 4096];
                match stream.read(&mut chunk).await {
                    Ok(count) if count > 0 => request.extend_from_slice(&chunk[..count]),
                    _ => break,
                }
            }
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    });
    client(&url)
}

/// A client that sends everything once.
fn client(url: &str) -> Client {
    let builder = Client::builder().account("wdc").endpoints(url, url).personal_access_token(TOKEN);
    builder.retry(RetryPolicy::never()).build().unwrap()
}

fn http(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nx-request-id: req-42\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}

fn json(body: &str) -> Vec<u8> {
    http("200 OK", "application/json; charset=utf-8", body)
}

async fn me(answer: Vec<u8>) -> Result<Option<Person>, Error> {
    let result = server(answer).await.me().await;
    if let Err(error) = &result {
        assert!(!format!("{error} {error:?} {error:#?}").contains(TOKEN), "a secret in {error:?}");
    }
    result
}

async fn refused(answer: Vec<u8>, kind: ErrorKind, parts: &[&str]) -> Error {
    let error = me(answer).await.unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
    error
}

#[tokio::test]
async fn null_is_not_an_error() {
    assert!(me(json(r#"{"data":{"me":null}}"#)).await.unwrap().is_none());
    assert!(
        me(json(r#"{"errors":[],"data":{"me":null}}"#)).await.unwrap().is_none(),
        "an empty list is no error"
    );
    assert!(
        me(json(r#" {"extensions":{},"data":{"other":1,"me":null},"errors":null} "#))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn every_status_has_its_error_kind() {
    let html = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let error = refused(
        http("502 Bad Gateway", "text/html", html),
        ErrorKind::Status,
        &["502", "not JSON", "Bad Gateway", "req-42"],
    )
    .await;
    assert_eq!((error.status(), error.request_id()), (Some(502), Some("req-42")));
    let message = r#"{"message":"Too many requests","documentation_url":"x"}"#;
    refused(
        http("429 Too Many Requests", "application/json", message),
        ErrorKind::RateLimited,
        &["429", "Too many requests"],
    )
    .await;
    refused(
        http("403 Forbidden", "application/json", r#"{"message":"No."}"#),
        ErrorKind::Unauthorized,
        &["403", "No."],
    )
    .await;
    refused(http("503 Service Unavailable", "text/plain", ""), ErrorKind::Status, &["503", "empty body"])
        .await;
    refused(
        http("200 OK", "text/html", "<p>Sign in</p>"),
        ErrorKind::Status,
        &["200", "not JSON", "Sign in"],
    )
    .await;
    let long = "x".repeat(100_000);
    let error =
        refused(http("500 Internal Server Error", "text/plain", &long), ErrorKind::Status, &["500", "…"])
            .await;
    assert!(error.to_string().len() < 400);
    let moved =
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/steal\r\nContent-Length: 0\r\n\r\n"
            .to_vec();
    refused(moved, ErrorKind::Status, &["307"]).await;
}

#[tokio::test]
async fn all_graphql_errors_come_first() {
    let body = r#"{"data":{"me":{"id":"1"}},"errors":[{"message":"Missing required scope(s): person:Read","path":["me","nodes",0,"name"],"extensions":{"a":1}},{"message":"Other","path":"me"},{"message":"Third"}]}"#;
    let error = refused(
        json(body),
        ErrorKind::GraphQl,
        &["me.nodes.0.name: Missing required scope(s): person:Read; me: Other; Third"],
    )
    .await;
    assert_eq!(error.errors().len(), 3);
    assert_eq!(error.errors()[0].path, ["me", "nodes", "0", "name"]);
    assert_eq!(error.partial_data(), Some(r#"{"me":{"id":"1"}}"#));
    let error =
        refused(json(r#"{"errors":[{"message":"No"}],"data":null}"#), ErrorKind::GraphQl, &["No"]).await;
    assert_eq!(error.partial_data(), None);
    refused(json(r#"{"errors":[{"message":"No"}]}"#), ErrorKind::GraphQl, &["No"]).await;
}

#[tokio::test]
async fn responses_that_do_not_match_the_schema() {
    refused(json(r#"{"data":null}"#), ErrorKind::Decode, &["`me`", "neither data nor errors", "req-42"])
        .await;
    refused(json("{}"), ErrorKind::Decode, &["neither data nor errors"]).await;
    refused(json("[]"), ErrorKind::Decode, &["expected a GraphQL response, found an array"]).await;
    refused(json(""), ErrorKind::Decode, &["EOF"]).await;
    refused(json(r#"{"data":{}}"#), ErrorKind::Decode, &["me: the field is missing"]).await;
    refused(json(r#"{"data":{"me":null}} x"#), ErrorKind::Decode, &["trailing"]).await;
    let error = refused(
        json(r#"{"data":{"me":{"id":7}}}"#),
        ErrorKind::Decode,
        &["me.id: expected ID, found a number (in Person)", "req-42"],
    )
    .await;
    assert_eq!(error.decode_error().unwrap().object(), Some("Person"));
    refused(
        json(r#"{"data":{"me":{"id":"1"}}}"#),
        ErrorKind::Decode,
        &["me.account: the field is missing (in Person)"],
    )
    .await;
    refused(json(r#"{"data":{"me":{"id":"1"#), ErrorKind::Decode, &["EOF"]).await;
}

#[tokio::test]
async fn broken_connections() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\nx-request-id: req-42\r\n\r\n{\"data\":".to_vec();
    refused(cut, ErrorKind::Transport, &["127.0.0.1", "req-42"]).await;
    refused(Vec::new(), ErrorKind::Transport, &["127.0.0.1"]).await;
    refused(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(), ErrorKind::Transport, &["127.0.0.1"]).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = client(&url).me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    let text = format!("{error:#}");
    assert!(text.contains("127.0.0.1 could not be reached") && text.contains("refused"), "{text}");
}

#[tokio::test]
async fn a_pagination_loop_ends() {
    let page = r#"{"data":{"people":{"pageInfo":{"hasNextPage":true,"endCursor":"again"},"nodes":[null]}}}"#;
    let client = server(json(page)).await;
    let error =
        tokio::time::timeout(Duration::from_secs(20), client.people().all()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Pagination);
    assert!(error.to_string().contains("`people`") && error.to_string().contains("\"again\""), "{error}");
    for end_cursor in ["null", "\"\""] {
        let page = page.replace("\"again\"", end_cursor);
        let error = server(json(&page)).await.people().all().await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Pagination, Some("req-42")));
        assert!(error.to_string().contains("`people` has more pages"), "{error}");
    }
}

#[tokio::test]
async fn an_oversized_error_response_keeps_its_status() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 999999999\r\n\r\n").await;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        }
    });
    let builder = Client::builder().account("wdc").endpoints(&url, &url).personal_access_token(TOKEN);
    let client = builder.retry(RetryPolicy::never()).max_response_size(1_000).build().unwrap();
    let error = client.me().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(418)), "{error}");
    assert!(error.to_string().contains("not JSON: xxx"), "{error}");
}

#[tokio::test]
async fn a_request_id_that_contains_the_token_is_redacted_even_in_a_broken_response() {
    for length in [2, 500] {
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             x-request-id: r-{TOKEN}\r\n\r\n{{}}"
        );
        let error = me(answer.into_bytes()).await.unwrap_err();
        assert_eq!(error.request_id(), Some("r-***"));
    }
}

#[test]
fn configuration_errors() {
    let refusal = |account: Option<&str>, endpoints: Option<(&str, &str)>, token: Option<&str>| {
        let mut builder = Client::builder();
        if let Some(account) = account {
            builder = builder.account(account);
        }
        if let Some((graphql, token)) = endpoints {
            builder = builder.endpoints(graphql, token);
        }
        if let Some(token) = token {
            builder = builder.personal_access_token(token);
        }
        assert!(!format!("{builder:?}").contains(TOKEN));
        match builder.build() {
            Ok(client) => format!("accepted {client:?}"),
            Err(error) => {
                assert!(error.is_configuration());
                error.to_string()
            }
        }
    };
    let good = ("https://graphql.xurrent.com", "https://oauth.xurrent.com/token");
    let accepted = refusal(Some("wdc"), Some(good), Some(TOKEN));
    assert!(accepted.starts_with("accepted") && !accepted.contains(TOKEN), "{accepted}");
    for (result, part) in [
        (refusal(None, Some(good), Some(TOKEN)), "no account"),
        (refusal(Some(" "), Some(good), Some(TOKEN)), "the account is empty"),
        (refusal(Some("w d\r\nc"), Some(good), Some(TOKEN)), "invalid account"),
        (refusal(Some("wdc"), None, Some(TOKEN)), "no location"),
        (refusal(Some("wdc"), Some(good), None), "no credentials"),
        (refusal(Some("wdc"), Some(good), Some("")), "the personal access token is empty"),
        (refusal(Some("wdc"), Some(good), Some("a\nb")), "no HTTP header can hold"),
        (refusal(Some("wdc"), Some(("http://graphql.xurrent.com", good.1)), Some(TOKEN)), "unencrypted"),
        (refusal(Some("wdc"), Some((good.0, "http://oauth.xurrent.com/token")), Some(TOKEN)), "unencrypted"),
        (refusal(Some("wdc"), Some(("http://127.0.0.1.example.com", good.1)), Some(TOKEN)), "unencrypted"),
        (refusal(Some("wdc"), Some(("ftp://x", good.1)), Some(TOKEN)), "use https"),
        (refusal(Some("wdc"), Some(("graphql.xurrent.com", good.1)), Some(TOKEN)), "invalid URL"),
        (refusal(Some("wdc"), Some(("https://a:b@x.com", good.1)), Some(TOKEN)), "user name"),
    ] {
        assert!(result.contains(part), "{part:?} is not in {result:?}");
    }
}
