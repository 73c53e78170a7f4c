//! Failed deliveries: retries, disabled webhooks, faults.

use crate::receiver::{Receiver, done, quick, run, start, unverified, webhook};
use crate::webhook_delivery::create_request;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use xurrent_sandbox::{DeliveryFault, Sandbox, Webhooks, node_id};

async fn field(sandbox: &Sandbox, webhook: &str, field: &str) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Webhook {{ {field} }} }} }}");
    run(sandbox, &query, json!({ "id": webhook })).await["node"][field].clone()
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
