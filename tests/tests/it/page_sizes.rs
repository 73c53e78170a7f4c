//! Pages that the server refuses as too large are requested again with a smaller size.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::in_memory;
use crate::log_capture;
use crate::sandboxed::with;
use serde_json::{Value, json};
use xurrent::{
    Client, ConnectionQuery, Error, ErrorKind, Id, MemoryTransport, PeopleQuery, RetryPolicy, Select,
};
use xurrent_sandbox::{Fault, Sandbox};

const TOO_COSTLY: &str = "cannot request more than 500,000 total nodes";

#[derive(Debug, PartialEq, Select)]
#[select(on = Person)]
struct OnlyId {
    id: Id,
}

fn people(client: &Client) -> ConnectionQuery<PeopleQuery, OnlyId> {
    client.people().select::<OnlyId>()
}

/// A server that refuses larger pages than this, with what `refusal` answers.
fn refusing(max: usize, refusal: impl Fn() -> Value + Send + Sync + 'static) -> (MemoryTransport, Client) {
    let transport = MemoryTransport::new(move |request| {
        let is_larger = request.variables["first"].as_u64().unwrap() > max as u64;
        if is_larger { refusal() } else { in_memory::answer(request) }
    });
    let client = in_memory::client(&transport);
    (transport, client)
}

fn too_costly() -> Value {
    json!({ "errors": [{ "message": TOO_COSTLY }] })
}

fn sizes(transport: &MemoryTransport) -> Vec<u64> {
    transport.requests().iter().map(|request| request.variables["first"].as_u64().unwrap()).collect()
}

async fn everyone() -> Vec<OnlyId> {
    people(&in_memory::engine().1).all().await.unwrap()
}

#[tokio::test]
async fn a_page_that_is_too_costly_is_halved_until_it_succeeds() {
    let whole = everyone().await;
    let (log, guard) = log_capture::begin();
    for (max, expected) in [(99, &[100, 50, 50][..]), (30, &[100, 50, 25, 25]), (6, &[100, 50, 25, 12, 6, 6])]
    {
        let (transport, client) = refusing(max, too_costly);
        assert_eq!(people(&client).all().await.unwrap(), whole);
        let asked = sizes(&transport);
        assert_eq!(asked[..expected.len()], *expected);
        assert!(asked[expected.len()..].iter().all(|size| size == expected.last().unwrap()), "{asked:?}");
    }
    drop(guard);
    let text = log.text();
    let warned: Vec<_> = text.lines().filter(|line| line.contains("a page is too costly")).collect();
    assert_eq!(warned.len(), 1 + 2 + 4, "{text}");
    for part in ["WARN", "operation=\"people\"", "page_size=100", "next_page_size=50"] {
        assert!(warned[0].contains(part), "{}", warned[0]);
    }
}

#[tokio::test]
async fn every_way_to_paginate_halves_pages() {
    let whole = everyone().await;
    for prefetch in [true, false] {
        let (transport, client) = refusing(10, too_costly);
        let mut records = people(&client).page_size(16).limit(30).prefetch(prefetch).stream();
        for expected in &whole[..30] {
            assert_eq!(records.try_next().await.unwrap().as_ref(), Some(expected));
        }
        assert!(records.try_next().await.unwrap().is_none());
        assert_eq!(sizes(&transport), [16, 8, 8, 8, 6]);
        let mut pages = people(&client).page_size(11).prefetch(prefetch).pages();
        assert_eq!(pages.try_next().await.unwrap().unwrap().nodes, whole[..5]);
        assert_eq!(pages.try_next().await.unwrap().unwrap().nodes, whole[5..10]);
    }
    let (_, client) = refusing(10, too_costly);
    assert_eq!(people(&client).limit(25).allow_partial().all().await.unwrap(), whole[..25]);
}

#[tokio::test]
async fn halving_a_later_page_loses_and_repeats_nothing() {
    let whole = everyone().await;
    for prefetch in [true, false] {
        // Behind a cursor the records are heavier.
        let transport = MemoryTransport::new(|request| {
            let behind = request.variables.get("after").is_some();
            if behind && request.variables["first"].as_u64() > Some(4) {
                too_costly()
            } else {
                in_memory::answer(request)
            }
        });
        let client = in_memory::client(&transport);
        let mut stream = people(&client).page_size(20).prefetch(prefetch).stream();
        let mut records = Vec::new();
        while let Some(record) = stream.try_next().await.unwrap() {
            records.push(record);
            if records.len() == 30 {
                // Sizes play no part for a position.
                let position = stream.position();
                stream = people(&client).page_size(20).prefetch(prefetch).resume(position).stream();
            }
        }
        assert_eq!(records, whole);
        assert_eq!(sizes(&transport)[..5], [20, 20, 10, 5, 2]);
    }
}

#[tokio::test]
async fn a_single_record_that_is_too_costly_is_an_error() {
    let (transport, client) = refusing(0, too_costly);
    let mut stream = people(&client).page_size(9).stream();
    let error = stream.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    assert!(error.to_string().contains(TOO_COSTLY), "{error}");
    assert_eq!(sizes(&transport), [9, 4, 2, 1]);
    assert!(stream.try_next().await.unwrap().is_none());
    let (transport, client) = refusing(0, too_costly);
    assert!(people(&client).first().await.is_err());
    assert_eq!(sizes(&transport), [1]);
    let (transport, client) = refusing(1, too_costly);
    assert_eq!(people(&client).max_requests(3).all().await.unwrap_err().kind(), ErrorKind::Pagination);
    assert_eq!(sizes(&transport), [100, 50, 25], "each try is a request");
}

