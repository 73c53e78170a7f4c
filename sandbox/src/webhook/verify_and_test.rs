//! What is asked of a webhook itself: to prove its address, and to be tried out.

use std::path::Path;

use super::WEBHOOK;
use super::event::{EVENTS, VERIFY, object};
use super::handshake::{is_verified, mark_verified};
use super::message::Message;
use super::outbox::{Outbox, is_disabled};
use super::record_event::Happened;
use super::recording;
use crate::engine::Engine;
use crate::error::SandboxError;
use crate::store::{Record, Store};

/// Why a webhook cannot be tested, or nothing be replayed to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTested {
    /// There is no such webhook.
    #[error("Not found")]
    Unknown,
    /// It is disabled, and gets nothing but tests.
    #[error("The webhook is disabled")]
    Disabled,
    /// Nobody has proved whose its address is.
    #[error("The webhook has not been verified")]
    NotVerified,
}

/// The number of the webhook in the path of a callback: `/webhooks/219/verify`.
pub(crate) fn callback_number(path: &str) -> Option<&str> {
    path.strip_prefix("/webhooks/")?.strip_suffix("/verify")
}

impl Engine {
    /// Takes the callback of a handshake: whether its code was the right one, and nothing when there is
    /// no such webhook.
    pub(crate) fn take_callback(&self, number: &str, query: &str) -> Option<bool> {
        let key = format!("{WEBHOOK}/{}", number.parse::<u64>().ok()?);
        let outbox = self.outbox()?;
        // Looked at and marked in one go, so that no change of the URI comes in between.
        self.change_store(|store| {
            let is_proved = outbox.codes.prove(store.get(&key)?, query);
            if is_proved {
                mark_verified(store.fields_mut(&key)?);
            }
            Some(is_proved)
        })
    }

    /// Takes a webhook for verified. Whether there is one with this key.
    pub(crate) fn verify_webhook(&self, key: &str) -> bool {
        self.change_store(|store| {
            let is_webhook = store.get(key).is_some_and(|record| record.type_name == WEBHOOK);
            let fields = is_webhook.then(|| store.fields_mut(key)).flatten();
            fields.map(mark_verified).is_some()
        })
    }

    /// Delivers what is in a file to a webhook and tells how much that is.
    pub(crate) fn replay_deliveries(&self, path: &Path, key: &str) -> Result<usize, SandboxError> {
        let recorded = recording::read(path)?;
        let refused = |reason: NotTested| SandboxError::Recording {
            path: path.to_owned(),
            reason: format!("it cannot be delivered to this webhook: {reason}"),
        };
        let store = self.snapshot();
        let (webhook, outbox) = self.ready_webhook(&store, key).map_err(refused)?;
        if is_disabled(webhook) {
            return Err(refused(NotTested::Disabled));
        }
        let count = recorded.len();
        for (event, recorded) in recorded {
            outbox.queue_recorded(webhook, event, recorded);
        }
        Ok(count)
    }

    /// A webhook that things can be delivered to, and be it disabled.
    fn ready_webhook<'a>(
        &'a self,
        store: &'a Store,
        key: &str,
    ) -> Result<(&'a Record, &'a Outbox), NotTested> {
        let webhook = store.get(key).filter(|record| record.type_name == WEBHOOK);
        let (webhook, outbox) = webhook.zip(self.outbox()).ok_or(NotTested::Unknown)?;
        if !is_verified(webhook) {
            return Err(NotTested::NotVerified);
        }
        Ok((webhook, outbox))
    }

    /// Delivers the event of a webhook, disabled or not, with what it would say of the newest record that
    /// it could happen to, though nothing has changed. It is about a record with the number 12345.
    pub(crate) fn test_webhook(&self, key: &str) -> Result<(), NotTested> {
        let store = self.snapshot();
        let (webhook, outbox) = self.ready_webhook(&store, key)?;
        let chosen = webhook.fields.get("event").and_then(|event| event.as_str());
        // A handshake is about a webhook that has not been verified.
        let chosen = chosen.filter(|event| *event != VERIFY);
        let event = EVENTS.into_iter().find(|event| Some(*event) == chosen).ok_or(NotTested::Unknown)?;
        let named = event.split('.').next().unwrap_or_default();
        let model = self.model();
        let type_name = model.record_types().find(|type_name| object(type_name) == named);
        // Without any such record, it is about the webhook.
        let record = type_name.and_then(|type_name| store.records(type_name).last()).unwrap_or(webhook);
        let is_status = event.ends_with(".status-changed");
        let previous_status = record.fields.get("status").filter(|_| is_status);
        let last_note =
            || -> Option<&Record> { store.get(record.fields.get("notes")?.as_array()?.last()?.as_str()?) };
        let note = event.ends_with(".note-added").then(last_note).flatten();
        let happened = Happened { event, record, store: &store, note, previous_status, audit: None };
        outbox.queue(webhook, &store, &Message::of(&happened, None).into_test(), None);
        Ok(())
    }
}
