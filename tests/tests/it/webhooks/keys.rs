//! Keys that come and go while deliveries are under way.

use crate::webhooks::endpoint::{Endpoint, account, policy, rename, request, until, verifier, webhook};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use xurrent::webhook::{Algorithm, Reason};
use xurrent::{WebhookEvent, WebhookPolicyJwtAlg};
use xurrent_sandbox::Sandbox;

/// Deliveries as they are, whoever sends them.
fn headers() -> http::HeaderMap {
    http::HeaderMap::new()
}

/// A delivery that nothing has happened for.
fn signed(sandbox: &Sandbox, policy: &xurrent::Id, discovery: bool) -> Vec<u8> {
    let data = json!({ "webhook_id": 1, "account": sandbox.account_url(), "event": "request.create",
        "object_id": 70, "payload": {} });
    sandbox.sign_delivery(policy.as_str(), discovery, &data).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_survives_rotations_in_the_middle_of_a_stream() {
    let (sandbox, client) = account().await;
    let policy = policy(&client, WebhookPolicyJwtAlg::Es384).await;
    let endpoint = Endpoint::start(verifier(&sandbox).refetch_after(Duration::ZERO).build().unwrap()).await;
    webhook(&client, WebhookEvent::RequestUpdate, &endpoint.uri, &policy, true).await;
    until("the handshake", async || endpoint.confirmed() == 1).await;
    let id = request(&client, "Printer").await;
    let mut kids = BTreeSet::new();
    for number in 0..60 {
        if number % 20 == 10 {
            kids.insert(sandbox.rotate_key(policy.id.as_str()).unwrap().kid);
        }
        rename(&client, &id, &format!("Printer {number}")).await;
    }
    sandbox.deliveries_settled().await;
    assert_eq!(endpoint.refused(), Vec::<String>::new());
    assert_eq!(endpoint.delivered().len(), 60);
    assert_eq!(kids.len(), 3);
    let documents = sandbox.requests();
    let documents = documents.iter().filter(|request| request.path.ends_with("/jwks.json")).count();
    // Deliveries lag behind, so that one set may bring two keys.
    assert!((2..=4).contains(&documents), "{documents} for a first key and three rotations");
}

#[tokio::test]
async fn a_retired_key_is_rejected_after_the_cache_expires() {
    let (sandbox, client) = account().await;
    let policy = policy(&client, WebhookPolicyJwtAlg::Rs256).await;
    let lifetime = Duration::from_millis(1_500);
    let verifier = verifier(&sandbox).key_lifetime(lifetime).refetch_after(Duration::ZERO).build().unwrap();
    let [first, second, third, fourth] = [(); 4].map(|()| signed(&sandbox, &policy.id, true));
    verifier.verify(&headers(), &first).await.unwrap();

    // While the old key is published, it is good, and so is the new one.
    sandbox.rotate_key(policy.id.as_str()).unwrap();
    verifier.verify(&headers(), &second).await.unwrap();
    verifier.verify(&headers(), &signed(&sandbox, &policy.id, true)).await.unwrap();
    let asked_at = std::time::Instant::now();

    // It is no longer published, which the receiver need not know yet.
    assert_eq!(sandbox.retire_keys(policy.id.as_str()), 1);
    verifier.verify(&headers(), &third).await.unwrap();
    assert!(asked_at.elapsed() < lifetime, "too slow a machine for this test");

    tokio::time::sleep(lifetime).await;
    let refused = verifier.verify(&headers(), &fourth).await.unwrap_err();
    assert!(matches!(refused.reason(), Reason::UnknownKey { .. }), "{refused:?}");
    verifier.verify(&headers(), &signed(&sandbox, &policy.id, true)).await.unwrap();
}

#[tokio::test]
async fn a_rotated_pem_must_be_replaced() {
    let (sandbox, client) = account().await;
    let policy = policy(&client, WebhookPolicyJwtAlg::Es512).await;
    let old = verifier(&sandbox).public_key(Algorithm::Es512, policy.pem.unwrap());
    let rotated = sandbox.rotate_key(policy.id.as_str()).unwrap();
    let body = signed(&sandbox, &policy.id, false);
    let both = old.public_key(Algorithm::Es512, rotated.pem.clone()).build().unwrap();
    both.verify(&headers(), &body).await.unwrap();
    let new = verifier(&sandbox).public_key(Algorithm::Es512, rotated.pem).build().unwrap();
    new.verify(&headers(), &body).await.unwrap();
}

#[tokio::test]
async fn a_replaced_pem_is_rejected() {
    let (sandbox, client) = account().await;
    let policy = policy(&client, WebhookPolicyJwtAlg::Es256).await;
    let old = verifier(&sandbox).public_key(Algorithm::Es256, policy.pem.unwrap()).build().unwrap();
    old.verify(&headers(), &signed(&sandbox, &policy.id, false)).await.unwrap();
    sandbox.rotate_key(policy.id.as_str()).unwrap();
    let refused = old.verify(&headers(), &signed(&sandbox, &policy.id, false)).await.unwrap_err();
    assert!(matches!(refused.reason(), Reason::Signature), "{refused:?}");
}
