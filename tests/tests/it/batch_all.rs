//! Any number of calls in requests of a size that fits.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::{builder, start};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::timeout;
use xurrent::batch::BatchStream;
use xurrent::transport::MemoryRequest;
use xurrent::{
    Client, Error, Id, MemoryTransport, Mutation, NodeQuery, NoteCreateInput, Person, RequestCreateInput,
    RetryPolicy, Select,
};
use xurrent_sandbox::{Fault, Sandbox, node_id};

#[derive(Debug, PartialEq, Select)]
#[select(on = Person)]
struct OnlyId {
    id: Id,
}

#[derive(Debug, PartialEq, Select)]
#[select(on = RequestCreatePayload)]
struct Created {
    request: Option<Subject>,
}

#[derive(Debug, PartialEq, Select)]
#[select(on = Request)]
struct Subject {
    subject: Option<String>,
}

fn create(client: &Client, number: usize) -> Mutation<Created> {
    client.request_create(RequestCreateInput::new().subject(format!("Bulk {number}"))).select()
}

fn subject(created: &Created) -> &str {
    created.request.as_ref().unwrap().subject.as_deref().unwrap()
}

/// How often each of the numbered requests was created.
fn stored(sandbox: &Sandbox, numbers: usize) -> Vec<u64> {
    let count = |number: usize| {
        let answer = sandbox.engine().execute(&json!({
            "query": "query($s: String!) { requests(view: all, filter: { subject: { values: [$s] } }) { totalCount } }",
            "variables": { "s": format!("Bulk {number}") },
        }));
        answer["data"]["requests"]["totalCount"].as_u64().unwrap()
    };
    (0..numbers).map(count).collect()
}

/// How many calls there were in each request.
fn sizes(sandbox: &Sandbox) -> Vec<usize> {
    let count = |body: &Value| body["query"].as_str().unwrap().matches(": requestCreate(").count();
    sandbox.requests().iter().filter_map(|request| request.body.as_ref().map(count)).collect()
}

async fn sandboxed() -> (Sandbox, Client) {
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    (sandbox, client)
}

async fn collect<T: Send + 'static>(mut stream: BatchStream<'_, T>) -> Vec<Result<T, Error>> {
    let mut results = Vec::new();
    while let Some((index, result)) = stream.next().await {
        assert_eq!(index, results.len());
        results.push(result);
    }
    assert!(stream.next().await.is_none());
    assert_eq!(
        (stream.position(), stream.pending().len(), stream.size_hint()),
        (results.len(), 0, (0, Some(0)))
    );
    results
}

#[tokio::test]
async fn forty_mutations_take_two_requests() {
    let (sandbox, client) = sandboxed().await;
    let results = collect(client.batch_all((0..40).map(|number| create(&client, number)))).await;
    for (number, result) in results.iter().enumerate() {
        assert_eq!(subject(result.as_ref().unwrap()), format!("Bulk {number}"));
    }
    assert_eq!(sandbox.requests().len(), 2);
    assert_eq!(stored(&sandbox, 40), [1; 40]);
}

#[tokio::test]
async fn none_one_and_ten_thousand_calls() {
    let (sandbox, client) = sandboxed().await;
    assert!(collect(client.batch_all(Vec::<NodeQuery<OnlyId>>::new())).await.is_empty());
    assert_eq!(sandbox.requests().len(), 0);
    assert_eq!(collect(client.batch_all([create(&client, 0)])).await.len(), 1);
    assert_eq!(sandbox.requests().len(), 1);
    let people = (0..10_000).map(|number| client.node::<OnlyId>(node_id("Person", number)));
    let people = collect(client.batch_all(people).calls_per_request(500)).await;
    assert_eq!((people.len(), sandbox.requests().len()), (10_000, 1 + 20));
    for (number, person) in (0..).zip(people) {
        let is_expected =
            person.unwrap().is_none_or(|person| person.id.as_str() == node_id("Person", number));
        assert!(is_expected, "{number}");
    }
}

