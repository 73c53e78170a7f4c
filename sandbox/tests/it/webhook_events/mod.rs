//! The events of changes.

mod payloads;

use crate::receiver::{Receiver, done, quick, run, start, webhook};
use serde_json::{Value, json};
use xurrent_sandbox::{Sandbox, node_id};

/// A sandbox, and a receiver with a webhook for each event that there is.
async fn listening() -> (Sandbox, Receiver) {
    let (sandbox, receiver) = (start(quick()).await, Receiver::start().await);
    for event in EVENTS {
        webhook(&sandbox, event, &receiver.url).await;
    }
    receiver.forget();
    (sandbox, receiver)
}

/// Those that the tests below look at.
const EVENTS: [&str; 31] = [
    "app_instance.update",
    "ci.create",
    "ci.update",
    "flsa.update",
    "knowledge_article.update",
    "out_of_office_period.create",
    "out_of_office_period.delete",
    "out_of_office_period.update",
    "person.update",
    "problem.manager-changed",
    "problem.update",
    "product.create",
    "project.create",
    "project_task.create",
    "request.agile-board-column-changed",
    "request.create",
    "request.major-incident-status-changed",
    "request.member-changed",
    "request.note-added",
    "request.status-changed",
    "request.team-changed",
    "request.update",
    "risk.status-changed",
    "service_instance.update",
    "sla.update",
    "task.status-changed",
    "team.update",
    "time_entry.create",
    "time_entry.delete",
    "time_entry.update",
    "webhook.verify",
];

/// The names of the events that a mutation leads to.
async fn events_of(sandbox: &Sandbox, receiver: &Receiver, mutation: &str, input: Value) -> Vec<String> {
    receiver.forget();
    done(sandbox, mutation, input).await;
    sandbox.deliveries_settled().await;
    receiver.names()
}

#[tokio::test]
async fn a_change_has_exactly_its_events() {
    let (sandbox, receiver) = listening().await;
    let request = done(&sandbox, "requestCreate", json!({ "subject": "x" })).await;
    sandbox.deliveries_settled().await;
    for (mutation, input, events) in [
        ("requestCreate", json!({ "subject": "x" }), &["request.create"] as &[_]),
        ("requestCreate", json!({ "subject": "x", "note": "with one" }), &["request.create"]),
        ("requestUpdate", json!({ "id": request }), &[]),
        ("requestUpdate", json!({ "id": request, "subject": "x" }), &[]),
        ("requestUpdate", json!({ "id": request, "subject": "y" }), &["request.update"]),
        (
            "requestUpdate",
            json!({ "id": request, "status": "completed" }),
            &["request.status-changed", "request.update"],
        ),
        ("requestUpdate", json!({ "id": request, "status": "completed" }), &[]),
        (
            "requestUpdate",
            json!({ "id": request, "teamId": node_id("Team", 1) }),
            &["request.team-changed", "request.update"],
        ),
        (
            "requestUpdate",
            json!({ "id": request, "memberId": node_id("Person", 2) }),
            &["request.member-changed", "request.update"],
        ),
        (
            "requestUpdate",
            json!({ "id": request, "memberId": null }),
            &["request.member-changed", "request.update"],
        ),
        ("requestUpdate", json!({ "id": request, "memberId": null }), &[]),
        ("requestUpdate", json!({ "id": request, "note": "one" }), &["request.note-added", "request.update"]),
        (
            "noteCreate",
            json!({ "ownerId": request, "text": "two" }),
            &["request.note-added", "request.update"],
        ),
        (
            "requestUpdate",
            json!({ "id": request, "note": "one", "internalNote": "two" }),
            &["request.note-added", "request.note-added", "request.update"],
        ),
        ("requestUpdate", json!({ "id": request, "timeSpent": 5 }), &["request.update", "time_entry.create"]),
        (
            "requestUpdate",
            json!({ "id": request, "configurationItemIds": [node_id("ConfigurationItem", 1)] }),
            &["request.update"],
        ),
        (
            "requestUpdate",
            json!({ "id": request, "customFields": [{ "id": "x", "value": 1 }] }),
            &["request.update"],
        ),
        (
            "requestUpdate",
            json!({ "id": request, "agileBoardColumnId": node_id("AgileBoardColumn", 1) }),
            &["request.agile-board-column-changed", "request.update"],
        ),
        (
            "requestUpdate",
            json!({ "id": request, "majorIncidentStatus": "proposed" }),
            &["request.major-incident-status-changed", "request.update"],
        ),
        (
            "problemUpdate",
            json!({ "id": node_id("Problem", 1), "managerId": node_id("Person", 77) }),
            &["problem.manager-changed", "problem.update"],
        ),
        (
            "serviceLevelAgreementUpdate",
            json!({ "id": node_id("ServiceLevelAgreement", 1), "name": "gold" }),
            &["sla.update"],
        ),
        ("teamUpdate", json!({ "id": node_id("Team", 1), "name": "gold" }), &["team.update"]),
        (
            "configurationItemUpdate",
            json!({ "id": node_id("ConfigurationItem", 1), "label": "gold" }),
            &["ci.update"],
        ),
        ("siteUpdate", json!({ "id": node_id("Site", 1), "name": "gold" }), &[]),
        (
            "timeEntryUpdate",
            json!({ "id": node_id("TimeEntry", 1), "timeSpent": 99 }),
            &["time_entry.update"],
        ),
        (
            "outOfOfficePeriodDelete",
            json!({ "id": node_id("OutOfOfficePeriod", 2) }),
            &["out_of_office_period.delete"],
        ),
    ] {
        assert_eq!(
            events_of(&sandbox, &receiver, mutation, input.clone()).await,
            events,
            "{mutation} {input}"
        );
    }
}

