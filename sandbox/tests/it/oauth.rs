//! OAuth client credentials: tokens, scopes, expiry.

use crate::raw_http::{HttpResponse, call};
use serde_json::{Value, json};
use std::time::Duration;
use xurrent_sandbox::{
    DEMO_ACCOUNT, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_TOKEN, Sandbox, SandboxBuilder,
};

const FORM: &str = "application/x-www-form-urlencoded";
const ME: &str = r#"{"query":"{ me { id } }"}"#;

fn builder() -> SandboxBuilder {
    Sandbox::builder().schema_json(crate::schema::schema_json())
}

async fn ask_token(sandbox: &Sandbox, content_type: &str, body: &str) -> HttpResponse {
    call(&sandbox.token_url(), "POST", &[("content-type", content_type.to_owned())], body).await
}

fn form(id: &str, secret: &str) -> String {
    format!("client_id={id}&client_secret={secret}&grant_type=client_credentials")
}

async fn issued(sandbox: &Sandbox) -> String {
    let response = ask_token(sandbox, FORM, &form(sandbox.client_id(), sandbox.client_secret())).await;
    response.body["access_token"].as_str().unwrap().to_owned()
}

fn headers(token: &str, account: &str) -> Vec<(&'static str, String)> {
    vec![
        ("authorization", format!("Bearer {token}")),
        ("x-xurrent-account", account.to_owned()),
        ("content-type", "application/json".to_owned()),
    ]
}

async fn ask(sandbox: &Sandbox, token: &str, body: &str) -> HttpResponse {
    call(&sandbox.graphql_url(), "POST", &headers(token, sandbox.account()), body).await
}

#[tokio::test]
async fn an_issued_token_is_valid_until_revoked() {
    let sandbox = builder().start().await.unwrap();
    let response = ask_token(&sandbox, FORM, &form(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET)).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.body["token_type"], "bearer");
    assert_eq!(response.body["expires_in"], 3600);
    assert_eq!(response.headers["cache-control"], "no-store");
    let token = response.body["access_token"].as_str().unwrap();
    assert_eq!(ask(&sandbox, token, ME).await.status, 200);
    let second = issued(&sandbox).await;
    assert_ne!(token, second);
    sandbox.revoke_tokens();
    assert_eq!(ask(&sandbox, token, ME).await.status, 401);
    assert_eq!(ask(&sandbox, &second, ME).await.status, 401);
    assert_eq!(ask(&sandbox, DEMO_TOKEN, ME).await.status, 200);
    let third = issued(&sandbox).await;
    assert_eq!(ask(&sandbox, &third, ME).await.status, 200);
}

#[tokio::test]
async fn tokens_expire() {
    let sandbox = builder().token_lifetime(Duration::from_millis(1_200)).start().await.unwrap();
    let response = ask_token(&sandbox, FORM, &form(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET)).await;
    assert_eq!(response.body["expires_in"], 1);
    let token = response.body["access_token"].as_str().unwrap();
    assert_eq!(ask(&sandbox, token, ME).await.status, 200);
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    assert_eq!(ask(&sandbox, token, ME).await.status, 401);
}

#[tokio::test]
async fn an_unlimited_lifetime_is_accepted() {
    let sandbox = builder().token_lifetime(Duration::MAX).start().await.unwrap();
    assert_eq!(ask(&sandbox, &issued(&sandbox).await, ME).await.status, 200);
}

#[tokio::test]
async fn debug_output_contains_no_secrets() {
    let sandbox = builder().start().await.unwrap();
    let (token, debug) = (issued(&sandbox).await, format!("{sandbox:?}"));
    for secret in [DEMO_CLIENT_SECRET, DEMO_TOKEN, &token] {
        assert!(!debug.contains(secret), "{debug}");
    }
}

