//! Verification by discovered keys and by secrets, with a server of the account on loopback.

use super::target::Target;
use super::{ACCOUNT, SECRET, Setup, configuration};
use crate::support::until;
use axum::Router;
use axum::routing::{get, post};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use xurrent_receiver::webhook::Algorithm;
use xurrent_receiver::webhook::test::Signer;

/// Replaces the account of a setup, and adds a line of `[verification]`.
fn with_account(setup: &Setup, target: &Target, account: &str, verification: &str) {
    let target = format!("url = \"http://{}/hook\"\nsecret_file = \"target-secret\"", target.address);
    let text = configuration(&target);
    let (from, to) = (text.find("url = ").unwrap(), text.find("[inbox]").unwrap());
    let account = format!("url = \"{account}\"\n[verification]\n{verification}\n");
    setup.write("config.toml", &[&text[..from], &account, &text[to..]].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_discovered_and_the_handshake_of_a_new_webhook_is_confirmed() {
    let target = Target::start().await;
    let setup = Setup::new("");
    let called = Arc::new(AtomicUsize::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let account = format!("http://{}", listener.local_addr().unwrap());
    let policy = format!("{account}/webhook_policies/signed");
    let known = json!({ "issuer": policy, "jwks_uri": format!("{account}/keys") });
    let keys = setup.signer.key_set("k1");
    let confirm = {
        let called = Arc::clone(&called);
        async move || called.fetch_add(1, Ordering::SeqCst).to_string()
    };
    let router = Router::new()
        .route(
            "/webhook_policies/signed/.well-known/openid-configuration",
            get(async move || known.to_string()),
        )
        .route("/keys", get(async move || keys.to_string()))
        .route("/confirm", get(confirm.clone()).merge(post(confirm)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    with_account(&setup, &target, &account, "dangerously_allow_loopback = true");
    let service = setup.serve();

    let signed = |signer: &Signer, event: &str, payload| {
        let delivery = signer.delivery(&policy).kid("k1").field("account", &*account).event(event, 7);
        String::from_utf8(delivery.payload(payload).body()).unwrap()
    };
    let callback = json!({ "callback": format!("{account}/confirm?code=1") });
    assert_eq!(service.deliver("v", &signed(&setup.signer, "webhook.verify", callback)).await, 200);
    assert_eq!(called.load(Ordering::SeqCst), 1);
    assert_eq!(service.deliver("a", &signed(&setup.signer, "request.create", json!({}))).await, 200);
    let forger = Signer::generate(Algorithm::Es256).unwrap();
    assert_eq!(service.deliver("b", &signed(&forger, "request.create", json!({}))).await, 403);
    until("it arrives", async || !target.posts().is_empty()).await;
    assert_eq!(target.origins(), ["a"], "the handshake is not handed over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unsigned_deliveries_are_accepted_only_when_configured_and_with_their_secret() {
    let target = Target::start().await;
    let setup = Setup::new("");
    setup.write("query", "correct\n");
    let body = json!({ "webhook_id": 12, "account": ACCOUNT, "event": "request.create", "object_id": 7, "payload": {} });
    let (body, headers) = (body.to_string(), "x-xurrent-delivery: a\r\n");
    let other = body.replace("12", "13");
    let secret = "query_parameter = \"key\"\nquery_secret_file = \"query\"\nwebhook_ids = [12]\n";
    with_account(&setup, &target, ACCOUNT, secret);
    let service = setup.serve();
    let signed_only = service.sender().await.deliver_with("key=correct", headers, &body).await.unwrap();
    assert_eq!(signed_only.status, 403);
    drop(service);
    with_account(&setup, &target, ACCOUNT, &format!("unsigned = true\n{secret}"));
    let service = setup.serve();
    for (query, body, status) in [
        ("key=wrong", &body, 403),
        ("", &body, 403),
        ("key=correct", &other, 403),
        ("key=correct", &body, 200),
    ] {
        let sent = service.sender().await.deliver_with(query, headers, body).await.unwrap();
        assert_eq!(sent.status, status, "{query} {body}");
    }
    until("it arrives", async || !target.posts().is_empty()).await;
    assert_eq!(target.posts()[0].1, body);
    assert!(!service.log().contains(SECRET));
}
