//! What is to be delivered, and what was.

use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{mpsc, watch};

use super::attempt::DeliveryAttempt;
use super::fault::DeliveryFault;
use super::handshake::{Codes, is_verified};
use super::message::{Link, Message, Places};
use super::record_event::Applied;
use super::recording::Recorded;
use super::settings::Webhooks;
use super::token::uuid;
use super::{AddressRule, WEBHOOK};
use crate::model::Model;
use crate::relation;
use crate::store::{Record, Store};

/// The deliveries of a sandbox. An engine without a socket has none.
#[derive(Debug)]
pub(crate) struct Outbox {
    pub(crate) settings: Webhooks,
    pub(super) places: Places,
    pub(super) codes: Codes,
    /// Whether somebody has made a webhook. Until then, mutations are not looked at.
    is_used: AtomicBool,
    audit_lines: AtomicU64,
    jobs: mpsc::UnboundedSender<Job>,
    taken: Mutex<Option<mpsc::UnboundedReceiver<Job>>>,
    /// How many deliveries are neither through nor dropped.
    pending: watch::Sender<usize>,
    attempts: Mutex<Vec<DeliveryAttempt>>,
    failures: Mutex<HashMap<String, Failures>>,
    faults: Mutex<Vec<DeliveryFault>>,
}

/// Something to be delivered to one webhook.
#[derive(Debug)]
pub(super) struct Job {
    /// The key of the webhook.
    pub(super) webhook: String,
    pub(super) event: String,
    pub(super) message: Box<RawValue>,
    pub(super) links: Vec<Link>,
    /// The id of the first attempt that is made here.
    pub(super) id: String,
    /// The id of the first attempt that was made elsewhere.
    pub(super) origin: Option<String>,
    /// The code in the message, when it is a handshake.
    pub(super) code: Option<String>,
    /// Whether it is a trial, which a webhook gets that is disabled as well.
    pub(super) is_test: bool,
    _pending: Pending,
}

/// Counts as pending until it is dropped.
#[derive(Debug)]
struct Pending(watch::Sender<usize>);

impl Pending {
    fn new(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|pending| *pending += 1);
        Self(count.clone())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.send_modify(|pending| *pending -= 1);
    }
}

/// The failures of a webhook since it was last successful.
#[derive(Debug)]
struct Failures {
    count: u32,
    since: Instant,
}

impl Job {
    /// The id that all attempts share.
    pub(super) fn origin(&self) -> &str {
        self.origin.as_ref().unwrap_or(&self.id)
    }
}

impl Outbox {
    pub(crate) fn new(settings: Webhooks, places: Places) -> Self {
        let (jobs, taken) = mpsc::unbounded_channel();
        Self {
            codes: Codes::new(settings.code_lifetime),
            settings,
            places,
            is_used: AtomicBool::new(false),
            audit_lines: AtomicU64::new(0),
            jobs,
            taken: Mutex::new(Some(taken)),
            pending: watch::Sender::new(0),
            attempts: Mutex::default(),
            failures: Mutex::default(),
            faults: Mutex::default(),
        }
    }

    /// Whether a mutation about this record is of interest.
    pub(crate) fn wants(&self, subject: &str) -> bool {
        relation::type_of(subject) == WEBHOOK || self.is_used.load(Ordering::Relaxed)
    }

    /// Puts in the queue what there is to tell about mutations.
    pub(crate) fn announce(&self, model: &Model, applied: &[Applied]) {
        for applied in applied {
            if relation::type_of(&applied.subject) == WEBHOOK {
                self.register(applied);
            }
            self.announce_events(model, applied);
        }
    }

    /// Sees to the handshake of a webhook that was made or changed.
    fn register(&self, applied: &Applied) {
        self.is_used.store(true, Ordering::Relaxed);
        let key = &applied.subject;
        let Some(webhook) = applied.after.get(key) else {
            self.codes.forget(key);
            self.forget_failures(key);
            return;
        };
        let was_disabled = applied.before.get(key).is_some_and(is_disabled);
        if was_disabled && !is_disabled(webhook) {
            self.forget_failures(key);
        }
        let address = self.address_rule().check(uri(webhook));
        if is_verified(webhook) || is_disabled(webhook) || address.is_err() {
            return;
        }
        // Without random numbers there is nothing that only the owner could know.
        let Ok(code) = self.codes.issue(webhook) else {
            return;
        };
        let callback = format!(
            "{}/webhooks/{}/verify?code={}&expires_at={}",
            self.places.account_url, webhook.number, code.text, code.expires_at
        );
        let message = Message::verify(key, callback);
        self.queue(webhook, &applied.after, &message, Some(code.text));
    }

