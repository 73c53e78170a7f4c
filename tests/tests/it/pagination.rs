//! Pagination of a connection, one test per rule.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::in_memory;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use xurrent::{Client, ErrorKind, MemoryTransport, Person};

/// How many records a page has, and how it ends.
struct Paged {
    records: usize,
    has_next_page: bool,
    end_cursor: Value,
}

fn more(records: usize, cursor: &str) -> Paged {
    Paged { records, has_next_page: true, end_cursor: json!(cursor) }
}

fn end(records: usize) -> Paged {
    Paged { records, has_next_page: false, end_cursor: json!("the-end") }
}

/// A server of people, numbered from 0 on. `page` is told the number of the request and how many
/// records it asks for.
fn serve(page: impl Fn(usize, usize) -> Paged + Send + Sync + 'static) -> (MemoryTransport, Client) {
    let (requests, people) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let transport = MemoryTransport::new(move |request| {
        let number = requests.fetch_add(1, Ordering::SeqCst);
        let wanted = usize::try_from(request.variables["first"].as_u64().unwrap()).unwrap();
        let Paged { records, has_next_page, end_cursor } = page(number, wanted);
        // One record of the engine is the mould of all.
        let mut mould = request.clone();
        mould.variables = json!({ "first": 1 });
        let mut answer = in_memory::answer(&mould);
        let connection = &mut answer["data"]["people"];
        let start = people.fetch_add(records, Ordering::SeqCst);
        let nodes = (start..start + records).map(|number| {
            let mut node = connection["nodes"][0].clone();
            node["id"] = json!(number.to_string());
            node
        });
        connection["nodes"] = nodes.collect();
        connection["pageInfo"] = json!({ "hasNextPage": has_next_page, "endCursor": end_cursor });
        answer
    });
    let client = in_memory::client(&transport);
    (transport, client)
}

/// A server that never runs out of full pages.
fn endless() -> (MemoryTransport, Client) {
    serve(|number, wanted| more(wanted, &format!("cursor-{number}")))
}

fn sent(transport: &MemoryTransport, variable: &str) -> Vec<Value> {
    transport.requests().iter().map(|request| request.variables[variable].clone()).collect()
}

fn ids(people: &[Person]) -> Vec<&str> {
    people.iter().map(|person| person.id.as_str()).collect()
}

#[tokio::test]
async fn a_next_page_needs_has_next_page_and_a_cursor() {
    for (has_next_page, end_cursor, requests) in
        [(true, json!("a"), 2), (false, json!("a"), 1), (false, json!(null), 1), (false, json!(""), 1)]
    {
        let cursor = end_cursor.clone();
        let (transport, client) = serve(move |number, _| match number {
            0 => Paged { records: 2, has_next_page, end_cursor: cursor.clone() },
            _ => end(1),
        });
        let people = client.people().all().await.unwrap();
        assert_eq!(transport.requests().len(), requests, "{has_next_page} {end_cursor}");
        assert_eq!(people.len(), requests + 1);
    }
}

#[tokio::test]
async fn a_next_page_without_a_cursor_is_an_error_after_the_records_read() {
    for end_cursor in [json!(null), json!("")] {
        for prefetch in [true, false] {
            let cursor = end_cursor.clone();
            let (transport, client) = serve(move |number, _| match number % 2 {
                0 => more(2, &format!("c{number}")),
                _ => Paged { records: 1, has_next_page: true, end_cursor: cursor.clone() },
            });
            let mut stream = client.people().prefetch(prefetch).stream();
            for number in 0..3 {
                assert_eq!(stream.try_next().await.unwrap().unwrap().id.as_str(), number.to_string());
            }
            let mut errors = vec![stream.try_next().await.unwrap_err()];
            assert!(stream.try_next().await.unwrap().is_none(), "the stream has ended");
            errors.push(client.people().all().await.unwrap_err());
            for (error, id) in errors.iter().zip(["2", "5"]) {
                assert_eq!(error.kind(), ErrorKind::Pagination);
                assert!(
                    error.to_string().contains("`people` has more pages, but the server gave no cursor"),
                    "{error}"
                );
                let data: Value = serde_json::from_str(error.partial_data().unwrap()).unwrap();
                assert_eq!(data["people"]["nodes"][0]["id"], id);
            }
            assert_eq!(transport.requests().len(), 4);
            // Where nothing more is wanted, nothing is missing.
            let mut pages = client.people().limit(3).pages();
            assert_eq!(pages.try_next().await.unwrap().unwrap().nodes.len(), 2);
            assert_eq!(pages.try_next().await.unwrap().unwrap().nodes.len(), 1);
            assert!(pages.try_next().await.unwrap().is_none());
            assert!(client.people().first().await.unwrap().is_some());
        }
    }
}

