//! Webhooks through the REST interface: what is sent where, what is read, and what is never followed
//! or shown.

mod errors;
mod paging;

use super::builder;
use super::script::{Answer, Script, Sent, json, no_answer, not_sent, status, token};
use serde_json::{Value, json};
use std::time::Duration;
use xurrent::WebhookEvent as Event;
use xurrent::webhooks_api::{NewWebhook, RestWebhook, WebhookChanges, WebhooksApi};
use xurrent::{Client, ErrorKind, Id, MemoryTransport, Region, Result, RetryPolicy, Stage};

const URI: &str = "https://myuser:mylogin-4711@example.com/hook?key=parameter-0815";

fn api(script: &Script) -> WebhooksApi {
    builder(script).build().unwrap().webhooks_api()
}

fn webhook(id: i64) -> Value {
    json!({
        "id": id,
        "name": "Requests",
        "event": "request.create",
        "uri": URI,
        "created_at": "2016-03-17T16:36:11-06:00",
        "updated_at": "2016-03-17T17:09:18-06:00",
    })
}

fn one(body: &Value) -> Answer {
    json(200, &body.to_string())
}

fn page(ids: impl IntoIterator<Item = i64>, next: Option<&str>) -> Answer {
    let answer = one(&ids.into_iter().map(webhook).collect());
    match next {
        Some(next) => answer.with("link", format!("<{next}>; rel=\"next\"")),
        None => answer,
    }
}

fn addresses(script: &Script) -> Vec<String> {
    script.sent().iter().map(|sent| format!("{} {}", sent.method, sent.uri)).collect()
}

fn body(sent: &Sent) -> Value {
    serde_json::from_str(&sent.body).unwrap()
}

/// Sends each call once.
async fn every_call(api: &WebhooksApi) -> Vec<(&'static str, Result<()>)> {
    let none = |result: Result<RestWebhook>| result.map(|_| ());
    vec![
        ("create", none(api.create(NewWebhook::new(Event::RequestCreate, URI)).await)),
        ("list", api.list().all().await.map(|_| ())),
        ("get", none(api.get(2).await)),
        ("update", none(api.update(2, WebhookChanges::new().uri(URI)).await)),
        ("enable", none(api.enable(2).await)),
        ("disable", none(api.disable(2).await)),
        ("delete", api.delete(2).await),
        ("test", api.test(2).await),
    ]
}

#[tokio::test]
async fn every_call_is_what_the_interface_wants() {
    let node = Id::new("NG1lMjQuMjIwODEyMTAxMzQ1QDRtZS1kZW1vLmNvbS9XZWJob29rLzM");
    let (created, nothing) = (json(201, &webhook(2).to_string()), json(204, ""));
    let script = Script::new([created].into_iter().chain(std::iter::repeat_n(one(&webhook(2)), 5)));
    let api_ = api(&script);
    let new = NewWebhook::new(Event::RequestCreate, URI).name("Requests").description("All").disabled(true);
    let made = api_.create(new.mail_exceptions_to("ops@example.com")).await.unwrap();
    api_.get(made.id).await.unwrap();
    api_.get(&node).await.unwrap();
    let changes = WebhookChanges::new().event(Event::from("new.event")).description(None).name("Renamed");
    api_.update(&made, changes).await.unwrap();
    api_.enable(2).await.unwrap();
    api_.disable(2).await.unwrap();
    let at = |path: &str| format!("https://api.xurrent.com/v1/webhooks{path}");
    assert_eq!(
        addresses(&script),
        [
            format!("POST {}", at("")),
            format!("GET {}", at("/2")),
            format!("GET {}", at(&format!("/{node}"))),
            format!("PATCH {}", at("/2")),
            format!("PATCH {}", at("/2")),
            format!("PATCH {}", at("/2")),
        ]
    );
    let sent = script.sent();
    assert_eq!(
        body(&sent[0]),
        json!({
            "event": "request.create", "uri": URI, "name": "Requests", "description": "All", "disabled": true,
            "mail_exceptions_to": "ops@example.com",
        })
    );
    assert_eq!(body(&sent[3]), json!({"event": "new.event", "description": null, "name": "Renamed"}));
    assert_eq!(body(&sent[4]), json!({"disabled": false}));
    assert_eq!(body(&sent[5]), json!({"disabled": true}));
    for one in &sent {
        assert_eq!(one.header("authorization"), Some("Bearer pat-1"));
        assert!(one.sensitive);
        assert_eq!(one.header("x-xurrent-account"), Some("wdc"));
        assert_eq!(one.header("content-type"), Some("application/json"));
        assert_eq!(one.timeout, Duration::from_secs(120));
    }

    let script = Script::new([nothing.clone(), nothing, one(&json!({"id": 2}))]);
    let api_ = api(&script);
    api_.delete(2).await.unwrap();
    api_.test(2).await.unwrap();
    api_.delete(2).await.unwrap();
    let expected = ["DELETE", "POST", "DELETE"].into_iter().zip([at("/2"), at("/2/test"), at("/2")]);
    assert_eq!(addresses(&script), expected.map(|(method, at)| format!("{method} {at}")).collect::<Vec<_>>());
    assert!(script.sent().iter().all(|sent| sent.body.is_empty()));
}

