//! Webhook policies: their keys and their signatures.
//!
//! The record of a policy has the settings; its keys are here, where no query can read them.

use jiff::Timestamp;
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

use super::token::{Algorithm, SigningError, SigningKey};
use crate::store::{Record, Store};

pub(crate) const POLICY: &str = "WebhookPolicy";

/// The path of issuers with discovery below the account; the name of the policy follows.
pub(crate) const DISCOVERY_PATH: &str = "/webhook_policies/";

const CONFIGURATION: &str = "/.well-known/openid-configuration";
const KEY_SET: &str = "/.well-known/jwks.json";

/// The keys of all policies.
#[derive(Debug)]
pub(crate) struct Policies {
    /// `https://127.0.0.1:4011`: the `account` in deliveries, and the base of issuers and callbacks.
    pub(crate) account_url: String,
    /// By the store keys of the policies; the newest is the last.
    keys: Mutex<BTreeMap<String, Vec<Arc<SigningKey>>>>,
}

/// The public half of a key that signs deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublicKey {
    /// The id of the key in tokens and in the key set, with OpenID Connect discovery.
    pub kid: String,
    /// The key, as PEM.
    pub pem: String,
}

/// The claims of a token, in the order of the documentation.
#[derive(Serialize)]
struct Claims<'a> {
    iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    nbf: i64,
    iat: i64,
    jti: String,
    data: &'a RawValue,
}

impl Policies {
    pub(crate) fn new(account_url: String) -> Self {
        Self { account_url, keys: Mutex::default() }
    }

    /// The signed body of a delivery: `{"jwt":".."}`. `discovery` is the webhook's setting of OpenID
    /// Connect discovery, `data` the unsigned body.
    pub(crate) fn body(
        &self,
        policy: &Record,
        discovery: bool,
        data: &RawValue,
    ) -> Result<Vec<u8>, SigningError> {
        let key = self.key(policy)?;
        // A shared key is not published.
        let discovery = discovery && key.algorithm.is_asymmetric();
        let now = Timestamp::now().as_second();
        let minutes = policy.fields.get("jwtClaimExpiresIn").and_then(Value::as_i64);
        let claims = Claims {
            iss: if discovery { self.issuer(policy) } else { self.account_url.clone() },
            aud: policy.text("jwtAudience"),
            exp: minutes.map(|minutes| now.saturating_add(minutes.saturating_mul(60))),
            nbf: now,
            iat: now,
            jti: Uuid::new_v4().to_string(),
            data,
        };
        // Numbers, strings and valid JSON always serialize.
        let claims = serde_json::to_vec(&claims).unwrap_or_default();
        let token = key.token(&claims, discovery)?;
        Ok(json!({ "jwt": token }).to_string().into_bytes())
    }

    fn issuer(&self, policy: &Record) -> String {
        format!("{}{DISCOVERY_PATH}{}", self.account_url, name(policy))
    }

    /// Generates a new signing key. The others stay in the key set. `None` if the policy has no public
    /// key.
    pub(crate) fn rotate(&self, policy: &Record) -> Option<PublicKey> {
        let key = SigningKey::generate(algorithm(policy)?).ok()?;
        let public = PublicKey { kid: key.kid.clone(), pem: key.public_key_pem()? };
        // Of concurrent rotations the last one wins.
        self.keys.lock().entry(policy.key.clone()).or_default().push(Arc::new(key));
        Some(public)
    }

    /// Removes all keys but the newest and returns their number.
    pub(crate) fn retire(&self, policy: &Record) -> usize {
        let mut all = self.keys.lock();
        let keys = all.entry(policy.key.clone()).or_default();
        let old = keys.len().saturating_sub(1);
        keys.drain(..old).count()
    }

    /// The signing key, generated at first use and after a change of the algorithm.
    pub(crate) fn key(&self, policy: &Record) -> Result<Arc<SigningKey>, SigningError> {
        let algorithm = algorithm(policy).ok_or(SigningError::Algorithm)?;
        let newest = |keys: &[Arc<SigningKey>]| {
            keys.last().filter(|key| key.algorithm.name == algorithm.name).map(Arc::clone)
        };
        if let Some(key) = newest(&self.all(policy)) {
            return Ok(key);
        }
        // Generating an RSA key is slow, so the lock is not held. Another thread may be faster.
        let key = Arc::new(SigningKey::generate(algorithm)?);
        let mut all = self.keys.lock();
        let keys = all.entry(policy.key.clone()).or_default();
        Ok(newest(keys).unwrap_or_else(|| {
            keys.push(Arc::clone(&key));
            key
        }))
    }

    /// Whether the policy has signed or published something.
    pub(crate) fn has_keys(&self, policy: &Record) -> bool {
        !self.all(policy).is_empty()
    }

    fn all(&self, policy: &Record) -> Vec<Arc<SigningKey>> {
        self.keys.lock().get(&policy.key).cloned().unwrap_or_default()
    }

    /// The discovery document at a path below the account. Disabled policies and those without a public
    /// key have none.
    pub(crate) fn document(&self, store: &Store, path: &str) -> Option<Value> {
        let path = path.strip_prefix(DISCOVERY_PATH)?;
        let (named, document) = path.split_at(path.find('/')?);
        let policy = store.records(POLICY).find(|policy| name(policy) == named)?;
        let algorithm = algorithm(policy).filter(|algorithm| algorithm.is_asymmetric())?;
        let issuer = self.issuer(policy);
        match document {
            _ if policy.is_true("disabled") => None,
            CONFIGURATION => Some(json!({
                "jwks_uri": format!("{issuer}{KEY_SET}"),
                "issuer": issuer,
                "id_token_signing_alg_values_supported": [algorithm.jwt_name()],
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
            })),
            KEY_SET => {
                self.key(policy).ok()?;
                // The newest first.
                let keys: Vec<Value> = self.all(policy).iter().rev().filter_map(|key| key.jwk()).collect();
                Some(json!({ "keys": keys }))
            }
            _ => None,
        }
    }
}

/// The algorithm of a policy; `None` if the sandbox does not support it.
fn algorithm(policy: &Record) -> Option<Algorithm> {
    Algorithm::from_name(policy.text("jwtAlg")?)
}

/// The unique name of the policy with this number; it is valid in a URL path.
pub(crate) fn policy_name(number: u64) -> String {
    format!("policy-{number}")
}

fn name(policy: &Record) -> &str {
    policy.text("name").unwrap_or_default()
}
