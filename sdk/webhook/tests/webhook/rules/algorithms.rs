//! Algorithms and keys.

use crate::*;
use std::time::Duration;
use xurrent_webhook::Event;

#[tokio::test]
async fn every_algorithm_is_verified() {
    for algorithm in Algorithm::ALL {
        let signer = signer(algorithm);
        let verifier = knowing(signer).build().unwrap();
        let body = signer.delivery(ACCOUNT).event("request.create", 70).body();
        let delivery = verify(&verifier, &body).await.unwrap();
        assert_eq!((&delivery.event, delivery.object_id), (&Event::RequestCreate, 70), "{algorithm}");
        assert!(delivery.signed);
    }
}

#[tokio::test]
async fn no_algorithm_accepts_a_signature_of_another_key() {
    for algorithm in Algorithm::ALL {
        let other = Signer::generate(algorithm).unwrap();
        let verifier = knowing(signer(algorithm)).build().unwrap();
        assert_eq!(
            reason(verify(&verifier, other.delivery(ACCOUNT).body()).await),
            "the signature does not match"
        );
    }
}

#[tokio::test]
async fn no_algorithm_accepts_a_change_of_what_was_signed() {
    for algorithm in Algorithm::ALL {
        let signer = signer(algorithm);
        let verifier = knowing(signer).build().unwrap();
        let token = signer.delivery(ACCOUNT).token();
        let other = signer.delivery(ACCOUNT).event("request.create", 1).token();
        let (signed, signature) = (other.rsplit_once('.').unwrap().0, token.rsplit_once('.').unwrap().1);
        let body = format!(r#"{{"jwt":"{signed}.{signature}"}}"#);
        assert_eq!(reason(verify(&verifier, body).await), "the signature does not match");
    }
}

#[tokio::test]
async fn the_algorithm_of_the_policy_beats_the_header() {
    let verifier = knowing(signer(Algorithm::Es384)).build().unwrap();
    let body = es256().delivery(ACCOUNT).body();
    assert_eq!(
        reason(verify(&verifier, body).await),
        "the token is signed with ES256, the policy requires ES384"
    );
    // The right key under the name of another algorithm of the same family.
    let rsa = signer(Algorithm::Rs256);
    let verifier = knowing(rsa).build().unwrap();
    let body = rsa.delivery(ACCOUNT).header("alg", "RS512").body();
    assert_eq!(
        reason(verify(&verifier, body).await),
        "the token is signed with RS512, the policy requires RS256"
    );
}

#[tokio::test]
async fn none_and_shared_secrets_are_refused_before_a_key_is_looked_for() {
    // There is no server at this address: looking for a key would be another reason.
    let verifier = Verifier::builder().account_url(ACCOUNT).build().unwrap();
    for name in ["none", "None", "NONE", "", "HS256", "HS384", "HS512", "PS256", "EdDSA", "es256", "RS256 "] {
        let body = es256().delivery(ACCOUNT).header("alg", name).kid("1").body();
        let expected = format!("the algorithm {name:?} is not allowed");
        assert_eq!(reason(verify(&verifier, body).await), expected);
    }
}

#[tokio::test]
async fn the_public_key_is_no_shared_secret() {
    // The classic confusion: the text of the public key as the secret of HS256.
    let signer = signer(Algorithm::Rs256);
    let verifier = knowing(signer).build().unwrap();
    let token = signer.delivery(ACCOUNT).header("alg", "HS256").token();
    let signed = token.rsplit_once('.').unwrap().0;
    let key = aws_lc_hmac(signer.public_key_pem().as_bytes(), signed.as_bytes());
    let body = format!(r#"{{"jwt":"{signed}.{key}"}}"#);
    assert_eq!(reason(verify(&verifier, body).await), "the algorithm \"HS256\" is not allowed");
}

fn aws_lc_hmac(key: &[u8], message: &[u8]) -> String {
    use aws_lc_rs::hmac;
    use base64::Engine as _;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(tag.as_ref())
}

#[test]
fn algorithm_and_key_belong_together() {
    let rsa = signer(Algorithm::Rs256).public_key_pem();
    let p384 = signer(Algorithm::Es384).public_key_pem();
    for (algorithm, pem, expected) in [
        (Algorithm::Es256, rsa.as_str(), "another algorithm"),
        (Algorithm::Es256, p384.as_str(), "another algorithm"),
        (Algorithm::Es512, p384.as_str(), "another algorithm"),
        (Algorithm::Rs256, p384.as_str(), "not an RSA key"),
        (Algorithm::Rs256, "", "BEGIN PUBLIC KEY"),
        (Algorithm::Rs256, "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", "BEGIN PUBLIC KEY"),
        (Algorithm::Rs256, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "private key"),
        (Algorithm::Rs256, SHORT_RSA, "2048 bits"),
    ] {
        let error = Verifier::builder().account_url(ACCOUNT).public_key(algorithm, pem).build().unwrap_err();
        assert!(error.to_string().contains(expected), "{algorithm} {error}");
    }
}

/// 1024 bits.
const SHORT_RSA: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDlhNonrgU+Oa+1jDxF7/yq9uVW
sJxueILXSXNz0UsQoZf1bJZglPo9qvRGX8HQytu3T3z3oCaD4FC07iHfYrYsYshg
nNmD1Klv+AVTb9FIgw0oXCCds1xyEFCDyq1ZHoP0shkzlMZavgEPixcaY5UaXDGr
0AWeww/zdXtsQEd66wIDAQAB
-----END PUBLIC KEY-----
";

#[test]
fn settings_that_cannot_be_meant_are_errors() {
    let pem = es256().public_key_pem();
    let builder = Verifier::builder;
    for (builder, expected) in [
        (builder(), "no issuer to trust"),
        (builder().public_key(Algorithm::Es256, &pem), "no issuer to trust"),
        (builder().dangerously_accept_unsigned(), "no issuer to trust"),
        (builder().account_url("http://wdc.xurrent.com"), "it is not https"),
        (builder().account_url("wdc.xurrent.com"), "it is not a URL"),
        (builder().account_url("https://user@wdc.xurrent.com"), "user name"),
        (builder().account_url("https://wdc.xurrent.com?x=1"), "a query or escapes"),
        (builder().account_url("https://wdc.xurrent.com#x"), "a fragment"),
        (builder().account_url("https://wdc.xurrent.com/a/../b"), "relative segments"),
        (builder().account_url("http://127.0.0.1:1"), "it is not https"),
        (builder().account_url("http://10.0.0.1").dangerously_allow_loopback(), "it is not https"),
        (builder().issuer("ftp://wdc.xurrent.com"), "it is not https"),
        (builder().issuer("https:wdc.xurrent.com"), "it is not written as"),
        (builder().account_url("https:///wdc.xurrent.com"), "it is not written as"),
        (builder().issuer(ACCOUNT).issuer("https://globalnet.xurrent.com"), "issuers on different hosts"),
        (builder().account_url(ACCOUNT).proxy("proxy.example.com:3128"), "the proxy"),
        (builder().account_url(ACCOUNT).proxy(""), "the proxy"),
        (knowing(es256()).dangerously_accept_unsigned(), "with a policy, all bodies are signed"),
        (builder().account_url(ACCOUNT).audience("x").dangerously_accept_unsigned(), "all bodies are signed"),
        (builder().account_url(ACCOUNT).secret_query_parameter("key", ""), "needs a name and a value"),
        (builder().account_url(ACCOUNT).secret_query_parameter("", "word"), "needs a name and a value"),
        (builder().account_url(ACCOUNT).basic_auth("me", ""), "needs a password"),
        (builder().account_url(ACCOUNT).audience(""), "the audience is empty"),
        (builder().account_url(ACCOUNT).max_age(Duration::MAX), "more than a week"),
        (builder().account_url(ACCOUNT).root_certificate("no PEM"), "certificate"),
    ] {
        let error = builder.build().unwrap_err();
        assert!(error.to_string().contains(expected), "{error} is not {expected}");
    }
}
