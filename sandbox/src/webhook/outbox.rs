//! The queue of deliveries, and the attempts made.

use parking_lot::Mutex;
use serde_json::value::RawValue;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use super::address::AddressRule;
use super::attempt::DeliveryAttempt;
use super::fault::DeliveryFault;
use super::handshake::VerificationCodes;
use super::message::{AccountUrls, Link, Message};
use super::record::{WEBHOOK, is_disabled, is_verified, uri};
use super::record_event::AppliedMutation;
use super::recording::RecordedDelivery;
use super::settings::Webhooks;
use crate::model::Model;
use crate::store::{Record, Store, type_of};

/// The deliveries of a sandbox. An engine without a socket has none.
#[derive(Debug)]
pub(crate) struct Outbox {
    pub(crate) settings: Webhooks,
    pub(super) urls: AccountUrls,
    pub(super) codes: VerificationCodes,
    /// Whether a webhook has been created. Until then, mutations are not examined.
    is_used: AtomicBool,
    audit_lines: AtomicU64,
    queue: mpsc::UnboundedSender<QueuedDelivery>,
    receiver: Mutex<Option<mpsc::UnboundedReceiver<QueuedDelivery>>>,
    /// The number of deliveries that have neither succeeded nor been dropped.
    pub(super) pending: watch::Sender<usize>,
    pub(super) attempts: Mutex<Vec<DeliveryAttempt>>,
    /// The failures of each webhook since its last success, and the time of the first.
    failures: Mutex<HashMap<String, (u32, Instant)>>,
    pub(super) faults: Mutex<VecDeque<DeliveryFault>>,
}

/// A delivery to one webhook.
#[derive(Debug)]
pub(super) struct QueuedDelivery {
    pub(super) webhook: String,
    pub(super) event: String,
    pub(super) message: Box<RawValue>,
    pub(super) links: Vec<Link>,
    /// The id of the first attempt.
    pub(super) id: String,
    /// The id of the first attempt of the recorded delivery, if this is a replay.
    pub(super) origin: Option<String>,
    pub(super) code: Option<String>,
    /// Whether this is a test, which disabled webhooks also receive.
    pub(super) is_test: bool,
    _pending: Pending,
}

/// Counts as pending until it is dropped.
#[derive(Debug)]
struct Pending(watch::Sender<usize>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.send_modify(|pending| *pending -= 1);
    }
}

impl QueuedDelivery {
    pub(super) fn origin(&self) -> &str {
        self.origin.as_ref().unwrap_or(&self.id)
    }
}

impl Outbox {
    pub(crate) fn new(settings: Webhooks, urls: AccountUrls) -> Self {
        let (queue, receiver) = mpsc::unbounded_channel();
        Self {
            codes: VerificationCodes::default(),
            settings,
            urls,
            is_used: AtomicBool::new(false),
            audit_lines: AtomicU64::new(0),
            queue,
            receiver: Mutex::new(Some(receiver)),
            pending: watch::Sender::new(0),
            attempts: Mutex::default(),
            failures: Mutex::default(),
            faults: Mutex::default(),
        }
    }

    /// Whether a mutation of this record can cause deliveries.
    pub(crate) fn is_relevant(&self, subject: &str) -> bool {
        type_of(subject) == WEBHOOK || self.is_used.load(Ordering::Relaxed)
    }

    pub(crate) fn announce(&self, model: &Model, applied: &[AppliedMutation]) {
        for applied in applied {
            if type_of(&applied.subject) == WEBHOOK {
                self.start_handshake(applied);
            }
            self.announce_events(model, applied);
        }
    }

    /// Starts the handshake of a webhook that was created or changed.
    fn start_handshake(&self, applied: &AppliedMutation) {
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
        // Without random numbers there is no secret code.
        let Ok((code, expires_at)) = self.codes.issue(webhook, self.settings.code_lifetime) else {
            return;
        };
        let (account_url, number) = (&self.urls.account_url, webhook.number);
        let callback = format!("{account_url}/webhooks/{number}/verify?code={code}&expires_at={expires_at}");
        let message = Message::verify(key, callback);
        self.enqueue(webhook, &applied.after, &message, Some(code));
    }

    fn announce_events(&self, model: &Model, applied: &AppliedMutation) {
        let store = &applied.after;
        let mut listeners: HashMap<&str, Vec<&Record>> = HashMap::new();
        let receives = |webhook: &&Record| is_verified(webhook) && !is_disabled(webhook);
        for webhook in store.records(WEBHOOK).filter(receives) {
            listeners.entry(webhook.text("event").unwrap_or_default()).or_default().push(webhook);
        }
        if listeners.is_empty() {
            return;
        }
        let mut audit_lines = HashMap::new();
        for record_event in applied.events(model) {
            let audit_line = record_event.audit.map(|index| {
                let next = || self.audit_lines.fetch_add(1, Ordering::Relaxed) + 1;
                *audit_lines.entry(index).or_insert_with(next)
            });
            if let Some(listeners) = listeners.get(record_event.event) {
                let message = Message::of(&record_event, audit_line);
                for webhook in listeners {
                    self.enqueue(webhook, store, &message, None);
                }
            }
        }
    }

    pub(super) fn enqueue(&self, webhook: &Record, store: &Store, message: &Message, code: Option<String>) {
        let (links, text) = (message.links(&self.urls), message.to(webhook, store, &self.urls));
        let content =
            RecordedDelivery { id: None, origin: None, links, signed: false, token: None, message: text };
        self.enqueue_content(webhook, message.event.to_owned(), content, code, message.is_test);
    }

    pub(super) fn enqueue_content(
        &self,
        webhook: &Record,
        event: String,
        content: RecordedDelivery,
        code: Option<String>,
        is_test: bool,
    ) {
        self.pending.send_modify(|pending| *pending += 1);
        // The receiver is dropped when the sandbox stops; then nothing more is delivered.
        let _ = self.queue.send(QueuedDelivery {
            webhook: webhook.key.clone(),
            event,
            id: content.id.unwrap_or_else(|| Uuid::new_v4().to_string()),
            origin: content.origin,
            links: content.links,
            message: content.message,
            code,
            is_test,
            _pending: Pending(self.pending.clone()),
        });
    }

    /// The receiving end of the queue, at the first call.
    pub(super) fn take_receiver(&self) -> Option<mpsc::UnboundedReceiver<QueuedDelivery>> {
        self.receiver.lock().take()
    }

    pub(super) fn add_attempt(&self, attempt: DeliveryAttempt) {
        if let Some(observer) = &self.settings.observer {
            observer.0(&attempt);
        }
        self.attempts.lock().push(attempt);
    }

    /// Counts a failure of a webhook. Returns whether the webhook is to be disabled.
    pub(super) fn count_failure(&self, webhook: &str) -> bool {
        let mut failures = self.failures.lock();
        let (count, since) = failures.entry(webhook.to_owned()).or_insert((0, Instant::now()));
        *count += 1;
        *count >= self.settings.most_failures && since.elapsed() >= self.settings.failing_for
    }

    pub(super) fn forget_failures(&self, webhook: &str) {
        self.failures.lock().remove(webhook);
    }

    pub(crate) fn address_rule(&self) -> AddressRule {
        if self.settings.any_address { AddressRule::Any } else { AddressRule::Loopback }
    }
}
