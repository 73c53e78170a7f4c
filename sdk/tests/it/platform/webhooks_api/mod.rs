//! Webhooks through the REST interface: what is sent where, what is read, and what is never followed
//! or shown.

use super::builder;
use super::script::{Answer, Script, Sent, json, no_answer, not_sent, status, token};
use serde_json::{Value, json};
use std::time::Duration;
use xurrent::webhook::Event;
use xurrent::webhooks_api::{NewWebhook, RestWebhook, WebhookChanges, WebhookUri, WebhooksApi};
use xurrent::{
    Client, Error, ErrorKind, Id, MemoryTransport, Region, Result, RetryPolicy, SecretString, Stage,
};

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

#[tokio::test]
async fn a_list_goes_from_page_to_page_as_the_server_says() {
    let at = "https://api.xurrent.com/v1/webhooks";
    let (second, third) = (format!("{at}?per_page=2&search_after=a%2B1"), format!("{at}?page=3"));
    let script = Script::new([page([1, 2], Some(&second)), page([], Some(&third)), page([3], None)]);
    let all = api(&script).list().page_size(2).all().await.unwrap();
    assert_eq!(all.iter().map(|webhook| webhook.id).collect::<Vec<_>>(), [1, 2, 3]);
    let first = format!("GET {at}?per_page=2");
    assert_eq!(addresses(&script), [first, format!("GET {second}"), format!("GET {third}")]);

    let script = Script::new([page([1], None), page([], None), page([], None)]);
    let list = api(&script).list();
    assert_eq!(list.clone().enabled().all().await.unwrap().len(), 1);
    assert!(list.clone().disabled().all().await.unwrap().is_empty());
    list.all().await.unwrap();
    let expected = ["/enabled?per_page=100", "/disabled?per_page=100", "?per_page=100"];
    assert_eq!(addresses(&script), expected.map(|path| format!("GET {at}{path}")));
}

#[tokio::test]
async fn the_token_goes_to_no_other_place_for_a_next_page() {
    for next in [
        "https://evil.example/v1/webhooks?page=2",
        "http://api.xurrent.com/v1/webhooks?page=2",
        "https://api.xurrent.com/v1/people?page=2",
        "https://api.xurrent.com:444/v1/webhooks?page=2",
        "https://api.xurrent.com/v1/webhooks/enabled?page=2",
    ] {
        let script = Script::new([page([1], Some(next)).with("x-request-id", "r-1")]);
        let mut stream = api(&script).list().stream();
        assert_eq!(stream.try_next().await.unwrap().unwrap().id, 1, "what came is handed out");
        let error = stream.try_next().await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Pagination, Some("r-1")), "{error}");
        assert!(stream.try_next().await.unwrap().is_none(), "the stream has ended");
        assert_eq!(script.sent().len(), 1, "{next}");
    }
}

