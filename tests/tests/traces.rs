//! What a call tells `tracing`: one span with what is needed to find it again, and nothing secret.

#![allow(clippy::unwrap_used, missing_docs)]

mod sandboxed;
mod traced;

use sandboxed::with;
use xurrent::RequestCreateInput;
use xurrent_sandbox::Fault;

#[tokio::test]
async fn a_call_is_a_span_and_every_attempt_an_event() {
    let (sandbox, client) = with(|sandbox| sandbox.token("token-7d20c6")).await;
    // The server repeats the token where it can.
    sandbox.faults([Fault::status(429)
        .header("x-request-id", "r-1 token-7d20c6")
        .body(r#"{"message":"token-7d20c6 the-value"}"#)]);
    let (log, guard) = traced::begin();
    client.request_create(RequestCreateInput::new().subject("the-value")).await.unwrap();
    drop(guard);
    let log = log.text();
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("xurrent_runtime::exchange")).collect();
    let find = |parts: &[&str]| {
        let found = ours.iter().any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(found, "{parts:?} in {ours:#?}");
    };
    find(&["answered", "attempt=1", "status=429", "r-1 ***"]);
    find(&["WARN", "will be sent again", "attempt=1", "status=429", "wait_ms="]);
    find(&["answered", "attempt=2", "status=200", "cost=1"]);
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
