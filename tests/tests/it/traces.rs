//! What a call tells `tracing`: one span with what is needed to find it again, and nothing secret.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::log_capture;
use crate::sandboxed::{builder, start, with};
use xurrent::{RequestCreateInput, Upload};
use xurrent_sandbox::Fault;

#[tokio::test]
async fn a_call_is_a_span_and_every_attempt_an_event() {
    let (sandbox, client) = with(|sandbox| sandbox.token("token-7d20c6")).await;
    // The server repeats the token where it can.
    sandbox.faults([Fault::status(429)
        .header("x-request-id", "r-1 token-7d20c6")
        .body(r#"{"message":"token-7d20c6 the-value"}"#)]);
    let (log, guard) = log_capture::begin();
    client.request_create(RequestCreateInput::new().subject("the-value")).await.unwrap();
    drop(guard);
    let log = log.text();
    let ours: Vec<&str> =
        log.lines().filter(|line| line.contains("xurrent{operation=\"requestCreate\"")).collect();
    let find = |parts: &[&str]| {
        let found = ours.iter().any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(found, "{parts:?} in {ours:#?}");
    };
    find(&["response", "attempt=1", "status=429", "r-1 ***"]);
    find(&["WARN", "retrying", "attempt=1", "status=429", "wait_ms="]);
    find(&["response", "attempt=2", "status=200", "cost=1"]);
    find(&[
        "close",
        "operation=\"requestCreate\"",
        "account=\"wdc\"",
        "attempts=2",
        "status=200",
        "cost=1",
        "request_id=",
    ]);
    for secret in ["token-7d20c6", "the-value"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test]
async fn values_of_variables_are_traced_only_on_request() {
    let sandbox = start(|sandbox| sandbox.token("token-7d20c6")).await;
    for is_asked_for in [false, true] {
        let building = builder(&sandbox);
        let client = if is_asked_for { building.trace_variables() } else { building }.build().unwrap();
        let (log, guard) = log_capture::begin();
        let input = RequestCreateInput::new().subject("the-value").note("my token-7d20c6 is");
        client.request_create(input).await.unwrap();
        client.request_create(RequestCreateInput::new().subject("é".repeat(20_000))).await.unwrap();
        drop(guard);
        let log = log.text();
        assert_eq!(log.contains("the-value"), is_asked_for, "{log}");
        assert_eq!(log.contains("my *** is"), is_asked_for, "{log}");
        assert!(!log.contains("token-7d20c6"), "{log}");
        let most = log.lines().map(|line| line.matches('é').count()).max().unwrap();
        assert_eq!(most > 8_000, is_asked_for);
        assert!(most < 8_192, "{most}");
    }
}

#[tokio::test]
async fn the_span_of_an_upload_does_not_contain_the_file() {
    let (sandbox, client) = with(|sandbox| sandbox.token("token-7d20c6")).await;
    sandbox.faults([Fault::status(503).header("x-request-id", "r-1").on_upload()]);
    let (log, guard) = log_capture::begin();
    client.upload(Upload::bytes("the-name.txt", "the-content")).await.unwrap();
    drop(guard);
    let log = log.text();
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("xurrent{operation=\"upload\"")).collect();
    let find = |parts: &[&str]| {
        let found = ours.iter().any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(found, "{parts:?} in {ours:#?}");
    };
    find(&["response", "attempt=1", "status=503", "r-1"]);
    find(&["WARN", "retrying", "attempt=1", "status=503", "wait_ms="]);
    find(&["close", "operation=\"upload\"", "account=\"wdc\"", "attempts=2", "status=201", "size=11"]);
    for secret in ["token-7d20c6", "the-name", "the-content", "X-Amz-Signature", "attachments/5"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
