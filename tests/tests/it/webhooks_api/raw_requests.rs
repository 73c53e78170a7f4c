//! Requests without the client: what the REST API requires and returns.

use crate::sandboxed::start;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use xurrent_sandbox::{Sandbox, node_id};

/// The rules of the interface for clients, by requests that no client of ours sends.
struct Raw(Sandbox, reqwest::Client);

impl Raw {
    async fn new() -> Self {
        Self(start(|it| it).await, reqwest::Client::new())
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.1.request(method, format!("{}{path}", self.0.rest_url()));
        request.bearer_auth(self.0.token()).header("x-xurrent-account", self.0.account())
    }

    async fn status(&self, request: reqwest::RequestBuilder) -> u16 {
        request.send().await.unwrap().status().as_u16()
    }
}

fn with_json(request: reqwest::RequestBuilder, body: &Value) -> reqwest::RequestBuilder {
    request.header("content-type", "application/json").body(body.to_string())
}

async fn read(answer: reqwest::Response) -> Value {
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn the_rest_api_requires_a_token_an_account_and_json() {
    let raw = Raw::new().await;
    let webhook = json!({"event": "request.create", "uri": "http://127.0.0.1:9/"});
    let url = format!("{}/webhooks", raw.0.rest_url());
    assert_eq!(raw.status(raw.1.get(&url)).await, 401);
    assert_eq!(raw.status(raw.1.get(&url).bearer_auth("other")).await, 401);
    assert_eq!(raw.status(raw.1.get(&url).bearer_auth(raw.0.token())).await, 400);
    let other = raw.1.get(&url).bearer_auth(raw.0.token()).header("x-xurrent-account", "other");
    assert_eq!(raw.status(other).await, 400);
    let post = || raw.request(Method::POST, "/webhooks");
    assert_eq!(raw.status(post().header("content-type", "text/plain").body(webhook.to_string())).await, 400);
    assert_eq!(raw.status(post().body("{")).await, 400);
    assert_eq!(raw.status(with_json(post(), &json!([]))).await, 400);
    assert_eq!(raw.status(post()).await, 400);
    assert_eq!(raw.status(with_json(raw.request(Method::GET, "/webhooks"), &webhook)).await, 400);
    assert_eq!(raw.status(with_json(post(), &webhook)).await, 200);
}

#[tokio::test]
async fn the_rest_api_rejects_unknown_paths_and_fields() {
    let raw = Raw::new().await;
    let good = json!({"event": "request.create", "uri": "http://127.0.0.1:9/"});
    for (field, value) in [
        ("event", json!("planet.explode")),
        ("event", json!(null)),
        ("uri", json!("")),
        ("uri", json!(7)),
        ("uri", json!("https://example.com/")),
        ("app_offering_references", json!("one")),
        ("url", json!("http://127.0.0.1:9/")),
        ("name", json!(null)),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let answer = with_json(raw.request(Method::POST, "/webhooks"), &body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let answer: Value = read(answer).await;
        assert_eq!(answer["message"], "Validation Failed");
        assert_eq!(answer["errors"][0][0], field, "{body}: {answer}");
    }
    for (method, path, status) in [
        (Method::GET, "/webhooks/9999", 404),
        (Method::GET, "/webhooks/nothing", 404),
        (Method::GET, "/people", 404),
        (Method::GET, "", 404),
        (Method::GET, "/webhooks2", 404),
        (Method::PUT, "/webhooks/1", 405),
        (Method::GET, "/webhooks/1/test", 405),
        (Method::DELETE, "/webhooks", 405),
        (Method::GET, "/webhooks?page_size=3", 422),
        (Method::GET, "/webhooks?per_page=0", 422),
        (Method::GET, "/webhooks?per_page=101", 422),
        (Method::GET, "/webhooks?search_after=3", 422),
    ] {
        assert_eq!(raw.status(raw.request(method.clone(), path)).await, status, "{method} {path}");
    }
    let person = format!("/webhooks/{}", node_id("Person", 1));
    assert_eq!(raw.status(raw.request(Method::DELETE, &person)).await, 404);
}

#[tokio::test]
async fn the_rest_api_parses_booleans() {
    let raw = Raw::new().await;
    let references = json!(["one", "two"]);
    for (word, is_true) in [
        (json!(true), true),
        (json!(1), true),
        (json!("1"), true),
        (json!("T"), true),
        (json!("y"), true),
        (json!("TRUE"), true),
        (json!("yes"), true),
        (json!("on"), true),
        (json!(false), false),
        (json!(0), false),
        (json!("off"), false),
        (json!("disabled"), false),
        (json!(null), false),
    ] {
        let body = json!({"event": "app_instance.create", "uri": "http://127.0.0.1:9/", "disabled": word,
            "app_offering_references": references});
        let made = with_json(raw.request(Method::POST, "/webhooks"), &body).send().await.unwrap();
        let made: Value = read(made).await;
        // It is there only when it is true.
        assert_eq!(made.get("disabled").is_some(), is_true, "{word}: {made}");
        assert_eq!(made["app_offering_references"], references);
        let read: xurrent::webhooks_api::RestWebhook = serde_json::from_value(made).unwrap();
        assert_eq!((read.disabled, read.openid_connect_discovery), (is_true, false));
        assert_eq!(read.app_offering_references.unwrap(), ["one", "two"]);
    }
}

#[tokio::test]
async fn the_rest_api_returns_the_location_and_the_count() {
    let raw = Raw::new().await;
    let webhook = json!({"event": "request.create", "uri": "http://127.0.0.1:9/"});
    let made = with_json(raw.request(Method::POST, "/webhooks"), &webhook).send().await.unwrap();
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    let made: Value = read(made).await;
    assert_eq!(location, format!("{}/webhooks/{}", raw.0.account_url(), made["id"]));
    assert!(made["name"].is_string() && made.get("disabled").is_none());
    for _ in 0..24 {
        with_json(raw.request(Method::POST, "/webhooks"), &webhook).send().await.unwrap();
    }
    let page = raw.request(Method::GET, "/webhooks").send().await.unwrap();
    let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-pagination-per-page"), "20");
    assert_eq!(header("x-pagination-current-page"), "1");
    let total: usize = header("x-pagination-total-entries").parse().unwrap();
    assert_eq!(header("x-pagination-total-pages"), total.div_ceil(20).to_string());
    let link = header("link");
    assert!(
        link.contains("rel=\"first\"") && link.contains("rel=\"next\"") && !link.contains("rel=\"prev\"")
    );
    let next = link.split(", ").find(|link| link.ends_with("rel=\"next\"")).unwrap();
    let next = next.trim_start_matches('<').split('>').next().unwrap().to_owned();
    assert_eq!(read(page).await.as_array().unwrap().len(), 20);
    let path = next.strip_prefix(&raw.0.rest_url()).unwrap();
    let page = raw.request(Method::GET, path).send().await.unwrap();
    let link = page.headers()["link"].to_str().unwrap().to_owned();
    assert!(link.contains("rel=\"prev\"") && !link.contains("rel=\"next\""), "{link}");
    assert_eq!(read(page).await.as_array().unwrap().len(), total - 20);
}
