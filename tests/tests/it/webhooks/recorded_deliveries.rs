//! Deliveries in a file are those of the SDK: what a receiver writes the sandbox delivers again, and what
//! the sandbox writes the SDK reads.

use crate::webhooks::endpoint::{Endpoint, account, policy, rename, request, verifier, webhook};
use std::fmt::Write as _;
use xurrent::webhook::{Delivery, Event};
use xurrent::{WebhookEvent, WebhookPolicyJwtAlg};

#[tokio::test(flavor = "multi_thread")]
async fn recorded_deliveries_are_replayed_and_read_the_same() {
    let (sandbox, client) = account().await;
    let endpoint = Endpoint::start(verifier(&sandbox).build().unwrap()).await;
    let policy = policy(&client, WebhookPolicyJwtAlg::Es384).await;
    let hook = webhook(&client, WebhookEvent::RequestUpdate, &endpoint.uri, &policy, true).await;
    sandbox.deliveries_settled().await;
    let id = request(&client, "Drucker \"für\" alle").await;
    rename(&client, &id, "Printer").await;
    rename(&client, &id, "Printer 2").await;
    sandbox.deliveries_settled().await;
    let first = endpoint.delivered();
    assert_eq!(first.len(), 2);

    let by_sandbox: Vec<String> =
        sandbox.deliveries().iter().filter_map(xurrent_sandbox::DeliveryAttempt::to_line).collect();
    let read: Vec<Delivery> = by_sandbox.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), 2, "the handshake is left out");
    for delivery in &first {
        let read = read.iter().find(|read| read.id == delivery.id).unwrap();
        assert_eq!((&read.message, &read.links, read.signed), (&delivery.message, &delivery.links, true));
        assert_eq!(read.raw().as_text(), delivery.raw().as_text());
        assert_eq!(read.event, Event::RequestUpdate);
    }

    let by_sdk = first.iter().fold(String::new(), |mut lines, delivery| {
        writeln!(lines, "{}", serde_json::to_string(delivery).unwrap()).unwrap();
        lines
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), by_sdk).unwrap();
    assert_eq!(sandbox.replay_deliveries(file.path(), hook.as_str()).unwrap(), 2);
    sandbox.deliveries_settled().await;
    assert_eq!(endpoint.refused(), [""; 0]);
    let again = endpoint.delivered().split_off(2);
    assert_eq!(again.len(), 2);
    for delivery in &again {
        let original = first.iter().find(|first| first.id == delivery.id).unwrap();
        assert_eq!(delivery.raw().as_text(), original.raw().as_text());
        assert_eq!((&delivery.origin, &delivery.links), (&original.origin, &original.links));
        assert_ne!(delivery.token_id(), original.token_id(), "signed anew");
    }
}
