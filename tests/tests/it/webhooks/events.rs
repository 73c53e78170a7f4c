//! Every event there is, from the sandbox to the types of the SDK.

use crate::webhooks::endpoint::{Endpoint, account, verifier};
use serde_json::Value;
use xurrent::webhook::{Event, Payload};
use xurrent::{OpenEnum, WebhookCreateInput, WebhookEvent};

#[tokio::test(flavor = "multi_thread")]
async fn every_event_decodes_into_its_type_without_loss() {
    let (sandbox, client) = account().await;
    let verifier = verifier(&sandbox).dangerously_accept_unsigned().build().unwrap();
    let endpoint = Endpoint::start(verifier).await;
    for name in Event::VALUES {
        let input = WebhookCreateInput::new(WebhookEvent::from(*name), &endpoint.uri);
        let webhook = client.webhook_create(input).await.unwrap().webhook.unwrap();
        sandbox.deliveries_settled().await;
        let number = endpoint.delivered().len();
        if *name == "webhook.verify" {
            // It is about a webhook that has not been verified, so there is nothing to try out.
            assert!(sandbox.test_webhook(webhook.id.as_str()).is_err());
            continue;
        }
        sandbox.test_webhook(webhook.id.as_str()).unwrap();
        sandbox.deliveries_settled().await;
        let [delivery] = endpoint.delivered().split_off(number).try_into().unwrap();
        assert_eq!(delivery.event.as_str(), *name);
        assert_eq!(Some(&webhook.id), delivery.webhook_node_id.as_ref());
        assert_eq!(delivery.account, sandbox.account_url());
        assert!(delivery.links.canonical().is_some() && delivery.links.resource().is_some());
        let typed = delivery.typed_payload().unwrap();
        let expected = match delivery.event.object() {
            "time_entry" => matches!(typed, Payload::TimeEntry(_)),
            "out_of_office_period" => matches!(typed, Payload::OutOfOfficePeriod(_)),
            "automation_rule" => matches!(typed, Payload::Other(_)),
            _ => matches!(typed, Payload::Common(_)),
        };
        assert!(expected, "{name}: {typed:?}");
        // What is sent is what is read, but for what is not filled.
        let raw = filled(serde_json::to_value(&delivery.raw_payload).unwrap());
        let read = filled(serde_json::to_value(&typed).unwrap());
        assert_eq!(read, raw, "{name}");
    }
    assert_eq!(endpoint.refused(), [""; 0]);
}

/// Without nulls and what is false.
fn filled(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !matches!(value, Value::Null | Value::Bool(false)))
            .map(|(name, value)| (name, filled(value)))
            .collect(),
        value => value,
    }
}
