//! Keys from the issuer, over real sockets.

mod bad_responses;

use super::*;
use serde_json::json as value;
use server::{CONFIGURATION, Server, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

async fn refused(verifier: &Verifier, signer: &Signer, issuer: &str, kid: &str) -> String {
    reason(verify(verifier, signer.delivery(issuer).kid(kid).body()).await)
}

#[tokio::test]
async fn keys_of_every_algorithm_are_discovered_over_https() {
    let server = Server::https().await;
    let verifier = server.verifier().build().unwrap();
    for algorithm in Algorithm::ALL {
        let path = format!("/webhook_policies/{algorithm}");
        server.issues(&path, signer(algorithm), "one");
        let issuer = format!("{}{path}", server.origin);
        verify(&verifier, signer(algorithm).delivery(&issuer).kid("one").body()).await.unwrap();
    }
    assert_eq!(server.asked().len(), 12);
}

#[tokio::test]
async fn keys_are_fetched_before_the_first_delivery_from_trusted_issuers_only() {
    let server = Server::http().await;
    server.issues("/a", es256(), "one");
    server.on("/empty/.well-known/openid-configuration", {
        json(value!({ "jwks_uri": format!("{}/none", server.origin) }))
    });
    server.on("/none", json(value!({ "keys": [{ "kid": "x", "kty": "OKP", "crv": "Ed25519", "x": "AA" }] })));
    let verifier = server.verifier().build().unwrap();
    let fetch = async |path: &str| verifier.fetch_keys(&format!("{}{path}", server.origin)).await;
    assert_eq!(fetch("/a").await.unwrap(), [("one".to_owned(), Algorithm::Es256)]);
    assert_eq!(fetch("/empty").await.unwrap(), [], "no key can be used");
    let missing = fetch("/b").await.unwrap_err().reason().to_string();
    assert!(missing.contains("the configuration has status 404"), "{missing}");
    let asked = server.asked().len();
    let stranger = verifier.fetch_keys("https://other.example.com/a").await.unwrap_err();
    assert!(matches!(stranger.reason(), xurrent_webhook::Reason::Issuer { .. }), "{}", stranger.reason());
    assert_eq!(server.asked().len(), asked);
    // Nothing was cached.
    verify(&verifier, es256().delivery(&format!("{}/a", server.origin)).kid("one").body()).await.unwrap();
    assert_eq!(server.asked().len(), asked + 2);
}

#[tokio::test]
async fn keys_are_asked_for_once_and_issuers_are_isolated() {
    let server = Server::http().await;
    server.issues("/a", es256(), "one");
    server.issues("/b", signer(Algorithm::Es384), "one");
    let verifier = server.verifier().build().unwrap();
    let (a, b) = (format!("{}/a", server.origin), format!("{}/b", server.origin));
    for _ in 0..5 {
        verify(&verifier, es256().delivery(&a).kid("one").body()).await.unwrap();
        // However the end of the issuer and its host are written.
        verify(
            &verifier,
            es256().delivery(&format!("{a}/").replace("localhost", "LOCALHOST")).kid("one").body(),
        )
        .await
        .unwrap();
        verify(&verifier, signer(Algorithm::Es384).delivery(&b).kid("one").body()).await.unwrap();
    }
    assert_eq!(server.asked().len(), 4);
    // The key of one issuer is none of the other.
    assert!(refused(&verifier, es256(), &b, "one").await.starts_with("the issuer has no key \"one\""));
    let other = Signer::generate(Algorithm::Es256).unwrap();
    assert_eq!(refused(&verifier, &other, &a, "one").await, "the signature does not match");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_tasks_ask_once() {
    let server = Server::http().await;
    server.issues("", es256(), "one");
    server.on(CONFIGURATION, {
        let keys = format!("{}/keys", server.origin);
        json(value!({ "jwks_uri": keys })).after(Duration::from_millis(200))
    });
    let verifier = server.verifier().build().unwrap();
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (verifier, body) = (verifier.clone(), es256().delivery(&server.origin).kid("one").body());
            tokio::spawn(async move { verify(&verifier, body).await.is_ok() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_delivery_that_is_dropped_while_keys_are_fetched_takes_them_from_nobody() {
    let server = Server::http().await;
    server.issues("", es256(), "one");
    let keys = format!("{}/keys", server.origin);
    server.on(CONFIGURATION, json(value!({ "jwks_uri": keys })).after(Duration::from_millis(300)));
    let verifier = server.verifier().build().unwrap();
    let body = es256().delivery(&server.origin).kid("one").body();
    let cut = tokio::time::timeout(Duration::from_millis(50), verify(&verifier, &body)).await;
    assert!(cut.is_err());
    verify(&verifier, &body).await.unwrap();
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_rotated_key_is_found_after_the_throttle_and_not_before() {
    let server = Server::http().await;
    server.issues("", es256(), "old");
    let verifier = server.verifier().refetch_after(Duration::from_millis(1500)).build().unwrap();
    let issuer = server.origin.clone();
    verify(&verifier, es256().delivery(&issuer).kid("old").body()).await.unwrap();
    let new = Signer::generate(Algorithm::Es256).unwrap();
    server.issues("", &new, "new");
    for _ in 0..20 {
        assert!(refused(&verifier, &new, &issuer, "new").await.starts_with("the issuer has no key \"new\""));
    }
    assert_eq!(server.asked().len(), 2);
    // Meanwhile the old one is as good as before.
    verify(&verifier, es256().delivery(&issuer).kid("old").body()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1520)).await;
    verify(&verifier, new.delivery(&issuer).kid("new").body()).await.unwrap();
    assert_eq!(server.asked().len(), 4);
    // The old key went with the old set.
    assert!(refused(&verifier, es256(), &issuer, "old").await.starts_with("the issuer has no key \"old\""));
}

#[tokio::test]
async fn a_new_key_under_the_same_name_is_found_after_the_throttle() {
    let server = Server::http().await;
    server.issues("", es256(), "one");
    let verifier = server.verifier().refetch_after(Duration::from_millis(1500)).build().unwrap();
    verify(&verifier, es256().delivery(&server.origin).kid("one").body()).await.unwrap();
    let new = Signer::generate(Algorithm::Es256).unwrap();
    server.issues("", &new, "one");
    let body = new.delivery(&server.origin).kid("one").body();
    for _ in 0..20 {
        // It may be good soon, so the sender should send it again.
        let failed = verify(&verifier, &body).await;
        assert!(failed.as_ref().unwrap_err().is_temporary());
        assert_eq!(reason(failed), "the signature does not match");
    }
    assert_eq!(server.asked().len(), 2);
    tokio::time::sleep(Duration::from_millis(1520)).await;
    verify(&verifier, &body).await.unwrap();
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn what_the_issuer_itself_does_not_know_is_refused_for_good() {
    let server = Server::http().await;
    server.issues("", es256(), "one");
    let verifier = server.verifier().refetch_after(Duration::ZERO).build().unwrap();
    let forger = Signer::generate(Algorithm::Es256).unwrap();
    for (body, expected) in [
        (forger.delivery(&server.origin).kid("one").body(), "the signature does not match"),
        (forger.delivery(&server.origin).kid("two").body(), "the issuer has no key \"two\" for ES256"),
    ] {
        let failed = verify(&verifier, &body).await;
        assert!(!failed.as_ref().unwrap_err().is_temporary());
        assert_eq!(reason(failed), expected);
    }
    // Good deliveries ask nobody, and wrong signatures ask once each at most.
    let asked = server.asked().len();
    for _ in 0..20 {
        verify(&verifier, es256().delivery(&server.origin).kid("one").body()).await.unwrap();
    }
    assert_eq!(server.asked().len(), asked);
}

#[tokio::test]
async fn an_unknown_key_is_refused_as_temporary_until_the_issuer_was_asked() {
    let server = Server::http().await;
    server.issues("", es256(), "one");
    let verifier = server.verifier().build().unwrap();
    verify(&verifier, es256().delivery(&server.origin).kid("one").body()).await.unwrap();
    let failed = verify(&verifier, es256().delivery(&server.origin).kid("two").body()).await;
    assert!(failed.as_ref().unwrap_err().is_temporary());
    assert!(reason(failed).starts_with("the issuer has no key \"two\""));
}

#[tokio::test]
async fn of_two_keys_of_one_name_each_is_good() {
    let (server, new) = (Server::http().await, Signer::generate(Algorithm::Es256).unwrap());
    server.issues("", es256(), "one");
    server.on("/keys", json(value!({ "keys": [es256().jwk("one"), new.jwk("one")] })));
    let verifier = server.verifier().build().unwrap();
    for signer in [es256(), &new] {
        verify(&verifier, signer.delivery(&server.origin).kid("one").body()).await.unwrap();
    }
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn keys_expire() {
    let server = Server::http().await;
    server.issues("", es256(), "one");
    let moment = Duration::from_millis(100);
    let verifier = server.verifier().key_lifetime(moment).refetch_after(Duration::ZERO).build().unwrap();
    let good = || es256().delivery(&server.origin).kid("one").body();
    verify(&verifier, good()).await.unwrap();
    tokio::time::sleep(moment).await;
    verify(&verifier, good()).await.unwrap();
    assert_eq!(server.asked().len(), 4);
    // A key that has expired is not used because its successor cannot be had.
    tokio::time::sleep(moment).await;
    server.on(CONFIGURATION, json("").status(503));
    let failed = verify(&verifier, good()).await;
    assert!(failed.as_ref().unwrap_err().is_temporary());
    assert!(reason(failed).contains("the configuration has status 503"));
}

#[tokio::test]
async fn an_issuer_that_failed_is_not_asked_again_at_once() {
    let server = Server::http().await;
    let verifier = server.verifier().build().unwrap();
    assert!(refused(&verifier, es256(), &server.origin, "one").await.contains("status 404"));
    for _ in 0..20 {
        let again = refused(&verifier, es256(), &server.origin, "one").await;
        assert_eq!(again, "too many requests for issuers' keys: try again later");
    }
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_stranger_who_invents_issuers_makes_few_requests() {
    let server = Server::http().await;
    let real = format!("{}/real", server.origin);
    server.issues("/real", es256(), "one");
    let verifier = server.verifier().build().unwrap();
    verify(&verifier, es256().delivery(&real).kid("one").body()).await.unwrap();
    for number in 0..200 {
        refused(&verifier, es256(), &format!("{}/{number}", server.origin), "one").await;
    }
    assert!(server.asked().len() <= 2 + 10, "{}", server.asked().len());
    // Who was known before is served as before.
    verify(&verifier, es256().delivery(&real).kid("one").body()).await.unwrap();
}

#[tokio::test]
async fn a_token_must_name_its_key() {
    let server = Server::http().await;
    server.issues("", es256(), "one");
    let verifier = server.verifier().build().unwrap();
    let without = es256().delivery(&server.origin).body();
    let refused_for = reason(verify(&verifier, without).await);
    assert!(refused_for.starts_with("the header of the token has no `kid`: "), "{refused_for}");
    // What to do about it, on either side.
    assert!(refused_for.contains("`openid_connect_discovery(true)`"), "{refused_for}");
    assert!(refused_for.contains("`public_key`"), "{refused_for}");
    let number = es256().delivery(&server.origin).header("kid", 1).body();
    assert!(reason(verify(&verifier, number).await).contains("kid: expected String"));
    assert!(refused(&verifier, es256(), &server.origin, "ONE").await.contains("no key \"ONE\""));
}

#[tokio::test]
async fn private_addresses_are_not_asked_without_the_seam_for_tests() {
    for account in [
        "https://127.0.0.1:1",
        "https://localhost:1",
        "https://[::1]:1",
        "https://10.0.0.1",
        "https://192.168.1.1",
        "https://169.254.169.254",
        "https://[fd00::1]",
        "https://[::ffff:10.0.0.1]",
        // Other ways to write 127.0.0.1.
        "https://2130706433",
        "https://0x7f.1",
    ] {
        let verifier = Verifier::builder().account_url(account).build().unwrap();
        let reason = refused(&verifier, es256(), account, "one").await;
        assert!(
            reason.contains("not a public address") || reason.contains("no public address"),
            "{account} {reason}"
        );
    }
    // With it, this machine may be asked and nothing else that is private.
    let verifier =
        Verifier::builder().account_url("https://10.0.0.1").dangerously_allow_loopback().build().unwrap();
    let reason = refused(&verifier, es256(), "https://10.0.0.1", "one").await;
    assert!(reason.contains("not a public address"), "{reason}");
}

#[tokio::test]
async fn a_stranger_with_a_certificate_of_his_own_is_no_issuer() {
    let server = Server::https().await;
    server.issues("", es256(), "one");
    let verifier =
        Verifier::builder().account_url(&server.origin).dangerously_allow_loopback().build().unwrap();
    let reason = refused(&verifier, es256(), &server.origin, "one").await;
    assert!(reason.contains("connection failed"), "{reason}");
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn deliveries_of_known_keys_do_not_wait_for_a_stranger() {
    let server = Arc::new(Server::http().await);
    server.issues("", es256(), "one");
    let verifier = server.verifier().refetch_after(Duration::ZERO).build().unwrap();
    verify(&verifier, es256().delivery(&server.origin).kid("one").body()).await.unwrap();
    server.on(CONFIGURATION, json("").after(Duration::from_secs(4)));
    let stranger = tokio::spawn({
        let (verifier, body) = (verifier.clone(), es256().delivery(&server.origin).kid("two").body());
        async move { verify(&verifier, body).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let started = Instant::now();
    verify(&verifier, es256().delivery(&server.origin).kid("one").body()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(3));
    stranger.abort();
}
