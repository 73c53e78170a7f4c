//! Issuers and other claims of tokens.

use crate::hostile::{Case, HEADER, all_refused, claims, good, jwt, signed};
use crate::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

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

#[tokio::test]
async fn issuers_that_look_alike_are_refused() {
    all_refused(issuers(), 36).await;
}

#[tokio::test]
async fn claims_that_cannot_be_are_refused() {
    all_refused(claims_of_tokens(), 24).await;
}
