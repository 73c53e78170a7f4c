//! Batches that fetch all pages of their connections.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::in_memory;
use crate::sandboxed::{builder, client, with};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;
use xurrent::connection::CompleteQuery;
use xurrent::transport::MemoryRequest;
use xurrent::{Client, ErrorKind, Id, MemoryTransport, Organization, Person, RetryPolicy, Select, Team};
use xurrent_sandbox::Fault;

#[derive(Debug, PartialEq, Select)]
#[select(on = Person)]
struct OnlyId {
    id: Id,
}

fn people(client: &Client, page_size: usize) -> CompleteQuery<OnlyId> {
    client.people().select::<OnlyId>().page_size(page_size).complete()
}

/// How many records each request asks for, by the keys of the connections.
fn asked(requests: &[Value]) -> Vec<Vec<(String, u64)>> {
    let firsts = |variables: &Value| {
        let first = |(name, value): (&String, &Value)| {
            Some((name.strip_suffix("_first")?.to_owned(), value.as_u64().unwrap()))
        };
        variables.as_object().unwrap().iter().filter_map(first).collect()
    };
    requests.iter().map(firsts).collect()
}

fn variables(transport: &MemoryTransport) -> Vec<Value> {
    transport.requests().into_iter().map(|request| request.variables).collect()
}

fn sizes(expected: &[&[(&str, u64)]]) -> Vec<Vec<(String, u64)>> {
    let sizes =
        |request: &&[(&str, u64)]| request.iter().map(|(key, size)| ((*key).to_owned(), *size)).collect();
    expected.iter().map(sizes).collect()
}

#[tokio::test]
async fn each_request_has_the_next_pages_of_the_unfinished_connections() {
    let (sandbox, client) = client().await;
    let whole = (
        client.people().select::<OnlyId>().all().await.unwrap(),
        client.teams().all().await.unwrap(),
        client.organizations().all().await.unwrap(),
    );
    let pages = [whole.0.len().div_ceil(40), whole.1.len().div_ceil(7), whole.2.len().div_ceil(5)];
    let before = sandbox.requests().len();
    let batch = (
        people(&client, 40),
        client.teams().page_size(7).complete(),
        client.organizations().page_size(5).complete(),
        client.me().select::<OnlyId>(),
    );
    let (people, teams, organizations, me) = client.batch(batch).await.unwrap();
    assert_eq!(people.unwrap(), whole.0);
    let ids = |teams: &[Team]| teams.iter().map(|team| team.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&teams.unwrap()), ids(&whole.1));
    let ids = |all: &[Organization]| all.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&organizations.unwrap()), ids(&whole.2));
    assert!(me.unwrap().is_some());
    let requests = sandbox.requests()[before..].to_vec();
    assert_eq!(requests.len(), *pages.iter().max().unwrap(), "{pages:?}");
    for (number, request) in requests.iter().enumerate() {
        let document = request.body.as_ref().unwrap()["query"].as_str().unwrap();
        for (name, pages) in
            [("people", pages[0]), ("teams", pages[1]), ("organizations", pages[2]), ("me", 1)]
        {
            assert_eq!(document.contains(&format!(": {name}")), number < pages, "{number}: {document}");
        }
    }
}

#[tokio::test]
async fn any_number_of_connections_of_one_type() {
    let (_, client) = in_memory::engine();
    let whole = client.people().select::<OnlyId>().all().await.unwrap();
    let queries: Vec<_> = (1..=30).map(|number| people(&client, 5 + number)).collect();
    for people in client.batch(queries).await.unwrap() {
        assert_eq!(people.unwrap(), whole);
    }
    assert!(client.batch(Vec::<CompleteQuery<Person>>::new()).await.unwrap().is_empty());
}

#[tokio::test]
async fn each_connection_has_its_own_limit_and_position() {
    let (transport, client) = in_memory::engine();
    let whole = client.people().select::<OnlyId>().limit(40).all().await.unwrap();
    let mut pages = client.people().select::<OnlyId>().page_size(6).prefetch(false).pages();
    pages.try_next().await.unwrap();
    let query = || client.people().select::<OnlyId>();
    let before = transport.requests().len();
    let batch = (
        query().page_size(10).limit(25).complete(),
        query().page_size(4).limit(6).complete(),
        query().page_size(9).limit(0).complete(),
        query().page_size(9).limit(20).resume(pages.position()).complete(),
    );
    let (first, second, none, resumed) = client.batch(batch).await.unwrap();
    assert_eq!(
        (first.unwrap(), second.unwrap()),
        (query().limit(25).all().await.unwrap(), query().limit(6).all().await.unwrap())
    );
    assert!(none.unwrap().is_empty());
    assert_eq!(resumed.unwrap(), whole[6..20]);
    let requests = variables(&transport);
    assert_eq!(
        asked(&requests[before..before + 3]),
        sizes(&[&[("b0", 10), ("b1", 4), ("b2", 9)], &[("b0", 10), ("b1", 2), ("b2", 5)], &[("b0", 5)]])
    );
    assert_eq!(requests.len(), before + 3 + 2);
    let (empty, none) =
        client.batch((query().limit(0).complete(), query().limit(0).complete())).await.unwrap();
    assert!(empty.unwrap().is_empty() && none.unwrap().is_empty());
    assert_eq!(transport.requests().len(), before + 3 + 2, "nothing is wanted, nothing is asked for");
}

