//! Webhook delivery: order, signatures, tests, replay.

mod failures;
mod handshake;

use crate::receiver::{Receiver, done, quick, start, webhook};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use xurrent_sandbox::{Sandbox, WebhookTestError, Webhooks, node_id};

async fn create_request(sandbox: &Sandbox) {
    done(sandbox, "requestCreate", json!({ "subject": "x" })).await;
}

#[tokio::test]
async fn queued_deliveries_of_a_deleted_webhook_are_dropped() {
    for change in ["delete", "disable", "move"] {
        let settings = quick().retry_after([Duration::from_millis(300)]);
        let (sandbox, receiver) = (start(settings).await, Receiver::start().await);
        let hook = webhook(&sandbox, "request.create", &receiver.url).await;
        receiver.forget();
        receiver.respond_with([500]);
        create_request(&sandbox).await;
        while receiver.received().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        match change {
            "delete" => done(&sandbox, "webhookDelete", json!({ "id": hook })).await,
            "disable" => done(&sandbox, "webhookUpdate", json!({ "id": hook, "disabled": true })).await,
            _ => {
                done(&sandbox, "webhookUpdate", json!({ "id": hook, "uri": format!("{}/new", receiver.url) }))
                    .await
            }
        };
        sandbox.deliveries_settled().await;
        assert_eq!(receiver.events().len(), 1, "{change}");
    }
}

