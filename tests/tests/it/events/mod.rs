//! The Events API, against the sandbox over real sockets.

#![allow(clippy::unwrap_used, missing_docs)]

mod faults;
mod matching;

use crate::sandboxed::{builder, client, start, with};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use xurrent::events::{EventOutcome, NewEvent};
use xurrent::hook::CallEnd;
use xurrent::{Client, Hook, Request, RequestCategory, RequestImpact, RequestStatus, RetryPolicy};
use xurrent_sandbox::{Fault, Sandbox};

/// The label of a configuration item of the sandbox.
const CI: &str = "L-0001";

fn event(note: &str) -> NewEvent {
    NewEvent::new("CPU at 100 %").source("monitoring").source_id("web-1/cpu").ci(CI).note(note)
}

/// The requests of a source, oldest first, with the texts of their notes.
fn stored(sandbox: &Sandbox, source: &str) -> Vec<Value> {
    let query =
        "query($source: [String]) { requests(view: all, first: 100, filter: { source: { values: $source } },
        order: [{ field: createdAt, direction: asc }]) { nodes { id subject status sourceID updatedAt
        notes(first: 100) { nodes { text internal } } } } }";
    let body = json!({ "query": query, "variables": { "source": [source] } });
    let response = sandbox.engine().execute(&body);
    let nodes = response["data"]["requests"]["nodes"].as_array();
    nodes.unwrap_or_else(|| panic!("{response}")).clone()
}

fn notes(request: &Value) -> Vec<&str> {
    let notes = request["notes"]["nodes"].as_array().unwrap().iter();
    notes.map(|note| note["text"].as_str().unwrap()).collect()
}

/// How many events a sandbox received.
fn received(sandbox: &Sandbox) -> usize {
    sandbox.requests().iter().filter(|request| request.path == "/v1/events").count()
}

#[tokio::test]
async fn an_event_becomes_a_request_that_graphql_has() {
    let (sandbox, client) = client().await;
    let made = client.event_create(event("since 10:02").impact(RequestImpact::High)).await.unwrap();
    assert_eq!(made.outcome, EventOutcome::Created);
    let request = client.node::<Request>(&made.node_id).await.unwrap().unwrap();
    assert_eq!(request.subject.as_deref(), Some("CPU at 100 %"));
    assert_eq!(
        (request.source.as_deref(), request.source_id.as_deref()),
        (Some("monitoring"), Some("web-1/cpu"))
    );
    assert_eq!(request.impact, Some(RequestImpact::High));
    assert_eq!(request.category, Some(RequestCategory::Incident), "the item has a service instance");

    let again = client.event_create(event("still").status(RequestStatus::InProgress)).await.unwrap();
    assert_eq!((again.outcome, again.id, &again.node_id), (EventOutcome::Added, made.id, &made.node_id));
    let all = stored(&sandbox, "monitoring");
    assert_eq!((all.len(), notes(&all[0])), (1, vec!["since 10:02", "still"]));
    assert_eq!(all[0]["status"], "in_progress");
}

#[tokio::test]
async fn rejections_name_the_parameters_and_create_nothing() {
    let (sandbox, client) = client().await;
    let wrong = event("text").ci("nowhere").team("nobody").requested_for("ada@nowhere.example");
    let error = client.event_create(wrong).await.unwrap_err();
    assert_eq!(error.status(), Some(422));
    assert!(error.is_status() && error.request_id().is_some(), "{error}");
    let paths: Vec<_> = error.errors().iter().map(|error| error.path.join(".")).collect();
    assert_eq!(paths, ["ci", "requested_for", "team"], "{error}");
    assert!(stored(&sandbox, "monitoring").is_empty());
    let (_sandbox, reader) = with(|it| it.scopes(["request:Read"])).await;
    let error = reader.event_create(event("text")).await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert!(error.to_string().contains("Missing required scope(s): request:Create"), "{error}");
}

