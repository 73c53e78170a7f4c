//! A policy, a webhook that uses it and a verifier for it, in one call.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::client;
use xurrent::webhook::{Algorithm, Event};
use xurrent::{
    Client, ErrorKind, MemoryTransport, RetryPolicy, Stage, WebhookCreateInput, WebhookEvent,
    WebhookPolicyCreateInput, WebhookPolicyJwtAlg,
};
use xurrent_sandbox::{Fault, Sandbox};

const URI: &str = "http://127.0.0.1:9/hook";

fn webhook() -> WebhookCreateInput {
    WebhookCreateInput::new(Event::RequestCreate, URI)
}

fn calls(sandbox: &Sandbox) -> Vec<String> {
    let name = |body: serde_json::Value| body["operationName"].as_str().map(str::to_owned);
    sandbox.requests().into_iter().filter_map(|request| request.body.and_then(name)).collect()
}

#[tokio::test]
async fn a_webhook_has_a_policy_and_a_verifier_of_each_algorithm() {
    let (_sandbox, client) = client().await;
    for algorithm in Algorithm::ALL {
        let policy = WebhookPolicyCreateInput::new(algorithm).jwt_audience("warehouse");
        let made = client.signed_webhook_create(policy, webhook()).await.unwrap();
        assert_eq!(made.policy.jwt_alg.as_ref().unwrap(), &WebhookPolicyJwtAlg::from(algorithm));
        assert!(made.policy.public_key_pem.as_deref().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
        let made_webhook = made.webhook.as_ref().unwrap();
        assert_eq!(made_webhook.webhook_policy.as_ref().unwrap().id(), &made.policy.id);
        assert_eq!(made_webhook.event, Some(WebhookEvent::RequestCreate));
        made.policy.verifier().unwrap().account_url("https://wdc.xurrent.com").build().unwrap();
        // Only a client that was given a stage or a domain knows the address of the account.
        assert!(made.verifier().unwrap().build().unwrap_err().to_string().contains("no issuer to trust"));
        made.verifier().unwrap().account_url("https://wdc.xurrent.com").build().unwrap();
    }
}

#[tokio::test]
async fn unverifiable_policies_are_rejected_before_sending() {
    let (sandbox, client) = client().await;
    for algorithm in ["none", "hs256", "hs384", "hs512", "ps256", ""] {
        let policy = WebhookPolicyCreateInput::new(WebhookPolicyJwtAlg::from(algorithm));
        let error = client.signed_webhook_create(policy, webhook()).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("expected rs256"), "{error}");
    }
    let policy = || WebhookPolicyCreateInput::new(Algorithm::Es256);
    let error = client.signed_webhook_create(policy(), webhook().webhook_policy_id("a")).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_policy_is_returned_when_creating_its_webhook_fails() {
    let (sandbox, client) = client().await;
    let policy = || WebhookPolicyCreateInput::new(Algorithm::Es256);
    for (fault, is_made) in
        [(Fault::status(500), false), (Fault::cut_after(), true), (Fault::cut_before(), false)]
    {
        let (before, asked) = (client.webhooks().count().await.unwrap(), calls(&sandbox).len());
        sandbox.faults([fault.for_operation("webhookCreate")]);
        let made = client.signed_webhook_create(policy(), webhook()).await.unwrap();
        let error = made.webhook.as_ref().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Status | ErrorKind::Transport), "{error}");
        assert_eq!(calls(&sandbox)[asked..], ["webhookPolicyCreate", "webhookCreate"], "nothing is repeated");
        made.verifier().unwrap().account_url("https://wdc.xurrent.com").build().unwrap();
        let after = client.webhooks().count().await.unwrap();
        assert_eq!(after - before, i64::from(is_made));
        // What was not made can be made with the policy.
        let input = webhook().webhook_policy_id(&made.policy.id);
        assert!(client.webhook_create(input).await.unwrap().webhook.is_some());
    }

    sandbox.faults([Fault::status(503).for_operation("webhookPolicyCreate")]);
    let error = client.signed_webhook_create(policy(), webhook()).await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    let refused = WebhookCreateInput::new(Event::from("planet.explode"), URI);
    let made = client.signed_webhook_create(policy(), refused).await.unwrap();
    assert!(made.webhook.is_err());
}

#[tokio::test]
async fn a_verifier_has_the_account_and_discovers_keys_if_the_webhook_does() {
    let transport = MemoryTransport::new(|request| match request.operation.as_str() {
        "webhookPolicyCreate" => serde_json::json!({"data": {"webhookPolicyCreate": {
            "sdk_errors": null, "clientMutationId": null, "webhookPolicy": {
                "account": null, "createdAt": null, "disabled": false, "id": "a", "jwtAlg": "es256",
                "jwtAudience": "warehouse", "jwtClaimExpiresIn": null, "name": "p", "publicKeyPem": null,
                "updatedAt": null,
            },
        }}}),
        _ => {
            serde_json::json!({"data": {"webhookCreate": {"sdk_errors": null, "clientMutationId": null, "webhook": null}}})
        }
    });
    let client = Client::builder().account("wdc").personal_access_token("token").stage(Stage::Qa);
    let client = client.transport(transport).build().unwrap().with_retry(RetryPolicy::never());
    let policy = || WebhookPolicyCreateInput::new(Algorithm::Es256);
    let made = client.signed_webhook_create(policy(), webhook()).await.unwrap();
    let error = made.verifier().unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("public key"), "{error}");
    let made =
        client.signed_webhook_create(policy(), webhook().openid_connect_discovery(true)).await.unwrap();
    let shown = format!("{:?}", made.verifier().unwrap());
    assert!(shown.contains("https://wdc.xurrent.qa"), "{shown}");
    made.verifier().unwrap().build().unwrap();
}

#[test]
fn the_event_of_a_delivery_is_the_event_of_a_webhook() {
    let created: WebhookEvent = Event::RequestNoteAdded;
    assert_eq!(created.as_str(), "request.note-added");
}

#[test]
fn algorithms_are_the_same_in_both_directions() {
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::try_from(&WebhookPolicyJwtAlg::from(algorithm)).unwrap(), algorithm);
    }
}