#[tokio::test]
async fn client_and_expiry_are_configurable() {
    let sandbox = builder().oauth_client("a b&c", "s+e/c=r%t").omit_expires_in(true).start().await.unwrap();
    assert_eq!((sandbox.client_id(), sandbox.client_secret()), ("a b&c", "s+e/c=r%t"));
    let refused = ask_token(&sandbox, FORM, &form(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET)).await;
    assert_eq!(refused.body["error"], "invalid_client");
    let response = ask_token(&sandbox, FORM, &form("a+b%26c", "s%2Be%2fc%3Dr%25t")).await;
    assert_eq!(response.status, 200, "{}", response.text);
    assert!(response.body.get("expires_in").is_none());
}

#[tokio::test]
async fn bad_token_requests_are_refused_with_the_codes_of_the_standard() {
    let sandbox = builder().start().await.unwrap();
    let good = form(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET);
    let json = json!({ "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_CLIENT_SECRET }).to_string();
    for (content_type, body, error) in [
        (FORM, good.replace("&grant_type=client_credentials", ""), "invalid_request"),
        (FORM, format!("{good}&client_id={DEMO_CLIENT_ID}"), "invalid_request"),
        (FORM, good.replace("client_id", "id"), "invalid_client"),
        (FORM, format!("{good}&scope="), "invalid_scope"),
        (FORM, form(DEMO_CLIENT_ID, "guess"), "invalid_client"),
        (FORM, form("other", DEMO_CLIENT_SECRET), "invalid_client"),
        (FORM, good.replace("client_credentials", "password"), "unsupported_grant_type"),
        (FORM, format!("{good}&scope=request%3ARead"), "invalid_scope"),
        (FORM, "%zz".to_owned(), "invalid_request"),
        (FORM, String::new(), "invalid_request"),
        ("application/json", json, "invalid_request"),
        ("text/plain", good.clone(), "invalid_request"),
    ] {
        let response = ask_token(&sandbox, content_type, &body).await;
        assert_eq!(response.status, 400, "{body}");
        assert_eq!(response.body["error"], error, "{body}");
        assert!(response.body["error_description"].is_string());
        assert!(response.body.get("access_token").is_none());
    }
    assert_eq!(call(&sandbox.token_url(), "GET", &[], "").await.status, 405);
}

#[tokio::test]
async fn token_calls_are_recorded_without_secrets() {
    let sandbox = builder().start().await.unwrap();
    let token = issued(&sandbox).await;
    ask(&sandbox, &token, ME).await;
    ask_token(&sandbox, FORM, &form(DEMO_CLIENT_ID, "a-wrong-guess")).await;
    let json = json!({ "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_CLIENT_SECRET }).to_string();
    ask_token(&sandbox, "application/json", &json).await;
    ask_token(&sandbox, FORM, &format!("password={DEMO_CLIENT_SECRET}")).await;
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 5);
    assert_eq!((requests[0].path.as_str(), requests[0].status), ("/token", 200));
    let names: Vec<&str> = requests[0].form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["client_id", "client_secret", "grant_type"]);
    assert!(requests[0].form.contains(&("client_id".to_owned(), DEMO_CLIENT_ID.to_owned())));
    assert!(requests[0].form.contains(&("grant_type".to_owned(), "client_credentials".to_owned())));
    assert_eq!((requests[1].path.as_str(), requests[1].form.len()), ("/graphql", 0));
    assert_eq!(requests[2].status, 400);
    let debug = format!("{requests:?} {sandbox:?} {:?}", builder());
    for secret in [DEMO_CLIENT_SECRET, "a-wrong-guess", token.as_str(), DEMO_TOKEN] {
        assert!(!debug.contains(secret), "{secret} in {debug}");
    }
}

#[tokio::test]
async fn introspection_returns_the_scopes_of_a_token() {
    let sandbox = builder().start().await.unwrap();
    let url = sandbox.introspect_url();
    for token in [DEMO_TOKEN, &issued(&sandbox).await] {
        let response = call(&url, "GET", &headers(token, DEMO_ACCOUNT), "").await;
        assert_eq!(response.status, 200);
        assert_eq!(response.body["active"], true);
        let scopes = response.body["scopes"].as_array().unwrap();
        for scope in ["request:Read", "request:Create", "person:Update", "webhook:Delete"] {
            assert!(scopes.contains(&json!(scope)), "{scope}");
        }
    }
    let wrong = call(&url, "GET", &headers(DEMO_TOKEN, "other"), "").await;
    assert_eq!((wrong.status, wrong.body), (400, json!({ "message": "Invalid x-xurrent-account header" })));
    let bad = call(&url, "GET", &headers("nonsense", DEMO_ACCOUNT), "").await;
    assert_eq!(bad.status, 401);
    assert!(bad.body["message"].is_string());
    assert_eq!(call(&url, "POST", &headers(DEMO_TOKEN, DEMO_ACCOUNT), "").await.status, 405);
}

#[tokio::test]
async fn tokens_can_be_revoked_and_requests_record_their_user() {
    let sandbox =
        builder().user("Grace", "t-1").user("Grace", "t-2").user("Alan", "t-3").start().await.unwrap();
    sandbox.revoke("t-1");
    sandbox.revoke(DEMO_TOKEN);
    for (token, status) in [("t-1", 401), ("t-2", 200), ("t-3", 200), (DEMO_TOKEN, 401)] {
        assert_eq!(ask(&sandbox, token, ME).await.status, status, "{token}");
    }
    sandbox.restore("t-1");
    assert_eq!(ask(&sandbox, "t-1", ME).await.status, 200);
    let users: Vec<Option<String>> = sandbox.requests().into_iter().map(|request| request.user).collect();
    let users: Vec<Option<&str>> = users.iter().map(Option::as_deref).collect();
    assert_eq!(users, [None, Some("Grace"), Some("Alan"), None, Some("Grace")]);
    assert!(!format!("{sandbox:?}").contains("t-1"));
}

#[tokio::test]
async fn missing_scopes_are_graphql_errors() {
    let granted = ["request:Read", "request:Update"];
    let sandbox = builder().scopes(granted).start().await.unwrap();
    let introspected = call(&sandbox.introspect_url(), "GET", &headers(DEMO_TOKEN, DEMO_ACCOUNT), "").await;
    assert_eq!(introspected.body["scopes"], json!(granted));
    let id = xurrent_sandbox::node_id("Person", 1);
    let request = xurrent_sandbox::node_id("Request", 1);
    let note = format!(
        "mutation {{ noteCreate(input: {{ ownerId: \"{request}\", text: \"x\" }}) {{ note {{ id }} }} }}"
    );
    for (query, missing) in [
        ("{ me { id } }".to_owned(), "person:Read"),
        ("{ people { totalCount } }".to_owned(), "person:Read"),
        (format!("{{ node(id: \"{id}\") {{ id }} }}"), "person:Read"),
        (
            "mutation { requestCreate(input: { subject: \"s\" }) { request { id } } }".to_owned(),
            "request:Create",
        ),
        (note, "note:Create"),
        (
            "mutation { discoveredConfigurationItems(input: { source: \"s\", physicalAssets: [] }) { asyncQuery { id } } }"
                .to_owned(),
            "configurationItem:Create, configurationItem:Update",
        ),
    ] {
        let response = ask(&sandbox, DEMO_TOKEN, &json!({ "query": query }).to_string()).await;
        assert_eq!(response.status, 200);
        let message = format!("Missing required scope(s): {missing}");
        assert_eq!(response.body["errors"][0]["message"], message, "{query}");
    }
    let fine = format!(
        "mutation {{ requestUpdate(input: {{ id: \"{request}\", subject: \"s\" }}) {{ request {{ subject }} }} }}"
    );
    for query in ["{ requests { totalCount } rateLimit { cost } }", &fine] {
        let response = ask(&sandbox, DEMO_TOKEN, &json!({ "query": query }).to_string()).await;
        assert_eq!(response.body.get("errors"), None, "{}", response.text);
    }
    let total = sandbox.engine().execute(&json!({ "query": "{ requests(view: all) { totalCount } }" }));
    assert_eq!(total["data"]["requests"]["totalCount"], Value::from(150), "the refused request was not made");
}
