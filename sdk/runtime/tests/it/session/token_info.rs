//! What a token is good for: what is asked, and every outcome.

use crate::session::script::{Answer, Script, json, status, token};
use crate::session::{api, client};
use std::time::Duration;
use xurrent_runtime::{Error, ErrorKind, TokenInfo};

/// Checks a personal access token against one answer.
async fn check(answer: Answer) -> Result<TokenInfo, Error> {
    let script = Script::new([answer]);
    let client = api()
        .personal_access_token("pat")
        .endpoint("https://graphql.example.com/x")
        .introspection_endpoint("https://oauth.example.com:8443/introspect")
        .transport(script.clone())
        .build()
        .unwrap();
    let result = client.check().await;
    assert_eq!(script.sent().len(), 1, "asked once, whatever the answer");
    if let Err(error) = &result {
        assert!(error.to_string().starts_with("oauth.example.com "), "the host is named: {error}");
        assert!(!format!("{error} {error:?}").contains("pat"), "{error:?}");
    }
    result
}

async fn refused(answer: Answer, kind: ErrorKind, text: &str) -> Error {
    let error = check(answer).await.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(text), "{text:?} is not in {error}");
    error
}

#[tokio::test]
async fn it_is_asked_beside_the_token_endpoint_with_token_and_account() {
    for introspect in ["https://oauth.example.com:8443/introspect", "http://127.0.0.1:1/introspect"] {
        let script = Script::new([json(200, r#"{"active":true,"scopes":["a"]}"#)]);
        let client = api()
            .personal_access_token("pat")
            .endpoint("https://graphql.example.com/x")
            .introspection_endpoint(introspect)
            .transport(script.clone())
            .build()
            .unwrap();
        client.check().await.unwrap();
        let sent = &script.sent()[0];
        assert_eq!((sent.uri.as_str(), sent.method.as_str(), sent.body.as_str()), (introspect, "GET", ""));
        assert_eq!(sent.header("authorization"), Some("Bearer pat"));
        assert_eq!(sent.header("x-account"), Some("wdc"));
        assert!(sent.timeout <= Duration::from_secs(2), "it is a test of the configuration");
    }
}

#[tokio::test]
async fn an_active_token_tells_its_scopes() {
    let info = check(json(200, r#" {"active":true,"scopes":["request:Read","person:Read"],"x":1}"#)).await;
    assert_eq!(info.unwrap().scopes, ["request:Read", "person:Read"]);
}

#[tokio::test]
async fn a_token_that_is_not_active_fails_the_check() {
    for body in [r#"{"active":false,"scopes":["a"]}"#, r#"{"active":false}"#, r#"{"scopes":["a"]}"#, "{}"] {
        refused(json(200, body), ErrorKind::Unauthorized, "the token is not active").await;
    }
}

#[tokio::test]
async fn a_token_without_scopes_fails_the_check() {
    for body in [r#"{"active":true,"scopes":[]}"#, r#"{"active":true}"#, r#"{"active":true,"scopes":null}"#] {
        refused(json(200, body), ErrorKind::Unauthorized, "a token without scopes").await;
    }
}

#[tokio::test]
async fn a_wrong_account_is_a_mistake_in_the_configuration() {
    for message in ["Invalid x-account header", "Invalid X-Account header"] {
        let answer = json(400, &format!(r#"{{"message":"{message}"}}"#));
        let error = refused(answer, ErrorKind::Configuration, "refused the header `x-account`").await;
        assert_eq!(error.status(), Some(400));
        assert!(error.to_string().ends_with(&format!(": {message}")), "{error}");
    }
}

#[tokio::test]
async fn the_words_of_the_service_are_told_with_every_status() {
    for (status, kind) in
        [(400, ErrorKind::TokenService), (401, ErrorKind::Unauthorized), (500, ErrorKind::TokenService)]
    {
        let described = r#"{"error":"invalid_request","error_description":"No pat here"}"#;
        for (body, words) in [
            (r#"{"message":"Out of order"}"#, ": Out of order"),
            (r#"{"errors":[{"message":"One","path":["a"]},"Two"]}"#, ": a: One; Two"),
            ("<p>Out of order</p>", ": <p>Out of order</p>"),
            (described, r#"{"error":"invalid_request","error_description":"No *** here"}"#),
        ] {
            refused(json(status, body), kind, words).await;
        }
    }
}

#[tokio::test]
async fn a_refused_token_is_unauthorized() {
    for code in [401, 403] {
        for body in ["", "{}", "<html>"] {
            let error =
                refused(status(code, body), ErrorKind::Unauthorized, "does not accept the token").await;
            assert_eq!(error.status(), Some(code));
        }
    }
}

#[tokio::test]
async fn any_other_status_is_an_error_of_the_service() {
    for code in [201, 204, 302, 400, 404, 429, 500, 502, 503, 504] {
        let answer = json(code, r#"{"message":"else"}"#);
        let error = refused(answer, ErrorKind::TokenService, "instead of describing the token").await;
        assert_eq!(error.status(), Some(code));
    }
}

#[tokio::test]
async fn a_description_that_is_no_json_object_cannot_be_read() {
    for body in [
        "",
        "<html>",
        "[]",
        r#"[true,["a"]]"#,
        "null",
        "true",
        r#""active""#,
        r#"{"active":true,"scopes":["a"]"#,
        r#"{"active":"yes","scopes":["a"]}"#,
        r#"{"active":true,"scopes":"a"}"#,
        r#"{"active":true,"scopes":[1]}"#,
    ] {
        refused(json(200, body), ErrorKind::TokenService, "sent an invalid description of the token").await;
    }
}

#[tokio::test]
async fn a_token_of_client_credentials_that_is_refused_is_replaced_once() {
    let good = json(200, r#"{"active":true,"scopes":["a"]}"#);
    let script = Script::new([token("t1", "3600"), status(401, ""), token("t2", "3600"), good]);
    assert_eq!(client(&script, "secret").check().await.unwrap().scopes, ["a"]);
    assert_eq!(script.sent()[3].header("authorization"), Some("Bearer t2"));

    let again = [token("t1", "3600"), status(401, ""), token("t2", "3600"), status(401, "")];
    let script = Script::new(again);
    assert!(client(&script, "secret").check().await.unwrap_err().is_unauthorized());
    assert_eq!(script.sent().len(), 4);
}
