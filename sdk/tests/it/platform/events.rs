//! The Events API: what is sent, what is read, and what is sent again.

use super::builder;
use super::script::{Answer, Script, json, no_answer, not_sent, status};
use serde_json::{Value, json};
use xurrent::events::{CiReference, EventOutcome, NewEvent, Reference};
use xurrent::jiff::Timestamp as Instant;
use xurrent::{
    Client, ErrorKind, Id, RequestCategory, RequestCompletionReason, RequestImpact, RequestStatus, Timestamp,
};

const NODE: &str = "NG1lLmNvbS9SZXEvNjg2NzM";

fn answer(status: u16) -> Answer {
    json(status, &json!({ "id": 68673, "nodeID": NODE, "status": "assigned" }).to_string())
}

fn client(script: &Script) -> Client {
    builder(script).build().unwrap()
}

/// The body that an event is sent with.
async fn body(event: NewEvent) -> Value {
    let script = Script::new([answer(201)]);
    client(&script).event_create(event).await.unwrap();
    serde_json::from_str(&script.sent()[0].body).unwrap()
}

#[tokio::test]
async fn every_parameter_is_what_the_interface_wants() {
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let event = NewEvent::new("Disk is full")
        .source("Zabbix")
        .source_id("4711")
        .note("/var")
        .internal_note("again")
        .category(RequestCategory::Incident)
        .impact(RequestImpact::High)
        .status(RequestStatus::Completed)
        .completion_reason(RequestCompletionReason::NoReply)
        .desired_completion_at(at("2026-11-29T10:02:30.987654321Z"))
        .downtime_start_at("2026-11-29T10:02:30+02:00".parse::<Timestamp>().unwrap())
        .downtime_end_at(at("2026-11-29T10:02:30Z"))
        .waiting_until(at("2026-11-29T10:02:00Z"))
        .ci("web-1")
        .service_instance("Web")
        .team("Unix")
        .member("carla@example.com")
        .requested_by("a@example.com")
        .requested_for("b@example.com")
        .supplier("Dell")
        .supplier_request_id("SR-1")
        .support_domain("wdc")
        .problem(3)
        .workflow(4)
        .template(5);
    assert_eq!(
        body(event.clone()).await,
        json!({
            "subject": "Disk is full", "source": "Zabbix", "sourceID": "4711", "note": "/var",
            "internal_note": "again", "category": "incident", "impact": "high", "status": "completed",
            "completion_reason": "no_reply", "desired_completion_at": "2026-11-29T10:02:30Z",
            "downtime_start_at": "2026-11-29T08:02:30Z", "downtime_end_at": "2026-11-29T10:02:30Z",
            "waiting_until": "2026-11-29T10:02:00Z", "ci": "web-1", "service_instance": "Web",
            "team": "Unix", "member": "carla@example.com", "requested_by": "a@example.com",
            "requested_for": "b@example.com", "supplier": "Dell", "supplier_requestID": "SR-1",
            "support_domain": "wdc", "problem_id": 3, "workflow_id": 4, "template_id": 5,
        })
    );
    // The last of two wins, whatever form it has.
    let numbers = NewEvent::new("Down").ci("web-1").ci(12).team("Unix").team(Id::from(NODE));
    assert_eq!(body(numbers).await, json!({ "subject": "Down", "ci_id": 12, "team_id": 68673 }));
    let by_source = NewEvent::new("Down").ci(12).ci(CiReference::by_source("Lansweeper", "web-1"));
    let expected = json!({ "subject": "Down", "ci_source": "Lansweeper", "ci_sourceID": "web-1" });
    assert_eq!(body(by_source).await, expected);
    assert_eq!(CiReference::from(5), CiReference::from(Reference::from(5)));

    let script = Script::new([answer(201)]);
    client(&script).event_create(event).await.unwrap();
    let sent = &script.sent()[0];
    assert_eq!((sent.method.as_str(), sent.uri.as_str()), ("POST", "https://api.xurrent.com/v1/events"));
    assert_eq!(sent.header("authorization"), Some("Bearer pat-1"));
    assert_eq!(sent.header("x-xurrent-account"), Some("wdc"));
    assert_eq!(sent.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn mistakes_are_errors_before_anything_is_sent() {
    let new = || NewEvent::new("Down");
    for (event, mistake) in [
        (NewEvent::new(" "), "`subject` is a blank text"),
        (new().source(""), "`source` is a blank text"),
        (new().ci("\t"), "`ci` is a blank text"),
        (new().ci(CiReference::by_source("a", "")), "`ci_sourceID` is a blank text"),
        (new().ci(0), "`ci_id` is 0; expected the number of a record"),
        (new().template(-5), "`template_id` is -5"),
        (new().member(Id::from("carla")), "`member_id` is \"carla\", which is not the id"),
        (new().impact(RequestImpact::from("huge")), "\"huge\"; expected one of high, low, medium, top"),
        (
            new().waiting_until(Timestamp::NoTarget),
            "`waiting_until` is \"no_target\"; expected a point in time",
        ),
        (new().completion_reason(RequestCompletionReason::Solved), "`completion_reason` needs the status"),
        (
            new().completion_reason(RequestCompletionReason::Solved).status(RequestStatus::Assigned),
            "needs the status `completed`",
        ),
        (
            NewEvent::new("").source("").team(0),
            "`subject` is a blank text; `source` is a blank text; `team_id`",
        ),
    ] {
        let script = Script::new([]);
        let error = client(&script).event_create(event).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(mistake) && error.is_not_executed(), "{mistake}: {error}");
        assert!(script.sent().is_empty());
    }
    let script = Script::new([]);
    let nowhere = builder(&script).endpoints("https://a.example/graphql", "https://a.example/token");
    let error = nowhere.build().unwrap().event_create(new()).await.unwrap_err();
    assert!(error.to_string().contains("no REST endpoint"), "{error}");
    assert!(format!("{:?}", new().ci(0).note("text")).contains("\"note\": \"text\""));
}

#[tokio::test]
async fn the_result_tells_created_from_added() {
    for (status, outcome) in [(201, EventOutcome::Created), (200, EventOutcome::Added)] {
        let request = client(&Script::new([answer(status)])).event_create(NewEvent::new("a")).await.unwrap();
        assert_eq!((request.outcome, request.id, request.node_id.as_str()), (outcome, 68673, NODE));
        assert_eq!(request.is_created(), status == 201);
    }
    for (answer, why) in [
        (answer(202), "unexpected status 202"),
        (json(201, r#"{"id": 1}"#), "missing field `nodeID`"),
        (json(201, r#"{"id": "one", "nodeID": "a"}"#), "id: invalid type"),
        (json(200, "[]"), "invalid"),
    ] {
        let script = Script::new([answer.with("x-request-id", "r-1")]);
        let error = client(&script).event_create(NewEvent::new("a")).await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Decode, Some("r-1")), "{error}");
        assert!(error.to_string().contains(why) && !error.is_not_executed(), "{error}");
        assert_eq!(script.sent().len(), 1);
    }
    let refused =
        r#"{"message":"Validation Failed","errors":[["impact","is not included"],["ci","is unknown"]]}"#;
    let script = Script::new([json(422, refused).with("x-request-id", "r-2")]);
    let error = client(&script).event_create(NewEvent::new("a")).await.unwrap_err();
    assert_eq!((error.status(), error.request_id()), (Some(422), Some("r-2")));
    let paths: Vec<_> = error.errors().iter().map(|error| error.path.join(".")).collect();
    assert_eq!(paths, ["impact", "ci"]);
    assert!(error.to_string().contains("is not included"), "{error}");
}

/// How often an event is sent when the first attempt fails so and the second succeeds.
async fn sent(client: impl Fn(&Script) -> Client, event: &NewEvent, failure: Answer) -> usize {
    let script = Script::new([failure, answer(200)]);
    let result = client(&script).event_create(event.clone()).await;
    let sent = script.sent();
    assert_eq!(result.is_ok(), sent.len() == 2, "{result:?}");
    assert!(sent.iter().all(|it| it.body == sent[0].body));
    sent.len()
}

#[tokio::test(start_paused = true)]
async fn only_an_event_that_the_server_matches_is_sent_again_on_doubt() {
    let new = || NewEvent::new("Down");
    let matched = || new().source("Zabbix").ci("web-1");
    let noted = || new().source("Zabbix").note("text");
    let doubts = || {
        [
            no_answer(),
            status(502, "<h1>Down</h1>"),
            json(503, "{}"),
            json(504, "{}"),
            json(503, "{}").with("retry-after", 3),
        ]
    };
    for (event, is_matched) in [
        (matched(), true),
        (matched().source_id("1").note("text").status(RequestStatus::Declined), true),
        (noted(), true),
        (noted().source_id("1"), true),
        (new().source("Zabbix").ci(CiReference::by_source("a", "b")), true),
        (new(), false),
        (new().source("Zabbix"), false),
        (new().source("Zabbix").source_id("1"), false),
        (new().ci("web-1").note("text"), false),
        (matched().template(5), false),
        (noted().template(5), false),
        (matched().status(RequestStatus::Completed), false),
        (matched().status(RequestStatus::Completed).status(RequestStatus::Assigned), true),
    ] {
        let times = if is_matched { 2 } else { 1 };
        for doubt in doubts() {
            assert_eq!(sent(client, &event, doubt).await, times, "{event:?}");
        }
        // Certainly not executed.
        assert_eq!(sent(client, &event, not_sent()).await, 2, "{event:?}");
        assert_eq!(sent(client, &event, json(429, "{}").with("retry-after", 1)).await, 2, "{event:?}");
        for refusal in [json(500, "{}"), json(422, "{}"), json(404, "{}"), json(400, "{}"), json(403, "{}")] {
            assert_eq!(sent(client, &event, refusal).await, 1, "{event:?}");
        }
    }
    // By default, a request is for the owner of the token, who can be another one at the next attempt.
    let two = |script: &Script| builder(script).personal_access_token("pat-2").build().unwrap();
    for (event, times) in [
        (noted(), 1),
        (noted().requested_for("a@example.com"), 2),
        (noted().requested_by(5), 2),
        (matched(), 2),
    ] {
        assert_eq!(sent(two, &event, no_answer()).await, times, "{event:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_in_doubt_says_so_until_the_end() {
    let event = NewEvent::new("Down").source("Zabbix").ci("web-1");
    let script = Script::new([no_answer(), json(503, "{}"), not_sent(), not_sent(), not_sent()]);
    let error = client(&script).event_create(event.clone()).await.unwrap_err();
    assert_eq!((script.sent().len(), error.attempts().len()), (5, 5));
    assert!(!error.is_not_executed(), "{error}");
    let script = Script::new([not_sent(), json(429, "{}"), not_sent(), not_sent(), not_sent()]);
    assert!(client(&script).event_create(event).await.unwrap_err().is_not_executed());
}
