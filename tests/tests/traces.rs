//! What a call tells `tracing`: one span with what is needed to find it again, and nothing secret.

#![allow(clippy::unwrap_used, missing_docs)]

mod sandboxed;

use sandboxed::with;
use std::io;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::format::FmtSpan;
use xurrent::{RequestCreateInput, Upload};
use xurrent_sandbox::Fault;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged until the guard is dropped.
fn record() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn a_call_is_a_span_and_every_attempt_an_event() {
    let (sandbox, client) = with(|sandbox| sandbox.token("token-7d20c6")).await;
    // The server repeats the token where it can.
    sandbox.faults([Fault::status(429)
        .header("x-request-id", "r-1 token-7d20c6")
        .body(r#"{"message":"token-7d20c6 the-value"}"#)]);
    let (log, guard) = record();
    client.request_create(RequestCreateInput::new().subject("the-value")).await.unwrap();
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
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

#[tokio::test]
async fn an_upload_is_a_span_without_the_file() {
    let (sandbox, client) = with(|sandbox| sandbox.token("token-7d20c6")).await;
    sandbox.faults([Fault::status(503).header("x-request-id", "r-1").on_upload()]);
    let (log, guard) = record();
    client.upload(Upload::bytes("the-name.txt", "the-content")).await.unwrap();
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("xurrent_runtime::upload")).collect();
    let find = |parts: &[&str]| {
        let found = ours.iter().any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(found, "{parts:?} in {ours:#?}");
    };
    find(&["answered", "attempt=1", "status=503", "r-1"]);
    find(&["WARN", "will be sent again", "attempt=1", "status=503", "wait_ms="]);
    find(&["close", "operation=\"upload\"", "account=\"wdc\"", "attempts=2", "status=201", "size=11"]);
    for secret in ["token-7d20c6", "the-name", "the-content", "X-Amz-Signature", "attachments/5"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