#[tokio::test]
async fn in_a_batch_a_next_page_without_a_cursor_fails_its_connection_only() {
    for end_cursor in [json!(null), json!("")] {
        let transport = MemoryTransport::new(move |request| {
            let mut answer = in_memory::answer(request);
            for connection in answer["data"].as_object_mut().unwrap().values_mut() {
                connection["pageInfo"] = json!({ "hasNextPage": true, "endCursor": end_cursor });
            }
            answer
        });
        let client = in_memory::client(&transport);
        let complete = client.people().page_size(3).complete();
        let enough = client.people().page_size(3).limit(3).complete();
        let (complete, enough) = client.batch((complete, enough)).await.unwrap();
        assert_eq!((enough.unwrap().len(), transport.requests().len()), (3, 1));
        let error = complete.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Pagination);
        let data: Value = serde_json::from_str(error.partial_data().unwrap()).unwrap();
        assert_eq!(data["people"]["nodes"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn every_page_but_the_first_starts_after_the_previous_cursor() {
    let (transport, client) =
        serve(|number, _| if number < 2 { more(1, &format!("c{number}")) } else { end(1) });
    let people = client.people().all().await.unwrap();
    assert_eq!(ids(&people), ["0", "1", "2"]);
    assert_eq!(sent(&transport, "after"), [json!(null), json!("c0"), json!("c1")]);
    let requests = transport.requests();
    assert!(requests[0].variables.get("after").is_none(), "nothing is said where nothing is meant");
    assert!(requests.iter().all(|request| !request.document.contains("c0")), "a cursor is a variable");
}

#[tokio::test]
async fn a_repeated_cursor_is_an_error() {
    for circle in [&["a"] as &[&'static str], &["a", "b"], &["a", "b", "c", "d", "e"]] {
        let (transport, client) = serve(|number, _| more(1, circle[number % circle.len()]));
        let mut stream = client.people().stream();
        let mut records = 0;
        let error = loop {
            match stream.try_next().await {
                Ok(person) => records += usize::from(person.is_some()),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Pagination);
        assert!(error.to_string().contains("cursor \"a\" repeated"), "{error}");
        assert_eq!(transport.requests().len(), circle.len() + 1);
        assert_eq!(records, circle.len(), "the page that came again is not handed out");
        assert!(stream.try_next().await.unwrap().is_none(), "the stream has ended");
    }
}

#[tokio::test]
async fn a_page_that_ends_at_its_start_is_an_error() {
    let (transport, client) = serve(|_, _| more(1, "here"));
    let error = client.people().after("here").all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Pagination);
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn pagination_continues_after_an_empty_page() {
    let (transport, client) = serve(|number, _| match number {
        0 => more(2, "a"),
        1 => more(0, "b"),
        2 => more(0, "c"),
        _ => end(2),
    });
    let people = client.people().all().await.unwrap();
    assert_eq!(ids(&people), ["0", "1", "2", "3"]);
    assert_eq!(transport.requests().len(), 4);
}

#[tokio::test]
async fn a_page_has_100_records_by_default() {
    let (transport, client) = serve(|_, wanted| end(wanted));
    assert_eq!(client.people().all().await.unwrap().len(), 100);
    assert_eq!(client.people().page_size(7).all().await.unwrap().len(), 7);
    assert_eq!(sent(&transport, "first"), [json!(100), json!(7)]);
}

#[tokio::test]
async fn page_sizes_outside_1_to_100_are_rejected_before_sending() {
    let (transport, client) = serve(|_, wanted| end(wanted));
    for size in [0, 101, usize::MAX] {
        let error = client.people().page_size(size).all().await.unwrap_err();
        assert!(error.is_configuration());
        assert!(
            error.to_string().contains(&format!("invalid page size {size} for `people`: expected 1 to 100")),
            "{error}"
        );
        assert!(client.people().page_size(size).stream().try_next().await.is_err());
        assert!(client.people().page_size(size).first().await.is_err());
    }
    assert!(transport.requests().is_empty());
    for size in [1, 100] {
        assert_eq!(client.people().page_size(size).all().await.unwrap().len(), size);
    }
}

#[tokio::test]
async fn the_last_page_requests_only_the_records_left() {
    for (page_size, limit, sizes) in [
        (100, 250, vec![100, 100, 50]),
        (10, 25, vec![10, 10, 5]),
        (10, 20, vec![10, 10]),
        (100, 1, vec![1]),
        (1, 2, vec![1, 1]),
        (100, 0, Vec::<usize>::new()),
    ] {
        let (transport, client) = endless();
        let people = client.people().page_size(page_size).limit(limit).all().await.unwrap();
        assert_eq!(people.len(), limit);
        assert_eq!(sent(&transport, "first"), sizes.into_iter().map(Value::from).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn records_missing_from_a_short_page_are_requested_again() {
    // The server may hand out fewer records than it was asked for.
    let (transport, client) = serve(|number, wanted| more(wanted.min(4), &format!("c{number}")));
    assert_eq!(client.people().page_size(6).limit(10).all().await.unwrap().len(), 10);
    assert_eq!(sent(&transport, "first"), [json!(6), json!(6), json!(2)]);
}

#[tokio::test]
async fn a_page_beyond_the_limit_is_cut() {
    let (transport, client) = serve(|number, wanted| more(wanted + 3, &format!("c{number}")));
    let people = client.people().limit(5).all().await.unwrap();
    assert_eq!(ids(&people), ["0", "1", "2", "3", "4"]);
    assert_eq!(transport.requests().len(), 1);
    let mut pages = client.people().page_size(2).limit(3).pages();
    assert_eq!(pages.try_next().await.unwrap().unwrap().nodes.len(), 3);
    assert!(pages.try_next().await.unwrap().is_none());
    assert!(client.people().first().await.unwrap().is_some());
}

#[tokio::test]
async fn without_a_limit_a_larger_page_than_requested_is_kept() {
    let (_transport, client) =
        serve(|number, wanted| if number == 0 { more(wanted + 3, "c") } else { end(1) });
    assert_eq!(client.people().page_size(5).all().await.unwrap().len(), 9);
}

#[tokio::test]
async fn null_nodes_are_skipped_and_not_counted() {
    let transport = MemoryTransport::new(|request| {
        let mut answer = in_memory::answer(request);
        if request.variables["first"] == 4 {
            answer["data"]["people"]["nodes"][0] = Value::Null;
        }
        answer
    });
    let people = in_memory::client(&transport).people().page_size(4).limit(7).all().await.unwrap();
    assert_eq!(people.len(), 7);
    assert_eq!(sent(&transport, "first"), [json!(4), json!(4), json!(1)]);
}

#[tokio::test]
async fn dropping_a_stream_stops_requests() {
    let (transport, client) = endless();
    let mut stream = client.people().page_size(2).stream();
    for _ in 0..5 {
        stream.try_next().await.unwrap().unwrap();
    }
    drop(stream);
    let asked = transport.requests().len();
    assert!((3..=4).contains(&asked), "{asked} requests for three pages and perhaps the next");
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(transport.requests().len(), asked);
}

#[tokio::test]
async fn a_stream_that_is_not_polled_requests_nothing() {
    let (transport, client) = endless();
    let streams = (client.people().stream(), client.people().pages());
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    drop(streams);
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn exceeding_the_request_limit_is_an_error() {
    let (transport, client) = endless();
    let mut stream = client.people().page_size(2).max_requests(3).stream();
    for number in 0..6 {
        assert_eq!(stream.try_next().await.unwrap().unwrap().id.as_str(), number.to_string());
    }
    let error = stream.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Pagination);
    assert!(error.to_string().contains("more pages than the 3"), "{error}");
    assert_eq!(transport.requests().len(), 3);
    assert!(stream.try_next().await.unwrap().is_none(), "the stream has ended");
}

#[tokio::test]
async fn a_query_within_the_request_limit_is_complete() {
    let (transport, client) =
        serve(|number, _| if number < 2 { more(1, &format!("c{number}")) } else { end(1) });
    assert_eq!(client.people().max_requests(3).all().await.unwrap().len(), 3);
    let limited = client.people().page_size(1).limit(3).max_requests(3).all().await.unwrap();
    assert_eq!((limited.len(), transport.requests().len()), (1, 4), "the server is at its end");
}

#[tokio::test]
async fn an_error_ends_a_stream_after_the_records_before_it() {
    let transport = MemoryTransport::new(|request| match request.variables.get("after") {
        None => in_memory::answer(request),
        Some(_) => json!({ "errors": [{ "message": "Too late" }], "data": null }),
    });
    let mut stream = in_memory::client(&transport).people().page_size(2).stream();
    assert!(stream.try_next().await.unwrap().is_some());
    assert!(stream.try_next().await.unwrap().is_some());
    assert_eq!(stream.try_next().await.unwrap_err().kind(), ErrorKind::GraphQl);
    assert!(stream.try_next().await.unwrap().is_none());
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn the_first_record_costs_one_record_and_a_count_costs_none() {
    let (transport, client) = in_memory::engine();
    assert!(client.people().first().await.unwrap().is_some());
    assert!(client.people().count().await.unwrap() > 100);
    let requests = transport.requests();
    assert_eq!(requests[0].variables["first"], 1);
    assert!(requests[1].document.contains("totalCount") && !requests[1].document.contains("nodes"));
    assert_eq!(requests.len(), 2);
}

#[tokio::test]
async fn every_page_has_the_arguments_of_the_query() {
    let (transport, client) = endless();
    let filter = xurrent::PersonFilter::new().disabled(false);
    client.people().view(xurrent::PersonView::All).filter(filter).page_size(2).limit(6).all().await.unwrap();
    for request in transport.requests() {
        assert_eq!(request.variables["view"], "all");
        assert_eq!(request.variables["filter"], json!({ "disabled": false }));
    }
}