#[tokio::test]
async fn calls_are_taken_as_they_are_sent() {
    let (sandbox, client) = sandboxed().await;
    let taken = AtomicUsize::new(0);
    let endless = std::iter::repeat_with(|| create(&client, taken.fetch_add(1, Ordering::Relaxed)));
    let mut stream = client.batch_all(endless).calls_per_request(5);
    assert_eq!((taken.load(Ordering::Relaxed), stream.pending()), (0, 0..0));
    for index in 0..12 {
        assert_eq!(stream.next().await.unwrap().0, index);
    }
    assert_eq!((taken.load(Ordering::Relaxed), sandbox.requests().len()), (15, 3));
    assert_eq!((stream.position(), stream.pending()), (12, 12..15));
    stream.stop();
    assert_eq!(stream.size_hint(), (3, Some(3)));
    for index in 12..15 {
        assert_eq!(stream.next().await.unwrap().0, index);
    }
    assert!(stream.next().await.is_none());
    assert_eq!(stored(&sandbox, 16)[..15], [1; 15]);
}

#[tokio::test]
async fn a_cut_connection_leaves_its_calls_in_doubt_and_sends_nothing_twice() {
    let (sandbox, client) = sandboxed().await;
    sandbox.faults([Fault::none(), Fault::cut_after(), Fault::cut_before(), Fault::errors(["out of order"])]);
    let calls = (0..25).map(|number| create(&client, number));
    let results = collect(client.batch_all(calls).calls_per_request(5)).await;
    let stored = stored(&sandbox, 25);
    for (number, (result, stored)) in results.into_iter().zip(stored).enumerate() {
        match number {
            5..20 => assert!(!result.unwrap_err().is_not_executed(), "{number}"),
            _ => assert_eq!(subject(&result.unwrap()), format!("Bulk {number}")),
        }
        assert_eq!(stored, u64::from(!(10..15).contains(&number)), "{number}");
    }
}

#[tokio::test]
async fn an_exhausted_quota_is_an_error_of_calls_that_can_be_resumed() {
    let (sandbox, client) = sandboxed().await;
    sandbox.faults([Fault::none(), Fault::status(429).header("retry-after", "3600")]);
    let calls = || (0..25).map(|number| create(&client, number));
    let mut stream = client.batch_all(calls()).calls_per_request(10);
    let (index, error) = loop {
        if let (index, Err(error)) = stream.next().await.unwrap() {
            break (index, error);
        }
    };
    assert!(error.is_rate_limited() && error.is_not_executed() && error.retry_after().is_some(), "{error}");
    assert_eq!((index, stream.pending()), (10, 11..20));
    drop(stream);
    let client = builder(&sandbox).build().unwrap();
    let calls = (0..25).map(|number| create(&client, number));
    let mut stream = client.batch_all(calls).resume(index);
    assert_eq!((stream.position(), stream.size_hint()), (10, (15, Some(15))));
    for expected in 10..25 {
        let (index, result) = stream.next().await.unwrap();
        assert_eq!((index, subject(&result.unwrap())), (expected, &*format!("Bulk {expected}")));
    }
    assert_eq!(stored(&sandbox, 25), [1; 25]);
    // A wait within the policy is invisible.
    sandbox.faults([Fault::status(429).header("retry-after", "1")]);
    assert!(client.batch_all([create(&client, 0)]).next().await.unwrap().1.is_ok());
    assert!(client.batch_all([create(&client, 0)]).resume(7).next().await.is_none());
}

#[tokio::test]
async fn requests_shrink_when_the_server_refuses_their_size() {
    let too_complex = json!({ "errors": [{ "message": "Query has complexity of 2001, which exceeds max complexity of 2000" }] });
    for refusal in [Fault::status(413), Fault::status(400).body(too_complex.to_string())] {
        let (sandbox, client) = sandboxed().await;
        sandbox.faults([Fault::none(), refusal.clone(), refusal]);
        let results = collect(client.batch_all((0..50).map(|number| create(&client, number)))).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(sizes(&sandbox), [20, 20, 10, 5, 5, 5, 5, 5, 5]);
        assert_eq!(stored(&sandbox, 50), [1; 50]);
    }
}

/// The numbers of the calls in a request.
fn numbers(request: &MemoryRequest) -> Vec<usize> {
    let subject =
        |value: &Value| value["subject"].as_str().unwrap().trim_start_matches("Bulk ").parse().unwrap();
    let variables = request.variables.as_object().unwrap();
    (0..variables.len()).map(|alias| subject(&variables[&format!("b{alias}_input")])).collect()
}

