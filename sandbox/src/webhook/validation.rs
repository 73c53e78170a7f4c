//! Validation of webhooks in mutations.

use serde_json::{Map, Value, json};

use super::record::{LAST_ERROR, update_verification};
use super::token::Algorithm;
use crate::mutation::change::Change;

impl Change<'_> {
    /// Validates the input of a webhook after it was written.
    pub(crate) fn validate_webhook(&mut self, key: &str, input: &Map<String, Value>) {
        if let Some(uri) = input.get("uri")
            && let Err(error) = self.addresses.check(uri.as_str().unwrap_or_default())
        {
            self.refuse(&["uri"], format!("URI {error}"));
        }
        if ["openidConnectDiscovery", "webhookPolicyId"].iter().any(|name| input.contains_key(*name)) {
            self.validate_discovery(key);
        }
        if self.text(key, "name").is_none()
            && let Some(number) = self.store.get(key).map(|record| record.number)
        {
            let event = self.text(key, "event").unwrap_or_default();
            self.set(key, "name", json!(format!("{event} of webhook {number}")));
        }
        if input.get("disabled") == Some(&Value::Bool(false))
            && let Some(fields) = self.store.fields_mut(key)
        {
            fields.remove(LAST_ERROR);
        }
        update_verification(self.store, key);
    }

    /// Discovery requires a policy whose algorithm has a public key.
    fn validate_discovery(&mut self, key: &str) {
        if !self.store.get(key).is_some_and(|webhook| webhook.is_true("openidConnectDiscovery")) {
            return;
        }
        let policy = self.text(key, "webhookPolicy");
        let algorithm = policy.and_then(|policy| Algorithm::from_name(&self.text(&policy, "jwtAlg")?));
        if !algorithm.is_some_and(Algorithm::is_asymmetric) {
            let message = "OpenID Connect discovery needs a webhook policy with an asymmetric algorithm";
            self.refuse(&["openidConnectDiscovery"], message);
        }
    }

    fn text(&self, key: &str, name: &str) -> Option<String> {
        self.store.get(key)?.text(name).map(str::to_owned)
    }
}
