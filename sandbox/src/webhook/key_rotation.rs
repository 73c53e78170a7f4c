//! Key rotation over HTTP, for programs that are not written in Rust: see the guide
//! `docs/webhook_testing.md`.

use serde_json::{Value, json};

use super::policy::POLICY;
use crate::engine::Engine;
use crate::node_id;
use crate::store::Record;

/// What happens to the keys of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyAction {
    /// A new key signs; the old ones stay published.
    Rotate,
    /// All keys but the newest are removed.
    Retire,
}

impl KeyAction {
    /// The action of a path.
    pub(crate) fn of(path: &str) -> Option<Self> {
        match path {
            "/sandbox/rotate-keys" => Some(Self::Rotate),
            "/sandbox/retire-keys" => Some(Self::Retire),
            _ => None,
        }
    }

    /// Acts on the policy that the query `policy=..` names, by name or node id; by default on all that have
    /// signed or published something. Returns the policies with their keys.
    ///
    /// # Errors
    /// A message if there is no such policy with a public key.
    pub(crate) fn run(self, engine: &Engine, query: &str) -> Result<Value, String> {
        let mut parameters = form_urlencoded::parse(query.as_bytes());
        let wanted = parameters.find(|(name, _)| name == "policy").map(|(_, value)| value.into_owned());
        let (store, policies) = (engine.snapshot(), engine.policies());
        let is_wanted = |policy: &&Record| match &wanted {
            Some(wanted) => policy.text("name") == Some(wanted) || node_id::encode(&policy.key) == *wanted,
            None => policies.has_keys(policy),
        };
        let changed = store.records(POLICY).filter(is_wanted).filter_map(|policy| {
            let mut object = json!({ "id": node_id::encode(&policy.key), "name": policy.text("name") });
            match self {
                Self::Rotate => {
                    let key = policies.rotate(policy)?;
                    (object["kid"], object["publicKeyPem"]) = (json!(key.kid), json!(key.pem));
                }
                Self::Retire => object["retired"] = json!(policies.retire(policy)),
            }
            Some(object)
        });
        let changed: Vec<Value> = changed.collect();
        match wanted.filter(|_| changed.is_empty()) {
            Some(wanted) => Err(format!("There is no webhook policy {wanted:?} with a public key")),
            None => Ok(json!({ "policies": changed })),
        }
    }
}
