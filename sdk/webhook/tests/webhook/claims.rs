//! The times and the other claims of a token.

use super::*;
use std::time::Duration;

#[tokio::test]
async fn clocks_may_be_a_minute_apart_both_ways() {
    let verifier = knowing(es256()).build().unwrap();
    for apart in [-60, -59, -1, 0, 1, 59, 60] {
        // A token that Xurrent has just made, good for the shortest time that a policy can have.
        let sent = now() + apart;
        let delivery = es256().delivery(ACCOUNT).claim("iat", sent).claim("nbf", sent);
        verify(&verifier, delivery.claim("exp", sent + 60).body()).await.unwrap();
    }
}

#[tokio::test]
async fn a_token_may_be_a_minute_old_and_a_minute_early_by_its_iat() {
    let verifier = knowing(es256()).build().unwrap();
    let issued = |seconds: i64| es256().delivery(ACCOUNT).claim("iat", now() + seconds).body();
    for seconds in [-57, -30, 0, 30, 57] {
        verify(&verifier, issued(seconds)).await.unwrap();
    }
    let reason_of = |seconds| {
        let (verifier, body) = (verifier.clone(), issued(seconds));
        async move { reason(verify(&verifier, body).await) }
    };
    assert!(reason_of(-64).await.starts_with("the token was issued 6"));
    assert!(reason_of(-64).await.ends_with(" s ago"));
    assert!(reason_of(64).await.ends_with(" s in the future"));
}

#[tokio::test]
async fn age_and_leeway_are_settings() {
    let verifier =
        knowing(es256()).max_age(Duration::from_secs(3600)).leeway(Duration::from_secs(5)).build().unwrap();
    let issued = |seconds: i64| es256().delivery(ACCOUNT).claim("iat", now() + seconds).body();
    verify(&verifier, issued(-3590)).await.unwrap();
    verify(&verifier, issued(3)).await.unwrap();
    assert!(reason(verify(&verifier, issued(-3604)).await).ends_with("s ago"));
    assert!(reason(verify(&verifier, issued(9)).await).ends_with("s in the future"));
}

#[tokio::test]
async fn expiry_is_strict_but_for_the_clocks_unless_a_grace_was_given() {
    let strict = knowing(es256()).build().unwrap();
    let lenient = knowing(es256()).expiry_grace(Duration::from_secs(60)).build().unwrap();
    let expires = |seconds: i64| es256().delivery(ACCOUNT).claim("exp", now() + seconds).body();
    verify(&strict, expires(-55)).await.unwrap();
    assert!(reason(verify(&strict, expires(-60)).await).starts_with("the token expired 6"));
    verify(&lenient, expires(-115)).await.unwrap();
    assert!(reason(verify(&lenient, expires(-121)).await).starts_with("the token expired 12"));
    // A token that expires now has expired, where clocks do not differ.
    let exact = knowing(es256()).leeway(Duration::ZERO).build().unwrap();
    verify(&exact, expires(5)).await.unwrap();
    assert!(reason(verify(&exact, expires(0)).await).starts_with("the token expired"));
}

#[tokio::test]
async fn the_begin_is_strict_but_for_the_clocks_unless_a_grace_was_given() {
    let strict = knowing(es256()).build().unwrap();
    let lenient = knowing(es256()).expiry_grace(Duration::from_secs(60)).build().unwrap();
    let begins = |seconds: i64| es256().delivery(ACCOUNT).claim("nbf", now() + seconds).body();
    verify(&strict, begins(0)).await.unwrap();
    verify(&strict, begins(-1000)).await.unwrap();
    verify(&strict, begins(60)).await.unwrap();
    assert!(reason(verify(&strict, begins(70)).await).starts_with("the token becomes valid in"));
    verify(&lenient, begins(120)).await.unwrap();
    assert!(reason(verify(&lenient, begins(130)).await).starts_with("the token becomes valid in"));
}

#[tokio::test]
async fn missing_claims_are_tolerated_unless_all_are_demanded() {
    let tolerant = knowing(es256()).build().unwrap();
    let strict = knowing(es256()).require_all_claims().build().unwrap();
    verify(&strict, es256().delivery(ACCOUNT).body()).await.unwrap();
    for claim in ["iat", "jti", "exp", "nbf"] {
        let without = || es256().delivery(ACCOUNT).without(claim).body();
        verify(&tolerant, without()).await.unwrap();
        assert_eq!(reason(verify(&strict, without()).await), format!("the claim `{claim}` is missing"));
        let null = es256().delivery(ACCOUNT).claim(claim, serde_json::Value::Null).body();
        assert_eq!(reason(verify(&strict, null).await), format!("the claim `{claim}` is missing"));
    }
    let nobody = es256().delivery(ACCOUNT).without("iss").body();
    assert_eq!(reason(verify(&tolerant, nobody).await), "the claim `iss` is missing");
}