#[tokio::test]
async fn the_address_is_that_of_the_stage_or_the_domain_or_the_one_that_was_given() {
    let script = Script::new(std::iter::repeat_n(one(&webhook(1)), 6));
    let qa = builder(&script).stage(Stage::Qa).region(Region::Ch);
    let demo = builder(&script).stage(Stage::Demo).region(Region::Ch);
    let domain = builder(&script).domain("4me.com");
    let given = || builder(&script).endpoints("https://a.example/graphql", "https://a.example/token");
    for (client, url) in [
        (qa, "https://api.ch.xurrent.qa/v1"),
        (demo, "https://api.xurrent-demo.com/v1"),
        (domain, "https://api.4me.com/v1"),
        (given().rest_endpoint("https://b.example/v1"), "https://b.example/v1"),
        (given().rest_endpoint("https://b.example:8443/rest/v1/"), "https://b.example:8443/rest/v1"),
        (given().rest_endpoint("http://127.0.0.1:4010/v1"), "http://127.0.0.1:4010/v1"),
    ] {
        client.build().unwrap().webhooks_api().get(1).await.unwrap();
        assert_eq!(*addresses(&script).last().unwrap(), format!("GET {url}/webhooks/1"));
    }
}

#[tokio::test]
async fn a_wrong_configuration_is_an_error_before_anything_is_sent() {
    let script = Script::new([]);
    let endpoints = || builder(&script).endpoints("https://a.example/graphql", "https://a.example/token");
    for (builder, why) in [
        (builder(&script).stage(Stage::Qa).rest_endpoint("https://b.example/v1"), "needs `.endpoints"),
        (builder(&script).rest_endpoint("https://b.example/v1"), "needs `.endpoints"),
        (endpoints().rest_endpoint("http://b.example/v1"), "unencrypted"),
        (endpoints().rest_endpoint("https://b.example/v1?key=parameter-0815"), "more than a path"),
        (endpoints().rest_endpoint("b.example"), "invalid URL"),
    ] {
        let error = builder.build().unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(why), "{error}");
        assert!(!error.to_string().contains("parameter-0815"), "{error}");
    }
    let nowhere = endpoints().build().unwrap().webhooks_api();
    for (call, result) in every_call(&nowhere).await {
        let error = result.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("rest_endpoint"), "{call}: {error}");
    }

    let api = api(&script);
    for id in ["", " ", "..", "enabled", "2", "test", "../people", "NG1lLmNvbS9QZXJzb24vMTI/../3", "?a"] {
        let error = api.delete(Id::new(id)).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("invalid id"), "{id}: {error}");
    }
    for number in [0, -1, i64::MIN] {
        assert!(api.test(number).await.unwrap_err().is_configuration());
    }
    for uri in ["", "example.com", "ftp://u:mylogin-4711@example.com", "https://u:mylogin-4711@", "/hook"] {
        let new = NewWebhook::new(Event::RequestCreate, uri);
        let error = api.create(new).await.unwrap_err();
        assert!(error.is_configuration() && !error.to_string().contains("mylogin-4711"), "{uri}: {error}");
        assert!(api.update(2, WebhookChanges::new().uri(uri)).await.unwrap_err().is_configuration());
    }
    assert!(api.create(NewWebhook::new(Event::from(" "), URI)).await.unwrap_err().is_configuration());
    for size in [0, 101] {
        assert!(api.list().page_size(size).all().await.unwrap_err().is_configuration());
    }
    let never = RetryPolicy::new().max_attempts(0);
    assert!(api.get(2).retry(never).await.unwrap_err().is_configuration());
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn every_field_is_read_and_what_is_not_known_is_ignored() {
    let whole = json!({
        "id": 1,
        "nodeID": "NG1lLmNvbS9XZWJob29rLzE",
        "name": "Request Team Changed",
        "event": "request.team-changed",
        "uri": "http://postbin.example/axbxd3",
        "description": "Why",
        "mail_exceptions_to": "webhook.monitor@example.com",
        "disabled": "true",
        "last_error": "404 Not Found",
        "created_at": "2016-03-17T16:34:59-06:00",
        "updated_at": "2016-03-17T16:34:59-06:00",
        "sourceID": null,
        "webhook_policy": {"id": 3},
    });
    let read = |changed: &[(&str, Value)]| {
        let mut body = whole.clone();
        for (name, value) in changed {
            body[*name] = value.clone();
        }
        let script = Script::new([one(&body).with("x-request-id", "r-1")]);
        async move { api(&script).get(1).await }
    };
    let webhook = read(&[]).await.unwrap();
    assert_eq!((webhook.id, webhook.event, webhook.disabled), (1, Event::RequestTeamChanged, true));
    assert_eq!(webhook.node_id, Some(Id::new("NG1lLmNvbS9XZWJob29rLzE")));
    assert_eq!(webhook.name.as_deref(), Some("Request Team Changed"));
    assert_eq!(webhook.uri.expose(), "http://postbin.example/axbxd3");
    assert_eq!(webhook.description.as_deref(), Some("Why"));
    assert_eq!(webhook.mail_exceptions_to.as_deref(), Some("webhook.monitor@example.com"));
    assert_eq!(webhook.last_error.as_deref(), Some("404 Not Found"));
    assert_eq!(webhook.created_at.unwrap().to_string(), "2016-03-17T16:34:59-06:00");
    assert_eq!(webhook.updated_at, webhook.created_at);

    for (disabled, is) in
        [(json!(true), true), (json!(false), false), (json!("false"), false), (json!(null), false)]
    {
        assert_eq!(read(&[("disabled", disabled)]).await.unwrap().disabled, is);
    }
    let event = read(&[("event", json!("planet.explode"))]).await.unwrap().event;
    assert_eq!(event, Event::Unrecognized("planet.explode".to_owned()));
    for (field, value) in [
        ("disabled", json!("yes")),
        ("disabled", json!(1)),
        ("id", json!("1")),
        ("id", json!(null)),
        ("uri", json!(null)),
        ("uri", json!("")),
        ("event", json!(7)),
        ("created_at", json!("yesterday")),
    ] {
        let error = read(&[(field, value)]).await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Decode, Some("r-1")), "{field}: {error}");
        assert!(error.to_string().contains(&format!(": {field}: ")), "{field}: {error}");
    }
    for body in ["[]", "null", "{}", "", "7"] {
        let script = Script::new([json(200, body)]);
        assert_eq!(api(&script).get(1).await.unwrap_err().kind(), ErrorKind::Decode, "{body}");
    }
    let script = Script::new([json(201, "{\"id\": 1}")]);
    let error = api(&script).create(NewWebhook::new(Event::RequestCreate, URI)).await.unwrap_err();
    assert!(error.to_string().contains("was executed; do not retry"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn only_what_reads_is_sent_again_on_doubt() {
    let busy = json(429, "{}").with("retry-after", "1");
    for (failure, mutation) in [
        (busy, true),
        (not_sent(), true),
        (no_answer(), false),
        (json(503, "{}"), false),
        (status(502, ""), false),
    ] {
        // Each call is sent once, and then again where that is right.
        let calls = ["create", "list", "get", "update", "enable", "disable", "delete", "test"];
        for call in calls {
            let again = mutation || matches!(call, "list" | "get");
            let script =
                Script::new([failure.clone(), one(&if call == "list" { json!([]) } else { webhook(2) })]);
            let api = api(&script);
            let result: Result<()> = match call {
                "create" => api.create(NewWebhook::new(Event::RequestCreate, URI)).await.map(|_| ()),
                "list" => api.list().all().await.map(|_| ()),
                "get" => api.get(2).await.map(|_| ()),
                "update" => api.update(2, WebhookChanges::new().name("a")).await.map(|_| ()),
                "enable" => api.enable(2).await.map(|_| ()),
                "disable" => api.disable(2).await.map(|_| ()),
                "delete" => api.delete(2).await,
                _ => api.test(2).await,
            };
            assert_eq!(result.is_ok(), again, "{call}: {result:?}");
            assert_eq!(script.sent().len(), 1 + usize::from(again), "{call}");
        }
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once_for_any_call() {
    let script = Script::new([token("t-1", "3600"), json(401, "{}"), token("t-2", "3600"), json(204, "")]);
    let client =
        Client::builder().account("wdc").client_credentials("id", "secret").transport(script.clone());
    client.build().unwrap().webhooks_api().test(2).await.unwrap();
    let signatures: Vec<_> =
        script.sent().iter().filter_map(|sent| sent.header("authorization").map(str::to_owned)).collect();
    assert_eq!(signatures, ["Bearer t-1", "Bearer t-2"]);
}

#[tokio::test]
async fn the_limits_in_an_answer_are_taken_over() {
    let script =
        Script::new([one(&webhook(1)).with("x-ratelimit-remaining", 17).with("x-ratelimit-limit", 20)]);
    let client = builder(&script).build().unwrap();
    client.webhooks_api().get(1).await.unwrap();
    assert_eq!(client.budget().requests.remaining, Some(17));
}

#[tokio::test]
async fn a_transport_in_memory_sees_calls_of_the_interface() {
    let transport = MemoryTransport::new(|request| match request.operation.as_str() {
        "webhooksApi.list" => json!([webhook(1)]),
        "webhooksApi.test" => json!(null),
        _ => webhook(2),
    });
    let client =
        Client::builder().account("test").personal_access_token("token").transport(transport.clone());
    let api = client.build().unwrap().webhooks_api();
    for (call, result) in every_call(&api).await {
        assert!(result.is_ok(), "{call}: {result:?}");
    }
    let requests = transport.requests();
    let documents: Vec<&str> = requests.iter().map(|request| request.document.as_str()).collect();
    assert_eq!(documents[0], "POST /v1/webhooks");
    assert_eq!(documents[1], "GET /v1/webhooks?per_page=100");
    assert_eq!(documents[7], "POST /v1/webhooks/2/test");
    assert_eq!(requests[0].operation, "webhooksApi.create");
    assert_eq!(requests[0].variables["uri"], URI);
}