fn client_of(transport: &MemoryTransport) -> Client {
    let builder = Client::builder().account("wdc").personal_access_token("token").no_rate_limit();
    builder.transport(transport.clone()).build().unwrap()
}

fn in_memory(answer: impl Fn(&[usize]) -> Value + Send + Sync + 'static) -> (MemoryTransport, Client) {
    let transport = MemoryTransport::new(move |request| answer(&numbers(request)));
    let client = client_of(&transport);
    (transport, client)
}

fn created(numbers: &[usize]) -> Value {
    let payload = |number| json!({ "request": { "subject": format!("Bulk {number}") }, "sdk_errors": [] });
    let data = numbers.iter().enumerate().map(|(alias, number)| (format!("b{alias}"), payload(number)));
    json!({ "data": data.collect::<serde_json::Map<_, _>>() })
}

const TOO_COSTLY: &str = "query cost is 1200, above the limit of 1000";

#[tokio::test]
async fn a_single_call_that_is_too_costly_fails_alone() {
    let (transport, client) = in_memory(|numbers| match numbers.contains(&13) {
        true => json!({ "errors": [{ "message": TOO_COSTLY }] }),
        false => created(numbers),
    });
    let results = collect(client.batch_all((0..60).map(|number| create(&client, number)))).await;
    for (number, result) in results.into_iter().enumerate() {
        match result {
            Ok(payload) => assert_eq!(subject(&payload), format!("Bulk {number}")),
            Err(error) => assert!(number == 13 && error.is_not_executed(), "{number}: {error}"),
        }
    }
    let sizes = transport.requests().iter().map(|request| numbers(request).len()).collect::<Vec<_>>();
    assert_eq!(sizes, [20, 10, 10, 5, 2, 2, 1, 1, 20, 20, 6]);
}

#[tokio::test]
async fn mutations_that_may_have_been_executed_are_not_sent_again() {
    for answer in [
        json!({ "data": null, "errors": [{ "message": TOO_COSTLY }] }),
        json!({ "data": { "b0": null }, "errors": [{ "message": TOO_COSTLY }] }),
        json!({ "data": { "b0": null }, "errors": [{ "message": TOO_COSTLY, "path": ["b0"] }] }),
        json!({ "errors": [{ "message": "out of order" }] }),
    ] {
        let (transport, client) = in_memory(move |_| answer.clone());
        let results = collect(client.batch_all((0..20).map(|number| create(&client, number)))).await;
        assert!(results.into_iter().all(|result| !result.unwrap_err().is_not_executed()));
        assert_eq!(transport.requests().len(), 1);
    }
}

#[tokio::test]
async fn large_calls_and_many_nodes_are_split() {
    let transport = MemoryTransport::new(|_| json!({ "errors": [{ "message": "no" }] }));
    let client = client_of(&transport);
    let sizes = [100_000, 100_000, 300_000, 100_000, 900_000, 10, 10];
    let note = |size| client.note_create(NoteCreateInput::new(node_id("Request", 1), "x".repeat(size)));
    assert_eq!(collect(client.batch_all(sizes.map(note))).await.len(), 7);
    let sent: Vec<_> =
        transport.requests().iter().map(|it| it.variables.as_object().unwrap().len()).collect();
    assert_eq!(sent, [3, 1, 1, 2]);

    #[derive(Debug, Select)]
    #[select(on = Request)]
    #[allow(dead_code, reason = "never fetched")]
    struct Large {
        #[select(first = 100)]
        notes: Vec<xurrent::Note>,
    }
    let pages = (0..120).map(|_| client.requests().select::<Large>().page_size(100));
    assert_eq!(collect(client.batch_all(pages).calls_per_request(100)).await.len(), 120);
    let aliases = |request: &MemoryRequest| request.document.matches(": requests(").count();
    assert_eq!(transport.requests()[4..].iter().map(aliases).collect::<Vec<_>>(), [49, 49, 22]);
}

