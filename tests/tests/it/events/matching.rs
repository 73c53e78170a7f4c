//! Which open request an event is added to, and what it changes.

use super::{CI, event, notes, stored};
use crate::sandboxed::{client, with};
use serde_json::json;
use xurrent::events::{CiReference, NewEvent};
use xurrent::{Client, RequestStatus};

/// Whether an event creates a request.
async fn creates(client: &Client, event: NewEvent) -> bool {
    client.event_create(event).await.unwrap().is_created()
}

#[tokio::test]
async fn events_are_matched_by_source_service_instance_and_item() {
    let (sandbox, client) = client().await;
    assert!(creates(&client, event("a").service_instance(1)).await);
    assert!(!creates(&client, event("b").service_instance(1).source_id("other")).await, "not by `sourceID`");
    assert!(!creates(&client, NewEvent::new("Disk").source("monitoring").ci(1).service_instance(1)).await);
    assert!(creates(&client, event("a").service_instance(2)).await);
    assert!(creates(&client, event("a").service_instance(1).ci(2)).await);
    assert!(creates(&client, event("a").service_instance(1).source("other")).await);
    assert!(creates(&client, event("a")).await, "with the service instance of the item");
    assert!(!creates(&client, event("c").service_instance(2)).await);
    let all = stored(&sandbox, "monitoring");
    let texts: Vec<_> = all.iter().map(notes).collect();
    assert_eq!(texts, [vec!["a", "b"], vec!["a", "c"], vec!["a"], vec!["a"]]);
}

#[tokio::test]
async fn the_first_service_instance_of_an_item_is_the_default() {
    let (sandbox, client) = with(|it| {
        it.record("ServiceInstance", "web", json!({ "name": "Web" }))
            .record("ServiceInstance", "mail", json!({ "name": "Mail" }))
            .record(
                "ConfigurationItem",
                "server",
                json!({ "label": "server", "source": "scanner", "sourceID": "s-1",
                "serviceInstances": ["web", "mail"] }),
            )
    })
    .await;
    let made = client.event_create(event("a").ci("server")).await.unwrap();
    let by_source = event("b").ci(CiReference::by_source("scanner", "s-1")).service_instance("Web");
    assert_eq!(client.event_create(by_source).await.unwrap().node_id, made.node_id);
    assert!(creates(&client, event("b").ci("server").service_instance("Mail")).await);
    let request = client.node::<xurrent::Request>(&made.node_id).await.unwrap().unwrap();
    assert_eq!(request.category, Some(xurrent::RequestCategory::Incident));
    assert_eq!(request.impact, Some(xurrent::RequestImpact::Top));
    assert_eq!(stored(&sandbox, "monitoring").len(), 2);
}

#[tokio::test]
async fn only_an_open_request_of_the_last_day_is_matched() {
    let old = |created: &str| json!({ "subject": "Old", "source": created, "createdAt": created, "configurationItems": ["ci"] });
    // The time of the sandbox begins at midnight, and the first event is a second later.
    let (sandbox, client) = with(|it| {
        it.record("ConfigurationItem", "ci", json!({ "label": "ci" }))
            .record("Request", "recent", old("2025-05-31T00:00:10Z"))
            .record("Request", "old", old("2025-05-30T23:59:59Z"))
    })
    .await;
    assert!(!creates(&client, event("a").ci("ci").source("2025-05-31T00:00:10Z")).await);
    assert!(creates(&client, event("a").ci("ci").source("2025-05-30T23:59:59Z")).await);

    assert!(creates(&client, event("a")).await);
    assert!(!creates(&client, event("fixed").status(RequestStatus::Completed)).await);
    assert!(creates(&client, event("a")).await, "the first is completed");
    let all = stored(&sandbox, "monitoring");
    assert_eq!((all[0]["status"].as_str(), all.len()), (Some("completed"), 2));
}

#[tokio::test]
async fn a_note_is_added_when_its_text_is_new_and_then_some_fields_change() {
    let (sandbox, client) = client().await;
    let first = client.event_create(event("a").team("Service Desk")).await.unwrap();
    assert!(!creates(&client, event("b")).await);
    let before = stored(&sandbox, "monitoring");
    for copy in [event("a"), event("b"), NewEvent::new("Other").source("monitoring").ci(CI)] {
        let copy = copy.status(RequestStatus::WaitingFor).internal_note("internal");
        assert_eq!(client.event_create(copy).await.unwrap().node_id, first.node_id);
        assert_eq!(stored(&sandbox, "monitoring"), before, "a copy changes nothing");
    }
    let change =
        NewEvent::new("Other").source("monitoring").source_id("2").ci(CI).note("c").internal_note("no");
    let change = change.status(RequestStatus::WaitingFor).category(xurrent::RequestCategory::Rfi).member(2);
    assert!(!creates(&client, change).await);
    let after = stored(&sandbox, "monitoring");
    assert_eq!(notes(&after[0]), ["a", "b", "c"]);
    assert_eq!(after[0]["status"], "waiting_for");
    assert_eq!(
        (&after[0]["subject"], &after[0]["sourceID"]),
        (&before[0]["subject"], &before[0]["sourceID"])
    );
    let request = client.node::<xurrent::Request>(&first.node_id).await.unwrap().unwrap();
    assert_eq!(request.category, Some(xurrent::RequestCategory::Incident));
    assert_eq!(
        request.member.map(|member| member.id().clone()),
        Some(xurrent_sandbox::node_id("Person", 2).into())
    );
}

#[tokio::test]
async fn without_an_item_only_copies_are_matched() {
    let (sandbox, client) = client().await;
    let plain = |subject: &str| NewEvent::new(subject).source("monitoring");
    assert!(creates(&client, plain("Down").note("a")).await);
    assert!(!creates(&client, plain("Down").note("a").source_id("other")).await);
    assert!(creates(&client, plain("Down").note("b")).await);
    assert!(creates(&client, plain("Up").note("a")).await);
    assert!(creates(&client, plain("Down").note("a").source("other")).await);
    assert!(creates(&client, plain("Down").note("a").requested_for(5)).await);
    assert!(!creates(&client, plain("Down").note("a").requested_by(5)).await);
    assert!(creates(&client, plain("Down")).await);
    assert!(!creates(&client, plain("Down")).await);
    assert!(stored(&sandbox, "monitoring").iter().all(|request| notes(request).len() <= 1));
}
