//! Responses of issuers that are refused.

use crate::discovery::refused;
use crate::server::{CONFIGURATION, Server, json};
use crate::*;
use serde_json::json as value;
use std::time::{Duration, Instant};

/// What an issuer answers, and why its keys cannot be had.
async fn fails(configuration: Option<server::Answer>, keys: Option<server::Answer>) -> (String, Vec<String>) {
    let server = Server::http().await;
    server.issues("", es256(), "one");
    if let Some(answer) = configuration {
        server.on(CONFIGURATION, answer);
    }
    if let Some(answer) = keys {
        server.on("/keys", answer);
    }
    server.on("/elsewhere", json(es256().key_set("one")));
    let verifier = server.verifier().build().unwrap();
    let reason = refused(&verifier, es256(), &server.origin, "one").await;
    (reason, server.asked())
}

#[tokio::test]
async fn redirects_are_refused() {
    for status in [301, 302, 303, 307, 308] {
        let redirect = || json("").status(status).header("location", "/elsewhere");
        let (reason, asked) = fails(Some(redirect()), None).await;
        assert!(reason.contains("the configuration is a redirect"), "{reason}");
        assert_eq!(asked.len(), 1);
        let (reason, asked) = fails(None, Some(redirect())).await;
        assert!(reason.contains("the set of keys is a redirect"), "{reason}");
        assert_eq!(asked.len(), 2);
    }
}

#[tokio::test]
async fn large_answers_are_refused_by_what_they_say_and_by_what_they_are() {
    let large = || json(" ".repeat(64 * 1024 + 1));
    let said = || json("{}").length(Some(64 * 1024 + 1));
    let unsaid = || large().length(None);
    for answer in [large(), said(), unsaid()] {
        let (reason, _) = fails(Some(answer.clone()), None).await;
        assert!(reason.contains("larger than 65536 bytes"), "{reason}");
        let (reason, _) = fails(None, Some(answer)).await;
        assert!(reason.contains("larger than 65536 bytes"), "{reason}");
    }
    let mut padded = es256().key_set("one").to_string();
    padded.extend(std::iter::repeat_n(' ', 64 * 1024 - padded.len()));
    let server = Server::http().await;
    server.issues("", es256(), "one");
    server.on("/keys", json(padded).length(None));
    verify(&server.verifier().build().unwrap(), es256().delivery(&server.origin).kid("one").body())
        .await
        .unwrap();
}

