//! The proof that the address of a webhook is its owner's.
//!
//! A webhook is verified as long as the URI for which that was proved is its URI.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::WEBHOOK;
use super::outbox::uri;
use super::token::NoRandomness;
use crate::form;
use crate::store::{Fields, Record, Store};

/// A field no schema has: the URI of a webhook for which ownership was proved.
pub(crate) const VERIFIED_URI: &str = "verifiedUri";

/// The codes that were sent, by the keys of the webhooks. Each webhook has one, the last.
#[derive(Debug)]
pub(super) struct Codes {
    lifetime: Duration,
    sent: Mutex<HashMap<String, Sent>>,
}

#[derive(Debug)]
struct Sent {
    code: Code,
    /// The URI that the code was sent to.
    uri: String,
}

/// What proves the ownership.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) text: String,
    /// Seconds since 1970.
    pub(super) expires_at: u64,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Codes {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self { lifetime, sent: Mutex::default() }
    }

    /// A fresh code. The one before is no longer good.
    pub(super) fn issue(&self, webhook: &Record) -> Result<Code, NoRandomness> {
        let mut random = [0; 18];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| NoRandomness)?;
        let text = URL_SAFE_NO_PAD.encode(random);
        let code = Code { text, expires_at: now() + self.lifetime.as_secs() };
        let sent = Sent { code: code.clone(), uri: uri(webhook).to_owned() };
        self.sent().insert(webhook.key.clone(), sent);
        Ok(code)
    }

    pub(super) fn forget(&self, webhook: &str) {
        self.sent().remove(webhook);
    }

    /// Whether this is the code that was sent to the webhook last.
    pub(super) fn is_current(&self, webhook: &str, code: &str) -> bool {
        self.sent().get(webhook).is_some_and(|sent| sent.code.text == code)
    }

    /// Whether the query of a callback proves that its sender got what was sent to this webhook. A
    /// code can be used again until it expires: an answer can get lost.
    pub(super) fn prove(&self, webhook: &Record, query: &str) -> bool {
        let fields = form::parse(query.as_bytes()).unwrap_or_default();
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let expires_at = field("expires_at").and_then(|text| text.parse().ok());
        let Some((text, expires_at)) = field("code").cloned().zip(expires_at) else {
            return false;
        };
        let code = Code { text, expires_at };
        self.sent()
            .get(&webhook.key)
            .is_some_and(|sent| sent.code == code && sent.uri == uri(webhook) && now() < sent.code.expires_at)
    }

    fn sent(&self) -> MutexGuard<'_, HashMap<String, Sent>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether events are delivered to a webhook.
pub(crate) fn is_verified(webhook: &Record) -> bool {
    let proved = webhook.fields.get(VERIFIED_URI).and_then(Value::as_str);
    proved.is_some_and(|proved| proved == uri(webhook))
}

/// Notes that the URI of a webhook belongs to its owner.
pub(super) fn mark_verified(fields: &mut Fields) {
    let uri = fields.get("uri").cloned().unwrap_or_default();
    fields.insert(VERIFIED_URI.to_owned(), uri);
}

/// Keeps in step with a change of a webhook what was proved about its URI. What was proved for another
/// webhook with the same URI is good for this one.
pub(crate) fn carry_over(store: &mut Store, key: &str) {
    let Some(webhook) = store.get(key).filter(|webhook| !is_verified(webhook)) else {
        return;
    };
    let same = |other: &Record| other.key != key && is_verified(other) && uri(other) == uri(webhook);
    let is_proved = store.records(WEBHOOK).any(same);
    if let Some(fields) = store.fields_mut(key) {
        match is_proved {
            true => mark_verified(fields),
            false => drop(fields.remove(VERIFIED_URI)),
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
