//! The rules of verification, one by one.

mod algorithms;
mod issuers;

use super::*;
use http::Uri;
use xurrent_webhook::{DEFAULT_MAX_TOKEN, MAX_BODY};

/// A token of exactly so many bytes, otherwise good.
fn token_of(signer: &Signer, size: usize) -> String {
    let base = signer.delivery(ACCOUNT);
    let token = |padding: usize| base.clone().field("name", "x".repeat(padding)).token();
    let padding = (size - token(0).len()) * 3 / 4 - 4;
    (padding..padding + 8).map(token).find(|token| token.len() == size).unwrap_or_else(|| {
        panic!("no padding gives {size} bytes");
    })
}

#[tokio::test]
async fn a_body_may_have_256_kib_and_not_a_byte_more() {
    let verifier = Verifier::builder().account_url(ACCOUNT).dangerously_accept_unsigned().build().unwrap();
    let body = |size: usize| {
        let start = r#"{"webhook_id":1,"account":"a","event":"x","object_id":1,"name":""#;
        format!(r#"{start}{}"}}"#, "x".repeat(size - start.len() - 2))
    };
    assert_eq!(body(MAX_BODY).len(), 262_144);
    verify(&verifier, body(MAX_BODY)).await.unwrap();
    assert_eq!(
        reason(verify(&verifier, body(MAX_BODY + 1)).await),
        "the body has 262145 bytes, and 262144 are allowed"
    );
}

#[tokio::test]
async fn a_token_may_fill_the_body_unless_less_is_allowed() {
    let verifier = knowing(es256()).build().unwrap();
    let body = |token: String| format!(r#"{{"jwt":"{token}"}}"#);
    let largest = body(token_of(es256(), DEFAULT_MAX_TOKEN));
    assert_eq!(largest.len(), MAX_BODY);
    verify(&verifier, largest).await.unwrap();
    let larger = body(token_of(es256(), DEFAULT_MAX_TOKEN + 2));
    assert_eq!(reason(verify(&verifier, &larger).await), "the body has 262146 bytes, and 262144 are allowed");
    let generous = knowing(es256()).max_body_size(300_000).build().unwrap();
    verify(&generous, larger).await.unwrap();
    let strict = knowing(es256()).max_token_size(8192).build().unwrap();
    verify(&strict, body(token_of(es256(), 8192))).await.unwrap();
    let refused = reason(verify(&strict, body(token_of(es256(), 8194))).await);
    assert_eq!(refused, "the token has 8194 bytes, and 8192 are allowed");
}

#[tokio::test]
async fn long_texts_of_a_time_entry_are_accepted() {
    let verifier = knowing(es256()).build().unwrap();
    for note in ["a note ".repeat(800), "作業記録".repeat(450)] {
        let payload = serde_json::json!({ "note": note });
        let body = es256().delivery(ACCOUNT).event("time_entry.create", 1).payload(payload).body();
        verify(&verifier, body).await.unwrap();
    }
}

#[tokio::test]
async fn a_policy_refuses_a_body_without_token() {
    let unsigned = br#"{"webhook_id":1,"account":"https://wdc.xurrent.com","event":"x","object_id":1}"#;
    for verifier in [knowing(es256()), Verifier::builder().account_url(ACCOUNT)] {
        assert_eq!(reason(verify(&verifier.build().unwrap(), unsigned).await), "the body is not signed");
    }
}

#[tokio::test]
async fn without_a_policy_unsigned_bodies_are_accepted_when_that_was_asked_for() {
    let verifier = Verifier::builder().account_url(ACCOUNT).dangerously_accept_unsigned().build().unwrap();
    let unsigned = r#"{"webhook_id":1,"account":"https://wdc.xurrent.com","event":"x","object_id":1}"#;
    let delivery = verify(&verifier, unsigned).await.unwrap();
    assert!(!delivery.signed);
    assert_eq!(delivery.raw().as_text(), unsigned);
}

#[tokio::test]
async fn without_a_policy_a_token_is_verified_all_the_same() {
    let server = server::Server::http().await;
    server.issues("", es256(), "one");
    let verifier = server.verifier().dangerously_accept_unsigned().build().unwrap();
    let delivery = es256().delivery(&server.origin).kid("one");
    assert!(verify(&verifier, delivery.body()).await.unwrap().signed);
    let forged = Signer::generate(Algorithm::Es256).unwrap();
    let forged = forged.delivery(&server.origin).kid("one").body();
    assert_eq!(reason(verify(&verifier, forged).await), "the signature does not match");
}

#[tokio::test]
async fn a_good_signature_around_no_delivery_is_refused() {
    let verifier = knowing(es256()).build().unwrap();
    let delivery = || es256().delivery(ACCOUNT);
    for body in [
        delivery().without("data").body(),
        delivery().claim("data", serde_json::Value::Null).body(),
        delivery().claim("data", "text").body(),
        delivery().claim("data", vec![1]).body(),
        delivery().claim("data", 1).body(),
    ] {
        assert_eq!(reason(verify(&verifier, body).await), "the token has no `data`");
    }
    let body = delivery().claim("data", serde_json::json!({ "webhook_id": 1 })).body();
    let expected = "the delivery cannot be read: account: the field is missing (in Message)";
    assert_eq!(reason(verify(&verifier, body).await), expected);
}

#[tokio::test]
async fn a_token_that_is_no_text_is_refused() {
    let verifier = Verifier::builder().account_url(ACCOUNT).dangerously_accept_unsigned().build().unwrap();
    for jwt in ["1", "null", "true", "[]", "{}", "[\"a.b.c\"]"] {
        let body = format!(r#"{{"jwt":{jwt},"webhook_id":1,"account":"a","event":"x","object_id":1}}"#);
        let reason = reason(verify(&verifier, body).await);
        assert!(reason.starts_with("the body cannot be read: jwt: expected String"), "{reason}");
    }
}

#[tokio::test]
async fn a_route_with_its_own_verifier_takes_nothing_from_the_shared_one() {
    let shared = knowing(es256()).audience("shared").webhook_id(1).build().unwrap();
    let own = knowing(signer(Algorithm::Es512)).build().unwrap();
    let route = signer(Algorithm::Es512).delivery(ACCOUNT).field("webhook_id", 2).body();
    verify(&own, &route).await.unwrap();
    assert!(verify(&shared, &route).await.is_err());
    let other = es256().delivery(ACCOUNT).claim("aud", "shared").body();
    verify(&shared.clone(), &other).await.unwrap();
    assert!(verify(&own, &other).await.is_err());
}

#[tokio::test]
async fn while_a_policy_replaces_another_both_keys_are_good() {
    let new = signer(Algorithm::Rs256);
    let verifier = knowing(es256()).public_key(new.algorithm(), new.public_key_pem()).build().unwrap();
    verify(&verifier, es256().delivery(ACCOUNT).body()).await.unwrap();
    verify(&verifier, new.delivery(ACCOUNT).body()).await.unwrap();
    let other = signer(Algorithm::Es384).delivery(ACCOUNT).body();
    assert_eq!(
        reason(verify(&verifier, other).await),
        "the token is signed with ES384, the policy requires ES256"
    );
}

#[tokio::test]
async fn the_secret_query_parameter_is_demanded_once_and_exactly() {
    let verifier = knowing(es256()).secret_query_parameter("key", "Zm9v/+ =&").build().unwrap();
    let at = |uri: &'static str| {
        let verifier = verifier.clone();
        async move {
            let body = es256().delivery(ACCOUNT).body();
            verifier.verify_at(&Uri::from_static(uri), &HeaderMap::new(), &body).await
        }
    };
    at("/hook?a=1&key=Zm9v%2F%2B%20%3D%26").await.unwrap();
    at("https://example.com/hook?key=Zm9v/%2B+%3D%26").await.unwrap();
    for uri in [
        "/hook",
        "/hook?key=",
        "/hook?key=Zm9v",
        "/hook?KEY=Zm9v%2F%2B%20%3D%26",
        "/hook?key=Zm9v%2F%2B%20%3D%26x",
        "/hook?key=Zm9v%2F%2B%20%3D%26&key=Zm9v%2F%2B%20%3D%26",
        "/hook?key=wrong&key=Zm9v%2F%2B%20%3D%26",
    ] {
        assert_eq!(reason(at(uri).await), "the secret query parameter does not match", "{uri}");
    }
    // Without the address there is nothing to find it in.
    let body = es256().delivery(ACCOUNT).body();
    assert_eq!(reason(verify(&verifier, body).await), "the secret query parameter does not match");
    assert!(!format!("{verifier:?}").contains("Zm9v"));
}

#[tokio::test]
async fn basic_authentication_is_demanded_exactly() {
    // myuser:mylogin
    let verifier = knowing(es256()).basic_auth("myuser", "mylogin").build().unwrap();
    let with = |pairs: &[(&'static str, &'static str)]| {
        let (verifier, headers) = (verifier.clone(), headers(pairs));
        async move { verifier.verify(&headers, &es256().delivery(ACCOUNT).body()).await }
    };
    with(&[("Authorization", "Basic bXl1c2VyOm15bG9naW4=")]).await.unwrap();
    with(&[("authorization", "basic bXl1c2VyOm15bG9naW4=")]).await.unwrap();
    for pairs in [
        &[][..],
        &[("authorization", "Basic")],
        &[("authorization", "Basic bXl1c2VyOm15bG9naW4x")],
        &[("authorization", "Basic !!!")],
        &[("authorization", "Bearer bXl1c2VyOm15bG9naW4=")],
        &[("authorization", "Basic bXl1c2VyOm15bG9naW4="), ("authorization", "Basic bXl1c2VyOm15bG9naW4=")],
    ] {
        assert_eq!(reason(with(pairs).await), "the basic authentication does not match", "{pairs:?}");
    }
}

#[tokio::test]
async fn only_the_expected_webhooks_are_accepted() {
    let verifier = knowing(es256()).webhook_id(945).webhook_id(219).build().unwrap();
    for id in [219, 945] {
        verify(&verifier, es256().delivery(ACCOUNT).field("webhook_id", id).body()).await.unwrap();
    }
    let other = es256().delivery(ACCOUNT).field("webhook_id", 220).body();
    assert_eq!(reason(verify(&verifier, other).await), "unexpected webhook 220");
    let unsigned = Verifier::builder().account_url(ACCOUNT).dangerously_accept_unsigned().webhook_id(7);
    let unsigned = unsigned.build().unwrap();
    let body = |id| format!(r#"{{"webhook_id":{id},"account":"a","event":"x","object_id":1}}"#);
    verify(&unsigned, body(7)).await.unwrap();
    assert_eq!(reason(verify(&unsigned, body(8)).await), "unexpected webhook 8");
}

#[tokio::test]
async fn outside_there_is_one_answer_and_nothing_behind_it() {
    let verifier = knowing(es256()).build().unwrap();
    let refused = verify(&verifier, b"{").await.unwrap_err();
    assert_eq!(format!("{refused}"), "the delivery was refused");
    assert_eq!(format!("{refused:#}"), "the delivery was refused");
    assert!(std::error::Error::source(&refused).is_none());
    assert!(!refused.is_temporary());
    assert!(format!("{refused:?}").contains("the body cannot be read"));
}
