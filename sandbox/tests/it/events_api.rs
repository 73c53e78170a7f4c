//! The Events API without a client: what it requires, refuses and returns.

use crate::raw_http::{HttpResponse, call};
use crate::schema::schema_json;
use serde_json::{Value, json};
use xurrent_sandbox::{Sandbox, node_id};

fn headers(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    vec![
        ("authorization", format!("Bearer {}", sandbox.token())),
        ("x-xurrent-account", sandbox.account().to_owned()),
        ("content-type", "application/json".to_owned()),
    ]
}

async fn start() -> Sandbox {
    Sandbox::builder().schema_json(schema_json()).start().await.unwrap()
}

async fn post(sandbox: &Sandbox, event: &Value) -> HttpResponse {
    let url = format!("{}/events", sandbox.rest_url());
    call(&url, "POST", &headers(sandbox), &event.to_string()).await
}

/// The refused parameters.
async fn refused(sandbox: &Sandbox, event: &Value) -> Value {
    let response = post(sandbox, event).await;
    assert_eq!(response.status, 422, "{event}: {}", response.text);
    assert_eq!(response.body["message"], "Validation Failed");
    let errors = response.body["errors"].as_array().unwrap().iter();
    errors.map(|error| error[0].clone()).collect()
}

fn requests(sandbox: &Sandbox) -> u64 {
    let query = json!({ "query": "{ requests(view: all, first: 1) { totalCount } }" });
    sandbox.engine().execute(&query)["data"]["requests"]["totalCount"].as_u64().unwrap()
}

#[tokio::test]
async fn the_parameters_are_strict() {
    let sandbox = start().await;
    let before = requests(&sandbox);
    for (name, value) in [
        ("sourceId", json!("1")),
        ("ciId", json!(1)),
        ("problem", json!("A problem")),
        ("urgent", json!(true)),
        ("note", json!(5)),
        ("note", json!(null)),
        ("source", json!(" ")),
        ("category", json!("planet")),
        ("impact", json!("HIGH")),
        ("status", json!(1)),
        ("completion_reason", json!("because")),
        ("waiting_until", json!("tomorrow")),
        ("waiting_until", json!("2026-11-29")),
        ("downtime_start_at", json!(1_748_736_000)),
        ("ci", json!("nowhere")),
        ("ci", json!(1)),
        ("ci_id", json!(9999)),
        ("ci_id", json!("L-0001")),
        ("ci_id", json!(node_id("ConfigurationItem", 1))),
        ("ci_source", json!("scanner")),
        ("ci_sourceID", json!("unknown")),
        ("service_instance", json!("nothing")),
        ("team", json!("nobody")),
        ("member", json!("Ada Brouwer")),
        ("requested_by_id", json!(0)),
        ("supplier", json!("nobody")),
        ("template_id", json!(9999)),
        ("workflow_id", json!("one")),
    ] {
        let mut event = json!({ "subject": "Down" });
        event[name] = value;
        assert_eq!(refused(&sandbox, &event).await, json!([name]), "{event}");
    }
    assert_eq!(refused(&sandbox, &json!({})).await, json!(["subject"]));
    assert_eq!(refused(&sandbox, &json!({ "subject": "" })).await, json!(["subject"]));
    let twice = json!({ "subject": "Down", "ci": "L-0001", "ci_id": 1 });
    assert_eq!(refused(&sandbox, &twice).await, json!(["ci_id"]));
    let many = json!({ "ci": "nowhere", "impact": "huge", "planet": 1, "subject": "Down" });
    assert_eq!(refused(&sandbox, &many).await, json!(["impact", "planet"]));
    assert_eq!(requests(&sandbox), before, "what is refused changes nothing");
}

#[tokio::test]
async fn the_interface_requires_post_json_a_token_and_a_scope() {
    let sandbox = start().await;
    let url = format!("{}/events", sandbox.rest_url());
    let event = json!({ "subject": "Down" });
    let with = |index: usize, value: &str| {
        let mut headers = headers(&sandbox);
        headers[index].1 = value.to_owned();
        headers
    };
    for (method, headers, body, status) in [
        ("GET", headers(&sandbox), String::new(), 405),
        ("PATCH", headers(&sandbox), event.to_string(), 405),
        ("POST", with(0, "Bearer other"), event.to_string(), 401),
        ("POST", with(1, "other"), event.to_string(), 400),
        ("POST", with(2, "text/plain"), event.to_string(), 400),
        ("POST", headers(&sandbox), "[]".to_owned(), 400),
        ("POST", headers(&sandbox), "{".to_owned(), 400),
        ("POST", headers(&sandbox), event.to_string(), 201),
    ] {
        let response = call(&url, method, &headers, &body).await;
        assert_eq!(response.status, status, "{method} {body}: {}", response.text);
    }
    let query =
        format!("{url}?subject=Server%20Down&source=Tool&sourceID=882395&ci_id=1&note=Not%20reachable");
    assert_eq!(call(&query, "POST", &headers(&sandbox), &event.to_string()).await.status, 400);
    let response = call(&query, "POST", &headers(&sandbox), "").await;
    assert_eq!(response.status, 201, "{}", response.text);
    assert_eq!(response.body["subject"], "Server Down");
    assert_eq!(response.body["ci"]["id"], 1);

    let settings = Sandbox::builder().schema_json(schema_json()).scopes(["request:Read", "request:Update"]);
    let reader = settings.start().await.unwrap();
    let response = post(&reader, &event).await;
    assert_eq!(response.status, 403);
    assert_eq!(response.body["message"], "Missing required scope(s): request:Create");
}

#[tokio::test]
async fn defaults_are_those_of_the_documentation() {
    let sandbox = start().await;
    let plain = post(&sandbox, &json!({ "subject": "Down" })).await;
    assert_eq!(plain.status, 201);
    for (name, value) in [
        ("category", json!("other")),
        ("impact", json!(null)),
        ("source", json!("Event")),
        ("sourceID", json!(null)),
        ("status", json!("assigned")),
        ("ci", json!(null)),
    ] {
        assert_eq!(plain.body[name], value, "{name}");
    }
    assert_eq!(plain.body["requested_for"]["name"], "Ada Brouwer");
    let number = plain.body["id"].as_u64().unwrap();
    assert_eq!(plain.body["nodeID"], node_id("Request", number));

    let event = json!({ "subject": "Mail", "service_instance_id": 2, "waiting_until": "2026-11-29T10:02" });
    let incident = post(&sandbox, &event).await.body;
    assert_eq!((&incident["category"], &incident["impact"]), (&json!("incident"), &json!("top")));
    assert_eq!(incident["service_instance"]["id"], 2);
    assert_eq!(incident["waiting_until"], "2026-11-29T10:02:00Z");
    let event = json!({ "subject": "Web", "service_instance_id": 2, "category": "rfc" });
    assert_eq!(post(&sandbox, &event).await.body["impact"], json!(null));
}
