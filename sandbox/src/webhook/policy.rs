//! Webhook policies: the keys they sign with, and what they sign.
//!
//! The record of a policy says how; its keys are here, out of reach of every query.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::token::{Algorithm, NoRandomness, SigningKey, uuid};
use crate::store::Record;

/// The type of the records that policies are.
pub(crate) const POLICY: &str = "WebhookPolicy";

/// Where the issuers with discovery are, below the account. The name of the policy follows.
pub(crate) const PATH: &str = "/webhook_policies/";

/// Why a delivery is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CannotSign {
    #[error("the webhook policy has no algorithm that is known")]
    Algorithm,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The keys of all policies.
pub(crate) struct Policies {
    /// `https://127.0.0.1:4011`: the classic issuer, and what the others are below.
    account_url: String,
    /// By the keys of the records, each with the newest at the end.
    keys: Mutex<BTreeMap<String, Vec<Arc<SigningKey>>>>,
}

/// The public half of a key that signs deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublicKey {
    /// What the key is called in tokens and in the set of keys, with OpenID Connect discovery.
    pub kid: String,
    /// The key: `-----BEGIN PUBLIC KEY-----`.
    pub pem: String,
}

/// What a token says, in the order of the documentation.
#[derive(Serialize)]
struct Claims<'a> {
    iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<u64>,
    nbf: u64,
    iat: u64,
    jti: String,
    data: &'a RawValue,
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policies").field("account_url", &self.account_url).finish_non_exhaustive()
    }
}

impl Policies {
    pub(crate) fn new(account_url: String) -> Self {
        Self { account_url, keys: Mutex::default() }
    }

    /// The address of the account: what stands in deliveries, and the base of issuers and callbacks.
    pub(crate) fn account_url(&self) -> &str {
        &self.account_url
    }

    /// The body of a delivery, signed as the policy says: `{"jwt":".."}`. `discovery` is what the
    /// webhook says about OpenID Connect discovery, and `data` the body without a signature.
    pub(crate) fn body(
        &self,
        policy: &Record,
        discovery: bool,
        data: &RawValue,
        now: SystemTime,
    ) -> Result<Vec<u8>, CannotSign> {
        let key = self.key(policy)?;
        // Nobody can look up a key that is shared, or none.
        let discovery = discovery && key.algorithm().is_asymmetric();
        let now = now.duration_since(UNIX_EPOCH).map(|time| time.as_secs()).unwrap_or_default();
        let minutes = policy.fields.get("jwtClaimExpiresIn").and_then(Value::as_u64);
        let claims = Claims {
            iss: if discovery { self.issuer(policy) } else { self.account_url.clone() },
            aud: policy.fields.get("jwtAudience").and_then(Value::as_str),
            exp: minutes.map(|minutes| now.saturating_add(minutes.saturating_mul(60))),
            nbf: now,
            iat: now,
            jti: uuid()?,
            data,
        };
        // A claim is a number, a text or JSON that is known to be some: all of them can be written.
        let claims = serde_json::to_vec(&claims).unwrap_or_default();
        let token = key.token(&claims, discovery)?;
        Ok(json!({ "jwt": token }).to_string().into_bytes())
    }

    /// The issuer of a policy whose keys can be looked up.
    pub(super) fn issuer(&self, policy: &Record) -> String {
        format!("{}{PATH}{}", self.account_url, name(policy))
    }

    /// Makes another key, which signs from now on. The others stay in the set of keys. `None` when
    /// the policy has no public key.
    pub(crate) fn rotate(&self, policy: &Record) -> Result<Option<PublicKey>, CannotSign> {
        let algorithm = algorithm(policy).ok_or(CannotSign::Algorithm)?;
        let key = SigningKey::generate(algorithm)?;
        let public = key.public_key_pem().map(|pem| PublicKey { kid: key.kid().to_owned(), pem });
        if public.is_some() {
            // The one that comes later is the newer one, also when two rotate at once.
            self.keys().entry(policy.key.clone()).or_default().push(Arc::new(key));
        }
        Ok(public)
    }

    /// Takes all keys but the newest out of the set and tells how many those were.
    pub(crate) fn retire(&self, policy: &Record) -> usize {
        let mut all = self.keys();
        let keys = all.entry(policy.key.clone()).or_default();
        let old = keys.len().saturating_sub(1);
        keys.drain(..old).count()
    }

    /// The key that signs. It is made when it is needed first, and again after a change of the
    /// algorithm.
    pub(crate) fn key(&self, policy: &Record) -> Result<Arc<SigningKey>, CannotSign> {
        let algorithm = algorithm(policy).ok_or(CannotSign::Algorithm)?;
        let newest =
            |keys: &[Arc<SigningKey>]| keys.last().filter(|key| key.algorithm() == algorithm).map(Arc::clone);
        if let Some(key) = newest(&self.all(policy)) {
            return Ok(key);
        }
        // An RSA key takes a moment, in which others sign, or make the same key sooner.
        let key = Arc::new(SigningKey::generate(algorithm)?);
        let mut all = self.keys();
        let keys = all.entry(policy.key.clone()).or_default();
        Ok(newest(keys).unwrap_or_else(|| {
            keys.push(Arc::clone(&key));
            key
        }))
    }

    pub(super) fn all(&self, policy: &Record) -> Vec<Arc<SigningKey>> {
        self.keys().get(&policy.key).cloned().unwrap_or_default()
    }

    fn keys(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Arc<SigningKey>>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a policy signs; nothing when a later version of the schema knows something better.
pub(crate) fn algorithm(policy: &Record) -> Option<Algorithm> {
    Algorithm::from_name(policy.fields.get("jwtAlg")?.as_str()?)
}

/// What the policy with this number is called. No other is ever called so, and it can stand in a path.
pub(crate) fn policy_name(number: u64) -> String {
    format!("policy-{number}")
}

pub(super) fn name(policy: &Record) -> &str {
    policy.fields.get("name").and_then(Value::as_str).unwrap_or_default()
}
