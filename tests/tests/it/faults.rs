//! What a client does when the server or the network fails, over real sockets.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::{builder, start};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use xurrent::{Client, Error, ErrorKind, RequestCreateInput, RetryPolicy};
use xurrent_sandbox::{Fault, Sandbox};

/// Every fault, and whether the request is executed, and whether its answer says that it was not.
fn every_fault() -> Vec<(Fault, bool, bool)> {
    vec![
        (Fault::status(429).header("retry-after", "1"), false, true),
        (Fault::status(429), false, true),
        (Fault::status(500), false, false),
        (Fault::status(502).header("content-type", "text/html").body("<h1>Bad Gateway</h1>"), false, false),
        (Fault::status(503).header("Retry-After", "1"), false, false),
        (Fault::status(504).body(""), false, false),
        (Fault::cut_before(), false, false),
        (Fault::cut_after(), true, false),
        (Fault::cut_body(), true, false),
        (Fault::content_type("text/html"), true, false),
        (Fault::errors(["out of order"]), true, false),
        (Fault::none().delayed(Duration::from_millis(150)), true, false),
        (Fault::slow_body(Duration::from_millis(150)), true, false),
    ]
}

/// How many requests with this subject there are.
fn stored(sandbox: &Sandbox, subject: &str) -> u64 {
    let query = json!({
        "query": "query($s: String!) { requests(view: all, filter: { subject: { values: [$s] } }) { totalCount } }",
        "variables": { "s": subject },
    });
    let answer = sandbox.engine().execute(&query);
    answer["data"]["requests"]["totalCount"].as_u64().unwrap_or_else(|| unreachable!("{answer}"))
}

#[tokio::test]
async fn queries_survive_transient_faults() {
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).build().unwrap();
    for fault in [
        Fault::status(429).header("retry-after", "1"),
        Fault::status(502).header("content-type", "text/html").body("<h1>Bad Gateway</h1>"),
        Fault::status(503),
        Fault::status(504).body(""),
        Fault::cut_before(),
        Fault::cut_after(),
        Fault::cut_body(),
    ] {
        sandbox.faults([fault.clone()]);
        let before = sandbox.arrivals().len();
        let me = client.me().await;
        assert!(me.is_ok(), "{fault:?}: {me:?}");
        assert_eq!(sandbox.arrivals().len() - before, 2, "{fault:?}");
    }
}

#[tokio::test]
async fn permanent_failures_are_not_retried() {
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).build().unwrap();
    for (fault, kind) in [
        (Fault::status(500), ErrorKind::Status),
        (Fault::status(404), ErrorKind::Status),
        (Fault::content_type("text/html"), ErrorKind::Status),
        (Fault::errors(["out of order"]), ErrorKind::GraphQl),
    ] {
        sandbox.faults([fault.clone()]);
        let before = sandbox.arrivals().len();
        assert_eq!(client.me().await.unwrap_err().kind(), kind, "{fault:?}");
        assert_eq!(sandbox.arrivals().len() - before, 1, "{fault:?}");
    }
    sandbox.faults([Fault::errors(["out of order"])]);
    let partial = client.me().allow_partial().await.unwrap();
    assert!(partial.data.unwrap().is_some());
    assert_eq!(partial.errors[0].message, "out of order");
}