    fn announce_events(&self, model: &Model, applied: &Applied) {
        let store = &applied.after;
        let mut listeners: HashMap<&str, Vec<&Record>> = HashMap::new();
        for webhook in store.records(WEBHOOK).filter(|webhook| is_verified(webhook) && !is_disabled(webhook))
        {
            let event = webhook.fields.get("event").and_then(|event| event.as_str()).unwrap_or_default();
            listeners.entry(event).or_default().push(webhook);
        }
        if listeners.is_empty() {
            return;
        }
        let mut audit_lines = HashMap::new();
        for happened in applied.events(model) {
            let audit_line = happened.audit.map(|index| {
                let next = || self.audit_lines.fetch_add(1, Ordering::Relaxed) + 1;
                *audit_lines.entry(index).or_insert_with(next)
            });
            if let Some(listeners) = listeners.get(happened.event) {
                let message = Message::of(&happened, audit_line);
                for webhook in listeners {
                    self.queue(webhook, store, &message, None);
                }
            }
        }
    }

    pub(super) fn queue(&self, webhook: &Record, store: &Store, message: &Message, code: Option<String>) {
        let job = Job {
            webhook: webhook.key.clone(),
            event: message.event.to_owned(),
            message: message.to(webhook, store, &self.places),
            links: message.links(&self.places),
            id: uuid().unwrap_or_default(),
            origin: None,
            code,
            is_test: message.is_test,
            _pending: Pending::new(&self.pending),
        };
        self.send(job);
    }

    /// Puts in the queue what was delivered once before.
    pub(super) fn queue_recorded(&self, webhook: &Record, event: String, recorded: Recorded) {
        let Recorded { id, origin, links, message, .. } = recorded;
        self.send(Job {
            webhook: webhook.key.clone(),
            event,
            message,
            links,
            id: id.unwrap_or_else(|| uuid().unwrap_or_default()),
            origin,
            code: None,
            is_test: false,
            _pending: Pending::new(&self.pending),
        });
    }

    fn send(&self, job: Job) {
        // The other end goes when the sandbox stops, and then nothing is delivered any more.
        let _ = self.jobs.send(job);
    }

    /// The other end of the queue, for who asks first.
    pub(super) fn take_jobs(&self) -> Option<mpsc::UnboundedReceiver<Job>> {
        lock(&self.taken).take()
    }

    /// Resolves when nothing is to be delivered any more.
    pub(crate) async fn settled(&self) {
        let mut pending = self.pending.subscribe();
        // The sender is ours, so this waits for nothing else.
        let _ = pending.wait_for(|pending| *pending == 0).await;
    }

    pub(crate) fn attempts(&self) -> Vec<DeliveryAttempt> {
        lock(&self.attempts).clone()
    }

    pub(super) fn record(&self, attempt: DeliveryAttempt) {
        if let Some(observer) = &self.settings.observer {
            observer(&attempt);
        }
        lock(&self.attempts).push(attempt);
    }

    /// Counts the failures of a webhook. Whether these are enough to disable it.
    pub(super) fn has_failed(&self, webhook: &str) -> bool {
        let mut failures = lock(&self.failures);
        let first = Failures { count: 0, since: Instant::now() };
        let failures = failures.entry(webhook.to_owned()).or_insert(first);
        failures.count += 1;
        failures.count >= self.settings.most_failures && failures.since.elapsed() >= self.settings.failing_for
    }

    pub(super) fn forget_failures(&self, webhook: &str) {
        lock(&self.failures).remove(webhook);
    }

    pub(crate) fn add_faults(&self, faults: impl IntoIterator<Item = DeliveryFault>) {
        lock(&self.faults).extend(faults);
    }

    /// The fault that the next attempt meets.
    pub(super) fn next_fault(&self) -> Option<DeliveryFault> {
        let mut faults = lock(&self.faults);
        (!faults.is_empty()).then(|| faults.remove(0))
    }

    pub(crate) fn address_rule(&self) -> AddressRule {
        if self.settings.any_address { AddressRule::Any } else { AddressRule::Loopback }
    }
}

pub(crate) fn is_disabled(webhook: &Record) -> bool {
    webhook.fields.get("disabled").and_then(|disabled| disabled.as_bool()) == Some(true)
}

pub(super) fn uri(webhook: &Record) -> &str {
    webhook.fields.get("uri").and_then(|uri| uri.as_str()).unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