/// A server that is the engine, except for what `change` makes of its answers. `change` is told the
/// number of the request.
fn changed(
    change: impl Fn(usize, &MemoryRequest, &mut Value) + Send + Sync + 'static,
) -> (MemoryTransport, Client) {
    let requests = std::sync::atomic::AtomicUsize::new(0);
    let transport = MemoryTransport::new(move |request| {
        let number = requests.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let mut answer = in_memory::answer(request);
        change(number, request, &mut answer);
        answer
    });
    let client = in_memory::client(&transport);
    (transport, client)
}

async fn everyone() -> Vec<OnlyId> {
    in_memory::engine().1.people().select::<OnlyId>().all().await.unwrap()
}

#[tokio::test]
async fn an_error_of_one_connection_does_not_stop_the_others() {
    let whole = everyone().await;
    let errors = || json!([{ "message": "no more teams", "path": ["b1", "nodes", 3] }]);
    for null_as_a_whole in [false, true] {
        let (transport, client) = changed(move |number, _, answer| {
            if number == 1 {
                answer["errors"] = errors();
                answer["data"]["b1"] = Value::Null;
                if null_as_a_whole {
                    answer["data"] = Value::Null;
                }
            }
        });
        let (first, teams, second) = client
            .batch((people(&client, 20), client.teams().page_size(2).complete(), people(&client, 50)))
            .await
            .unwrap();
        assert_eq!((first.unwrap(), second.unwrap()), (everyone().await, everyone().await));
        let error = teams.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::GraphQl);
        assert_eq!(error.errors()[0].path, ["teams", "nodes", "3"]);
        // What was lost to the error of another one was asked for again.
        assert_eq!(transport.requests().len(), whole.len().div_ceil(20) + usize::from(null_as_a_whole));
    }
}

#[tokio::test]
async fn inconsistent_pages_are_the_error_of_their_connection() {
    let whole = everyone().await;
    let (transport, client) = changed(|_, request, answer| {
        if request.document.contains("teams") {
            answer["data"]["b0"]["pageInfo"] = json!({ "hasNextPage": true, "endCursor": "bad" });
        }
    });
    // The cursor is made up, but it is not followed: one request is allowed.
    let teams = client.teams().page_size(2).max_requests(1).complete();
    let (teams, people) = client.batch((teams, people(&client, 60))).await.unwrap();
    let error = teams.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Pagination);
    assert!(error.to_string().contains("more pages than the 1"), "{error}");
    assert_eq!(people.unwrap(), whole);
    assert_eq!(transport.requests().len(), 2);

    let (_, client) = changed(|number, _, answer| {
        if number == 1 {
            answer["data"]["b0"]["nodes"] = json!([{ "id": 5 }]);
        }
    });
    let two = |size| client.people().select::<OnlyId>().page_size(size).complete();
    let (broken, fine) = client.batch((two(30), two(31))).await.unwrap();
    let error = broken.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("people.nodes[0].id"), "{error}");
    assert_eq!(fine.unwrap(), whole);
}

#[tokio::test]
async fn a_repeated_cursor_ends_only_its_connection() {
    let whole = everyone().await;
    let (_, client) = changed(|_, request, answer| {
        for key in ["b0", "b1"] {
            if request.variables[format!("{key}_first")] == 3 {
                // Where it began, or at the very end.
                let cursor = request.variables.get(format!("{key}_after"));
                let cursor =
                    cursor.cloned().unwrap_or_else(|| answer["data"][key]["pageInfo"]["endCursor"].clone());
                answer["data"][key]["pageInfo"]["endCursor"] = cursor;
            }
        }
    });
    let (fine, circle) = client.batch((people(&client, 40), people(&client, 3))).await.unwrap();
    assert!(circle.unwrap_err().to_string().contains("pagination loop"));
    assert_eq!(fine.unwrap(), whole);
}

const TOO_COSTLY: &str = "cannot request more than 500,000 total nodes";

#[tokio::test]
async fn a_batch_that_is_too_costly_is_retried_with_smaller_pages() {
    let whole = everyone().await;
    // All connections together may ask for 50 records.
    let transport = MemoryTransport::new(|request| {
        let asked: u64 =
            asked(std::slice::from_ref(&request.variables))[0].iter().map(|(_, size)| size).sum();
        if asked > 50 { json!({ "errors": [{ "message": TOO_COSTLY }] }) } else { in_memory::answer(request) }
    });
    let client = in_memory::client(&transport);
    let (first, second, me) = client
        .batch((people(&client, 100), people(&client, 30), client.me().select::<OnlyId>()))
        .await
        .unwrap();
    assert_eq!((first.unwrap(), second.unwrap()), (everyone().await, everyone().await));
    assert!(me.unwrap().is_some());
    let requests = asked(&variables(&transport));
    assert_eq!(requests[..2], sizes(&[&[("b0", 100), ("b1", 30)], &[("b0", 50), ("b1", 15)]]));
    assert_eq!(requests[2..4], sizes(&[&[("b0", 25), ("b1", 7)], &[("b0", 25), ("b1", 7)]]));
    assert_eq!(requests.len(), 2 + whole.len().div_ceil(7));
    // What cannot be made smaller fails with the words of the server.
    let query = || client.people().page_size(60);
    let error = client.batch((query(), client.me())).await.unwrap_err();
    assert!(error.to_string().contains(TOO_COSTLY), "{error}");
}

