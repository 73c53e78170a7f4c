//! Webhook delivery: handshake, retries, disabling, faults.

use crate::raw_http::send_secure;
use crate::receiver::{Receiver, done, mutate, quick, run, start, unverified, webhook};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use xurrent_sandbox::{DeliveryFault, Sandbox, WebhookTestError, Webhooks, node_id};

async fn create_request(sandbox: &Sandbox) {
    done(sandbox, "requestCreate", json!({ "subject": "x" })).await;
}

/// Calls a callback as the receiver of a handshake does.
async fn call_back(sandbox: &Sandbox, callback: &str, method: &'static str) -> u16 {
    let (callback, root) = (callback.to_owned(), sandbox.root_certificate().to_owned());
    let call = move || send_secure(&callback, &root, method).unwrap().status;
    tokio::task::spawn_blocking(call).await.unwrap()
}

fn callbacks(receiver: &Receiver) -> Vec<String> {
    let of = |body: &Value| body["payload"]["callback"].as_str().map(str::to_owned);
    receiver.received().iter().filter_map(|received| of(&received.body)).collect()
}

async fn field(sandbox: &Sandbox, webhook: &str, field: &str) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Webhook {{ {field} }} }} }}");
    run(sandbox, &query, json!({ "id": webhook })).await["node"][field].clone()
}

#[tokio::test]
async fn a_new_webhook_gets_events_after_its_callback() {
    let (sandbox, receiver) = (start(quick()).await, Receiver::start().await);
    for method in ["GET", "POST"] {
        receiver.forget();
        let uri = format!("{}/{method}", receiver.url);
        let hook = unverified(&sandbox, "request.create", &uri).await;
        let [verify] = receiver.received().try_into().unwrap();
        assert_eq!(verify.body["event"], "webhook.verify");
        assert_eq!(verify.body["object_id"], verify.body["webhook_id"]);
        assert_eq!(verify.body["object_nodeID"], hook);
        let number = verify.body["webhook_id"].as_u64().unwrap();
        assert!(verify.header("link").contains(&format!("/webhooks/{number}>; rel=\"canonical\"")));
        create_request(&sandbox).await;
        sandbox.deliveries_settled().await;
        assert_eq!(sandbox.test_webhook(&hook), Err(WebhookTestError::NotVerified));
        assert!(
            !receiver.events().iter().any(|event| event.uri.ends_with(method)),
            "not before it is verified"
        );

        let callback = &callbacks(&receiver)[0];
        let base = format!("{}/webhooks/{number}/verify?code=", sandbox.account_url());
        let code = callback.strip_prefix(&base).unwrap().split('&').next().unwrap();
        assert_eq!(code.len(), 24);
        let expires_at = callback.rsplit('=').next().unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        assert!(expires_at.parse::<u64>().unwrap().abs_diff(now + 86_400) < 60);
        for wrong in [
            callback.replace(code, "EmzqeGYTj5LAIwY-hWoYNLJQ"),
            callback.replace(expires_at, "9999999999"),
            callback.replace(&format!("&expires_at={expires_at}"), ""),
            callback.split('?').next().unwrap().to_owned(),
        ] {
            assert_eq!(call_back(&sandbox, &wrong, method).await, 403, "{wrong}");
        }
        assert_eq!(
            call_back(&sandbox, &callback.replace(&format!("/{number}/"), "/999/"), method).await,
            404
        );
        assert_eq!(call_back(&sandbox, callback, "DELETE").await, 405);
        assert_eq!(sandbox.test_webhook(&hook), Err(WebhookTestError::NotVerified));
        assert_eq!(call_back(&sandbox, callback, method).await, 200);
        assert_eq!(call_back(&sandbox, callback, method).await, 200, "an response can get lost");
        create_request(&sandbox).await;
        sandbox.deliveries_settled().await;
        assert!(receiver.events().iter().any(|event| event.uri.ends_with(method)));
    }
}