#[tokio::test]
async fn a_token_without_iat_and_exp_is_refused_unless_that_was_allowed() {
    let verifier = knowing(es256()).build().unwrap();
    let lenient = knowing(es256()).dangerously_accept_tokens_without_times().build().unwrap();
    for delivery in [es256().delivery(ACCOUNT), es256().delivery(ACCOUNT).without("jti")] {
        // `nbf` ends nothing.
        let body = delivery.without("iat").without("exp").body();
        let refused = reason(verify(&verifier, &body).await);
        assert!(refused.starts_with("the token has neither `iat` nor `exp`"), "{refused}");
        assert!(refused.contains("`dangerously_accept_tokens_without_times`"), "{refused}");
        verify(&lenient, &body).await.unwrap();
    }
}

#[tokio::test]
async fn times_may_have_fractions() {
    let verifier = knowing(es256()).build().unwrap();
    let seconds = f64::from(u32::try_from(now()).unwrap()) + 0.25;
    let body = es256().delivery(ACCOUNT).claim("iat", seconds).claim("exp", seconds + 60.5).body();
    verify(&verifier, body).await.unwrap();
}

#[tokio::test]
async fn times_that_are_no_times_are_refused() {
    let verifier = knowing(es256()).build().unwrap();
    for claim in ["iat", "exp", "nbf"] {
        for value in [
            serde_json::json!("1700000000"),
            serde_json::json!(-1),
            serde_json::json!(1e300),
            serde_json::json!(i64::MAX),
            serde_json::json!(253_402_300_800_i64),
            serde_json::json!(true),
            serde_json::json!([1]),
            serde_json::json!({}),
        ] {
            let body = es256().delivery(ACCOUNT).claim(claim, value.clone()).body();
            let reason = reason(verify(&verifier, body).await);
            assert!(
                reason.starts_with(&format!("the claims cannot be read: {claim}: ")),
                "{value}: {reason}"
            );
        }
    }
}

#[tokio::test]
async fn a_token_id_has_1_to_256_characters() {
    let verifier = knowing(es256()).build().unwrap();
    let id = |id: String| es256().delivery(ACCOUNT).claim("jti", id).body();
    verify(&verifier, id("x".repeat(256))).await.unwrap();
    verify(&verifier, id("ü".repeat(256))).await.unwrap();
    assert_eq!(reason(verify(&verifier, id("x".repeat(257))).await), "the claim `jti` has 257 characters");
    assert_eq!(reason(verify(&verifier, id(String::new())).await), "the claim `jti` has 0 characters");
    let number = es256().delivery(ACCOUNT).claim("jti", 7).body();
    assert!(reason(verify(&verifier, number).await).contains("jti: expected String"));
}

#[tokio::test]
async fn every_check_without_a_key_comes_before_any_request() {
    let server = server::Server::http().await;
    server.issues("", es256(), "one");
    let verifier = server.verifier().audience("here").require_all_claims().build().unwrap();
    let good = || es256().delivery(&server.origin).kid("one").claim("aud", "here");
    for (body, expected) in [
        (good().header("alg", "HS256").body(), "the algorithm \"HS256\" is not allowed"),
        (good().header("jku", "https://wdc.xurrent.com/keys").body(), "the header of the token has `jku`"),
        (good().claim("iss", "https://other.example").body(), "it is on another host"),
        (good().claim("aud", "there").body(), "another audience"),
        (good().claim("exp", now() - 61).body(), "expired"),
        (good().claim("nbf", now() + 100).body(), "becomes valid"),
        (good().claim("iat", now() - 100).body(), "s ago"),
        (good().claim("iat", now() + 100).body(), "s in the future"),
        (good().claim("jti", "x".repeat(300)).body(), "300 characters"),
        (good().without("jti").body(), "`jti` is missing"),
        (good().claim("iss", server.origin.replace("//", "")).body(), "it is not written as"),
        (good().kid("").body(), "no `kid`"),
    ] {
        let reason = reason(verify(&verifier, body).await);
        assert!(reason.contains(expected), "{reason} is not {expected}");
    }
    assert_eq!(server.asked(), [""; 0]);
    verify(&verifier, good().body()).await.unwrap();
    assert_eq!(server.asked().len(), 2);
}
