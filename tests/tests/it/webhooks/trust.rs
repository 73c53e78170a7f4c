//! Who is believed, and who is asked: certificates, issuers, and documents that do not arrive.

use crate::webhooks::endpoint::{Endpoint, account, policy, until, verifier, webhook};
use serde_json::json;
use std::time::Duration;
use xurrent::webhook::{Algorithm, Event, Reason, Verifier};
use xurrent::{WebhookCreateInput, WebhookEvent, WebhookPolicyCreateInput, WebhookPolicyJwtAlg};
use xurrent_sandbox::{Fault, Sandbox};

/// An authority that has signed nothing.
fn stranger() -> String {
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}

fn loopback(sandbox: &Sandbox) -> xurrent::webhook::VerifierBuilder {
    Verifier::builder().account_url(sandbox.account_url()).dangerously_allow_loopback()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_not_fetched_over_an_untrusted_certificate() {
    let (sandbox, client) = account().await;
    let policy = policy(&client, WebhookPolicyJwtAlg::Es256).await;
    for builder in [loopback(&sandbox), loopback(&sandbox).root_certificate(stranger())] {
        let endpoint = Endpoint::start(builder.refetch_after(Duration::ZERO).build().unwrap()).await;
        webhook(&client, WebhookEvent::RequestCreate, &endpoint.uri, &policy, true).await;
        sandbox.deliveries_settled().await;
        assert_eq!((endpoint.confirmed(), endpoint.delivered().len()), (0, 0));
        let refused = endpoint.refused();
        assert_eq!(refused.len(), 3);
        assert!(refused.iter().all(|why| why.contains("certificate")), "{refused:?}");
    }
    let asked = sandbox.requests();
    assert!(!asked.iter().any(|request| request.path.starts_with("/webhook_policies/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_is_not_confirmed_over_an_untrusted_certificate() {
    let (sandbox, client) = account().await;
    let policy = policy(&client, WebhookPolicyJwtAlg::Es256).await;
    let builder = loopback(&sandbox).public_key(Algorithm::Es256, policy.pem.as_deref().unwrap());
    let endpoint = Endpoint::start(builder.build().unwrap()).await;
    webhook(&client, WebhookEvent::RequestCreate, &endpoint.uri, &policy, false).await;
    sandbox.deliveries_settled().await;
    assert_eq!(endpoint.confirmed(), 0);
    assert!(endpoint.refused().iter().all(|why| why.contains("certificate")), "{:?}", endpoint.refused());
    assert!(!sandbox.requests().iter().any(|request| request.path.ends_with("/verify")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_with_discovery_rejects_webhooks_without_it() {
    let (sandbox, client) = account().await;
    let policy = || WebhookPolicyCreateInput::new(Algorithm::Es256);
    let with = Endpoint::start(verifier(&sandbox).build().unwrap()).await;
    let webhook = WebhookCreateInput::new(Event::RequestCreate, &with.uri).openid_connect_discovery(true);
    client.signed_webhook_create(policy(), webhook).await.unwrap().webhook.unwrap();
    until("the handshake", async || with.confirmed() == 1).await;
    let without = Endpoint::start(verifier(&sandbox).build().unwrap()).await;
    let webhook = WebhookCreateInput::new(Event::RequestCreate, &without.uri);
    client.signed_webhook_create(policy(), webhook).await.unwrap().webhook.unwrap();
    sandbox.deliveries_settled().await;
    let refused = without.refused();
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|why| why.contains("`openid_connect_discovery(true)`")), "{refused:?}");
}

#[tokio::test]
async fn policies_of_another_account_are_not_trusted() {
    let (sandbox, client) = account().await;
    let other = sandbox.to_builder().start().await.unwrap();
    let policy = policy(&client, WebhookPolicyJwtAlg::Es256).await;
    let data = json!({ "webhook_id": 1, "account": other.account_url(), "event": "request.create",
        "object_id": 70, "payload": {} });
    let body = sandbox.sign_delivery(policy.id.as_str(), true, &data).unwrap();
    let verifier = verifier(&other).build().unwrap();
    let refused = verifier.verify(&http::HeaderMap::new(), &body).await.unwrap_err();
    assert!(matches!(refused.reason(), Reason::Issuer { .. }), "{refused:?}");
    assert!(other.requests().is_empty() && !sandbox.requests().iter().any(|r| r.path.contains("jwks")));
}

#[tokio::test]
async fn loopback_is_not_fetched_unless_allowed() {
    let (sandbox, client) = account().await;
    let policy = policy(&client, WebhookPolicyJwtAlg::Es256).await;
    let data = json!({ "webhook_id": 1, "account": sandbox.account_url(), "event": "request.create",
        "object_id": 70, "payload": {} });
    let body = sandbox.sign_delivery(policy.id.as_str(), true, &data).unwrap();
    let builder = Verifier::builder().account_url(sandbox.account_url());
    let verifier = builder.root_certificate(sandbox.root_certificate()).build().unwrap();
    let refused = verifier.verify(&http::HeaderMap::new(), &body).await.unwrap_err();
    assert!(matches!(refused.reason(), Reason::Discovery(why) if why.contains("public")), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_discovery_costs_an_attempt_but_no_delivery() {
    let (sandbox, client) = account().await;
    for (fault, said) in [
        (Fault::status(503), "status 503"),
        (Fault::status(302).header("location", sandbox.account_url()), "redirect"),
        (Fault::status(200).body("{".repeat(70_000)), "larger than 65536 bytes"),
        (Fault::status(200).body("{}"), "cannot be read"),
        (Fault::cut_before(), "was not received"),
        (Fault::cut_body(), "was not received"),
    ] {
        for after in 0..2 {
            let policy = policy(&client, WebhookPolicyJwtAlg::Es256).await;
            let builder = verifier(&sandbox).refetch_after(Duration::ZERO);
            let endpoint = Endpoint::start(builder.build().unwrap()).await;
            // The fault meets the first document, or the second.
            sandbox.faults((0..after).map(|_| Fault::none().on_discovery()));
            sandbox.faults([fault.clone().on_discovery()]);
            webhook(&client, WebhookEvent::RequestCreate, &endpoint.uri, &policy, true).await;
            until("the handshake", async || endpoint.confirmed() == 1).await;
            let refused = endpoint.refused();
            assert_eq!(refused.len(), 1, "{refused:?}");
            assert!(refused[0].contains(said), "{said}: {refused:?}");
            assert_eq!(sandbox.faults_left(), 0);
        }
    }
}

#[tokio::test]
async fn a_disabled_policy_publishes_no_keys() {
    let (sandbox, client) = account().await;
    let policy = policy(&client, WebhookPolicyJwtAlg::Es256).await;
    let data = json!({ "webhook_id": 1, "account": sandbox.account_url(), "event": "request.create",
        "object_id": 70, "payload": {} });
    let body = sandbox.sign_delivery(policy.id.as_str(), true, &data).unwrap();
    let update = |disabled: bool| xurrent::WebhookPolicyUpdateInput::new(&policy.id).disabled(disabled);
    client.webhook_policy_update(update(true)).await.unwrap();
    let verifier = verifier(&sandbox).refetch_after(Duration::ZERO).build().unwrap();
    let refused = verifier.verify(&http::HeaderMap::new(), &body).await.unwrap_err();
    assert!(matches!(refused.reason(), Reason::Discovery(why) if why.contains("404")), "{refused:?}");
    client.webhook_policy_update(update(false)).await.unwrap();
    verifier.verify(&http::HeaderMap::new(), &body).await.unwrap();
}