#[tokio::test]
async fn each_uri_is_verified_once() {
    let (sandbox, receiver) = (start(quick()).await, Receiver::start().await);
    let first = unverified(&sandbox, "request.create", &receiver.url).await;
    let [callback] = callbacks(&receiver).try_into().unwrap();
    assert_eq!(call_back(&sandbox, &callback, "GET").await, 200);
    unverified(&sandbox, "request.update", &receiver.url).await;
    assert_eq!(callbacks(&receiver).len(), 1, "the same URI was verified before");
    unverified(&sandbox, "request.update", &format!("{}/", receiver.url)).await;
    assert_eq!(callbacks(&receiver).len(), 2, "another URI was not");

    done(&sandbox, "webhookUpdate", json!({ "id": first, "name": "other" })).await;
    sandbox.deliveries_settled().await;
    assert_eq!(callbacks(&receiver).len(), 2, "a verified one stays verified");
    let elsewhere = format!("{}/elsewhere", receiver.url);
    done(&sandbox, "webhookUpdate", json!({ "id": first, "uri": elsewhere })).await;
    sandbox.deliveries_settled().await;
    assert_eq!(callbacks(&receiver).len(), 3);
    assert_eq!(sandbox.test_webhook(&first), Err(WebhookTestError::NotVerified));
    assert_eq!(call_back(&sandbox, &callback, "GET").await, 403, "that was for the former URI");
    done(&sandbox, "webhookUpdate", json!({ "id": first, "name": "again" })).await;
    sandbox.deliveries_settled().await;
    let sent = callbacks(&receiver);
    assert_eq!(sent.len(), 4, "an update of an unverified one sends another code");
    assert_eq!(call_back(&sandbox, &sent[2], "GET").await, 403, "which replaces the former");
    assert_eq!(call_back(&sandbox, &sent[3], "GET").await, 200);
    assert_eq!(sandbox.test_webhook(&first), Ok(()));
}

#[tokio::test]
async fn a_code_expires() {
    let settings = quick().code_lifetime(Duration::from_secs(1));
    let (sandbox, receiver) = (start(settings).await, Receiver::start().await);
    unverified(&sandbox, "request.create", &receiver.url).await;
    let [callback] = callbacks(&receiver).try_into().unwrap();
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(call_back(&sandbox, &callback, "GET").await, 403);
}

#[tokio::test]
async fn invalid_webhooks_are_refused() {
    let sandbox = start(quick()).await;
    let policy = |algorithm: &'static str| {
        let sandbox = &sandbox;
        async move { done(sandbox, "webhookPolicyCreate", json!({ "jwtAlg": algorithm })).await }
    };
    let (shared, public) = (policy("hs256").await, policy("es256").await);
    let good = json!({ "event": "request.create", "uri": "http://localhost:9/" });
    let with = |name: &str, value: Value| {
        let mut input = good.clone();
        input[name] = value;
        input
    };
    let mut discovered = with("openidConnectDiscovery", json!(true));
    for (input, path, message) in [
        (with("uri", json!("ftp://127.0.0.1/")), "uri", "http or https"),
        (with("uri", json!("hook")), "uri", "not a valid URI"),
        (with("uri", json!("https://example.com/hook")), "uri", "loopback addresses only"),
        (with("webhookPolicyId", json!(node_id("WebhookPolicy", 999))), "webhookPolicyId", "not found"),
        (discovered.clone(), "openidConnectDiscovery", "asymmetric"),
        (
            {
                discovered["webhookPolicyId"] = json!(shared);
                discovered.clone()
            },
            "openidConnectDiscovery",
            "asymmetric",
        ),
    ] {
        let payload = mutate(&sandbox, "webhookCreate", input.clone()).await;
        let [error] = payload["errors"].as_array().unwrap().as_slice() else { panic!("{input}: {payload}") };
        assert_eq!(error["path"], json!([path]), "{input}");
        assert!(error["message"].as_str().unwrap().contains(message), "{input}: {error}");
    }
    discovered["webhookPolicyId"] = json!(public);
    let hook = done(&sandbox, "webhookCreate", discovered).await;
    let payload = mutate(&sandbox, "webhookUpdate", json!({ "id": hook, "webhookPolicyId": shared })).await;
    assert_eq!(payload["errors"][0]["path"], json!(["openidConnectDiscovery"]));
    let far = start(quick().any_address(true).retry_after([])).await;
    let payload = mutate(&far, "webhookCreate", with("uri", json!("https://hooks.invalid/1"))).await;
    assert_eq!(payload["errors"], json!([]));
    far.deliveries_settled().await;
    let [attempt] = far.deliveries().try_into().unwrap();
    assert!(attempt.outcome.is_err(), "{attempt:?}");
}

