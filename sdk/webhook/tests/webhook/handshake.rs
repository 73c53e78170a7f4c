//! The callback of `webhook.verify`, over real sockets.

use super::*;
use http::Uri;
use server::{Server, json};
use std::time::Duration;
use xurrent_webhook::{Event, Received};

fn here() -> Uri {
    Uri::from_static("/hook")
}

/// A verifier that knows the key, so that only the callback reaches the server.
fn verifier(server: &Server) -> Verifier {
    server.verifier().public_key(Algorithm::Es256, es256().public_key_pem()).build().unwrap()
}

fn handshake(server: &Server, callback: &str) -> Vec<u8> {
    let payload = serde_json::json!({ "callback": callback });
    es256().delivery(&server.origin).event("webhook.verify", 219).payload(payload).body()
}

fn callback(server: &Server) -> String {
    format!("{}/webhooks/219/verify?code=EmzqeGYTj5LAIwY-hWoYNLJQ&expires_at=1610618451", server.origin)
}

#[tokio::test]
async fn a_handshake_is_answered_over_https_and_not_passed_on() {
    let server = Server::https().await;
    server.on("/webhooks/219/verify", json("ok"));
    let verifier = verifier(&server);
    let body = handshake(&server, &callback(&server));
    let received = verifier.receive(&here(), &HeaderMap::new(), &body).await.unwrap();
    let Received::Confirmed(delivery) = received else { panic!("{received:?}") };
    assert_eq!(delivery.object_id, 219);
    assert_eq!(server.asked(), ["/webhooks/219/verify?code=EmzqeGYTj5LAIwY-hWoYNLJQ&expires_at=1610618451"]);
    let other = es256().delivery(&server.origin).event("request.create", 1).body();
    let received = verifier.receive(&here(), &HeaderMap::new(), &other).await.unwrap();
    assert!(matches!(received, Received::Delivery(delivery) if delivery.event == Event::RequestCreate));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_handshake_can_be_answered_by_hand() {
    let server = Server::http().await;
    server.on("/webhooks/219/verify", json("ok"));
    let verifier = verifier(&server);
    let delivery = verify(&verifier, handshake(&server, &callback(&server))).await.unwrap();
    assert_eq!(server.asked().len(), 0);
    verifier.confirm(&delivery).await.unwrap();
    assert_eq!(server.asked().len(), 1);
    let other = verify(&verifier, es256().delivery(&server.origin).body()).await.unwrap();
    assert_eq!(
        reason(verifier.confirm(&other).await),
        "the event is \"request.update\", not `webhook.verify`"
    );
}

#[tokio::test]
async fn the_callback_of_a_forged_handshake_is_not_called() {
    let server = Server::http().await;
    let verifier = verifier(&server);
    let forger = Signer::generate(Algorithm::Es256).unwrap();
    let payload = serde_json::json!({ "callback": callback(&server) });
    let forged = forger.delivery(&server.origin).event("webhook.verify", 219).payload(payload).body();
    let refused = verifier.receive(&here(), &HeaderMap::new(), &forged).await;
    assert_eq!(reason(refused), "the signature does not match");
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn a_callback_anywhere_else_is_not_called() {
    let server = Server::http().await;
    let other = Server::http().await;
    let port = server.origin.rsplit_once(':').unwrap().1;
    let verifier = verifier(&server);
    for (callback, expected) in [
        (callback(&other), "not on the account's host"),
        (format!("http://127.0.0.1:{port}/x"), "not on the account's host"),
        (format!("https://localhost:{port}/x"), "not on the account's host"),
        ("http://169.254.169.254/latest/meta-data".to_owned(), "it is not https"),
        ("http://10.0.0.1/x".to_owned(), "it is not https"),
        ("https://10.0.0.1/x".to_owned(), "not on the account's host"),
        (format!("http://user@localhost:{port}/x"), "user name"),
        (format!("http://localhost:{port}@evil.example/x"), "it is not https"),
        (format!("https://localhost:{port}@evil.example/x"), "user name"),
        (format!("http://localhost:{port}\\@evil.example/x"), "characters that a URL cannot have"),
        ("file:///etc/passwd".to_owned(), "it is not https"),
        ("gopher://localhost/x".to_owned(), "it is not https"),
        ("/webhooks/219/verify".to_owned(), "it is not a URL"),
        (String::new(), "the payload has none"),
    ] {
        let body = handshake(&server, &callback);
        let reason = reason(verifier.receive(&here(), &HeaderMap::new(), &body).await);
        assert!(reason.contains(expected), "{callback}: {reason}");
    }
    let none = es256().delivery(&server.origin).event("webhook.verify", 219).body();
    assert!(reason(verifier.receive(&here(), &HeaderMap::new(), &none).await).contains("has none"));
    assert_eq!((server.asked().len(), other.asked().len()), (0, 0));
}

#[tokio::test]
async fn a_private_address_is_not_called_even_if_it_is_the_accounts() {
    // Without the seam for tests this machine is out of reach, by number and by name.
    for account in ["https://127.0.0.1:1", "https://localhost:1", "https://[::1]:1", "https://10.0.0.1"] {
        let verifier = Verifier::builder()
            .account_url(account)
            .public_key(Algorithm::Es256, es256().public_key_pem())
            .build()
            .unwrap();
        let payload = serde_json::json!({ "callback": format!("{account}/x") });
        let body = es256().delivery(account).event("webhook.verify", 1).payload(payload).body();
        let reason = reason(verifier.receive(&here(), &HeaderMap::new(), &body).await);
        assert!(reason.contains("public address"), "{account}: {reason}");
    }
}

#[tokio::test]
async fn anything_but_200_fails_with_status_and_body_and_can_be_tried_again() {
    let server = Server::http().await;
    let verifier = verifier(&server);
    let body = handshake(&server, &callback(&server));
    for (answer, expected) in [
        (json("code EmzqeGYTj5LAIwY-hWoYNLJQ is unknown").status(404), "status 404: \"code *** is unknown\""),
        (json("made").status(201), "status 201: \"made\""),
        (json("").status(204), "status 204: \"\""),
        (json("").status(302).header("location", "/elsewhere"), "status 302"),
        (json("").status(500), "status 500"),
    ] {
        server.on("/webhooks/219/verify", answer);
        let refused = verifier.receive(&here(), &HeaderMap::new(), &body).await;
        assert!(refused.as_ref().unwrap_err().is_temporary());
        let reason = reason(refused);
        assert!(reason.contains(expected) && !reason.contains("EmzqeGYT"), "{reason}");
    }
    assert!(!server.asked().contains(&"/elsewhere".to_owned()));
    server.on("/webhooks/219/verify", json("ok"));
    verifier.receive(&here(), &HeaderMap::new(), &body).await.unwrap();
    let again = verifier.receive(&here(), &HeaderMap::new(), &body).await;
    assert_eq!(reason(again), "the token was used before");
}

#[tokio::test]
async fn a_callback_that_does_not_end_is_left() {
    let server = Server::http().await;
    server.on("/webhooks/219/verify", json("x".repeat(100)).dripping(Duration::from_millis(200)));
    let verifier = verifier(&server);
    let body = handshake(&server, &callback(&server));
    let started = std::time::Instant::now();
    let reason = reason(verifier.receive(&here(), &HeaderMap::new(), &body).await);
    assert!(reason.contains("no response in time"), "{reason}");
    assert!((4..15).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_certificate_of_a_stranger_is_not_trusted() {
    let server = Server::https().await;
    server.on("/webhooks/219/verify", json("ok"));
    let verifier = Verifier::builder()
        .account_url(&server.origin)
        .dangerously_allow_loopback()
        .public_key(Algorithm::Es256, es256().public_key_pem())
        .build()
        .unwrap();
    let body = handshake(&server, &callback(&server));
    let reason = reason(verifier.receive(&here(), &HeaderMap::new(), &body).await);
    assert!(reason.contains("connection failed"), "{reason}");
    assert_eq!(server.asked().len(), 0);
}
