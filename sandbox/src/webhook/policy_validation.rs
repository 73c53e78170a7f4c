//! What holds for webhook policies alone.

use apollo_compiler::resolvers::FieldError;
use serde_json::{Map, Value, json};

use super::{Algorithm, Policies, WEBHOOK, policy_name};
use crate::mutation::change::Change;
use crate::mutation::payload::Outcome;
use crate::query_root;

const LONGEST_AUDIENCE: usize = 2_048;

impl Change<'_> {
    /// Nobody chooses the name of a policy. It is part of an address, so it is a number that no other
    /// policy ever has.
    pub(crate) fn name_policy(&mut self, key: &str) {
        if let Some(number) = self.store.get(key).map(|record| record.number) {
            self.set(key, "name", json!(policy_name(number)));
        }
    }

    /// Looks at what an input says about the policy `key`.
    pub(crate) fn check_policy(&mut self, key: &str, input: &Map<String, Value>) {
        match input.get("jwtAudience").and_then(Value::as_str) {
            Some(audience) if audience.trim().is_empty() => {
                self.refuse_blank(&["jwtAudience"], "jwtAudience")
            }
            Some(audience) if audience.len() > LONGEST_AUDIENCE => {
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
        match algorithm.as_str().map(Algorithm::from_name) {
            None => self.refuse_blank(&["jwtAlg"], "jwtAlg"),
            Some(None) => self.refuse(&["jwtAlg"], "Jwt alg is not supported by the sandbox"),
            Some(Some(algorithm)) if !algorithm.is_asymmetric() && self.is_discovered(key) => {
                let message = "Jwt alg must have a public key while a webhook uses OpenID Connect discovery";
                self.refuse(&["jwtAlg"], message);
            }
            Some(Some(_)) => {}
        }
    }

    /// Complains when there are webhooks with this policy: they would go on without a signature.
    pub(crate) fn refuse_used_policy(&mut self, key: &str) {
        let user = self.webhooks_of(key).next();
        let name = user.map(|fields| fields.get("name").and_then(Value::as_str).unwrap_or_default());
        if let Some(name) = name.map(str::to_owned) {
            self.refuse(&["id"], format!("Webhook policy is used by the webhook {name:?}"));
        }
    }

    /// Whether receivers look for the keys of a policy.
    fn is_discovered(&self, key: &str) -> bool {
        self.webhooks_of(key).any(|webhook| webhook.get("openidConnectDiscovery") == Some(&json!(true)))
    }

    fn webhooks_of(&self, policy: &str) -> impl Iterator<Item = &Map<String, Value>> {
        let webhooks = self.store.records(WEBHOOK).map(|record| &record.fields);
        webhooks.filter(move |fields| fields.get("webhookPolicy") == Some(&json!(policy)))
    }
}

/// Makes the key of a policy that was created, or that has another algorithm now. Only the answer to
/// the creation shows the public part of it.
pub(crate) fn make_key(policies: &Policies, outcome: &mut Outcome) -> Result<(), FieldError> {
    let policy = outcome.key.as_deref().and_then(|key| outcome.store.get(key));
    if let Some(policy) = policy {
        let key = policies.key(policy).map_err(|error| query_root::refused(error.to_string()))?;
        let mut fields = policy.fields.clone();
        fields.insert("publicKeyPem".to_owned(), json!(key.public_key_pem()));
        outcome.shown_once = fields;
    }
    Ok(())
}
