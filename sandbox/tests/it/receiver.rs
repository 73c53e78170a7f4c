//! A receiver of webhooks on a socket, and helpers that create webhooks and changes.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use xurrent_sandbox::{Sandbox, Webhooks};

use crate::raw_http::{HttpResponse, call};

/// The received deliveries and the responses to come.
#[derive(Default)]
struct Inbox {
    received: Vec<Received>,
    /// In order; then 200.
    responses: VecDeque<(StatusCode, Duration)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
    pub(crate) at: Instant,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    inbox: Arc<Mutex<Inbox>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let inbox = Arc::<Mutex<Inbox>>::default();
        let app = Router::new().fallback(response).with_state(Arc::clone(&inbox));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, inbox }
    }

    pub(crate) fn respond_with(&self, responses: impl IntoIterator<Item = u16>) {
        let responses =
            responses.into_iter().map(|status| (StatusCode::from_u16(status).unwrap(), Duration::ZERO));
        self.inbox.lock().unwrap().responses.extend(responses);
    }

    pub(crate) fn respond_late(&self, wait: Duration) {
        self.inbox.lock().unwrap().responses.push_back((StatusCode::OK, wait));
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inbox.lock().unwrap().received.clone()
    }

    /// What came in and was no handshake.
    pub(crate) fn events(&self) -> Vec<Received> {
        self.received().into_iter().filter(|received| received.body["event"] != "webhook.verify").collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.events().iter().map(|event| event.body["event"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn forget(&self) {
        self.inbox.lock().unwrap().received.clear();
    }
}

async fn response(
    State(inbox): State<Arc<Mutex<Inbox>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1]) {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    let received = Received { uri: uri.to_string(), headers, body, text, at: Instant::now() };
    let response = {
        let mut inbox = inbox.lock().unwrap();
        inbox.received.push(received);
        inbox.responses.pop_front()
    };
    let (status, wait) = response.unwrap_or((StatusCode::OK, Duration::ZERO));
    tokio::time::sleep(wait).await;
    // For who would follow it.
    (status, [("location", "/elsewhere")])
}

/// Three attempts within a few milliseconds.
pub(crate) fn quick() -> Webhooks {
    Webhooks::default().retry_after([Duration::from_millis(5), Duration::from_millis(40)])
}

pub(crate) async fn start(webhooks: Webhooks) -> Sandbox {
    Sandbox::builder().schema_json(crate::schema::schema_json()).webhooks(webhooks).start().await.unwrap()
}

/// The data of a document that is run over the socket and must have no errors.
pub(crate) async fn run(sandbox: &Sandbox, query: &str, variables: Value) -> Value {
    let headers = [
        ("authorization", format!("Bearer {}", sandbox.token())),
        ("x-xurrent-account", sandbox.account().to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    let body = json!({ "query": query, "variables": variables }).to_string();
    let HttpResponse { body, .. } = call(&sandbox.graphql_url(), "POST", &headers, &body).await;
    assert!(body.get("errors").is_none(), "{query}: {body:#}");
    body["data"].clone()
}

/// The payload of a mutation that is named after its input, such as `requestCreate`, with the record.
pub(crate) async fn mutate(sandbox: &Sandbox, mutation: &str, input: Value) -> Value {
    let upper = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
    let (input_type, asked) = match mutation.strip_suffix("Delete") {
        Some(_) => (format!("{upper}MutationInput"), "success".to_owned()),
        None => {
            let record = mutation.strip_suffix("Create").or(mutation.strip_suffix("Update")).unwrap();
            (format!("{upper}Input"), format!("record: {record} {{ id }}"))
        }
    };
    let query = format!(
        "mutation($input: {input_type}!) {{ done: {mutation}(input: $input) {{ {asked} errors {{ path message }} }} }}"
    );
    run(sandbox, &query, json!({ "input": input })).await["done"].clone()
}

/// Like [`mutate`], with the id of the record. It must have been taken.
pub(crate) async fn done(sandbox: &Sandbox, mutation: &str, input: Value) -> String {
    let payload = mutate(sandbox, mutation, input).await;
    assert_eq!(payload["errors"], json!([]), "{mutation}");
    payload["record"]["id"].as_str().unwrap_or_default().to_owned()
}

/// A verified webhook.
pub(crate) async fn webhook(sandbox: &Sandbox, event: &str, uri: &str) -> String {
    let id = unverified(sandbox, event, uri).await;
    assert!(sandbox.verify_webhook(&id));
    id
}

/// A webhook to which a handshake was sent, unless that is not needed.
pub(crate) async fn unverified(sandbox: &Sandbox, event: &str, uri: &str) -> String {
    let id = done(sandbox, "webhookCreate", json!({ "event": event, "uri": uri, "name": event })).await;
    sandbox.deliveries_settled().await;
    id
}
