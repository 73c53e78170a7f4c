//! Webhooks managed through the REST API, against the sandbox over real sockets.

#![allow(clippy::unwrap_used, missing_docs)]

mod raw_requests;

use crate::sandboxed::{builder, client, start, with};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use xurrent::hook::CallEnd;
use xurrent::webhook::Event;
use xurrent::webhooks_api::{NewWebhook, WebhookChanges, WebhooksApi};
use xurrent::{Client, ErrorKind, Hook, Id, NodeId, Recording, RetryPolicy, WebhookUpdateInput};
use xurrent_sandbox::{Fault, Sandbox, Webhooks};

const URI: &str = "http://user:mylogin-4711@127.0.0.1:9/hook?key=parameter-0815";

fn new() -> NewWebhook {
    NewWebhook::new(Event::RequestCreate, URI)
}

async fn several(api: &WebhooksApi, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(api.create(new()).await.unwrap().id);
    }
    ids
}

/// How often this method was asked for.
fn asked(sandbox: &Sandbox, method: &str) -> usize {
    sandbox
        .requests()
        .iter()
        .filter(|request| request.method == method && request.path.starts_with("/v1"))
        .count()
}

#[tokio::test]
async fn a_webhook_is_created_read_updated_and_deleted() {
    let (_sandbox, client) = client().await;
    let api = client.webhooks_api();
    let made =
        api.create(new().name("Ours").description("Why").mail_exceptions_to("a@example.com")).await.unwrap();
    assert_eq!(
        (made.name.as_deref(), &made.event, made.uri.expose()),
        (Some("Ours"), &Event::RequestCreate, URI)
    );
    assert_eq!((made.description.as_deref(), made.disabled), (Some("Why"), false));
    assert_eq!(made.mail_exceptions_to.as_deref(), Some("a@example.com"));
    assert!(made.created_at.is_some() && made.updated_at == made.created_at && made.last_error.is_none());

    // The same webhook as GraphQL has it, and by the id that GraphQL has for it.
    let node = made.node_id.clone().unwrap();
    let same = client.node::<xurrent::Webhook>(&node).await.unwrap().unwrap();
    assert_eq!((same.uri.as_deref(), same.name.as_deref()), (Some(URI), Some("Ours")));
    assert_eq!(u64::try_from(made.id).unwrap(), NodeId::decode(&node).unwrap().number);
    assert_eq!(api.get(&node).await.unwrap().id, made.id);

    let changes =
        WebhookChanges::new().event(Event::TaskUpdate).description(None).uri("http://127.0.0.1:9/other");
    let changed = api.update(&made, changes).await.unwrap();
    assert_eq!(
        (changed.event, changed.description, changed.uri.expose()),
        (Event::TaskUpdate, None, "http://127.0.0.1:9/other")
    );
    assert_eq!(changed.name.as_deref(), Some("Ours"), "what is not set stays");
    assert!(changed.updated_at != made.updated_at);

    assert!(api.disable(made.id).await.unwrap().disabled);
    assert!(api.get(made.id).await.unwrap().disabled);
    assert!(!api.enable(made.id).await.unwrap().disabled);

    api.delete(made.id).await.unwrap();
    assert!(client.node::<xurrent::Webhook>(&node).await.unwrap().is_none());
    for error in [api.get(made.id).await.unwrap_err(), api.delete(&node).await.unwrap_err()] {
        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(404)), "{error}");
        assert!(error.request_id().is_some());
    }
}

#[tokio::test]
async fn all_webhooks_are_listed_page_by_page_newest_first() {
    let (sandbox, client) = client().await;
    let api = client.webhooks_api();
    let before = api.list().all().await.unwrap().len();
    let mut ids = several(&api, 25).await;
    ids.reverse();
    let asked_before = asked(&sandbox, "GET");
    let all = api.list().page_size(7).all().await.unwrap();
    assert_eq!(all.iter().map(|webhook| webhook.id).take(25).collect::<Vec<_>>(), ids);
    assert_eq!(all.len(), 25 + before);
    assert_eq!(asked(&sandbox, "GET") - asked_before, (25 + before).div_ceil(7));

    for id in &ids[..3] {
        api.disable(*id).await.unwrap();
    }
    let disabled = api.list().disabled().page_size(2).all().await.unwrap();
    assert!(ids[..3].iter().all(|id| disabled.iter().any(|webhook| webhook.id == *id)));
    assert!(disabled.iter().all(|webhook| webhook.disabled));
    let enabled = api.list().enabled().page_size(10).all().await.unwrap();
    assert_eq!(enabled.len() + disabled.len(), all.len());
    assert!(enabled.iter().all(|webhook| !webhook.disabled));
}