#[tokio::test]
async fn credentials_in_the_uri_are_sent_and_redacted() {
    let (sandbox, receiver) = (start(quick()).await, Receiver::start().await);
    let uri = receiver.url.replace("http://", "http://me:pass%20word@") + "?key=hidden";
    webhook(&sandbox, "request.create", &uri).await;
    create_request(&sandbox).await;
    sandbox.deliveries_settled().await;
    let [event] = receiver.events().try_into().unwrap();
    assert_eq!(event.header("authorization"), "Basic bWU6cGFzcyB3b3Jk");
    assert_eq!(event.uri, "/hook?key=hidden");
    let attempts = sandbox.deliveries();
    assert!(attempts.iter().all(|attempt| attempt.uri == receiver.url));
    let shown = format!("{attempts:?}").to_lowercase();
    for secret in ["pass", "basic", "bwu6", "hidden", "authorization"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn each_attempt_is_signed_by_the_policy() {
    let (sandbox, receiver) = (start(quick()).await, Receiver::start().await);
    let policy =
        done(&sandbox, "webhookPolicyCreate", json!({ "jwtAlg": "es256", "jwtAudience": "orders" })).await;
    let input = json!({ "event": "request.create", "uri": receiver.url, "webhookPolicyId": policy, "openidConnectDiscovery": true });
    let hook = done(&sandbox, "webhookCreate", input).await;
    sandbox.verify_webhook(&hook);
    sandbox.deliveries_settled().await;
    receiver.forget();
    receiver.respond_with([500]);
    create_request(&sandbox).await;
    sandbox.deliveries_settled().await;
    let tokens: Vec<[Value; 2]> = receiver
        .received()
        .iter()
        .map(|received| {
            assert_eq!(received.body.as_object().unwrap().keys().collect::<Vec<_>>(), ["jwt"]);
            let mut parts = received.body["jwt"].as_str().unwrap().split('.').map(|part| {
                use base64::Engine as _;
                let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
                serde_json::from_slice(&bytes).unwrap_or_default()
            });
            [parts.next().unwrap(), parts.next().unwrap()]
        })
        .collect();
    let [[header, first], [_, second]] = tokens.as_slice() else { panic!("{tokens:?}") };
    assert_eq!(header["alg"], "ES256");
    assert!(header["kid"].is_string());
    assert!(
        first["iss"].as_str().unwrap().starts_with(&format!("{}/webhook_policies/", sandbox.account_url()))
    );
    assert_eq!(first["aud"], "orders");
    assert_eq!(first["data"]["event"], "request.create");
    assert_eq!(first["data"], second["data"]);
    assert_ne!(first["jti"], second["jti"], "a token is used once");
    assert_eq!(sandbox.deliveries().last().unwrap().message, first["data"]);
}

#[tokio::test]
async fn a_test_delivers_the_event_without_a_change() {
    let (sandbox, receiver) = (start(quick()).await, Receiver::start().await);
    for (event, object) in [
        ("request.create", "Request"),
        ("request.note-added", "Request"),
        ("ci.update", "ConfigurationItem"),
        ("automation_rule", "AutomationRule"),
    ] {
        let hook = webhook(&sandbox, event, &receiver.url).await;
        receiver.forget();
        assert_eq!(sandbox.test_webhook(&hook), Ok(()));
        sandbox.deliveries_settled().await;
        let [received] = receiver.received().try_into().unwrap();
        assert_eq!(received.body["event"], event);
        assert_eq!(received.body["webhook_nodeID"], hook);
        assert_eq!(
            (&received.body["object_id"], &received.body["object_nodeID"]),
            (&json!(12345), &json!(node_id(object, 12345)))
        );
        assert_eq!(received.body["payload"].get("note_id").is_some(), event == "request.note-added");
    }
    assert_eq!(sandbox.test_webhook("nonsense"), Err(WebhookTestError::Unknown));
    assert_eq!(sandbox.test_webhook(&node_id("Person", 1)), Err(WebhookTestError::Unknown));
    assert!(!sandbox.verify_webhook(&node_id("Person", 1)));
}

#[tokio::test]
async fn deliveries_without_concurrency_keep_the_order_of_events() {
    let (sandbox, receiver) = (start(quick().max_concurrent(1)).await, Receiver::start().await);
    webhook(&sandbox, "request.create", &receiver.url).await;
    receiver.forget();
    let mut made = Vec::new();
    for _ in 0..30 {
        made.push(json!(done(&sandbox, "requestCreate", json!({ "subject": "x" })).await));
    }
    sandbox.deliveries_settled().await;
    let order: Vec<Value> =
        receiver.received().iter().map(|event| event.body["object_nodeID"].clone()).collect();
    assert_eq!(order, made);
}

#[tokio::test]
async fn observers_get_attempts_and_a_stopped_sandbox_delivers_nothing() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let settings = {
        let seen = Arc::clone(&seen);
        let observe = move |attempt: &xurrent_sandbox::DeliveryAttempt| {
            seen.lock().unwrap().push(attempt.event.clone())
        };
        Webhooks::default().retry_after([Duration::from_millis(100)]).observe(observe)
    };
    let (sandbox, receiver) = (start(settings).await, Receiver::start().await);
    webhook(&sandbox, "request.create", &receiver.url).await;
    assert_eq!(*seen.lock().unwrap(), ["webhook.verify"]);
    receiver.forget();
    receiver.respond_with([500; 9]);
    create_request(&sandbox).await;
    while receiver.received().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sandbox.shutdown().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn recorded_deliveries_can_be_replayed() {
    let (sandbox, receiver) = (start(quick()).await, Receiver::start().await);
    webhook(&sandbox, "request.note-added", &format!("{}?key=hidden", receiver.url)).await;
    receiver.respond_with([500]);
    let input = json!({ "id": node_id("Request", 2), "note": "Hello \"you\"", "subject": "Straße" });
    done(&sandbox, "requestUpdate", input).await;
    sandbox.deliveries_settled().await;
    let [first, second] = receiver.events().try_into().unwrap();
    let lines: Vec<String> = sandbox.deliveries().iter().filter_map(|attempt| attempt.to_line()).collect();
    assert_eq!(lines.len(), 2, "the handshake is left out");
    assert!(lines.iter().all(|line| !line.contains("hidden") && !line.contains('\n')));
    let file = std::env::temp_dir().join(format!("deliveries-{}.jsonl", std::process::id()));
    let handshake =
        json!({ "message": { "event": "webhook.verify", "payload": { "callback": "x" } }, "id": "1" });
    std::fs::write(&file, format!("{}\n\n{handshake}\n{}\n", lines[0], lines[1])).unwrap();

    let other = start(quick().max_concurrent(1)).await;
    let policy = done(&other, "webhookPolicyCreate", json!({ "jwtAlg": "hs256" })).await;
    let input = json!({ "event": "request.create", "uri": receiver.url, "webhookPolicyId": policy });
    let signed = done(&other, "webhookCreate", input).await;
    other.deliveries_settled().await;
    let refused = other.replay_deliveries(&file, &signed).unwrap_err().to_string();
    assert!(refused.contains("not been verified"), "{refused}");
    let plain = webhook(&other, "request.create", &format!("{}/plain", receiver.url)).await;
    other.verify_webhook(&signed);
    receiver.forget();
    assert_eq!(other.replay_deliveries(&file, &plain).unwrap(), 2);
    other.deliveries_settled().await;
    let again = receiver.received();
    for (again, original) in again.iter().zip([&first, &second]) {
        assert_eq!(again.text, original.text);
        for name in ["x-xurrent-delivery", "x-xurrent-delivery-origin", "link", "user-agent"] {
            assert_eq!(again.headers.get(name), original.headers.get(name), "{name}");
        }
    }
    assert_eq!(again.len(), 2);

    receiver.forget();
    assert_eq!(other.replay_deliveries(&file, &signed).unwrap(), 2);
    other.deliveries_settled().await;
    let again = receiver.received();
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|again| again.body["jwt"].is_string()));
    assert_eq!(other.deliveries().last().unwrap().message, second.body);

    std::fs::write(&file, format!("{}\n{{\"message\":{{}}}}\n", lines[0])).unwrap();
    let refused = other.replay_deliveries(&file, &plain).unwrap_err().to_string();
    assert!(refused.contains("line 2") && refused.contains("event"), "{refused}");
    std::fs::remove_file(&file).unwrap();
    assert!(other.replay_deliveries(&file, &plain).is_err());
    assert!(other.replay_deliveries("x", "nonsense").is_err());
    other.deliveries_settled().await;
    assert_eq!(receiver.received().len(), 2);
}