#[tokio::test]
async fn no_mutation_is_executed_twice_under_any_fault() {
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).build().unwrap();
    for (number, (fault, is_executed, is_refused)) in every_fault().into_iter().enumerate() {
        let subject = format!("Number {number}");
        sandbox.faults([fault.clone()]);
        let result = client.request_create(RequestCreateInput::new().subject(&subject)).await;
        let expected = u64::from(is_executed || is_refused);
        assert_eq!(stored(&sandbox, &subject), expected, "{fault:?}: {result:?}");
        assert!(result.is_err() || expected == 1, "{fault:?}: {result:?}");
        assert!(result.is_ok() || !is_refused, "{fault:?}: {result:?}");
    }
    // The same through a document that is not known to be a query.
    let document = "mutation($s: String!) { requestCreate(input: { subject: $s }) { request { id } } }";
    for (number, fault) in [Fault::cut_after(), Fault::cut_body(), Fault::status(503)].into_iter().enumerate()
    {
        let subject = format!("Raw {number}");
        sandbox.faults([fault]);
        assert!(client.raw(document, json!({ "s": subject })).await.is_err());
        assert!(stored(&sandbox, &subject) <= 1);
    }
    assert_eq!(sandbox.faults_left(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_mutations_under_faults_are_executed_at_most_once() {
    let sandbox = start(|it| it).await;
    let faults = every_fault().into_iter().flat_map(|(fault, ..)| [fault, Fault::none()]);
    sandbox.faults(faults);
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    let calls: Vec<_> = (0..30)
        .map(|number| {
            let client = client.clone();
            let input = RequestCreateInput::new().subject(format!("Crowd {number}"));
            tokio::spawn(async move { client.request_create(input).await.map(|_| ()) })
        })
        .collect();
    for (number, call) in calls.into_iter().enumerate() {
        let (result, stored) = (call.await.unwrap(), stored(&sandbox, &format!("Crowd {number}")));
        assert!(stored <= 1, "{number}: {result:?}");
        assert!(result.is_err() || stored == 1, "{number}: {result:?}");
    }
}

#[tokio::test]
async fn an_unreachable_server_executed_nothing() {
    // A port that nobody listens on, until the sandbox does.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/graphql");
    let client = Client::builder()
        .account("wdc")
        .endpoints(&url, &url)
        .personal_access_token(xurrent_sandbox::DEMO_TOKEN)
        .retry(RetryPolicy::new().max_attempts(9).max_wait(Duration::from_secs(60)))
        .build()
        .unwrap();
    let call = tokio::spawn(async move {
        client.request_create(RequestCreateInput::new().subject("Early")).await.map(|_| ())
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let sandbox = start(|it| it.port(port)).await;
    call.await.unwrap().unwrap();
    assert_eq!(stored(&sandbox, "Early"), 1);
}

#[tokio::test]
async fn a_slow_body_is_read_until_its_end_or_the_time_limit() {
    let sandbox = start(|it| it.latency(Duration::from_millis(20))).await;
    let client = builder(&sandbox).build().unwrap();
    sandbox.faults([
        Fault::slow_body(Duration::from_millis(300)),
        Fault::slow_body(Duration::from_secs(20)),
        Fault::none().delayed(Duration::from_secs(20)),
    ]);
    assert!(client.me().await.unwrap().is_some());
    let hasty = RetryPolicy::new().time_limit(Duration::from_millis(300));
    for _ in 0..2 {
        let start = Instant::now();
        let error: Error = client.me().retry(hasty).await.unwrap_err();
        // The limit, and what a busy machine adds.
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Timeout, 1));
        assert!(error.to_string().contains("time limit of 300ms"), "{error}");
    }
    assert!(client.me().await.unwrap().is_some());
}

#[tokio::test]
async fn calls_cancelled_anywhere_leave_the_client_usable() {
    let sandbox = start(|it| it.latency(Duration::from_millis(2))).await;
    let client = Client::builder()
        .account(sandbox.account())
        .endpoints(sandbox.graphql_url(), sandbox.token_url())
        .client_credentials(sandbox.client_id(), sandbox.client_secret())
        .rate_limit(8, Duration::from_millis(100))
        .build()
        .unwrap();
    let faults = every_fault().into_iter().map(|(fault, ..)| fault);
    sandbox.faults(faults);
    for number in 0..80_u64 {
        let subject = format!("Given up {number}");
        let call = client.request_create(RequestCreateInput::new().subject(&subject)).send();
        let _ = timeout(Duration::from_millis(number * 7 % 61), call).await;
        if number == 40 {
            sandbox.revoke_tokens();
        }
    }
    // What is under way may still arrive.
    tokio::time::sleep(Duration::from_millis(500)).await;
    for number in 0..80 {
        assert!(stored(&sandbox, &format!("Given up {number}")) <= 1, "{number}");
    }
    for _ in 0..10 {
        assert!(client.me().await.unwrap().is_some());
    }
}

#[tokio::test]
async fn pagination_continues_after_a_fault() {
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).build().unwrap();
    let all = client.people().all().await.unwrap().len();
    sandbox.faults([Fault::none(), Fault::cut_body(), Fault::none(), Fault::status(503)]);
    assert_eq!(client.people().page_size(all.div_ceil(4)).all().await.unwrap().len(), all);
    assert_eq!(sandbox.faults_left(), 0);
}

#[tokio::test]
async fn a_failing_token_request_is_retried() {
    let sandbox =
        start(|it| it.faults([Fault::status(503).on_token_call(), Fault::cut_after().on_token_call()])).await;
    let client = Client::builder()
        .account(sandbox.account())
        .endpoints(sandbox.graphql_url(), sandbox.token_url())
        .client_credentials(sandbox.client_id(), sandbox.client_secret())
        .build()
        .unwrap();
    client.request_create(RequestCreateInput::new().subject("With a token")).await.unwrap();
    assert_eq!(stored(&sandbox, "With a token"), 1);
}