#[tokio::test]
async fn only_loopback_addresses_are_allowed_by_default() {
    let (loopback, any) = (start(quick()).await, start(quick().any_address(true)).await);
    let is_allowed = async |sandbox: &Sandbox, uri: &str| {
        // Disabled, so that there is no handshake.
        let input = json!({ "event": "request.create", "uri": uri, "disabled": true });
        mutate(sandbox, "webhookCreate", input).await["errors"] == json!([])
    };
    for near in ["http://127.0.0.1:1/x", "https://localhost/", "http://[::1]:80", "http://a:b@127.9.9.9/?c"] {
        assert!(is_allowed(&loopback, near).await, "{near}");
    }
    for far in ["http://10.0.0.1/", "https://example.com/", "http://localhost.example.com/", "http://[::2]/"]
    {
        assert!(!is_allowed(&loopback, far).await, "{far}");
        assert!(is_allowed(&any, far).await, "{far}");
    }
    let other = ["", "text", "/x", "ftp://127.0.0.1/", "http://", "file:///etc", "mailto:a@b.c"];
    for bad in other.into_iter().chain(["http://127.0.0.1:99999"]) {
        assert!(!is_allowed(&any, bad).await, "{bad}");
    }
}

#[tokio::test]
async fn a_failed_delivery_is_retried_with_the_same_origin_until_dropped() {
    let waits = [10, 40, 160].map(Duration::from_millis);
    let (sandbox, receiver) = (start(quick().retry_after(waits)).await, Receiver::start().await);
    webhook(&sandbox, "request.create", &receiver.url).await;
    receiver.forget();
    receiver.respond_with([500, 302, 204]);
    create_request(&sandbox).await;
    sandbox.deliveries_settled().await;
    let events = receiver.received();
    assert_eq!(events.len(), 3);
    let ids: BTreeSet<&str> = events.iter().map(|event| event.header("x-xurrent-delivery")).collect();
    assert_eq!(ids.len(), 3, "each attempt has an id of its own");
    let origin = events[0].header("x-xurrent-delivery");
    assert!(!events[0].headers.contains_key("x-xurrent-delivery-origin"));
    assert!(events[1..].iter().all(|event| event.header("x-xurrent-delivery-origin") == origin));
    assert!(events.iter().all(|event| event.text == events[0].text));
    for (event, wait) in events.windows(2).zip(waits) {
        assert!(event[1].at - event[0].at >= wait, "{wait:?}");
    }

    receiver.forget();
    receiver.respond_with([503; 9]);
    create_request(&sandbox).await;
    sandbox.deliveries_settled().await;
    assert_eq!(receiver.received().len(), 4, "then it is dropped");
    let attempts = sandbox.deliveries();
    let last = attempts.last().unwrap();
    assert_eq!((last.attempt, last.outcome.clone(), last.succeeded()), (4, Ok(503), false));
    assert_eq!(last.error().unwrap(), "503 Service Unavailable");
    assert_eq!(last.message["event"], "request.create");
    let of_first: Vec<_> = attempts.iter().filter(|attempt| attempt.origin == origin).collect();
    assert_eq!(of_first.iter().map(|attempt| attempt.attempt).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(of_first[2].succeeded() && of_first[2].error().is_none());
}

#[tokio::test]
async fn a_missing_response_is_a_failure() {
    let settings = quick().timeout(Duration::from_millis(100)).retry_after([Duration::from_millis(1)]);
    let (sandbox, receiver) = (start(settings).await, Receiver::start().await);
    webhook(&sandbox, "request.create", &receiver.url).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    webhook(&sandbox, "team.update", &format!("http://{closed}/")).await;
    receiver.forget();
    receiver.respond_late(Duration::from_secs(5));
    let began = Instant::now();
    create_request(&sandbox).await;
    sandbox.deliveries_settled().await;
    assert_eq!(receiver.received().len(), 2);
    assert!(began.elapsed() < Duration::from_secs(4));
    done(&sandbox, "teamUpdate", json!({ "id": node_id("Team", 1), "name": "x" })).await;
    sandbox.deliveries_settled().await;
    let errors: Vec<_> =
        sandbox.deliveries().iter().map(|attempt| (attempt.event.clone(), attempt.error())).collect();
    assert!(
        errors.contains(&("request.create".to_owned(), Some("timeout: no response".to_owned()))),
        "{errors:?}"
    );
    let refused = errors.iter().filter(|(event, error)| event == "team.update" && error.is_some());
    assert_eq!(refused.count(), 2, "{errors:?}");
}

#[tokio::test]
async fn too_many_failures_in_a_row_disable_a_webhook() {
    let settings = quick().retry_after([]).disable_after(3, Duration::ZERO);
    let (sandbox, receiver) = (start(settings).await, Receiver::start().await);
    let hook = webhook(&sandbox, "request.create", &receiver.url).await;
    let other = webhook(&sandbox, "request.create", &format!("{}/other", receiver.url)).await;
    done(&sandbox, "webhookUpdate", json!({ "id": other, "disabled": true })).await;
    receiver.forget();
    receiver.respond_with([404, 404, 200, 404, 404]);
    for _ in 0..5 {
        create_request(&sandbox).await;
        sandbox.deliveries_settled().await;
    }
    assert_eq!(field(&sandbox, &hook, "disabled").await, false, "a success is in between");
    receiver.respond_with([410]);
    create_request(&sandbox).await;
    sandbox.deliveries_settled().await;
    assert_eq!(field(&sandbox, &hook, "disabled").await, true);
    create_request(&sandbox).await;
    sandbox.deliveries_settled().await;
    assert_eq!(receiver.received().len(), 6, "a disabled webhook gets nothing");
    assert_eq!(sandbox.test_webhook(&hook), Ok(()));
    sandbox.deliveries_settled().await;
    assert_eq!(receiver.received().len(), 7, "a disabled webhook can be tested");

    done(&sandbox, "webhookUpdate", json!({ "id": hook, "disabled": false })).await;
    receiver.respond_with([404, 404]);
    for _ in 0..3 {
        create_request(&sandbox).await;
        sandbox.deliveries_settled().await;
    }
    assert_eq!(receiver.received().len(), 10);
    assert_eq!(field(&sandbox, &hook, "disabled").await, false, "the count begins anew");
}

#[tokio::test]
async fn failures_within_the_period_do_not_disable() {
    let settings = quick().retry_after([]).disable_after(2, Duration::from_secs(3_600));
    let (sandbox, receiver) = (start(settings).await, Receiver::start().await);
    let hook = webhook(&sandbox, "request.create", &receiver.url).await;
    receiver.respond_with([500; 5]);
    for _ in 0..5 {
        create_request(&sandbox).await;
    }
    sandbox.deliveries_settled().await;
    assert_eq!(field(&sandbox, &hook, "disabled").await, false);
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
async fn delivery_faults_apply_in_order() {
    let (sandbox, receiver) = (start(quick().max_concurrent(1)).await, Receiver::start().await);
    webhook(&sandbox, "request.create", &receiver.url).await;
    receiver.forget();
    sandbox.delivery_faults([DeliveryFault::twice(), DeliveryFault::none()]);
    create_request(&sandbox).await;
    sandbox.deliveries_settled().await;
    let [one, same] = receiver.received().try_into().unwrap();
    assert_eq!(one.header("x-xurrent-delivery"), same.header("x-xurrent-delivery"));
    assert_eq!(one.text, same.text);

    create_request(&sandbox).await;
    sandbox.deliveries_settled().await;
    receiver.forget();
    sandbox.delivery_faults([DeliveryFault::response_lost()]);
    create_request(&sandbox).await;
    sandbox.deliveries_settled().await;
    let [stored, again] = receiver.received().try_into().unwrap();
    assert_eq!(again.header("x-xurrent-delivery-origin"), stored.header("x-xurrent-delivery"));

    receiver.forget();
    sandbox.delivery_faults([DeliveryFault::delayed(Duration::from_millis(200))]);
    let first = done(&sandbox, "requestCreate", json!({ "subject": "first" })).await;
    let second = done(&sandbox, "requestCreate", json!({ "subject": "second" })).await;
    sandbox.deliveries_settled().await;
    let order: Vec<Value> =
        receiver.received().iter().map(|event| event.body["object_nodeID"].clone()).collect();
    assert_eq!(order, [second, first]);
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

#[tokio::test]
async fn an_untrusted_certificate_is_a_failure() {
    // Another sandbox stands in for a receiver with https: it answers 404, which is an response.
    let receiver = start(quick()).await;
    let uri = format!("{}/hook", receiver.account_url());
    for (settings, answers) in
        [(quick(), false), (quick().root_certificate(receiver.root_certificate()), true)]
    {
        let sandbox = start(settings.retry_after([])).await;
        unverified(&sandbox, "request.create", &uri).await;
        let [attempt] = sandbox.deliveries().try_into().unwrap();
        assert_eq!(attempt.outcome == Ok(404), answers, "{attempt:?}");
        assert_eq!(attempt.outcome.is_err(), !answers, "{attempt:?}");
    }
    for bad in ["", "no PEM", "-----BEGIN CERTIFICATE-----\n%\n-----END CERTIFICATE-----\n"] {
        let settings = Webhooks::default().root_certificate(bad);
        let sandbox =
            Sandbox::builder().schema_json(crate::schema::schema_json()).webhooks(settings).start().await;
        let error = sandbox.unwrap_err().to_string();
        assert!(error.contains("root certificate"), "{error}");
    }
}
