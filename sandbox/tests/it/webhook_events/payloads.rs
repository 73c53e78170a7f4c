//! The content of deliveries.

use crate::receiver::{Receiver, done, quick, start, webhook};
use crate::webhook_events::listening;
use serde_json::{Value, json};
use xurrent_sandbox::node_id;

#[tokio::test]
async fn a_delivery_matches_the_documentation() {
    let (sandbox, receiver) = (start(quick()).await, Receiver::start().await);
    let hook = webhook(&sandbox, "request.update", &format!("{}?secret=1", receiver.url)).await;
    let team = node_id("Team", 4);
    done(&sandbox, "teamUpdate", json!({ "id": team, "disabled": true, "source": "LDAP", "sourceID": "t4" }))
        .await;
    receiver.forget();
    let input = json!({ "id": node_id("Request", 7), "status": "in_progress", "teamId": team, "memberId": node_id("Person", 9),
        "source": "self service", "sourceID": "s-7", "note": "Hello" });
    done(&sandbox, "requestUpdate", input).await;
    sandbox.deliveries_settled().await;
    let [event] = receiver.received().try_into().unwrap();

    let number = event.body["webhook_id"].as_u64().unwrap();
    assert_eq!(event.body["webhook_nodeID"], hook);
    let note = event.body["payload"]["note_id"].as_u64().unwrap();
    let (member, team_name) = (&event.body["payload"]["member"], &event.body["payload"]["team"]["name"]);
    let account = r#""account":{"id":"wdc","name":"Sandbox account wdc"}"#;
    let expected = format!(
        r#"{{"webhook_id":{number},"webhook_nodeID":"{hook}","account_id":"wdc","account":"{}","name":"request.update","#,
        sandbox.account_url()
    ) + &format!(
        r#""event":"request.update","object_id":7,"object_nodeID":"{}","person_id":1,"person_nodeID":"{}","person_name":"Ada Brouwer","instance_name":"sandbox","#,
        node_id("Request", 7),
        node_id("Person", 1)
    ) + &format!(
        r#""payload":{{"audit_line_id":2,"audit_line_nodeID":"{}","note_id":{note},"note_nodeID":"{}","source":"self service","sourceID":"s-7","status":"in_progress","#,
        node_id("AuditLine", 2),
        node_id("Note", note)
    ) + &format!(
        r#""team":{{"id":4,"nodeID":"{team}","name":{team_name},"sourceID":"t4","disabled":true,{account}}},"#
    ) + &format!(r#""member":{member}}}}}"#);
    // The member is read by name here, since its fields are those of the seeded person.
    let mut sorted: Value = serde_json::from_str(&expected).unwrap();
    assert_eq!(sorted["payload"]["member"]["id"], 9);
    assert_eq!(sorted["payload"]["member"].take()["nodeID"], node_id("Person", 9));
    let (before, _) = event.text.split_once(r#""member""#).unwrap();
    assert_eq!(Some(before), expected.split_once(r#""member""#).map(|(before, _)| before));

    assert_eq!(event.uri, "/hook?secret=1");
    assert_eq!(event.header("content-type"), "application/json; charset=utf-8");
    assert!(event.header("user-agent").starts_with("xurrent/1.0 ("));
    assert!(
        !event.headers.contains_key("authorization")
            && !event.headers.contains_key("x-xurrent-delivery-origin")
    );
    let rest = sandbox.graphql_url().replace("/graphql", "/v1");
    let account = sandbox.account_url();
    assert_eq!(
        event.header("link"),
        format!(
            r#"<{account}/requests/7>; rel="canonical", <{rest}/requests/7>; rel="resource", <{rest}/requests/7/notes/{note}>; rel="related""#
        )
    );
}

#[tokio::test]
async fn only_status_changes_have_a_previous_status() {
    let (sandbox, receiver) = listening().await;
    for (mutation, type_name, status) in [
        ("requestUpdate", "Request", "completed"),
        ("taskUpdate", "Task", "completed"),
        // The documentation does not have it among those with a previous status.
        ("riskUpdate", "Risk", "closed"),
    ] {
        receiver.forget();
        done(&sandbox, mutation, json!({ "id": node_id(type_name, 1), "status": status })).await;
        sandbox.deliveries_settled().await;
        for event in receiver.events() {
            let name = event.body["event"].as_str().unwrap().to_owned();
            assert_eq!(event.body["payload"]["status"], status, "{name}");
            let previous = &event.body["payload"]["previous_status"];
            let has_one = name.ends_with(".status-changed") && type_name != "Risk";
            assert_eq!(
                previous.as_str().is_some_and(|previous| previous != status),
                has_one,
                "{name} {previous}"
            );
        }
        assert!(receiver.names().iter().any(|name| name.ends_with("status-changed")), "{mutation}");
    }
}

#[tokio::test]
async fn notes_and_time_entries_have_no_audit_line() {
    let (sandbox, receiver) = listening().await;
    let request = node_id("Request", 3);
    for (input, is_audited) in [
        (json!({ "id": request, "note": "x" }), false),
        (json!({ "id": request, "timeSpent": 3 }), false),
        (json!({ "id": request, "note": "x", "subject": "y" }), true),
    ] {
        receiver.forget();
        done(&sandbox, "requestUpdate", input.clone()).await;
        sandbox.deliveries_settled().await;
        let lines: Vec<Value> = receiver
            .events()
            .iter()
            .filter(|event| event.body["object_nodeID"] == request)
            .map(|event| event.body["payload"]["audit_line_id"].clone())
            .collect();
        assert!(lines.len() >= if input.get("note").is_some() { 2 } else { 1 }, "{input}");
        assert!(
            lines.iter().all(|line| line.is_u64() == is_audited && *line == lines[0]),
            "{input} {lines:?}"
        );
    }
}

#[tokio::test]
async fn time_entries_and_out_of_office_periods_have_full_payloads() {
    let (sandbox, receiver) = listening().await;
    let input = json!({ "id": node_id("TimeEntry", 1), "timeSpent": -15, "correction": true,
        "personId": node_id("Person", 3) });
    done(&sandbox, "timeEntryUpdate", input).await;
    done(
        &sandbox,
        "outOfOfficePeriodUpdate",
        json!({ "id": node_id("OutOfOfficePeriod", 1), "reason": "sea" }),
    )
    .await;
    sandbox.deliveries_settled().await;
    let events = receiver.events();
    let of = |name: &str| events.iter().find(|event| event.body["event"] == name).unwrap().clone();

    let entry = of("time_entry.update");
    let payload = &entry.body["payload"];
    assert_eq!((&payload["id"], &payload["nodeID"]), (&json!(1), &json!(node_id("TimeEntry", 1))));
    assert_eq!((&payload["time_spent"], &payload["correction"]), (&json!(-15), &json!(true)));
    assert_eq!(payload["person"]["nodeID"], node_id("Person", 3));
    assert!(payload["charge"].as_str().unwrap().parse::<f64>().is_ok(), "a decimal is a text");
    assert!(payload.get("cost").is_none() && payload.get("audit_line_id").is_none());
    assert_eq!(keys(&entry.text), TIME_ENTRY);
    assert_eq!(keys(&of("out_of_office_period.update").text), OUT_OF_OFFICE_PERIOD);
    assert_eq!(of("out_of_office_period.update").body["payload"]["reason"], "sea");
}

const TIME_ENTRY: [&str; 33] = [
    "id",
    "nodeID",
    "date",
    "started_at",
    "time_spent",
    "correction",
    "deleted",
    "description",
    "effort_class",
    "time_allocation",
    "charge",
    "charge_rate",
    "charge_type",
    "charge_currency",
    "cost_currency",
    "rateID",
    "agreementID",
    "customer",
    "organization",
    "person",
    "team",
    "service",
    "service_instance",
    "sla",
    "request",
    "problem",
    "task",
    "project_task",
    "note_id",
    "note_nodeID",
    "created_at",
    "updated_at",
    "",
];
const OUT_OF_OFFICE_PERIOD: [&str; 14] = [
    "id",
    "nodeID",
    "person",
    "approval_delegate",
    "reason",
    "start_at",
    "end_at",
    "effort_class",
    "time_allocation",
    "source",
    "sourceID",
    "created_at",
    "updated_at",
    "",
];

/// The names of the fields of the payload, in their order.
fn keys(text: &str) -> Vec<String> {
    let payload = text.split_once(r#""payload":"#).unwrap().1;
    let (mut depth, mut keys) = (0, Vec::new());
    let mut rest = payload;
    while let Some(at) = rest.find(['{', '}', '"']) {
        let behind = &rest[at + 1..];
        rest = match rest.as_bytes()[at] {
            b'{' => {
                depth += 1;
                behind
            }
            b'}' => {
                depth -= 1;
                behind
            }
            _ => {
                let end = behind.find('"').unwrap();
                if depth == 1 && behind[end + 1..].starts_with(':') {
                    keys.push(behind[..end].to_owned());
                }
                &behind[end + 1..]
            }
        };
    }
    keys.push(String::new());
    keys
}
