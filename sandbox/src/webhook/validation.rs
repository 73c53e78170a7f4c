//! Validation of webhooks and their policies in mutations.

use apollo_compiler::resolvers::FieldError;
use serde_json::{Map, Value, json};

use super::policy::{Policies, policy_name};
use super::record::{LAST_ERROR, WEBHOOK, update_verification};
use super::token::Algorithm;
use crate::mutation::change::Change;
use crate::mutation::payload::Outcome;
use crate::store::Record;

const MAX_AUDIENCE: usize = 2_048;

impl Change<'_> {
    /// Validates the input of a webhook after it was written.
    pub(crate) fn validate_webhook(&mut self, key: &str, input: &Map<String, Value>) {
        if let Some(uri) = input.get("uri")
            && let Err(error) = self.addresses.check(uri.as_str().unwrap_or_default())
        {
            self.refuse(&["uri"], format!("URI {error}"));
        }
        let Some(webhook) = self.store.get(key) else { return };
        let sets_discovery =
            input.contains_key("openidConnectDiscovery") || input.contains_key("webhookPolicyId");
        if sets_discovery && webhook.is_true("openidConnectDiscovery") {
            let policy = webhook.text("webhookPolicy").and_then(|policy| self.store.get(policy));
            let algorithm = policy.and_then(|policy| Algorithm::from_name(policy.text("jwtAlg")?));
            if !algorithm.is_some_and(Algorithm::is_asymmetric) {
                let message = "OpenID Connect discovery needs a webhook policy with an asymmetric algorithm";
                self.refuse(&["openidConnectDiscovery"], message);
            }
        }
        if let Some(webhook) = self.store.get(key)
            && webhook.text("name").is_none()
        {
            let event = webhook.text("event").unwrap_or_default();
            let name = json!(format!("{event} of webhook {}", webhook.number));
            self.set(key, "name", name);
        }
        if input.get("disabled") == Some(&Value::Bool(false))
            && let Some(fields) = self.store.fields_mut(key)
        {
            fields.remove(LAST_ERROR);
        }
        update_verification(self.store, key);
    }

    /// Sets the name of a policy, which is part of a URL and contains a unique number.
    pub(crate) fn name_policy(&mut self, key: &str) {
        if let Some(number) = self.store.get(key).map(|record| record.number) {
            self.set(key, "name", json!(policy_name(number)));
        }
    }

    pub(crate) fn validate_policy(&mut self, key: &str, input: &Map<String, Value>) {
        match input.get("jwtAudience").and_then(Value::as_str) {
            Some(audience) if audience.trim().is_empty() => {
                self.refuse_blank(&["jwtAudience"], "jwtAudience")
            }
            Some(audience) if audience.len() > MAX_AUDIENCE => {
                self.refuse(&["jwtAudience"], "Jwt audience is too long (maximum is 2048 bytes)");
            }
            _ => {}
        }
        if input.get("jwtClaimExpiresIn").and_then(Value::as_i64).is_some_and(|minutes| minutes <= 0) {
            self.refuse(&["jwtClaimExpiresIn"], "Jwt claim expires in must be greater than 0");
        }
        let Some(algorithm) = input.get("jwtAlg") else {
            return;
        };
        let has_discovery = || self.webhooks_of(key).any(|webhook| webhook.is_true("openidConnectDiscovery"));
        match algorithm.as_str().map(Algorithm::from_name) {
            None => self.refuse_blank(&["jwtAlg"], "jwtAlg"),
            Some(None) => self.refuse(&["jwtAlg"], "Jwt alg is not supported by the sandbox"),
            Some(Some(algorithm)) if !algorithm.is_asymmetric() && has_discovery() => {
                let message = "Jwt alg must have a public key while a webhook uses OpenID Connect discovery";
                self.refuse(&["jwtAlg"], message);
            }
            Some(Some(_)) => {}
        }
    }

    /// Refuses to delete a policy that a webhook uses, because its deliveries would lose their signature.
    pub(crate) fn validate_policy_delete(&mut self, key: &str) {
        let user = self.webhooks_of(key).next();
        if let Some(name) = user.map(|webhook| webhook.text("name").unwrap_or_default().to_owned()) {
            self.refuse(&["id"], format!("Webhook policy is used by the webhook {name:?}"));
        }
    }

    fn webhooks_of(&self, policy: &str) -> impl Iterator<Item = &Record> {
        let webhooks = self.store.records(WEBHOOK);
        webhooks.filter(move |webhook| webhook.text("webhookPolicy") == Some(policy))
    }
}

/// Generates the key of a policy that was created or got another algorithm. Only the create payload
/// contains the public key.
pub(crate) fn make_key(policies: &Policies, outcome: &mut Outcome) -> Result<(), FieldError> {
    let policy = outcome.key.as_deref().and_then(|key| outcome.store.get(key));
    if let Some(policy) = policy {
        let key = policies.key(policy).map_err(|error| FieldError { message: error.to_string() })?;
        let mut fields = policy.fields.clone();
        fields.insert("publicKeyPem".to_owned(), json!(key.public_key_pem()));
        outcome.created_fields = fields;
    }
    Ok(())
}
