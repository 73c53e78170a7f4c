//! Signatures, algorithms and headers of tokens.

use crate::hostile::{Case, HEADER, all_refused, claims, good, jwt, parts, signed};
use crate::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

fn longer(signature: &str) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bytes.push(0);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn confusion() -> Vec<Case> {
    let [header, payload, signature] = parts();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    vec![
        Case("alg none without signature", jwt(&format!("{none}.{payload}.")), "the algorithm \"none\""),
        Case(
            "alg none with the old signature",
            jwt(&format!("{none}.{payload}.{signature}")),
            "the algorithm \"none\"",
        ),
        Case("alg nOnE", good().header("alg", "nOnE").body(), "the algorithm \"nOnE\""),
        Case("alg HS256", good().header("alg", "HS256").body(), "the algorithm \"HS256\""),
        Case("alg HS384", good().header("alg", "HS384").body(), "the algorithm \"HS384\""),
        Case("alg HS512", good().header("alg", "HS512").body(), "the algorithm \"HS512\""),
        Case("alg PS256", good().header("alg", "PS256").body(), "the algorithm \"PS256\""),
        Case("alg ES256K", good().header("alg", "ES256K").body(), "the algorithm \"ES256K\""),
        Case("alg EdDSA", good().header("alg", "EdDSA").body(), "the algorithm \"EdDSA\""),
        Case("alg in small letters", good().header("alg", "es256").body(), "the algorithm \"es256\""),
        Case("alg with a zero byte", good().header("alg", "ES256\0").body(), "the algorithm \"ES256\\0\""),
        Case(
            "alg with a line feed for the log",
            good().header("alg", "x\nINFO ok").body(),
            "the algorithm \"x\\nINFO ok\"",
        ),
        Case(
            "alg of the other family",
            good().header("alg", "RS256").body(),
            "the token is signed with RS256",
        ),
        Case("alg with another hash", good().header("alg", "ES512").body(), "the token is signed with ES512"),
        Case("alg missing", signed("{}", &claims(r#""x":0"#)), "the algorithm \"\""),
        Case(
            "alg null",
            good().header("alg", json!(null)).body(),
            "the header of the token cannot be read: alg",
        ),
        Case(
            "alg as a list",
            good().header("alg", json!(["ES256"])).body(),
            "the header of the token cannot be read: alg",
        ),
        Case(
            "alg twice",
            signed(r#"{"alg":"ES256","alg":"ES256"}"#, &claims(r#""x":0"#)),
            "the header of the token cannot be read: alg: the key occurs twice",
        ),
        Case(
            "a signature of another key",
            Signer::generate(Algorithm::Es256).unwrap().delivery(ACCOUNT).body(),
            "the signature does not match",
        ),
        Case("no signature", jwt(&format!("{header}.{payload}.")), "the signature does not match"),
        Case(
            "a signature of zeros",
            jwt(&format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode([0; 64]))),
            "the signature does not match",
        ),
        Case(
            "a signature cut short",
            jwt(&format!("{header}.{payload}.{}", &signature[..80])),
            "the signature does not match",
        ),
        Case(
            "a signature with a byte more",
            jwt(&format!("{header}.{payload}.{}", longer(&signature))),
            "the signature does not match",
        ),
        Case(
            "a signature as DER",
            jwt(&format!("{header}.{payload}.{}", der(&signature))),
            "the signature does not match",
        ),
        Case(
            "a signature of other claims",
            jwt(&format!("{header}.{}.{signature}", parts()[1])),
            "the signature does not match",
        ),
        Case(
            "a signature of another header",
            jwt(&format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode(HEADER))),
            "the signature does not match",
        ),
    ]
}

/// The same two numbers in the other encoding of signatures.
fn der(signature: &str) -> String {
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let number = |bytes: &[u8]| [&[2, 33, 0][..], bytes].concat();
    let numbers = [number(&bytes[..32]), number(&bytes[32..])].concat();
    URL_SAFE_NO_PAD.encode([&[0x30, 70][..], &numbers].concat())
}

fn headers_of_tokens() -> Vec<Case> {
    let own = es256().jwk("one");
    vec![
        Case(
            "jku",
            good().header("jku", "https://evil.example/keys").body(),
            "the header of the token has `jku`",
        ),
        Case(
            "jku on the account's host",
            good().header("jku", "https://wdc.xurrent.com/keys").body(),
            "the header of the token has `jku`",
        ),
        Case("jku null", good().header("jku", json!(null)).body(), "the header of the token has `jku`"),
        Case(
            "x5u",
            good().header("x5u", "https://evil.example/cert").body(),
            "the header of the token has `x5u`",
        ),
        Case("jwk", good().header("jwk", own).body(), "the header of the token has `jwk`"),
        Case("x5c", good().header("x5c", json!(["MIIB"])).body(), "the header of the token has `x5c`"),
        Case("x5t", good().header("x5t", "abc").body(), "the header of the token has `x5t`"),
        Case(
            "crit with an extension",
            good().header("crit", json!(["exp"])).body(),
            "the header of the token has `crit`",
        ),
        Case("crit empty", good().header("crit", json!([])).body(), "the header of the token has `crit`"),
        Case(
            "crit hidden by an escape",
            signed(r#"{"alg":"ES256","\u0063rit":["x"]}"#, &claims(r#""x":0"#)),
            "the header of the token has `crit`",
        ),
        Case("b64 false", good().header("b64", false).body(), "the header of the token has `b64`"),
        Case("zip", good().header("zip", "DEF").body(), "the header of the token has `zip`"),
        Case("an access token", good().header("typ", "at+jwt").body(), "the header of the token has `typ`"),
        Case(
            "a logout token",
            good().header("typ", "logout+jwt").body(),
            "the header of the token has `typ`",
        ),
        Case(
            "typ as a number",
            good().header("typ", 1).body(),
            "the header of the token cannot be read: typ",
        ),
        Case(
            "kid as an object",
            good().header("kid", json!({})).body(),
            "the header of the token cannot be read: kid",
        ),
        Case(
            "kid twice",
            signed(r#"{"alg":"ES256","kid":"a","kid":"b"}"#, &claims(r#""x":0"#)),
            "the header of the token cannot be read: kid",
        ),
        Case(
            "a header that is a list",
            signed("[]", &claims(r#""x":0"#)),
            "the header of the token cannot be read",
        ),
        Case(
            "a header that is no JSON",
            signed("alg", &claims(r#""x":0"#)),
            "the header of the token cannot be read",
        ),
        Case(
            "a header with something behind it",
            signed(r#"{"alg":"ES256"}{}"#, &claims(r#""x":0"#)),
            "the header of the token cannot be read",
        ),
        Case("an empty header", signed("", &claims(r#""x":0"#)), "the header of the token cannot be read"),
        Case(
            "a deep header",
            signed(&format!(r#"{{"alg":"ES256","a":{}}}"#, "[".repeat(3000)), &claims(r#""x":0"#)),
            "the header of the token cannot be read",
        ),
    ]
}

#[tokio::test]
async fn confused_algorithms_and_signatures_are_refused() {
    all_refused(confusion(), 24).await;
}

#[tokio::test]
async fn headers_that_bring_keys_or_extensions_are_refused() {
    all_refused(headers_of_tokens(), 22).await;
}