#[tokio::test]
async fn refused_mutations_and_queries_have_no_events() {
    let (sandbox, receiver) = listening().await;
    let payload = crate::receiver::mutate(
        &sandbox,
        "requestUpdate",
        json!({ "id": node_id("Request", 1), "subject": " " }),
    )
    .await;
    assert_eq!(payload["errors"][0]["message"], "Subject cannot be blank");
    run(&sandbox, "{ me { id } }", json!({})).await;
    sandbox.deliveries_settled().await;
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn discovered_items_have_one_event_each() {
    let (sandbox, receiver) = listening().await;
    let query = r#"mutation { discoveredConfigurationItems(input: { source: "scan", physicalAssets: [{
        name: "Laptops", reference: "laptops", products: [{ name: "L", model: "M", brand: "B", sourceID: "p", configurationItems: [
            { sourceID: "a", name: "A" }, { sourceID: "b", name: "B" }] }] }] }) { errors { message } } }"#;
    run(&sandbox, query, json!({})).await;
    sandbox.deliveries_settled().await;
    assert_eq!(receiver.names(), ["ci.create", "ci.create", "product.create"]);
}

#[tokio::test]
async fn the_record_of_an_event_can_be_read_at_once() {
    let (sandbox, receiver) = (start(quick()).await, Receiver::start().await);
    webhook(&sandbox, "request.create", &receiver.url).await;
    let request = done(&sandbox, "requestCreate", json!({ "subject": "now" })).await;
    sandbox.deliveries_settled().await;
    let [event] = receiver.events().try_into().unwrap();
    assert_eq!(event.body["object_nodeID"], request);
    let data = run(
        &sandbox,
        "query($id: ID!) { node(id: $id) { ... on Request { subject } } }",
        json!({ "id": event.body["object_nodeID"] }),
    )
    .await;
    assert_eq!(data["node"]["subject"], "now");
}

#[tokio::test]
async fn an_engine_without_a_socket_delivers_nothing() {
    let receiver = Receiver::start().await;
    let engine = crate::schema::engine();
    let create = r#"mutation($uri: String!) { webhookCreate(input: { event: "request.create", uri: $uri }) {
        errors { message } webhook { id name disabled } } }"#;
    let payload = crate::schema::with(&engine, create, json!({ "uri": receiver.url }));
    assert_eq!(payload["webhookCreate"]["errors"], json!([]));
    crate::schema::run(&engine, r#"mutation { requestCreate(input: { subject: "x" }) { request { id } } }"#);
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(receiver.received().is_empty());
}