#[tokio::test]
async fn slow_answers_are_left_after_five_seconds_for_both() {
    let slow = |body: &str| json(body).after(Duration::from_secs(3));
    let server = Server::http().await;
    let configuration = value!({ "jwks_uri": format!("{}/keys", server.origin) }).to_string();
    server.on(CONFIGURATION, slow(&configuration));
    server.on("/keys", slow(&es256().key_set("one").to_string()));
    let dripping = Server::http().await;
    dripping.on(CONFIGURATION, json(" ".repeat(1000)).dripping(Duration::from_millis(200)));
    let started = Instant::now();
    let (both, drip) = tokio::join!(
        async { refused(&server.verifier().build().unwrap(), es256(), &server.origin, "one").await },
        async { refused(&dripping.verifier().build().unwrap(), es256(), &dripping.origin, "one").await },
    );
    assert!(both.contains("in time") && drip.contains("in time"), "{both} {drip}");
    assert!((4..15).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test]
async fn configurations_that_cannot_be_used_are_refused() {
    for (configuration, expected) in [
        ("", "the configuration cannot be read"),
        ("[]", "the configuration cannot be read"),
        ("{}", "jwks_uri: the field is missing"),
        (r#"{"jwks_uri":1}"#, "jwks_uri: expected String"),
        (r#"{"jwks_uri":"https://evil.example/keys"}"#, "is on another host"),
        (r#"{"jwks_uri":"http://evil.example/keys"}"#, "it is not https"),
        (r#"{"jwks_uri":"http://127.0.0.1:1/keys"}"#, "is on another host"),
        (r#"{"jwks_uri":"http://169.254.169.254/keys"}"#, "it is not https"),
        (r#"{"jwks_uri":"file:///keys"}"#, "it is not https"),
        (r#"{"jwks_uri":"keys"}"#, "it is not a URL"),
        (r#"{"jwks_uri":"http://a:b@localhost/keys"}"#, "it has a user name"),
        (r#"{"jwks_uri":"http://localhost/keys"}"#, "is on another host"),
        (
            r#"{"jwks_uri":"http://localhost/keys","jwks_uri":"http://localhost/keys"}"#,
            "the key occurs twice",
        ),
        (r#"{"issuer":"https://other.example","jwks_uri":"http://localhost/keys"}"#, "is of another issuer"),
    ] {
        let (reason, asked) = fails(Some(json(configuration)), None).await;
        assert!(reason.contains(expected), "{configuration}: {reason}");
        assert_eq!(asked.len(), 1, "{configuration}");
    }
}

#[tokio::test]
async fn keys_that_are_not_for_this_signature_are_passed_over() {
    let jwk = es256().jwk("one");
    let with = |name: &str, new: serde_json::Value| {
        let mut jwk = jwk.clone();
        jwk[name] = new;
        jwk
    };
    let without = |name: &str| {
        let mut jwk = jwk.clone();
        jwk.as_object_mut().unwrap().remove(name);
        jwk
    };
    for (name, key) in [
        ("another kid", with("kid", value!("two"))),
        ("a number as kid", with("kid", value!(1))),
        ("no kid", without("kid")),
        ("for encryption", with("use", value!("enc"))),
        ("without use", without("use")),
        ("a shared secret", value!({ "kid": "one", "kty": "oct", "use": "sig", "k": "c2VjcmV0" })),
        ("another type", with("kty", value!("RSA"))),
        ("no type", without("kty")),
        ("another algorithm", with("alg", value!("ES384"))),
        ("a forbidden algorithm", with("alg", value!("HS256"))),
        ("another curve", with("crv", value!("P-384"))),
        ("no curve", without("crv")),
        ("no point", without("x")),
        ("a short point", with("y", value!("AAAA"))),
        ("a point beside the curve", with("y", jwk["x"].clone())),
        ("no base64", with("x", value!("=== ="))),
        ("a text", value!("one")),
        ("nothing", value!(null)),
    ] {
        let (reason, _) = fails(None, Some(json(value!({ "keys": [key] })))).await;
        assert!(reason.starts_with("the issuer has no key \"one\" for ES256"), "{name}: {reason}");
        // And it does not get in the way of a good one.
        let server = Server::http().await;
        server.issues("", es256(), "one");
        server.on("/keys", json(value!({ "keys": [key, jwk] })));
        let verifier = server.verifier().build().unwrap();
        verify(&verifier, es256().delivery(&server.origin).kid("one").body()).await.unwrap();
    }
    for keys in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, "<html>"] {
        let (reason, _) = fails(None, Some(json(keys))).await;
        assert!(reason.contains("the set of keys cannot be read"), "{keys}: {reason}");
    }
    let (reason, _) = fails(None, Some(json(r#"{"keys":[]}"#))).await;
    assert!(reason.starts_with("the issuer has no key"), "{reason}");
}

#[tokio::test]
async fn a_key_without_alg_is_good_for_the_algorithms_of_its_type() {
    let rsa = signer(Algorithm::Rs256);
    let mut jwk = rsa.jwk("one");
    jwk.as_object_mut().unwrap().remove("alg");
    let server = Server::http().await;
    server.issues("", rsa, "one");
    server.on("/keys", json(value!({ "keys": [jwk] })));
    let verifier = server.verifier().build().unwrap();
    verify(&verifier, rsa.delivery(&server.origin).kid("one").body()).await.unwrap();
    // The signature is still one of RS256, whatever the header says.
    let renamed = rsa.delivery(&server.origin).kid("one").header("alg", "RS512").body();
    assert_eq!(reason(verify(&verifier, renamed).await), "the signature does not match");
}

#[tokio::test]
async fn short_rsa_keys_are_refused() {
    // 1024 bits.
    let n = "5YTaJ64FPjmvtYw8Re_8qvblVrCcbniC10lzc9FLEKGX9WyWYJT6Par0Rl_B0Mrbt0989Kgmg-BQtO4h32K2LGLIYJzZg9Spb_gFU2_RSIMNKFwgnbNcchBQg8qtWR6D9LIZM5TGWr4BD4sXGmOVGlwxq9AFnsMP83V7bEBHeus";
    let key = value!({ "kid": "one", "kty": "RSA", "use": "sig", "n": n, "e": "AQAB" });
    let server = Server::http().await;
    server.issues("", signer(Algorithm::Rs256), "one");
    server.on("/keys", json(value!({ "keys": [key] })));
    let verifier = server.verifier().build().unwrap();
    let reason = refused(&verifier, signer(Algorithm::Rs256), &server.origin, "one").await;
    assert!(reason.starts_with("the issuer has no key \"one\""), "{reason}");
}
