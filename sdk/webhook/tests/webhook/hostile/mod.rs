//! What strangers send. Each case is refused with the one answer outward and its reason inside.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
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

fn longer(signature: &str) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bytes.push(0);
    URL_SAFE_NO_PAD.encode(bytes)
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

fn issuers() -> Vec<Case> {
    let from = |issuer: &str| good().claim("iss", issuer).body();
    vec![
        Case("another host", from("https://evil.example"), "it is on another host"),
        Case(
            "a host that begins alike",
            from("https://wdc.xurrent.com.evil.example"),
            "it is on another host",
        ),
        Case("a host that ends alike", from("https://evilwdc.xurrent.com"), "it is on another host"),
        Case("a subdomain", from("https://a.wdc.xurrent.com"), "it is on another host"),
        Case("the domain above", from("https://xurrent.com"), "it is on another host"),
        Case("another account", from("https://globalnet.xurrent.com"), "it is on another host"),
        Case("a host with a dot at its end", from("https://wdc.xurrent.com."), "it is on another host"),
        Case("another port", from("https://wdc.xurrent.com:8443"), "it is on another host"),
        Case("plain http", from("http://wdc.xurrent.com"), "it is not https"),
        Case("no scheme", from("wdc.xurrent.com"), "it is not a URL"),
        Case("only slashes", from("//wdc.xurrent.com"), "it is not a URL"),
        Case("javascript", from("javascript://wdc.xurrent.com"), "it is not https"),
        Case(
            "the account as a user name",
            from("https://wdc.xurrent.com@evil.example"),
            "it has a user name",
        ),
        Case("a user name", from("https://x@wdc.xurrent.com"), "it has a user name"),
        Case("an empty user name", from("https://@wdc.xurrent.com"), "it has a user name"),
        Case(
            "a backslash",
            from("https://wdc.xurrent.com\\@evil.example"),
            "characters that a URL cannot have",
        ),
        Case(
            "a backslash for a slash",
            from("https://evil.example\\.wdc.xurrent.com"),
            "characters that a URL cannot have",
        ),
        Case("a line feed", from("https://wdc.xurrent.com\n"), "characters that a URL cannot have"),
        Case("a tab in the host", from("https://wdc\t.xurrent.com"), "characters that a URL cannot have"),
        Case("a space before it", from(" https://wdc.xurrent.com"), "characters that a URL cannot have"),
        Case("letters that look alike", from("https://wdс.xurrent.com"), "characters that a URL cannot have"),
        Case(
            "a wide letter that becomes a slash",
            from("https://wdc.xurrent.com／evil"),
            "characters that a URL cannot have",
        ),
        Case("a query", from("https://wdc.xurrent.com?x"), "it has a query or escapes"),
        Case("a fragment", from("https://wdc.xurrent.com#x"), "it has a fragment"),
        Case("an escape", from("https://wdc.xurrent.com/%2e%2e/a"), "it has a query or escapes"),
        Case("a way up", from("https://wdc.xurrent.com/a/../b"), "empty or relative segments"),
        Case("a way up at the end", from("https://wdc.xurrent.com/.."), "empty or relative segments"),
        Case("an empty segment", from("https://wdc.xurrent.com//a"), "empty or relative segments"),
        Case("no slashes", from("https:wdc.xurrent.com"), "not written as `https://host`"),
        Case("one slash", from("https:/wdc.xurrent.com/a"), "not written as `https://host`"),
        Case("three slashes", from("https:///wdc.xurrent.com"), "not written as `https://host`"),
        Case("many slashes", from("HTTPS://////wdc.xurrent.com"), "not written as `https://host`"),
        Case("a port that is empty", from("https://wdc.xurrent.com:/a"), "not written as `https://host`"),
        Case("longer than any", from(&format!("{ACCOUNT}/{}", "a".repeat(500))), "longer than 512 bytes"),
        Case("empty", from(""), "it is not a URL"),
        Case("this machine", from("https://127.0.0.1"), "it is on another host"),
        Case("the cloud's own service", from("http://169.254.169.254/latest"), "it is not https"),
        Case("a number", good().claim("iss", 1).body(), "the claims cannot be read: iss"),
        Case("a list", good().claim("iss", json!([ACCOUNT])).body(), "the claims cannot be read: iss"),
        Case("null", good().claim("iss", json!(null)).body(), "the claims cannot be read: iss"),
        Case("missing", good().without("iss").body(), "the claim `iss` is missing"),
        Case(
            "twice",
            signed(HEADER, &claims(&format!(r#""iss":"{ACCOUNT}""#))),
            "the claims cannot be read: iss: the key occurs twice",
        ),
    ]
}

fn claims_of_tokens() -> Vec<Case> {
    vec![
        Case("expired", good().claim("exp", now() - 61).body(), "the token expired"),
        Case("not yet valid", good().claim("nbf", now() + 70).body(), "the token becomes valid in"),
        Case("issued long ago", good().claim("iat", now() - 1000).body(), "the token was issued"),
        Case("issued in the future", good().claim("iat", now() + 1000).body(), "the token was issued"),
        Case("exp as a text", good().claim("exp", "9999999999").body(), "the claims cannot be read: exp"),
        Case(
            "exp beyond all numbers",
            signed(HEADER, &claims(r#""nbf":1e400"#)),
            "the claims cannot be read: nbf",
        ),
        Case(
            "exp twice",
            signed(HEADER, &claims(r#""exp":9999999999"#)),
            "the claims cannot be read: exp: the key occurs twice",
        ),
        Case(
            "exp twice by an escape",
            signed(HEADER, &claims(r#""e\u0078p":9999999999"#)),
            "the claims cannot be read: exp: the key occurs twice",
        ),
        Case("jti too long", good().claim("jti", "x".repeat(257)).body(), "the claim `jti` has 257"),
        Case("jti empty", good().claim("jti", "").body(), "the claim `jti` has 0"),
        Case("jti as an object", good().claim("jti", json!({})).body(), "the claims cannot be read: jti"),
        Case(
            "jti twice",
            signed(HEADER, &claims(r#""jti":"k""#)),
            "the claims cannot be read: jti: the key occurs twice",
        ),
        Case("aud as a number", good().claim("aud", 7).body(), "the claims cannot be read: aud"),
        Case(
            "aud as a list of numbers",
            good().claim("aud", json!([7])).body(),
            "the claims cannot be read: aud",
        ),
        Case(
            "data twice",
            signed(HEADER, &claims(r#""data":{"webhook_id":2}"#)),
            "the claims cannot be read: data: the key occurs twice",
        ),
        Case("data missing", good().without("data").body(), "the token has no `data`"),
        Case("data as a text", good().claim("data", "{}").body(), "the token has no `data`"),
        Case("data empty", good().claim("data", json!({})).body(), "the delivery cannot be read: webhook_id"),
        Case("claims that are a list", signed(HEADER, "[]"), "the claims cannot be read"),
        Case("claims that are no JSON", signed(HEADER, "iss"), "the claims cannot be read"),
        Case(
            "claims with something behind them",
            signed(HEADER, &format!("{} x", claims(r#""x":0"#))),
            "the claims cannot be read",
        ),
        Case(
            "claims that are cut",
            signed(HEADER, r#"{"iss":"https://wdc.xurrent.com","#),
            "the claims cannot be read",
        ),
        Case("claims that are not UTF-8", jwt(&not_utf8()), "the claims cannot be read"),
        Case(
            "deep claims",
            signed(HEADER, &claims(&format!(r#""x":{}"#, "[".repeat(3000)))),
            "the claims cannot be read",
        ),
    ]
}

/// A good token, but for a byte in a text.
fn not_utf8() -> String {
    let mut bytes = claims(r#""x":0"#).replace(r#""event":"x""#, r#""event":"?""#).into_bytes();
    let at = bytes.iter().rposition(|byte| *byte == b'?').unwrap();
    bytes[at] = 0xff;
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(bytes));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode([1; 64]))
}

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
async fn confused_algorithms_and_signatures_are_refused() {
    all_refused(confusion(), 24).await;
}

#[tokio::test]
async fn headers_that_bring_keys_or_extensions_are_refused() {
    all_refused(headers_of_tokens(), 22).await;
}

#[tokio::test]
async fn issuers_that_look_alike_are_refused() {
    all_refused(issuers(), 36).await;
}

#[tokio::test]
async fn claims_that_cannot_be_are_refused() {
    all_refused(claims_of_tokens(), 24).await;
}

#[tokio::test]
async fn malformed_bodies_and_tokens_are_refused() {
    all_refused(forms(), 30).await;
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