#[tokio::test]
async fn a_webhook_deleted_during_pagination_hides_no_other() {
    let (_sandbox, client) = client().await;
    let api = client.webhooks_api();
    let mut ids = several(&api, 9).await;
    ids.reverse();
    let mut stream = api.list().page_size(3).stream();
    let mut read = Vec::new();
    while let Some(webhook) = stream.try_next().await.unwrap() {
        read.push(webhook.id);
        if ids.contains(&webhook.id) {
            api.delete(webhook.id).await.unwrap();
        }
    }
    assert_eq!(read[..9], ids);
}

#[tokio::test]
async fn a_disabled_webhook_has_a_reason_and_can_be_enabled() {
    let webhooks = Webhooks::default().retry_after([]).disable_after(1, Duration::ZERO);
    let (sandbox, client) = with(|it| it.webhooks(webhooks)).await;
    let api = client.webhooks_api();
    let made = api.create(new()).await.unwrap();
    let error = api.test(made.id).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(422)), "not verified: {error}");
    sandbox.deliveries_settled().await;
    assert!(sandbox.verify_webhook(made.node_id.as_ref().unwrap().as_str()));
    api.enable(made.id).await.unwrap();
    api.test(made.id).await.unwrap();
    sandbox.deliveries_settled().await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    api.test(made.id).await.unwrap_or_default();
    sandbox.deliveries_settled().await;

    let disabled = api.list().disabled().all().await.unwrap();
    let disabled = disabled.iter().find(|webhook| webhook.id == made.id).unwrap();
    let why = disabled.last_error.clone().unwrap();
    assert!(!why.is_empty() && !format!("{disabled:?}").contains("mylogin-4711"), "{why}");
    // It can be tested all the same: the event is about a record that nobody has.
    let before = sandbox.deliveries().len();
    api.test(made.id).await.unwrap();
    sandbox.deliveries_settled().await;
    assert_eq!(sandbox.deliveries()[before].message["object_id"], 12345);
    let enabled = api.enable(made.id).await.unwrap();
    assert!(!enabled.disabled && enabled.last_error.is_none());
}

#[tokio::test]
async fn all_reasons_of_a_rejection_are_reported() {
    let (_sandbox, client) = client().await;
    let api = client.webhooks_api();
    let error =
        api.create(NewWebhook::new(Event::from("planet.explode"), "http://127.0.0.1:9/")).await.unwrap_err();
    assert_eq!(error.errors()[0].path, ["event"], "{error}");
    let uri = "https://user:mylogin-4711@example.com/hook";
    let wrong = NewWebhook::new(Event::RequestCreate, uri).name(" ");
    let error = api.create(wrong).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(422)));
    let paths: Vec<&str> = error.errors().iter().map(|error| error.path[0].as_str()).collect();
    assert_eq!(paths, ["name", "uri"], "{error}");
    let shown = error.to_string();
    assert!(error.errors().iter().all(|reason| shown.contains(&reason.message)), "{shown}");
    assert!(!shown.contains("mylogin-4711"), "{shown}");
    let count = api.list().all().await.unwrap().len();
    let made = api.create(new()).await.unwrap();
    assert_eq!(api.list().all().await.unwrap().len(), count + 1, "what is refused is not made");
    let error = api.update(made.id, WebhookChanges::new().name("")).await.unwrap_err();
    assert_eq!(error.errors()[0].path, ["name"], "{error}");
}

#[tokio::test]
async fn only_scopes_that_a_token_has_are_used() {
    let (_sandbox, client) = with(|it| it.scopes(["webhook:Read"])).await;
    let api = client.webhooks_api();
    api.list().all().await.unwrap();
    for result in [
        api.create(new()).await.map(|_| ()),
        api.update(1, WebhookChanges::new().name("a")).await.map(|_| ()),
        api.delete(1).await,
        api.test(1).await,
    ] {
        let error = result.unwrap_err();
        let status = error.status();
        assert!(status == Some(404) || error.is_unauthorized() && status == Some(403), "{error}");
    }
    assert!(api.create(new()).await.unwrap_err().is_unauthorized());
    let stranger = with(|it| it.scopes(["person:Read"])).await;
    assert!(stranger.1.webhooks_api().list().all().await.unwrap_err().is_unauthorized());
}

#[tokio::test]
async fn changes_in_doubt_are_not_retried() {
    let (sandbox, client) = client().await;
    let api = client.webhooks_api();
    let id = several(&api, 1).await[0];
    for fault in [Fault::status(503), Fault::cut_after(), Fault::cut_body(), Fault::cut_before()] {
        let posts = asked(&sandbox, "POST");
        sandbox.faults([fault.clone().on_rest()]);
        api.create(new()).await.unwrap_err();
        assert_eq!(asked(&sandbox, "POST"), posts + 1);
        let patches = asked(&sandbox, "PATCH");
        sandbox.faults([fault.clone().on_rest()]);
        api.disable(id).await.unwrap_err();
        assert_eq!(asked(&sandbox, "PATCH"), patches + 1);
        let gets = asked(&sandbox, "GET");
        sandbox.faults([fault.on_rest()]);
        api.get(id).await.unwrap();
        assert_eq!(asked(&sandbox, "GET"), gets + 2);
    }
    // Refused before any work was started.
    let posts = asked(&sandbox, "POST");
    sandbox.faults([Fault::status(429).header("retry-after", "1").on_rest()]);
    api.create(new()).await.unwrap();
    assert_eq!(asked(&sandbox, "POST"), posts + 2);
}

