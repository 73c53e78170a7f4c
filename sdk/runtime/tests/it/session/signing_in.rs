//! Every rule about signing in: what is sent to the token service, when, and what is made of it.

use crate::session::script::{Script, graphql, json, status, token};
use crate::session::{api, client};
use std::time::Duration;
use xurrent_runtime::{ErrorKind, RetryPolicy};

const SECRET: &str = "client-secret-91c2";

#[tokio::test]
async fn a_personal_access_token_is_sent_as_it_is() {
    let script = Script::new([graphql()]);
    let client = api().personal_access_token("pat-1").transport(script.clone()).build().unwrap();
    client.raw("{ me { id } }", ()).await.unwrap();
    let sent = script.sent();
    assert_eq!(sent.len(), 1, "no token call");
    assert_eq!(sent[0].uri, "https://graphql.example.com/");
    assert_eq!(sent[0].header("authorization"), Some("Bearer pat-1"));
    assert_eq!(sent[0].header("x-account"), Some("wdc"));
    assert_eq!(sent[0].header("content-type"), Some("application/json"));
    assert!(sent[0].sensitive, "the header is marked, so that nothing logs it");
}

#[tokio::test]
async fn the_token_call_is_a_form_without_a_scope() {
    let script = Script::new([token("t1", "3600"), graphql()]);
    client(&script, SECRET).raw("{ me { id } }", ()).await.unwrap();
    let sent = script.sent();
    assert_eq!(sent[0].uri, "https://oauth.example.com/token");
    assert_eq!(sent[0].method, "POST");
    assert_eq!(sent[0].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(sent[0].header("accept"), Some("application/json"));
    assert_eq!(sent[0].header("authorization"), None);
    let form = "client_id=the%26id&client_secret=client-secret-91c2&grant_type=client_credentials";
    assert_eq!(sent[0].body, form);
    assert_eq!(sent[1].header("authorization"), Some("Bearer t1"));
}

#[tokio::test]
async fn a_token_is_used_until_shortly_before_its_end() {
    // (lifetime, margin, whether a second call within it uses the same token)
    for (lifetime, margin, reused) in [
        ("3600", 60, true),
        ("\"3600\"", 60, true),
        ("3600.5", 60, true),
        ("2", 60, true), // the margin shrinks to a quarter of a short life
        ("1", 3600, true),
        ("0", 60, false), // good for the call at hand only
        ("-5", 60, false),
        ("null", 60, true), // without a lifetime: until it is refused
        ("99999999999999999999", 60, true),
    ] {
        let script = Script::new([token("t1", lifetime), graphql(), token("t2", lifetime), graphql()]);
        let client = api()
            .client_credentials("id", SECRET)
            .token_margin(Duration::from_secs(margin))
            .transport(script.clone())
            .build()
            .unwrap();
        client.raw("{ a }", ()).await.unwrap();
        if reused {
            script.skip_token();
        }
        client.raw("{ a }", ()).await.unwrap();
        assert_eq!(script.token_calls(), if reused { 1 } else { 2 }, "a lifetime of {lifetime}");
    }
}

#[tokio::test]
async fn a_token_is_replaced_at_its_end() {
    let script = Script::new([token("t1", "0.2"), graphql(), token("t2", "3600"), graphql()]);
    let client = client(&script, SECRET);
    client.raw("{ a }", ()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    client.raw("{ a }", ()).await.unwrap();
    assert_eq!(script.sent()[3].header("authorization"), Some("Bearer t2"));
}

#[tokio::test]
async fn many_calls_at_once_ask_for_one_token() {
    let mut answers = vec![token("t1", "3600").after(Duration::from_millis(50))];
    answers.extend((0..50).map(|_| graphql()));
    let script = Script::new(answers);
    let client = client(&script, SECRET);
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.raw("{ a }", ()).await.map(|_| ()) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(script.token_calls(), 1);
}

#[tokio::test]
async fn a_call_that_is_given_up_frees_the_token_for_the_others() {
    let script =
        Script::new([token("t1", "3600").after(Duration::from_secs(60)), token("t2", "3600"), graphql()]);
    let client = client(&script, SECRET);
    let given_up = tokio::time::timeout(Duration::from_millis(30), client.raw("{ a }", ()).send()).await;
    assert!(given_up.is_err());
    tokio::time::timeout(Duration::from_secs(5), client.raw("{ a }", ()).send()).await.unwrap().unwrap();
    assert_eq!(script.sent().last().unwrap().header("authorization"), Some("Bearer t2"));
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let script = Script::new([status(503, ""), token("t1", "3600"), graphql()]);
    let client = client(&script, SECRET);
    assert_eq!(client.raw("{ a }", ()).await.unwrap_err().kind(), ErrorKind::TokenService);
    client.raw("{ a }", ()).await.unwrap();
}

#[tokio::test]
async fn one_refresh_on_401_and_no_more() {
    let script = Script::new([token("t1", "3600"), status(401, "{}"), token("t2", "3600"), graphql()]);
    client(&script, SECRET).raw("mutation { a }", ()).await.unwrap();
    assert_eq!(script.sent()[3].header("authorization"), Some("Bearer t2"));

    let script =
        Script::new([token("t1", "3600"), status(401, "{}"), token("t2", "3600"), status(401, "{}")]);
    let error = client(&script, SECRET).raw("{ a }", ()).await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(script.sent().len(), 4);

    let script = Script::new([token("t1", "3600"), status(403, "{}")]);
    assert!(client(&script, SECRET).raw("{ a }", ()).await.unwrap_err().is_unauthorized());
    assert_eq!(script.sent().len(), 2, "403 is about what the token may do, not about the token");
}

#[tokio::test]
async fn refused_credentials_are_not_a_broken_token_service() {
    let refused = ErrorKind::CredentialsRefused;
    let broken = ErrorKind::TokenService;
    for (answer, kind, text) in [
        (status(401, ""), refused, "oauth.example.com refused the client credentials: HTTP 401"),
        (status(403, "<html>"), refused, "HTTP 403"),
        (json(400, r#"{"error":"invalid_client"}"#), refused, ": invalid_client"),
        (
            json(400, r#"{"error":"invalid_grant","error_description":"Expired."}"#),
            refused,
            "refused the client credentials: invalid_grant: Expired.",
        ),
        (json(400, r#"{"error":"unauthorized_client"}"#), refused, "unauthorized_client"),
        (json(400, r#"{"error":"invalid_scope"}"#), refused, "invalid_scope"),
        (json(400, r#"{"error":"invalid_request"}"#), broken, "did not issue a token: invalid_request"),
        (json(400, r#"{"error":"unsupported_grant_type"}"#), broken, "unsupported_grant_type"),
        (status(400, "<html>proxy</html>"), broken, "HTTP 400"),
        (status(302, ""), broken, "HTTP 302"),
        (status(500, "oops"), broken, "HTTP 500"),
        (status(502, "<html>"), broken, "HTTP 502"),
        (json(200, "{}"), broken, "sent no `access_token`"),
        (json(200, r#"{"access_token":""}"#), broken, "sent no `access_token`"),
        (json(200, r#"{"access_token":7}"#), broken, "sent no `access_token`"),
        (status(200, "<html>"), broken, "sent no `access_token`"),
        (json(200, r#"{"access_token":"t","token_type":"mac"}"#), broken, "of type \"mac\"; expected bearer"),
        (json(200, "{\"access_token\":\"a\\nb\"}"), broken, "that no HTTP header can hold"),
    ] {
        let script = Script::new([answer]);
        let error = client(&script, SECRET).raw("{ a }", ()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(text), "{text:?} is not in {error}");
        assert!(error.to_string().contains("oauth.example.com"), "{error}");
    }
}

#[tokio::test]
async fn the_token_type_is_compared_without_regard_to_case() {
    let script =
        Script::new([json(200, r#"{"access_token":"t","token_type":"BeArEr","expires_in":60}"#), graphql()]);
    client(&script, SECRET).raw("{ a }", ()).await.unwrap();
}

#[tokio::test]
async fn nothing_secret_is_ever_shown() {
    let echo = format!(
        r#"{{"error":"invalid_client","error_description":"no {SECRET}","client_secret":"{SECRET}"}}"#
    );
    let script =
        Script::new([json(400, &echo), token("issued-token-77", "3600"), status(500, "issued-token-77?")]);
    let builder = api().client_credentials("id", SECRET).transport(script.clone());
    let mut shown = format!("{builder:?}");
    let client = builder.build().unwrap();
    shown += &format!("{client:?}");
    for _ in 0..2 {
        let error = client.raw("{ a }", ()).await.unwrap_err();
        shown += &format!("{error} {error:?} {:?}", std::error::Error::source(&error));
    }
    assert!(!shown.contains(SECRET), "{shown}");
    // What the server says is quoted without the token that it repeats.
    assert!(!shown.contains("issued-token-77") && shown.contains("not JSON: ***?"), "{shown}");
}

#[tokio::test]
async fn a_token_call_has_a_short_time_limit() {
    let script = Script::new([token("t1", "3600"), graphql()]);
    client(&script, SECRET).raw("{ a }", ()).await.unwrap();
    let sent = script.sent();
    assert!(sent[0].timeout <= Duration::from_secs(20), "{:?}", sent[0].timeout);
    assert!(sent[1].timeout > sent[0].timeout, "a call of the API may take longer");
}

#[tokio::test]
async fn clients_share_no_token_unless_they_are_clones() {
    let script = Script::new([token("t1", "3600"), graphql(), graphql(), token("t2", "3600"), graphql()]);
    let first = client(&script, SECRET);
    first.raw("{ a }", ()).await.unwrap();
    first.clone().raw("{ a }", ()).await.unwrap();
    client(&script, SECRET).raw("{ a }", ()).await.unwrap();
    assert_eq!(script.token_calls(), 2);
    assert_eq!(script.sent()[4].header("authorization"), Some("Bearer t2"));
}

#[tokio::test]
async fn a_token_service_that_cannot_be_reached_refuses_nobody() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = api()
        .endpoint(&url)
        .token_endpoint(format!("{url}/token"))
        .client_credentials("id", SECRET)
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let error = client.raw("{ a }", ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.is_credentials_refused());
    assert!(error.to_string().contains("127.0.0.1 could not be reached"), "{error}");
    assert!(!format!("{error} {error:?}").contains(SECRET));
}
