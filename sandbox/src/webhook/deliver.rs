//! Delivery of the queue to the webhooks.

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use serde_json::value::RawValue;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use url::Url;
use uuid::Uuid;

use super::address::public_part;
use super::attempt::DeliveryAttempt;
use super::fault::Effect;
use super::message::Link;
use super::outbox::{Outbox, QueuedDelivery};
use super::record::{LAST_ERROR, is_disabled, is_verified, uri};
use super::recording::RecordedDelivery;
use super::token::SigningError;
use crate::engine::Engine;
use crate::store::Record;

/// Delivers the queue until aborted.
pub(crate) async fn deliver(engine: Arc<Engine>, trusted: Vec<Certificate>) {
    let Some(outbox) = engine.outbox() else { return };
    let Some(mut queue) = outbox.take_receiver() else { return };
    // Made for the first delivery, because it reads all certificates that the system trusts.
    let mut client = None;
    let slots = Arc::new(Semaphore::new(outbox.settings.max_concurrent));
    let mut in_flight = JoinSet::new();
    // The slot of a first attempt is acquired here, so that first attempts start in the order of the queue.
    // None is held while the queue is empty: retries need them.
    while let Some(delivery) = queue.recv().await
        && let Ok(slot) = Arc::clone(&slots).acquire_owned().await
    {
        while in_flight.try_join_next().is_some() {}
        let client = client.get_or_insert_with(|| new_client(outbox.settings.timeout, &trusted));
        let (engine, client, slots) = (Arc::clone(&engine), client.clone(), Arc::clone(&slots));
        let worker = DeliveryWorker { engine, client, slots };
        in_flight.spawn(async move { worker.run(delivery, slot).await });
    }
}

/// The HTTP client of deliveries. It follows no redirects.
fn new_client(timeout: Duration, trusted: &[Certificate]) -> Result<Client, String> {
    let client = Client::builder().redirect(Policy::none()).timeout(timeout).no_proxy();
    let client = client.tls_certs_merge(trusted.iter().cloned()).build();
    client.map_err(|error| root_cause(&error))
}

struct DeliveryWorker {
    engine: Arc<Engine>,
    client: Result<Client, String>,
    slots: Arc<Semaphore>,
}

impl DeliveryWorker {
    async fn run(&self, delivery: QueuedDelivery, slot: OwnedSemaphorePermit) {
        let Some(outbox) = self.engine.outbox() else { return };
        let mut waits = outbox.settings.waits.iter();
        let mut slot = Some(slot);
        for number in 1.. {
            let effect = outbox.faults.lock().pop_front().map_or(Effect::None, |fault| fault.0);
            if let Effect::Delayed(duration) = effect {
                slot = None;
                tokio::time::sleep(duration).await;
            }
            let taken = match slot.take() {
                Some(slot) => Ok(slot),
                None => Arc::clone(&self.slots).acquire_owned().await,
            };
            let target = self.engine.delivery_target(outbox, &delivery);
            let (Ok(taken), Some((webhook, url))) = (taken, target) else { return };
            if self.attempt(outbox, &delivery, &webhook, &url, number, effect).await {
                outbox.forget_failures(&delivery.webhook);
                return;
            }
            drop(taken);
            let Some(wait) = waits.next() else { return };
            tokio::time::sleep(*wait).await;
        }
    }

