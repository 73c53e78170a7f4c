//! Every algorithm that a policy can have.

use crate::webhooks::endpoint::{
    Endpoint, account, policy, rename, request, verifier, webhook, with_public_key,
};
use xurrent::webhook::{Algorithm, Event, Payload};
use xurrent::{WebhookEvent, WebhookPolicyJwtAlg};

/// As tokens name it.
fn in_token(algorithm: &WebhookPolicyJwtAlg) -> Algorithm {
    Algorithm::from_name(&algorithm.to_string().to_uppercase()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_events_arrive_signed_with_every_algorithm() {
    let (sandbox, client) = account().await;
    let mut endpoints = Vec::new();
    for algorithm in with_public_key() {
        for discovery in [false, true] {
            let policy = policy(&client, algorithm.clone()).await;
            let mut builder = verifier(&sandbox).audience("orders").require_all_claims();
            if !discovery {
                builder = builder.public_key(in_token(&algorithm), policy.pem.as_deref().unwrap());
            }
            let endpoint = Endpoint::start(builder.build().unwrap()).await;
            let event = WebhookEvent::RequestUpdate;
            webhook(&client, event, &endpoint.uri, &policy, discovery).await;
            endpoints.push((algorithm.clone(), discovery, policy.name, endpoint));
        }
    }
    // Before the handshake nothing is delivered, and with it nothing but the handshake.
    sandbox.deliveries_settled().await;
    for (algorithm, discovery, _, endpoint) in &endpoints {
        let seen = (endpoint.confirmed(), endpoint.refused(), endpoint.delivered().len());
        assert_eq!(seen, (1, vec![], 0), "{algorithm:?}, discovery: {discovery}");
    }

    let id = request(&client, "Printer").await;
    rename(&client, &id, "Printer on fire").await;
    sandbox.deliveries_settled().await;
    for (algorithm, discovery, name, endpoint) in &endpoints {
        let what = format!("{algorithm:?}, discovery: {discovery}");
        assert_eq!(endpoint.refused(), Vec::<String>::new(), "{what}");
        let delivered = endpoint.delivered();
        let [delivery] = delivered.as_slice() else { panic!("{what}: {delivered:?}") };
        assert!(delivery.signed);
        assert_eq!(delivery.event, Event::RequestUpdate);
        assert_eq!(delivery.object_node_id.as_ref(), Some(&id));
        assert_eq!(delivery.account, sandbox.account_url());
        assert_eq!(delivery.name.as_deref(), Some("orders"));
        let Payload::Common(payload) = delivery.typed_payload().unwrap() else { panic!("{delivery:?}") };
        assert_eq!(payload.status.as_deref(), Some("assigned"));
        // The issuer is part of what a token is remembered by.
        let issuer = delivery.token_id().unwrap().split('\n').next().unwrap();
        let expected = match discovery {
            true => format!("{}/webhook_policies/{name}", sandbox.account_url()),
            false => sandbox.account_url().to_owned(),
        };
        assert_eq!(issuer, expected, "{what}");
    }
    let asked = sandbox.requests();
    let asked = asked.iter().filter(|request| request.path.starts_with("/webhook_policies/")).count();
    assert_eq!(asked, 2 * 6, "two documents for each policy that is discovered, and none for the others");
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_secrets_and_none_are_rejected() {
    use WebhookPolicyJwtAlg as Alg;
    let (sandbox, client) = account().await;
    let trusted = policy(&client, Alg::Rs256).await;
    for algorithm in [Alg::None, Alg::Hs256, Alg::Hs384, Alg::Hs512] {
        let policy = policy(&client, algorithm.clone()).await;
        assert_eq!(policy.pem, None);
        for key in [None, trusted.pem.as_deref()] {
            let mut builder = verifier(&sandbox);
            if let Some(pem) = key {
                builder = builder.public_key(Algorithm::Rs256, pem);
            }
            let endpoint = Endpoint::start(builder.build().unwrap()).await;
            let event = WebhookEvent::RequestCreate;
            let webhook = webhook(&client, event, &endpoint.uri, &policy, false).await;
            sandbox.deliveries_settled().await;
            // Nor does it help that the sandbox takes the address for proved.
            assert!(sandbox.verify_webhook(webhook.as_str()));
            request(&client, "Printer").await;
            sandbox.deliveries_settled().await;
            assert_eq!((endpoint.confirmed(), endpoint.delivered().len()), (0, 0), "{algorithm:?}");
            let refused = endpoint.refused();
            assert_eq!(refused.len(), 3 + 3, "each was tried three times: {refused:?}");
            let name =
                if algorithm == Alg::None { "none".into() } else { algorithm.to_string().to_uppercase() };
            assert!(refused.iter().all(|why| why.contains(&name)), "{algorithm:?}: {refused:?}");
            client.webhook_delete(xurrent::WebhookDeleteMutationInput::new(webhook)).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_is_rejected_for_policies_without_a_public_key() {
    let (sandbox, client) = account().await;
    let policy = policy(&client, WebhookPolicyJwtAlg::Hs256).await;
    let input = xurrent::WebhookCreateInput::new(WebhookEvent::RequestCreate, "http://127.0.0.1:9/")
        .webhook_policy_id(&policy.id)
        .openid_connect_discovery(true);
    let refused = client.webhook_create(input).await.unwrap_err();
    assert!(refused.to_string().contains("asymmetric"), "{refused}");
    assert!(sandbox.deliveries().is_empty());
}
