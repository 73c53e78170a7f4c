//! Verification and tests of webhooks.

use super::event::{VERIFY, known, object};
use super::message::Message;
use super::outbox::Outbox;
use super::record::{WEBHOOK, is_verified, mark_verified};
use super::record_event::RecordEvent;
use crate::engine::Engine;
use crate::store::{Record, Store};

/// An error of a webhook test or replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookTestError {
    /// There is no such webhook.
    #[error("Not found")]
    Unknown,
    /// The webhook is disabled and receives tests only.
    #[error("The webhook is disabled")]
    Disabled,
    /// The address of the webhook has not been verified.
    #[error("The webhook has not been verified")]
    NotVerified,
}

impl Engine {
    /// Verifies a webhook by the callback of its handshake. Returns whether the code is valid, or `None`
    /// if there is no such webhook.
    pub(crate) fn verify_by_callback(&self, number: &str, query: &str) -> Option<bool> {
        let key = format!("{WEBHOOK}/{}", number.parse::<u64>().ok()?);
        let outbox = self.outbox()?;
        // Checked and marked under one lock, so that the URI cannot change in between.
        self.change_store(|store| {
            let is_valid = outbox.codes.accepts(store.get(&key)?, query);
            if is_valid {
                mark_verified(store.fields_mut(&key)?);
            }
            Some(is_valid)
        })
    }

    /// A verified webhook, enabled or not.
    pub(super) fn verified_webhook<'a>(
        &'a self,
        store: &'a Store,
        key: &str,
    ) -> Result<(&'a Record, &'a Outbox), WebhookTestError> {
        let webhook = store.get(key).filter(|record| record.type_name == WEBHOOK);
        let (webhook, outbox) = webhook.zip(self.outbox()).ok_or(WebhookTestError::Unknown)?;
        if !is_verified(webhook) {
            return Err(WebhookTestError::NotVerified);
        }
        Ok((webhook, outbox))
    }

    /// Delivers the event of a webhook, enabled or not, for the newest record of its type, although
    /// nothing has changed. The number of the record is 12345.
    pub(super) fn test_webhook(&self, key: &str) -> Result<(), WebhookTestError> {
        let store = self.snapshot();
        let (webhook, outbox) = self.verified_webhook(&store, key)?;
        let event = webhook.text("event").and_then(known);
        // A handshake needs a webhook that is not verified.
        let event = event.filter(|event| *event != VERIFY).ok_or(WebhookTestError::Unknown)?;
        let object_name = event.split('.').next().unwrap_or_default();
        let model = self.model();
        let type_name = model.record_types().find(|type_name| object(type_name) == object_name);
        // Without such a record, the test uses the webhook itself.
        let record = type_name.and_then(|type_name| store.records(type_name).last()).unwrap_or(webhook);
        let is_status = event.ends_with(".status-changed");
        let previous_status = record.fields.get("status").filter(|_| is_status);
        let last_note = || store.get(record.list("notes").last()?.as_str()?);
        let note = event.ends_with(".note-added").then(last_note).flatten();
        let record_event = RecordEvent { event, record, store: &store, note, previous_status, audit: None };
        outbox.enqueue(webhook, &store, &Message::of(&record_event, None).into_test(), None);
        Ok(())
    }
}
