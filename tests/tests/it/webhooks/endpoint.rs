//! A receiver of webhooks, and what it takes to have something delivered to it.

use crate::sandboxed;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use xurrent::webhook::{Delivery, Received, Verifier, VerifierBuilder};
use xurrent::{
    Client, Id, RequestCreateInput, RequestUpdateInput, WebhookCreateInput, WebhookEvent,
    WebhookPolicyCreateInput, WebhookPolicyJwtAlg,
};
use xurrent_sandbox::{Sandbox, Webhooks};

/// An account whose webhooks are tried again soon, and twice.
pub(crate) async fn account() -> (Sandbox, Client) {
    let webhooks = Webhooks::default().retry_after([Duration::from_millis(50), Duration::from_millis(200)]);
    sandboxed::with(|sandbox| sandbox.webhooks(webhooks)).await
}

/// A verifier for what comes from a sandbox.
pub(crate) fn verifier(sandbox: &Sandbox) -> VerifierBuilder {
    Verifier::builder()
        .account_url(sandbox.account_url())
        .root_certificate(sandbox.root_certificate())
        .dangerously_allow_loopback()
}

/// The algorithms with a public key.
pub(crate) fn with_public_key() -> [WebhookPolicyJwtAlg; 6] {
    use WebhookPolicyJwtAlg as Alg;
    [Alg::Rs256, Alg::Rs384, Alg::Rs512, Alg::Es256, Alg::Es384, Alg::Es512]
}

/// A webhook policy: its id, its name, and the key that is shown once.
pub(crate) struct Policy {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) pem: Option<String>,
}

pub(crate) async fn policy(client: &Client, algorithm: WebhookPolicyJwtAlg) -> Policy {
    let input = WebhookPolicyCreateInput::new(algorithm).jwt_audience("orders").jwt_claim_expires_in(5);
    let made = client.webhook_policy_create(input).await.unwrap().webhook_policy.unwrap();
    Policy { id: made.id, name: made.name.unwrap(), pem: made.public_key_pem }
}

/// A webhook for new and for changed requests, unless something else is asked for.
pub(crate) async fn webhook(
    client: &Client,
    event: WebhookEvent,
    uri: &str,
    policy: &Policy,
    discovery: bool,
) -> Id {
    let input = WebhookCreateInput::new(event, uri)
        .name("orders")
        .webhook_policy_id(&policy.id)
        .openid_connect_discovery(discovery);
    client.webhook_create(input).await.unwrap().webhook.unwrap().id
}

/// A new request.
pub(crate) async fn request(client: &Client, subject: &str) -> Id {
    let input = RequestCreateInput::new().subject(subject);
    client.request_create(input).await.unwrap().request.unwrap().id
}

/// Another subject for a request.
pub(crate) async fn rename(client: &Client, request: &Id, subject: &str) {
    client.request_update(RequestUpdateInput::new(request).subject(subject)).await.unwrap();
}

/// A receiver that verifies, and remembers what became of each delivery.
pub(crate) struct Endpoint {
    pub(crate) uri: String,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    delivered: Mutex<Vec<Delivery>>,
    confirmed: Mutex<usize>,
    /// The reasons, as they stand in the log.
    refused: Mutex<Vec<String>>,
}

impl Endpoint {
    pub(crate) async fn start(verifier: Verifier) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/hook", listener.local_addr().unwrap());
        let seen: Arc<Seen> = Arc::default();
        let app = Router::new().fallback(receive).with_state((verifier, Arc::clone(&seen)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { uri, seen }
    }

    pub(crate) fn delivered(&self) -> Vec<Delivery> {
        self.seen.delivered.lock().unwrap().clone()
    }

    pub(crate) fn refused(&self) -> Vec<String> {
        self.seen.refused.lock().unwrap().clone()
    }

    pub(crate) fn confirmed(&self) -> usize {
        *self.seen.confirmed.lock().unwrap()
    }
}

async fn receive(State((verifier, seen)): State<(Verifier, Arc<Seen>)>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    match verifier.receive(&parts.uri, &parts.headers, &body).await {
        Ok(Received::Delivery(delivery)) => seen.delivered.lock().unwrap().push(*delivery),
        Ok(Received::Confirmed(_)) => *seen.confirmed.lock().unwrap() += 1,
        Err(refused) => {
            seen.refused.lock().unwrap().push(refused.reason().to_string());
            return StatusCode::FORBIDDEN;
        }
    }
    StatusCode::OK
}

/// Waits for something that must come true soon.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < Duration::from_secs(20), "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