#[tokio::test]
async fn an_invalid_call_fails_alone_and_is_not_sent() {
    let (sandbox, client) = sandboxed().await;
    let (_other_sandbox, other) = sandboxed().await;
    let ids = ["Person/1", "", "Person/2"].map(|id| match id {
        "" => client.node::<OnlyId>(" "),
        id => client.node(node_id("Person", id[7..].parse().unwrap())),
    });
    let calls = ids.into_iter().chain([other.node(node_id("Person", 1)), client.node(node_id("Team", 1))]);
    let results = collect(client.batch_all(calls)).await;
    assert_eq!(sandbox.requests().len(), 1);
    for index in [0, 2] {
        assert!(results[index].as_ref().unwrap().is_some());
    }
    for index in [1, 3] {
        let error = results[index].as_ref().unwrap_err();
        assert!(error.is_configuration() && error.is_not_executed(), "{error}");
    }
    assert!(results[4].as_ref().unwrap_err().is_wrong_type());
    let blank = collect(client.batch_all([client.node::<Person>(" "), client.node(" ")])).await;
    assert!(blank.iter().all(|result| result.as_ref().unwrap_err().is_configuration()));
    assert_eq!(sandbox.requests().len(), 1, "nothing valid, nothing sent");
}

#[tokio::test]
async fn a_refused_change_is_the_error_of_its_call() {
    let (sandbox, client) = sandboxed().await;
    let notes = ["one", " ", "three"]
        .map(|text| client.note_create(NoteCreateInput::new(node_id("Request", 1), text)));
    let results = collect(client.batch_all(notes)).await;
    let refused: Vec<_> =
        results.iter().map(|result| result.as_ref().is_err_and(Error::is_payload)).collect();
    assert_eq!(refused, [false, true, false]);
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_cancelled_wait_continues_and_a_dropped_stream_says_what_was_in_flight() {
    let (sandbox, client) = sandboxed().await;
    sandbox.faults([Fault::none(), Fault::none().delayed(Duration::from_millis(300))]);
    let mut stream = client.batch_all((0..30).map(|number| create(&client, number))).calls_per_request(10);
    for _ in 0..10 {
        stream.next().await.unwrap().1.unwrap();
    }
    assert_eq!(stream.pending(), 10..10);
    assert!(timeout(Duration::from_millis(50), stream.next()).await.is_err());
    assert_eq!((stream.position(), stream.pending()), (10, 10..20));
    let (index, result) = stream.next().await.unwrap();
    assert_eq!((index, subject(&result.unwrap())), (10, "Bulk 10"));
    for _ in 11..20 {
        stream.next().await.unwrap().1.unwrap();
    }
    sandbox.faults([Fault::none().delayed(Duration::from_millis(300))]);
    assert!(timeout(Duration::from_millis(50), stream.next()).await.is_err());
    assert_eq!(stream.pending(), 20..30);
    drop(stream);
    let rest = client.batch_all((0..30).map(|number| create(&client, number))).resume(30);
    assert_eq!(rest.size_hint(), (0, Some(0)));
    assert_eq!(stored(&sandbox, 20), [1; 20]);
    assert!(client.me().await.is_ok());
}

#[tokio::test]
async fn requests_shrink_after_a_time_limit() {
    let (sandbox, client) = sandboxed().await;
    sandbox.faults([Fault::status(504).after_execution()]);
    let calls = (0..30).map(|number| create(&client, number));
    let results = collect(client.batch_all(calls).retry(RetryPolicy::new().max_attempts(1))).await;
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 20);
    assert!(results[..20].iter().all(|result| !result.as_ref().unwrap_err().is_not_executed()));
    assert_eq!(sizes(&sandbox), [20, 10]);
    assert_eq!(stored(&sandbox, 30), [1; 30]);
}

#[tokio::test]
async fn streams_are_sent_to_other_tasks_and_connections_are_completed() {
    let (_sandbox, client) = sandboxed().await;
    let whole = client.people().select::<OnlyId>().all().await.unwrap();
    let people = (0..3).map({
        let client = client.clone();
        move |_| client.people().select::<OnlyId>().page_size(20).complete()
    });
    let stream = client.batch_all(people).calls_per_request(2);
    for people in tokio::spawn(collect(stream)).await.unwrap() {
        assert_eq!(people.unwrap(), whole);
    }
}
