//! Control over webhooks and policies that tests have and API clients lack.

use serde_json::Value;
use serde_json::value::to_raw_value;
use std::path::Path;

use super::attempt::DeliveryAttempt;
use super::fault::DeliveryFault;
use super::policy::{POLICY, PublicKey};
use super::record::{WEBHOOK, is_disabled, mark_verified};
use super::recording;
use super::verify_and_test::WebhookTestError;
use crate::error::SandboxError;
use crate::node_id;
use crate::sandbox::Sandbox;
use crate::store::{Record, type_of};

impl Sandbox {
    /// The delivery attempts so far, in the order of their outcomes.
    #[must_use]
    pub fn deliveries(&self) -> Vec<DeliveryAttempt> {
        self.engine().outbox().map(|outbox| outbox.attempts.lock().clone()).unwrap_or_default()
    }

    /// Waits until no delivery is pending: all have succeeded or were dropped. That can take as long as
    /// all [retries](crate::Webhooks::retry_after).
    pub async fn deliveries_settled(&self) {
        if let Some(outbox) = self.engine().outbox() {
            // The sender is in the outbox, so the channel stays open.
            let _ = outbox.pending.subscribe().wait_for(|pending| *pending == 0).await;
        }
    }

    /// Queues faults for the next delivery attempts: each applies to one attempt, in this order and after
    /// the faults queued before.
    pub fn delivery_faults(&self, faults: impl IntoIterator<Item = DeliveryFault>) {
        if let Some(outbox) = self.engine().outbox() {
            outbox.faults.lock().extend(faults);
        }
    }

    /// Delivers the recorded deliveries of a file to a webhook, named by its node id, and returns their
    /// number. They are queued in the order of the file, with their recorded ids and messages. They are
    /// signed again by the policy of the webhook, because old tokens have expired. Handshakes are left
    /// out.
    ///
    /// A line of the file is the output of [`DeliveryAttempt::to_line`], or what `serde_json` writes for
    /// a `Delivery` of the SDK: see the guide `docs/webhook_testing.md`.
    ///
    /// # Errors
    /// If the file cannot be read, a line is not a delivery, or the webhook does not exist, is disabled
    /// or not verified. Then nothing is delivered.
    pub fn replay_deliveries(
        &self,
        recording: impl AsRef<Path>,
        webhook: &str,
    ) -> Result<usize, SandboxError> {
        let path = recording.as_ref();
        let recorded = recording::read(path)?;
        let refused = |reason: WebhookTestError| SandboxError::Recording {
            path: path.to_owned(),
            reason: format!("cannot deliver to this webhook: {reason}"),
        };
        let store = self.engine().snapshot();
        let key = node_id::decode(webhook).unwrap_or_default();
        let (webhook, outbox) = self.engine().verified_webhook(&store, &key).map_err(refused)?;
        if is_disabled(webhook) {
            return Err(refused(WebhookTestError::Disabled));
        }
        let count = recorded.len();
        for (event, recorded) in recorded {
            outbox.enqueue_content(webhook, event, recorded, None, false);
        }
        Ok(count)
    }

    /// Marks a webhook as verified, for receivers that do not handle `webhook.verify`. `id` is its node
    /// id. Returns whether there is such a webhook.
    pub fn verify_webhook(&self, id: &str) -> bool {
        let key = node_id::decode(id).filter(|key| type_of(key) == WEBHOOK).unwrap_or_default();
        self.engine().change_store(|store| store.fields_mut(&key).map(mark_verified)).is_some()
    }

    /// Delivers the event of a webhook for the newest record of its type, although nothing has changed;
    /// `object_id` is 12345. `id` is the node id of the webhook, which may be disabled.
    ///
    /// # Errors
    /// If there is no such webhook, or it is not verified.
    pub fn test_webhook(&self, id: &str) -> Result<(), WebhookTestError> {
        let key = node_id::decode(id).ok_or(WebhookTestError::Unknown)?;
        self.engine().test_webhook(&key)
    }

    /// The URL of the account, `https://127.0.0.1:4011`: the `account` in webhook deliveries and the base
    /// of the issuers of webhook policies. It serves all other endpoints as well. Its certificate is
    /// issued by [`root_certificate`](Self::root_certificate).
    #[must_use]
    pub fn account_url(&self) -> &str {
        &self.engine().policies().account_url
    }

    /// The certificate authority to trust for [`account_url`](Self::account_url), as PEM. It is generated
    /// once per process, when the first sandbox starts.
    #[must_use]
    pub fn root_certificate(&self) -> &str {
        self.root_certificate
    }

    /// Replaces the signing key of a webhook policy, named by its node id. The old key stays in the key
    /// set until [`retire_keys`](Self::retire_keys); a receiver configured with the old PEM needs the new
    /// one. `None` if there is no such policy or its algorithm has no public key.
    pub fn rotate_key(&self, policy_id: &str) -> Option<PublicKey> {
        self.with_policy(policy_id, |policy| self.engine().policies().rotate(policy)).flatten()
    }

    /// Removes all keys of a webhook policy but the newest from the key set, and returns their number.
    pub fn retire_keys(&self, policy_id: &str) -> usize {
        self.with_policy(policy_id, |policy| self.engine().policies().retire(policy)).unwrap_or_default()
    }

    /// Signs `data` with a webhook policy and returns the body that a webhook would receive. `discovery`
    /// stands for the webhook's setting of OpenID Connect discovery. Nothing is sent. `None` if there is
    /// no such policy.
    ///
    /// ```no_run
    /// # fn example(sandbox: &xurrent_sandbox::Sandbox, policy_id: &str) {
    /// let data = serde_json::json!({ "webhook_id": 1, "event": "request.create", "object_id": 70 });
    /// let body = sandbox.sign_delivery(policy_id, true, &data); // {"jwt":".."}
    /// # }
    /// ```
    #[must_use]
    pub fn sign_delivery(&self, policy_id: &str, discovery: bool, data: &Value) -> Option<Vec<u8>> {
        let data = to_raw_value(data).ok()?;
        self.with_policy(policy_id, |policy| self.engine().policies().body(policy, discovery, &data).ok())
            .flatten()
    }

    fn with_policy<T>(&self, id: &str, act: impl FnOnce(&Record) -> T) -> Option<T> {
        let key = node_id::decode(id).filter(|key| type_of(key) == POLICY)?;
        self.engine().snapshot().get(&key).map(act)
    }
}
