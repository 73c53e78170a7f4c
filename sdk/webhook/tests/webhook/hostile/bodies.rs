//! Malformed bodies and tokens.

use crate::hostile::{Case, all_refused, good, jwt, parts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

fn forms() -> Vec<Case> {
    let [header, payload, signature] = parts();
    let padded = STANDARD.encode(r#"{"alg":"ES256"}"#);
    let malformed = "the token is malformed";
    let unread = "the body cannot be read";
    vec![
        Case("an empty body", Vec::new(), unread),
        Case("white space", b" \n".to_vec(), unread),
        Case("no JSON", b"jwt=a.b.c".to_vec(), unread),
        Case("a list", b"[]".to_vec(), unread),
        Case("a text", good().token().into_bytes(), unread),
        Case("a body that is cut", br#"{"jwt":"a.b"#.to_vec(), unread),
        Case("something behind the body", br#"{"jwt":"a.b.c"}}"#.to_vec(), unread),
        Case("not UTF-8", b"{\"jwt\":\"\xff\"}".to_vec(), unread),
        Case("half a pair of surrogates", br#"{"jwt":"\ud800"}"#.to_vec(), unread),
        Case("two tokens", [&br#"{"jwt":"a.b.c","#[..], &good().body()[1..]].concat(), unread),
        Case("a token that is a number", br#"{"jwt":1}"#.to_vec(), unread),
        Case("a token that is null", br#"{"jwt":null}"#.to_vec(), unread),
        Case("a token in a list", br#"{"jwt":["a.b.c"]}"#.to_vec(), unread),
        Case("a deep body", [&b"{\"a\":"[..], &b"[".repeat(100_000)].concat(), unread),
        Case(
            "a key that breaks the line of the log",
            br#"{"a\nINFO ok":[1,}"#.to_vec(),
            "the body cannot be read: a\u{fffd}INFO ok",
        ),
        Case("a key that fills the log", format!(r#"{{"{}":[1,}}"#, "k".repeat(9_000)).into_bytes(), unread),
        Case("a body that is too large", vec![b' '; 256 * 1024 + 1], "the body has 262145 bytes"),
        Case("an empty token", jwt(""), malformed),
        Case("one part", jwt("abc"), malformed),
        Case("two parts", jwt(&format!("{header}.{payload}")), malformed),
        Case("four parts", jwt(&format!("{header}.{payload}.{signature}.")), malformed),
        Case("five parts, as if encrypted", jwt("a.b.c.d.e"), malformed),
        Case("only dots", jwt(".."), "the header of the token cannot be read"),
        Case("padding", jwt(&format!("{padded}=.{payload}.{signature}")), malformed),
        Case("the other alphabet", jwt(&format!("{header}.{payload}.+/{}", &signature[2..])), malformed),
        Case("white space in the token", jwt(&format!("{header}.{payload}. {signature}")), malformed),
        Case("a line feed at the end", jwt(&format!("{header}.{payload}.{signature}\n")), malformed),
        Case("bits left over", jwt(&format!("{header}.{payload}.{}", left_over(&signature))), malformed),
        Case("no token and nothing else", b"{}".to_vec(), "the body is not signed"),
        Case(
            "a delivery without signature",
            br#"{"webhook_id":1,"account":"a","event":"x","object_id":1}"#.to_vec(),
            "the body is not signed",
        ),
        Case(
            "a token under another name",
            json!({ "JWT": good().token() }).to_string().into_bytes(),
            "the body is not signed",
        ),
        Case(
            "a token further down",
            json!({ "data": { "jwt": good().token() } }).to_string().into_bytes(),
            "the body is not signed",
        ),
    ]
}

/// The same bytes with another last character: a second text for one token.
fn left_over(signature: &str) -> String {
    let (head, last) = signature.split_at(signature.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).unwrap();
    format!("{head}{}", &alphabet[at + 1..at + 2])
}

#[tokio::test]
async fn malformed_bodies_and_tokens_are_refused() {
    all_refused(forms(), 30).await;
}