#[tokio::test]
async fn an_event_in_doubt_is_sent_again_only_when_the_server_matches_it() {
    let faults = || {
        [
            Fault::cut_before(),
            Fault::cut_after(),
            Fault::cut_body(),
            Fault::status(502),
            Fault::status(503).after_execution(),
            Fault::status(504).after_execution(),
        ]
    };
    let (sandbox, client) = client().await;
    for (index, fault) in faults().into_iter().enumerate() {
        let source = format!("matched {index}");
        sandbox.faults([fault.clone().on_rest()]);
        let before = received(&sandbox);
        let made = client.event_create(event("text").source(&source)).await.unwrap();
        assert_eq!(received(&sandbox) - before, 2, "{fault:?}");
        let all = stored(&sandbox, &source);
        assert_eq!((all.len(), notes(&all[0])), (1, vec!["text"]), "{fault:?}");
        assert_eq!(all[0]["id"], made.node_id.as_str());

        let source = format!("completed {index}");
        sandbox.faults([fault.clone().on_rest()]);
        let before = received(&sandbox);
        let completed = event("text").source(&source).status(RequestStatus::Completed);
        let error = client.event_create(completed).await.unwrap_err();
        assert!(!error.is_not_executed(), "{fault:?}: {error}");
        assert_eq!(received(&sandbox) - before, 1, "{fault:?}");
        assert!(stored(&sandbox, &source).len() <= 1);
    }
    let before = received(&sandbox);
    sandbox.faults([Fault::status(429).header("retry-after", "1").on_rest()]);
    client.event_create(NewEvent::new("Down")).await.unwrap();
    assert_eq!(received(&sandbox) - before, 2, "refused before any work was started");
}

#[tokio::test]
async fn processes_with_one_event_make_one_request() {
    let sandbox = start(|it| it).await;
    let calls: Vec<_> = (0..24)
        .map(|call| {
            // Two processes, one after the other as often as at once.
            let client = builder(&sandbox).no_rate_limit().build().unwrap();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(call / 4)).await;
                client.event_create(event("text")).await.unwrap()
            })
        })
        .collect();
    let mut created = 0;
    let mut ids = std::collections::BTreeSet::new();
    for call in calls {
        let request = call.await.unwrap();
        created += usize::from(request.is_created());
        ids.insert(request.node_id);
    }
    assert_eq!((created, ids.len()), (1, 1));
    let all = stored(&sandbox, "monitoring");
    assert_eq!((all.len(), notes(&all[0])), (1, vec!["text"]));
}

/// The operation, whether it is a mutation, the attempts and the status.
type Ended = (String, bool, usize, Option<u16>);

/// Notes how calls ended.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<Ended>>>);

impl Hook for Calls {
    fn after_call(&self, call: &CallEnd<'_>) {
        let end = (call.operation.to_owned(), call.is_mutation, call.attempts, call.status);
        self.0.lock().unwrap().push(end);
    }
}

#[tokio::test]
async fn events_share_the_limits_hooks_and_accounts_of_the_client() {
    let sandbox = start(|it| it.budget(50, 5_000, Duration::from_secs(60))).await;
    let calls = Calls::default();
    let client: Client = builder(&sandbox).hook(calls.clone()).build().unwrap();
    sandbox.faults([Fault::cut_after().on_rest()]);
    client.event_create(event("text")).await.unwrap();
    assert_eq!(*calls.0.lock().unwrap(), [("events.create".to_owned(), true, 2, Some(200))]);
    assert_eq!(client.budget().requests.remaining, Some(48));
    let error = client.for_account("other").unwrap().event_create(event("text")).await.unwrap_err();
    assert_eq!(error.status(), Some(400), "the token is of one account");
    sandbox.faults([Fault::status(503).on_rest()]);
    let error = client.event_create(event("text")).retry(RetryPolicy::never()).await.unwrap_err();
    assert_eq!((error.status(), error.attempts().len()), (Some(503), 1));
}

#[test]
fn the_blocking_client_creates_events() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime.block_on(start(|it| it));
    let client = xurrent::blocking::Client::new(builder(&sandbox).build().unwrap()).unwrap();
    assert!(client.event_create(event("text")).send().unwrap().is_created());
    let again = client.event_create(event("more")).retry(RetryPolicy::never()).send().unwrap();
    assert!(!again.is_created());
    assert_eq!(stored(&sandbox, "monitoring").len(), 1);
}

#[tokio::test]
async fn a_cancelled_event_leaves_the_client_usable() {
    let (sandbox, client) = with(|it| it.burst(20, Duration::from_secs(2))).await;
    for millis in 0..8 {
        sandbox.faults([Fault::none().delayed(Duration::from_millis(30)).on_rest()]);
        let call = client.event_create(event("text")).send();
        let _ = tokio::time::timeout(Duration::from_millis(millis * 5), call).await;
        sandbox.clear_faults();
    }
    client.event_create(event("text")).await.unwrap();
    assert_eq!(stored(&sandbox, "monitoring").len(), 1);
}