#[tokio::test]
async fn only_the_page_that_is_too_costly_shrinks() {
    let (transport, client) = changed(|_, request, answer| {
        let size = request.variables["b1_first"].as_u64();
        if size > Some(10) {
            *answer = json!({ "data": null, "errors": [{ "message": TOO_COSTLY, "path": ["b1"] }] });
        }
    });
    let (first, second) = client.batch((people(&client, 60), people(&client, 40))).await.unwrap();
    assert_eq!((first.unwrap(), second.unwrap()), (everyone().await, everyone().await));
    let requests = asked(&variables(&transport));
    let expected: [&[(&str, u64)]; 4] = [
        &[("b0", 60), ("b1", 40)],
        &[("b0", 60), ("b1", 20)],
        &[("b0", 60), ("b1", 10)],
        &[("b0", 60), ("b1", 10)],
    ];
    assert_eq!(requests[..4], sizes(&expected));
}

#[tokio::test]
async fn errors_beside_data_without_a_path_end_the_batch() {
    let (transport, client) = changed(|_, _, answer| answer["errors"] = json!([{ "message": TOO_COSTLY }]));
    let error = client.batch((people(&client, 60), people(&client, 40))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    assert!(error.partial_data().is_some_and(|data| data.contains("\"b1\"")), "{error:?}");
    assert_eq!(transport.requests().len(), 1, "data came: it is not asked for again");
}

#[tokio::test]
async fn invalid_calls_are_rejected_before_sending() {
    let (transport, client) = in_memory::engine();
    let position = client.teams().stream().position();
    for query in
        [client.people().page_size(0), client.people().page_size(101), client.people().resume(position)]
    {
        let error = client.batch((client.me(), query.complete())).await.unwrap_err();
        assert!(error.is_configuration(), "{error}");
    }
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn faults_between_pages_are_retried_or_end_the_batch() {
    let (sandbox, client) = client().await;
    let whole = everyone().await;
    let once_more = Fault::status(503).header("retry-after", "0.01");
    sandbox.faults([Fault::none(), Fault::cut_body(), Fault::none(), once_more.clone()]);
    let (first, second) = client.batch((people(&client, 30), people(&client, 45))).await.unwrap();
    assert_eq!((first.unwrap(), second.unwrap()), (everyone().await, whole));
    assert_eq!(sandbox.faults_left(), 0);
    sandbox.faults([Fault::none(), once_more]);
    let batch = client.batch((people(&client, 30), people(&client, 45))).retry(RetryPolicy::never());
    assert_eq!(batch.await.unwrap_err().status(), Some(503));
}

#[tokio::test]
async fn a_cancelled_batch_leaves_its_client_usable() {
    let (sandbox, _) = with(|sandbox| sandbox.latency(Duration::from_millis(4))).await;
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    for time in 0..30 {
        let batch = client.batch((people(&client, 20), people(&client, 30)));
        let _ = timeout(Duration::from_millis(time), batch.send()).await;
    }
    let (first, second) = client.batch((people(&client, 20), people(&client, 30))).await.unwrap();
    assert_eq!((first.unwrap(), second.unwrap()), (everyone().await, everyone().await));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn each_connection_returns_what_it_returns_alone(
        queries in proptest::collection::vec((1_usize..=100, proptest::option::of(0_usize..150)), 1..8),
        broken in proptest::option::of((0_usize..8, 0_usize..6)),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let whole = everyone().await;
            let (_, client) = changed(move |number, _, answer| {
                // One connection fails, and takes all of the answer with it.
                if let Some((index, round)) = broken
                    && (number, true) == (round, answer["data"].get(format!("b{index}")).is_some())
                {
                    let path = json!([format!("b{index}"), "nodes"]);
                    *answer = json!({ "data": null, "errors": [{ "message": "no", "path": path }] });
                }
            });
            let query = |(page_size, limit): &(usize, Option<usize>)| {
                let query = client.people().select::<OnlyId>().page_size(*page_size);
                query.limit(limit.unwrap_or(1_000)).complete()
            };
            let results = client.batch(queries.iter().map(query).collect::<Vec<_>>()).await.unwrap();
            prop_assert!(results.iter().filter(|people| people.is_err()).count() <= 1);
            for ((_, limit), people) in queries.iter().zip(results) {
                if let Ok(people) = people {
                    prop_assert_eq!(&people[..], &whole[..limit.unwrap_or(usize::MAX).min(whole.len())]);
                }
            }
            Ok(())
        })?;
    }
}
