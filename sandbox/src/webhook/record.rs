//! The webhook records, and the fields of them that only the sandbox has.

use crate::store::{Fields, Record, Store};

pub(crate) const WEBHOOK: &str = "Webhook";

/// A field that no schema has: why the sandbox disabled a webhook. Enabled webhooks do not have it.
pub(crate) const LAST_ERROR: &str = "lastError";

/// A field that no schema has: the URI that the webhook was verified for.
const VERIFIED_URI: &str = "verifiedUri";

pub(super) fn uri(webhook: &Record) -> &str {
    webhook.text("uri").unwrap_or_default()
}

pub(super) fn is_disabled(webhook: &Record) -> bool {
    webhook.is_true("disabled")
}

/// Whether the webhook is verified for its current URI.
pub(super) fn is_verified(webhook: &Record) -> bool {
    webhook.text(VERIFIED_URI) == Some(uri(webhook))
}

pub(super) fn mark_verified(fields: &mut Fields) {
    let uri = fields.get("uri").cloned().unwrap_or_default();
    fields.insert(VERIFIED_URI.to_owned(), uri);
}

/// Updates the verification after a change of a webhook. It is shared by all webhooks with the same URI.
pub(super) fn update_verification(store: &mut Store, key: &str) {
    let Some(webhook) = store.get(key).filter(|webhook| !is_verified(webhook)) else {
        return;
    };
    let same = |other: &Record| other.key != key && is_verified(other) && uri(other) == uri(webhook);
    let is_known = store.records(WEBHOOK).any(same);
    if let Some(fields) = store.fields_mut(key) {
        match is_known {
            true => mark_verified(fields),
            false => drop(fields.remove(VERIFIED_URI)),
        }
    }
}