#[tokio::test]
async fn a_cancelled_call_leaves_the_client_usable() {
    let (sandbox, client) = with(|it| it.burst(20, Duration::from_secs(2))).await;
    let api = client.webhooks_api();
    for millis in 0..8 {
        sandbox.faults([Fault::none().delayed(Duration::from_millis(30)).on_rest()]);
        let call = tokio::time::timeout(Duration::from_millis(millis * 5), api.list().all());
        let _ = call.await;
        sandbox.clear_faults();
    }
    api.list().all().await.unwrap();
    client.me().await.unwrap();
}

#[tokio::test]
async fn rest_and_graphql_calls_share_the_limits() {
    let sandbox = start(|it| it.burst(4, Duration::from_secs(1))).await;
    let client = builder(&sandbox).rate_limit(4, Duration::from_secs(1)).retry(RetryPolicy::never());
    let client = client.build().unwrap();
    let start = std::time::Instant::now();
    let calls: Vec<_> = (0..12)
        .map(|call| {
            let client = client.clone();
            tokio::spawn(async move {
                match call % 2 {
                    0 => client.webhooks_api().list().all().await.map(|_| ()),
                    _ => client.me().await.map(|_| ()),
                }
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert!(start.elapsed() > Duration::from_millis(1_900), "{:?}", start.elapsed());

    let (_sandbox, client) = with(|it| it.budget(50, 5_000, Duration::from_secs(60))).await;
    client.webhooks_api().list().all().await.unwrap();
    assert_eq!(client.budget().requests.remaining, Some(49));
}

/// The operation, whether it is a mutation, the status.
type Ended = (String, bool, Option<u16>);

/// Notes how calls ended.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<Ended>>>);

impl Hook for Notes {
    fn after_call(&self, call: &CallEnd<'_>) {
        self.0.lock().unwrap().push((call.operation.to_owned(), call.is_mutation, call.status));
    }
}

#[tokio::test]
async fn hooks_observe_calls_and_recordings_contain_no_webhook_address() {
    let sandbox = start(|it| it).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let notes = Notes::default();
    let client = builder(&sandbox).hook(notes.clone()).recording(Recording::to(file.path()));
    let client: Client = client.build().unwrap();
    let api = client.webhooks_api();
    let id = api.create(new()).await.unwrap().id;
    api.get(id).await.unwrap();
    api.delete(id).await.unwrap();
    api.get(id).await.unwrap_err();
    client.check().await.unwrap();
    let expected = [
        ("webhooksApi.create", true, 200),
        ("webhooksApi.get", false, 200),
        ("webhooksApi.delete", true, 204),
        ("webhooksApi.get", false, 404),
    ];
    let expected = expected.map(|(name, changes, status)| (name.to_owned(), changes, Some(status)));
    assert_eq!(*notes.0.lock().unwrap(), expected);

    let text = std::fs::read_to_string(file.path()).unwrap();
    for secret in ["mylogin-4711", "parameter-0815", "127.0.0.1:9", sandbox.token()] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    let lines: Vec<Value> = text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    let to: Vec<&str> = lines.iter().map(|line| line["request"]["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["other", "other", "other", "other", "introspect"]);
    assert_eq!(lines[0]["request"], json!({"to": "other", "operation": "webhooksApi.create"}));
    assert_eq!((&lines[0]["answer"]["status"], &lines[0]["answer"]["json"]), (&json!(200), &Value::Null));
}

#[tokio::test]
async fn rest_and_graphql_share_one_store() {
    let (sandbox, client) = client().await;
    let api = client.webhooks_api();
    let made = api.create(new()).await.unwrap();
    let node: Id = made.node_id.clone().unwrap();
    client.webhook_update(WebhookUpdateInput::new(&node).disabled(true).name("By GraphQL")).await.unwrap();
    let read = api.get(made.id).await.unwrap();
    assert_eq!((read.disabled, read.name.as_deref()), (true, Some("By GraphQL")));
    api.enable(made.id).await.unwrap();
    let same = client.node::<xurrent::Webhook>(&node).await.unwrap().unwrap();
    assert_eq!(same.disabled, Some(false));
    // A new one is told to prove its address, whoever has made it, and through which interface.
    let one = || sandbox.deliveries().into_iter().find(|it| it.webhook_id == u64::try_from(made.id).unwrap());
    tokio::time::timeout(Duration::from_secs(5), async {
        while one().is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(one().unwrap().event, "webhook.verify");
}