#[tokio::test]
async fn other_errors_and_errors_beside_data_do_not_shrink_pages() {
    fn with_data() -> Value {
        let page_info = json!({ "hasNextPage": false, "endCursor": null });
        let data = json!({ "people": { "pageInfo": page_info, "nodes": [] } });
        json!({ "data": data, "errors": [{ "message": TOO_COSTLY, "path": ["people", "nodes", 0, "teams"] }] })
    }
    let answers: [fn() -> Value; 5] = [
        with_data,
        || json!({ "errors": [{ "message": "Missing required scope(s): person:Read" }] }),
        || json!({ "errors": [{ "message": TOO_COSTLY }, { "message": "and something else" }] }),
        || json!({ "errors": [{ "message": "The cost limit of 5000 points an hour is exceeded" }] }),
        || json!({ "errors": [], "data": { "people": null } }),
    ];
    for answer in answers {
        let (transport, client) = refusing(10, answer);
        people(&client).all().await.unwrap_err();
        assert_eq!(sizes(&transport), [100], "{}", answer());
    }
    let null: fn() -> Value = || json!({ "errors": [{ "message": TOO_COSTLY }], "data": { "people": null } });
    let (transport, client) = refusing(50, null);
    people(&client).all().await.unwrap();
    assert_eq!(sizes(&transport)[..2], [100, 50], "null is no data");
}

/// The sizes of the pages that a sandbox was asked for.
fn asked(sandbox: &Sandbox) -> Vec<u64> {
    let requests = sandbox.requests();
    requests
        .iter()
        .map(|request| request.body.as_ref().unwrap()["variables"]["first"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn over_a_socket_rejected_pages_shrink() {
    let (sandbox, client) = with(|sandbox| sandbox).await;
    let refused = || {
        let body = json!({ "errors": [{ "message": TOO_COSTLY }], "data": null });
        Fault::status(200).header("content-type", "application/json").body(body.to_string())
    };
    sandbox.faults([Fault::none(), refused(), refused(), Fault::none(), refused()]);
    let mut stream = people(&client).page_size(40).limit(60).stream();
    let mut records = Vec::new();
    while let Some(record) = stream.try_next().await.unwrap() {
        records.push(record);
    }
    assert_eq!(records, everyone().await[..60]);
    assert_eq!(asked(&sandbox), [40, 20, 10, 5, 5, 2, 2, 2, 2, 2, 2, 2, 1]);
}

/// A gateway that gave up.
fn too_slow() -> Fault {
    Fault::status(504).header("retry-after", "0.01")
}

#[tokio::test]
async fn a_page_that_times_out_in_every_attempt_shrinks_to_a_quarter() {
    let (sandbox, client) = with(|sandbox| sandbox).await;
    let twice = RetryPolicy::new().max_attempts(2);
    sandbox.faults([too_slow(), too_slow(), too_slow(), Fault::none()]);
    let whole = everyone().await;
    assert_eq!(people(&client).retry(twice).all().await.unwrap(), whole);
    assert_eq!(asked(&sandbox), [100, 100, 25, 25, 25, 25, 25, 25]);
    let before = asked(&sandbox).len();
    sandbox.faults(std::iter::repeat_n(too_slow(), 8));
    let error: Error = people(&client).retry(twice).all().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(504)));
    assert_eq!(asked(&sandbox)[before..], [100, 100, 25, 25, 6, 6, 1, 1]);
}

#[tokio::test]
async fn one_timeout_or_another_failure_does_not_shrink_pages() {
    let (sandbox, client) = with(|sandbox| sandbox).await;
    sandbox.faults([too_slow(), too_slow(), Fault::status(503).header("retry-after", "0.01")]);
    people(&client).retry(RetryPolicy::never()).all().await.unwrap_err();
    people(&client).retry(RetryPolicy::new().max_attempts(2)).all().await.unwrap_err();
    assert_eq!(asked(&sandbox), [100, 100, 100]);
}

#[tokio::test]
async fn a_page_that_is_rejected_by_code_or_times_out_shrinks() {
    let whole = everyone().await;
    let code = json!({ "message": "No", "extensions": { "code": "MAX_COMPLEXITY_EXCEEDED" } });
    let timeout = json!({ "message": "Timeout on Query.people" });
    for (answer, expected) in [
        (json!({ "errors": [code] }), [100, 50, 25]),
        (json!({ "errors": [code], "data": null }), [100, 50, 25]),
        (json!({ "errors": [timeout], "data": null }), [100, 25, 25]),
        (
            json!({ "errors": [timeout, { "message": "Timeout on Person.name" }], "data": { "people": null } }),
            [100, 25, 25],
        ),
    ] {
        let (transport, client) = refusing(30, move || answer.clone());
        assert_eq!(people(&client).all().await.unwrap(), whole);
        assert_eq!(sizes(&transport)[..3], expected);
    }
    // A time out among other reasons is none that a smaller page helps with.
    let (transport, client) =
        refusing(30, move || json!({ "errors": [timeout, { "message": "No" }], "data": null }));
    assert_eq!(people(&client).all().await.unwrap_err().kind(), ErrorKind::GraphQl);
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn a_page_that_is_rejected_by_code_and_status_shrinks_at_once() {
    let (sandbox, client) = with(|it| it).await;
    let body =
        json!({ "errors": [{ "message": "No", "extensions": { "code": "MAX_COMPLEXITY_EXCEEDED" } }] });
    let fault = Fault::status(502).header("content-type", "application/json").body(body.to_string());
    sandbox.faults([fault]);
    people(&client).limit(200).all().await.unwrap();
    let requests = sandbox.requests();
    assert_eq!(requests[0].body.as_ref().unwrap()["variables"]["first"], 100);
    assert_eq!(requests[1].body.as_ref().unwrap()["variables"]["first"], 50);
}