#[tokio::test]
async fn pages_that_run_in_a_circle_are_refused() {
    let at = "https://api.xurrent.com/v1/webhooks";
    let (first, second) = (format!("{at}?per_page=100"), format!("{at}?page=2"));
    for circle in [&first, &second] {
        let script = Script::new([page([1], Some(&second)), page([2], Some(circle))]);
        let error = api(&script).list().all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Pagination, "{error}");
        assert_eq!(script.sent().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_given_up_goes_on_where_it_was() {
    let next = "https://api.xurrent.com/v1/webhooks?page=2";
    let slow = |answer: Answer| answer.after(Duration::from_secs(3));
    let script = Script::new([slow(page([1], Some(next))), slow(page([2], None))]);
    let mut stream = api(&script).list().stream();
    let mut ids = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_millis(700), stream.try_next()).await {
            Err(_) => {}
            Ok(Ok(Some(webhook))) => ids.push(webhook.id),
            Ok(Ok(None)) => break,
            Ok(Err(error)) => unreachable!("{error}"),
        }
    }
    assert_eq!((ids, script.sent().len()), (vec![1, 2], 2));
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

async fn refused(answer: Answer) -> Error {
    let script = Script::new([answer.with("x-request-id", "r-1")]);
    let error = api(&script).create(NewWebhook::new(Event::RequestCreate, URI)).await.unwrap_err();
    assert_eq!(error.request_id(), Some("r-1"));
    error
}

#[tokio::test]
async fn all_that_the_server_says_is_in_the_error() {
    let error = refused(json(404, r#"{"message":"Not Found"}"#)).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(404)));
    assert!(error.to_string().contains("Not Found"), "{error}");
    for status in [401, 403] {
        let error = refused(json(status, r#"{"message":"Administrators only"}"#)).await;
        assert!(error.is_unauthorized() && error.to_string().contains("Administrators only"), "{error}");
    }
    let expected = ["Event is not included in the list", "Uri is invalid"];
    for errors in [
        r#"["Event is not included in the list","Uri is invalid"]"#,
        r#"[["event","Event is not included in the list"],["uri","Uri is invalid"]]"#,
        r#"[{"message":"Event is not included in the list","path":["event"]},{"message":"Uri is invalid"}]"#,
        r#"[{"field":"event","message":"Event is not included in the list"},{"field":"uri","message":"Uri is invalid"}]"#,
        r#"{"event":["Event is not included in the list"],"uri":"Uri is invalid"}"#,
        r#"[{"event":["Event is not included in the list"]},{"uri":["Uri is invalid"]}]"#,
    ] {
        let error =
            refused(json(422, &format!(r#"{{"message":"Validation Failed","errors":{errors}}}"#))).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(422)));
        let messages: Vec<&str> = error.errors().iter().map(|error| error.message.as_str()).collect();
        assert_eq!(messages, expected, "{errors}");
        let paths: Vec<&[String]> = error.errors().iter().map(|error| &*error.path).collect();
        assert!(paths.iter().all(|path| path.is_empty() || matches!(path[0].as_str(), "event" | "uri")));
        assert_eq!(paths[0].is_empty(), errors.starts_with("[\"Event"), "{errors}");
        let shown = error.to_string();
        assert!(expected.iter().all(|message| shown.contains(message)), "{shown}");
        assert!(shown.contains("Validation Failed"), "{shown}");
    }
    let error = refused(json(422, r#"{"message":"No","errors":{"uri":["is long","is wrong"]}}"#)).await;
    assert!(error.to_string().contains("uri: is long; uri: is wrong"), "{error}");
    for errors in ["[1,true]", r#"{"a":{"b":7}}"#, r#"[{"message":{"x":"deep"},"field":5}]"#] {
        let error = refused(json(422, &format!(r#"{{"message":"No","errors":{errors}}}"#))).await;
        assert!(!error.errors().is_empty(), "{errors}: {error}");
    }
    for (answer, part) in [
        (status(200, "<h1>Sign in</h1>"), "not JSON"),
        (status(500, "<h1>Down</h1>"), "Down"),
        (json(500, ""), "empty body"),
        (status(204, ""), "empty body"),
        (status(302, ""), "302"),
    ] {
        let error = refused(answer).await;
        assert!(error.to_string().contains(part), "{part}: {error}");
        assert_eq!(error.kind(), ErrorKind::Status, "{error}");
    }
    // A page of whatever stands in between is no success of a test.
    let script = Script::new([status(200, "<h1>Sign in</h1>")]);
    assert_eq!(api(&script).test(2).await.unwrap_err().kind(), ErrorKind::Status);
}

#[tokio::test]
async fn what_an_address_holds_is_never_shown() {
    let secrets = ["mylogin-4711", "parameter-0815", "pat-1234567890"];
    let is_clean = |text: String| {
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
    };
    let uri = WebhookUri::from(URI);
    assert_eq!((uri.to_string().as_str(), uri.expose()), ("https://***@example.com/hook?***", URI));
    assert_eq!(serde_json::to_value(&uri).unwrap(), json!("https://***@example.com/hook?***"));
    assert_eq!(WebhookUri::from(SecretString::from(URI)).expose(), URI);
    is_clean(format!("{uri:?} {:?}", NewWebhook::new(Event::RequestCreate, URI).name("a")));
    is_clean(format!("{:?}", WebhookChanges::new().uri(URI)));
    is_clean(format!("{:?}", WebhookUri::from("nonsense:mylogin-4711@example.com?parameter-0815")));

    let mut failed = webhook(1);
    failed["last_error"] = json!(format!("connection to {URI} refused, password mylogin-4711"));
    let script = Script::new([one(&failed)]);
    let read = api(&script).get(1).await.unwrap();
    is_clean(format!("{read:?} {:?}", read.last_error));
    assert_eq!(read.uri.expose(), URI);

    let echo = format!(r#"{{"message":"{URI} is taken","errors":[["uri","{URI} for pat-1234567890"]]}}"#);
    for answer in [json(422, &echo), status(500, &echo), json(500, &format!("\"{URI}\""))] {
        let script = Script::new([answer.with("x-request-id", "r-pat-1234567890")]);
        let client = Client::builder().account("wdc").personal_access_token("pat-1234567890");
        let api = client.transport(script.clone()).build().unwrap().webhooks_api();
        let error = api.create(NewWebhook::new(Event::RequestCreate, URI)).await.unwrap_err();
        is_clean(format!("{error} {error:?} {:?}", error.errors()));
    }
    is_clean(format!("{:?}", api(&Script::new([])).create(NewWebhook::new(Event::RequestCreate, URI))));
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
