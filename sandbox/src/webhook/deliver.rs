//! Delivering what is in the queue.

use axum::http::HeaderName;
use axum::http::header::{CONTENT_TYPE, LINK, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use serde_json::value::RawValue;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use url::Url;

use super::LAST_ERROR;
use super::address::public_part;
use super::attempt::DeliveryAttempt;
use super::event::VERIFY;
use super::fault::Effect;
use super::handshake::is_verified;
use super::message::Link;
use super::outbox::{Job, Outbox, is_disabled, uri};
use super::policy::CannotSign;
use super::recording::Recorded;
use super::token::uuid;
use crate::engine::Engine;
use crate::server::Shared;
use crate::store::Record;

const DELIVERY: HeaderName = HeaderName::from_static("x-xurrent-delivery");
const DELIVERY_ORIGIN: HeaderName = HeaderName::from_static("x-xurrent-delivery-origin");

/// Delivers until it is aborted, and everything that is under way with it.
pub(crate) async fn deliver(shared: Arc<Shared>, trusted: Vec<Certificate>) {
    let outbox = shared.engine.outbox();
    let Some((outbox, mut jobs)) = outbox.and_then(|outbox| Some((outbox, outbox.take_jobs()?))) else {
        return;
    };
    // Made when there is something to deliver: it reads all certificates that the system trusts.
    let mut client = None;
    let slots = Arc::new(Semaphore::new(outbox.settings.at_once));
    let mut under_way = JoinSet::new();
    // The slot of the first attempt is taken here, so that these begin in the order of the queue. None is
    // taken while there is nothing to deliver: retries need them.
    while let Some(job) = jobs.recv().await
        && let Ok(slot) = Arc::clone(&slots).acquire_owned().await
    {
        while under_way.try_join_next().is_some() {}
        let client = client.get_or_insert_with(|| new_client(outbox.settings.timeout, &trusted));
        let courier =
            Courier { shared: Arc::clone(&shared), client: client.clone(), slots: Arc::clone(&slots) };
        under_way.spawn(async move { courier.carry_out(job, slot).await });
    }
}

/// What deliveries are sent with, or why there is nothing to send them with. No redirect is followed.
fn new_client(timeout: Duration, trusted: &[Certificate]) -> Result<Client, String> {
    let client = Client::builder().redirect(Policy::none()).timeout(timeout).no_proxy();
    let client = client.tls_certs_merge(trusted.iter().cloned()).build();
    client.map_err(|error| innermost(&error))
}

/// Sees one delivery through.
struct Courier {
    shared: Arc<Shared>,
    client: Result<Client, String>,
    slots: Arc<Semaphore>,
}

/// One attempt, before it is made.
struct Attempt<'a> {
    outbox: &'a Outbox,
    job: &'a Job,
    webhook: &'a Record,
    url: &'a Url,
    number: u32,
    effect: Effect,
}

impl Courier {
    async fn carry_out(&self, job: Job, slot: OwnedSemaphorePermit) {
        let engine = &self.shared.engine;
        let Some(outbox) = engine.outbox() else { return };
        let mut waits = outbox.settings.waits.iter();
        let mut slot = Some(slot);
        for number in 1.. {
            let effect = outbox.next_fault().map_or(Effect::None, |fault| fault.0);
            if let Effect::Late(duration) = effect {
                slot = None;
                tokio::time::sleep(duration).await;
            }
            let taken = match slot.take() {
                Some(slot) => Ok(slot),
                None => Arc::clone(&self.slots).acquire_owned().await,
            };
            let (Ok(taken), Some((webhook, url))) = (taken, engine.awaits(outbox, &job)) else { return };
            let attempt = Attempt { outbox, job: &job, webhook: &webhook, url: &url, number, effect };
            if self.attempt(attempt).await {
                outbox.forget_failures(&job.webhook);
                return;
            }
            drop(taken);
            let Some(wait) = waits.next() else { return };
            tokio::time::sleep(*wait).await;
        }
    }