    /// Returns whether the attempt succeeded.
    async fn attempt(
        &self,
        outbox: &Outbox,
        delivery: &QueuedDelivery,
        webhook: &Record,
        url: &Url,
        number: u32,
        effect: Effect,
    ) -> bool {
        let is_retry = number > 1;
        let id = if is_retry { Uuid::new_v4().to_string() } else { delivery.id.clone() };
        let recorded = RecordedDelivery {
            id: Some(id.clone()),
            origin: (is_retry || delivery.origin.is_some()).then(|| delivery.origin().to_owned()),
            links: delivery.links.clone(),
            signed: webhook.value("webhookPolicy").is_some(),
            token: None,
            message: delivery.message.clone(),
        };
        let headers = headers(&id, &recorded);
        let body = self.engine.delivery_body(webhook, &delivery.message).map_err(|error| error.to_string());
        let mut error = None;
        for _ in 0..if effect == Effect::Twice { 2 } else { 1 } {
            let started_at = Instant::now();
            let mut outcome = match &body {
                Ok(body) => self.send(url, &headers, body.clone()).await,
                Err(error) => Err(error.clone()),
            };
            if effect == Effect::ResponseLost && body.is_ok() {
                outcome = Err("the connection was lost before the response".to_owned());
            }
            let done = DeliveryAttempt {
                webhook_id: webhook.number,
                event: delivery.event.clone(),
                id: id.clone(),
                origin: delivery.origin().to_owned(),
                attempt: number,
                uri: public_part(url),
                headers: headers.clone(),
                body: body.clone().unwrap_or_default(),
                message: serde_json::from_str(delivery.message.get()).unwrap_or_default(),
                // Handshakes are not recorded, because they contain a secret.
                recorded: delivery.code.is_none().then(|| recorded.clone()),
                outcome,
                started_at,
                duration: started_at.elapsed(),
            };
            error = done.error();
            if let Some(error) = &error
                && outbox.count_failure(&delivery.webhook)
            {
                self.engine.disable_webhook(&delivery.webhook, error);
            }
            outbox.add_attempt(done);
        }
        error.is_none()
    }

    async fn send(&self, url: &Url, headers: &[(String, String)], body: Vec<u8>) -> Result<u16, String> {
        // User name and password of the URL become the `Authorization` header.
        let mut request = self.client.as_ref().map_err(String::clone)?.post(url.clone()).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) if error.is_timeout() => Err("timeout: no response".to_owned()),
            Err(error) => Err(root_cause(&error.without_url())),
        }
    }
}

fn headers(id: &str, recorded: &RecordedDelivery) -> Vec<(String, String)> {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![
        header("content-type", "application/json; charset=utf-8"),
        header("user-agent", "xurrent/1.0 (https://developer.xurrent.com/v1/webhooks)"),
        header("x-xurrent-delivery", id),
    ];
    let link = |Link { uri, relation }: &Link| format!(r#"<{uri}>; rel="{relation}""#);
    let links: Vec<String> = recorded.links.iter().map(link).collect();
    if !links.is_empty() {
        headers.push(header("link", &links.join(", ")));
    }
    headers.extend(recorded.origin.as_ref().map(|origin| header("x-xurrent-delivery-origin", origin)));
    headers
}

/// The root cause of an error: `Connection refused`.
fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

impl Engine {
    /// The webhook and the URL of a delivery; `None` if the webhook no longer receives it.
    fn delivery_target(&self, outbox: &Outbox, delivery: &QueuedDelivery) -> Option<(Record, Url)> {
        let store = self.snapshot();
        let webhook = store.get(&delivery.webhook)?;
        let is_expected = match &delivery.code {
            Some(code) => !is_verified(webhook) && outbox.codes.is_current(&delivery.webhook, code),
            None => is_verified(webhook),
        };
        let url = outbox.address_rule().check(uri(webhook)).ok()?;
        (is_expected && (delivery.is_test || !is_disabled(webhook))).then(|| (webhook.clone(), url))
    }

    fn delivery_body(&self, webhook: &Record, message: &RawValue) -> Result<Vec<u8>, SigningError> {
        let store = self.snapshot();
        let Some(policy) = webhook.text("webhookPolicy").and_then(|key| store.get(key)) else {
            return Ok(message.get().as_bytes().to_vec());
        };
        let discovery = webhook.is_true("openidConnectDiscovery");
        self.policies().body(policy, discovery, message)
    }

    fn disable_webhook(&self, webhook: &str, error: &str) {
        self.change_store(|store| {
            let now = store.tick();
            if let Some(fields) = store.fields_mut(webhook) {
                fields.insert("disabled".to_owned(), true.into());
                fields.insert("updatedAt".to_owned(), now.into());
                fields.insert(LAST_ERROR.to_owned(), error.into());
            }
        });
    }
}
