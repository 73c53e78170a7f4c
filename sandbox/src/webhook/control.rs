//! What a test can do with webhook policies that no client of the API can.

use serde_json::Value;
use serde_json::value::to_raw_value;
use std::time::SystemTime;

use super::{POLICY, PublicKey};
use crate::node_id;
use crate::relation;
use crate::sandbox::Sandbox;
use crate::store::Record;

impl Sandbox {
    /// The address of the account, `https://127.0.0.1:4011`: what deliveries of webhooks name as their
    /// account, and what the addresses of its webhook policies are below. Everything else is there as
    /// well. Its certificate is of [`root_certificate`](Self::root_certificate).
    #[must_use]
    pub fn account_url(&self) -> &str {
        self.engine().policies().account_url()
    }

    /// The certificate authority to trust for [`account_url`](Self::account_url), as PEM. All sandboxes
    /// of a process have the same, made when the first of them starts.
    #[must_use]
    pub fn root_certificate(&self) -> &str {
        self.root
    }

    /// Replaces the key of a webhook policy, by the id of the policy: the new key signs from now on, the
    /// old one stays in the set of keys until [`retire_keys`](Self::retire_keys). Whoever has the
    /// PEM of the old one needs the new one. `None` when there is no such policy, or when its
    /// algorithm has no public key.
    pub fn rotate_key(&self, policy_id: &str) -> Option<PublicKey> {
        self.with_policy(policy_id, |policy| self.engine().policies().rotate(policy).ok().flatten()).flatten()
    }

    /// Takes all keys of a webhook policy but the newest out of the set of keys, and tells how many those
    /// were.
    pub fn retire_keys(&self, policy_id: &str) -> usize {
        self.with_policy(policy_id, |policy| self.engine().policies().retire(policy)).unwrap_or_default()
    }

    /// A body as a webhook with this policy would get it now, with any delivery in it. `discovery` is
    /// what the webhook says about OpenID Connect discovery. Nothing is sent. `None` when there is no
    /// such policy.
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
        let sign = |policy: &Record| {
            let body = self.engine().policies().body(policy, discovery, &data, SystemTime::now());
            body.ok()
        };
        self.with_policy(policy_id, sign).flatten()
    }

    fn with_policy<T>(&self, id: &str, act: impl FnOnce(&Record) -> T) -> Option<T> {
        let key = node_id::decode(id).filter(|key| relation::type_of(key) == POLICY)?;
        self.engine().snapshot().get(&key).map(act)
    }
}
