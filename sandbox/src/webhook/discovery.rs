//! The documents of OpenID Connect discovery that a policy publishes.

use serde_json::{Value, json};

use super::policy::{PATH, POLICY, Policies, algorithm, name};
use crate::store::{Record, Store};

const CONFIGURATION: &str = "/.well-known/openid-configuration";
const KEY_SET: &str = "/.well-known/jwks.json";

impl Policies {
    /// The document at a path below the account. Disabled policies and those without a public key have
    /// none.
    pub(super) fn document(&self, store: &Store, path: &str) -> Option<Value> {
        let path = path.strip_prefix(PATH)?;
        let (named, document) = path.split_at(path.find('/')?);
        let policy = store.records(POLICY).find(|policy| name(policy) == named)?;
        let is_published = algorithm(policy)?.is_asymmetric() && !policy.is_true("disabled");
        match document {
            _ if !is_published => None,
            CONFIGURATION => Some(self.configuration(policy)),
            KEY_SET => self.key_set(policy),
            _ => None,
        }
    }

    fn configuration(&self, policy: &Record) -> Value {
        let issuer = self.issuer(policy);
        json!({
            "jwks_uri": format!("{issuer}{KEY_SET}"),
            "issuer": issuer,
            "id_token_signing_alg_values_supported": [algorithm(policy).map(|algorithm| algorithm.jwt_name())],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
        })
    }

    /// All keys, the newest first.
    fn key_set(&self, policy: &Record) -> Option<Value> {
        self.key(policy).ok()?;
        let keys: Vec<Value> = self.all(policy).iter().rev().filter_map(|key| key.jwk()).collect();
        Some(json!({ "keys": keys }))
    }
}
