//! New webhooks: validation and the handshake.

use crate::raw_http::send_secure;
use crate::receiver::{Receiver, done, mutate, quick, start, unverified};
use crate::webhook_delivery::create_request;
use serde_json::{Value, json};
use std::time::Duration;
use xurrent_sandbox::{Sandbox, WebhookTestError, node_id};

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