    /// Whether it was successful.
    async fn attempt(&self, attempt: Attempt<'_>) -> bool {
        let Attempt { outbox, job, webhook, url, number, effect } = attempt;
        let engine = &self.shared.engine;
        let id = if number == 1 { job.id.clone() } else { uuid().unwrap_or_default() };
        let headers = headers(job, &id, number);
        let body = engine.delivery_body(webhook, &job.message).map_err(|error| error.to_string());
        let mut last = None;
        for _ in 0..if effect == Effect::Twice { 2 } else { 1 } {
            let at = Instant::now();
            let outcome = match &body {
                Ok(body) => {
                    let outcome = self.send(url, &headers, body.clone()).await;
                    match effect {
                        Effect::AnswerLost => Err("the connection was lost before the answer".to_owned()),
                        _ => outcome,
                    }
                }
                Err(why) => Err(why.clone()),
            };
            let text = |(name, value): &(HeaderName, String)| (name.to_string(), value.clone());
            let done = DeliveryAttempt {
                webhook_id: webhook.number,
                event: job.event.clone(),
                id: id.clone(),
                origin: job.origin().to_owned(),
                attempt: number,
                uri: public_part(url),
                headers: headers.iter().map(text).collect(),
                body: body.clone().unwrap_or_default(),
                message: serde_json::from_str(job.message.get()).unwrap_or_default(),
                recorded: recorded(job, &id, number, webhook),
                outcome,
                at,
                took: at.elapsed(),
            };
            last = done.error();
            if let Some(error) = &last
                && outbox.has_failed(&job.webhook)
            {
                engine.disable_webhook(&job.webhook, error);
            }
            outbox.record(done);
        }
        last.is_none()
    }

    async fn send(&self, url: &Url, headers: &[(HeaderName, String)], body: Vec<u8>) -> Result<u16, String> {
        // User name and password of the address become the header `Authorization`.
        let mut request = self.client.as_ref().map_err(String::clone)?.post(url.clone()).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) if error.is_timeout() => Err("no answer in time".to_owned()),
            Err(error) => Err(innermost(&error.without_url())),
        }
    }
}

fn headers(job: &Job, id: &str, number: u32) -> Vec<(HeaderName, String)> {
    let mut headers = vec![
        (CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
        (USER_AGENT, "xurrent/1.0 (https://developer.xurrent.com/v1/webhooks)".to_owned()),
        (DELIVERY, id.to_owned()),
    ];
    let link = |Link { uri, relation }: &Link| format!(r#"<{uri}>; rel="{relation}""#);
    let links: Vec<String> = job.links.iter().map(link).collect();
    if !links.is_empty() {
        headers.push((LINK, links.join(", ")));
    }
    if is_repeated(job, number) {
        headers.push((DELIVERY_ORIGIN, job.origin().to_owned()));
    }
    headers
}

fn is_repeated(job: &Job, number: u32) -> bool {
    number > 1 || job.origin.is_some()
}

/// How an attempt stands in a file. A handshake is not for others to see.
fn recorded(job: &Job, id: &str, number: u32, webhook: &Record) -> Option<Recorded> {
    (job.code.is_none() && job.event != VERIFY).then(|| Recorded {
        id: Some(id.to_owned()),
        origin: is_repeated(job, number).then(|| job.origin().to_owned()),
        links: job.links.clone(),
        signed: webhook.fields.get("webhookPolicy").is_some_and(|policy| !policy.is_null()),
        token: None,
        message: job.message.clone(),
    })
}

/// What was wrong in the first place: `Connection refused`.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

impl Engine {
    /// The webhook that a delivery is for and where it leads, if it is to have it still.
    fn awaits(&self, outbox: &Outbox, job: &Job) -> Option<(Record, Url)> {
        let store = self.snapshot();
        let webhook = store.get(&job.webhook).filter(|webhook| job.is_test || !is_disabled(webhook))?;
        let awaits = match &job.code {
            Some(code) => !is_verified(webhook) && outbox.codes.is_current(&job.webhook, code),
            None => is_verified(webhook),
        };
        let url = outbox.address_rule().check(uri(webhook)).ok()?;
        awaits.then(|| (webhook.clone(), url))
    }

    /// The body of a delivery, signed now as the policy of the webhook says.
    fn delivery_body(&self, webhook: &Record, message: &RawValue) -> Result<Vec<u8>, CannotSign> {
        let store = self.snapshot();
        let policy = webhook.fields.get("webhookPolicy").and_then(|key| store.get(key.as_str()?));
        let Some(policy) = policy else {
            return Ok(message.get().as_bytes().to_vec());
        };
        let discovery = webhook.fields.get("openidConnectDiscovery") == Some(&true.into());
        self.policies().body(policy, discovery, message, SystemTime::now())
    }

    fn disable_webhook(&self, webhook: &str, error: &str) {
        self.change_store(|store| {
            let now = store.tick();
            if let Some(fields) = store.fields_mut(webhook) {
                for (name, value) in
                    [("disabled", true.into()), ("updatedAt", now.into()), (LAST_ERROR, error.into())]
                {
                    fields.insert(name.to_owned(), value);
                }
            }
        });
    }
}
