//! What a webhook must be before anything is delivered to it.

use serde_json::{Map, Value, json};

use super::{Algorithm, LAST_ERROR, carry_over};
use crate::mutation::change::Change;

impl Change<'_> {
    /// Checks what an input says about a webhook, after it was written.
    pub(crate) fn register_webhook(&mut self, key: &str, input: &Map<String, Value>) {
        if let Some(uri) = input.get("uri") {
            let checked = self.addresses.check(uri.as_str().unwrap_or_default());
            if let Err(why) = checked {
                self.refuse(&["uri"], format!("URI {why}"));
            }
        }
        if ["openidConnectDiscovery", "webhookPolicyId"].iter().any(|name| input.contains_key(*name)) {
            self.check_discovery(key);
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
        carry_over(self.store, key);
    }

    /// Keys are only published for algorithms that have a public one.
    fn check_discovery(&mut self, key: &str) {
        let field = |name: &str| self.store.get(key)?.fields.get(name).cloned();
        if field("openidConnectDiscovery") != Some(Value::Bool(true)) {
            return;
        }
        let policy = self.text(key, "webhookPolicy");
        let algorithm = policy.and_then(|policy| Algorithm::from_name(&self.text(&policy, "jwtAlg")?));
        if !algorithm.is_some_and(Algorithm::is_asymmetric) {
            let why = "OpenID Connect discovery needs a webhook policy with an asymmetric algorithm";
            self.refuse(&["openidConnectDiscovery"], why);
        }
    }

    fn text(&self, key: &str, name: &str) -> Option<String> {
        let value = self.store.get(key)?.fields.get(name)?;
        value.as_str().map(str::to_owned)
    }
}
