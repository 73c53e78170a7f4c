//! What strangers send. Each case is refused with the one answer outward and its reason inside.

mod bodies;
mod signatures;
mod token_claims;

use super::*;
use serde_json::json;
use xurrent_webhook::test::SignedDelivery;

/// A case: what it tries, the body, and how its reason begins or what it holds.
struct Case(&'static str, Vec<u8>, &'static str);

fn good() -> SignedDelivery<'static> {
    es256().delivery(ACCOUNT)
}

fn jwt(token: &str) -> Vec<u8> {
    json!({ "jwt": token }).to_string().into_bytes()
}

/// A token whose header or claims are any text, signed with the good key.
fn signed(header: &str, claims: &str) -> Vec<u8> {
    jwt(&es256().token(header, claims))
}

const HEADER: &str = r#"{"alg":"ES256"}"#;

/// Claims that are good but for what `change` puts in the place of `"x":0`.
fn claims(change: &str) -> String {
    let now = now();
    let data = r#"{"webhook_id":1,"account":"a","event":"x","object_id":1}"#;
    format!(r#"{{"iss":"{ACCOUNT}","iat":{now},"exp":{},"jti":"j","data":{data},{change}}}"#, now + 60)
}

/// The three parts of a good token.
fn parts() -> [String; 3] {
    let token = good().token();
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}

async fn all_refused(cases: Vec<Case>, least: usize) {
    assert!(cases.len() >= least);
    let verifier = knowing(es256()).build().unwrap();
    for Case(name, body, expected) in cases {
        let refused = verify(&verifier, &body).await;
        let Err(refused) = refused else { panic!("{name} was accepted") };
        assert_eq!(refused.to_string(), "the delivery was refused");
        let reason = refused.reason().to_string();
        assert!(reason.contains(expected), "{name}: {reason}");
        // Nothing of it can break a line of the log, or fill it.
        assert!(!reason.contains('\n') && reason.len() < 400, "{name}: {reason}");
    }
    verify(&verifier, good().body()).await.unwrap();
}

#[tokio::test]
async fn no_cell_of_a_good_delivery_can_be_changed() {
    let verifier = knowing(es256()).build().unwrap();
    let body = good().body();
    let mut step = 1;
    for at in (0..body.len()).step_by(3) {
        for change in [1, 0x20, 0x80] {
            let mut body = body.clone();
            body[at] ^= change;
            // White space around and the letters of a token that mean the same byte do not exist here.
            assert!(verify(&verifier, &body).await.is_err(), "{at} {change}");
            step += 1;
        }
    }
    assert!(step > 300);
    verify(&verifier, body).await.unwrap();
}
