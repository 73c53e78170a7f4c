//! The handshake: verification codes that prove who owns the address of a webhook.
//!
//! A webhook stays verified until its URI changes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::record::uri;
use super::token::RngError;
use crate::store::Record;

/// The codes sent, by the keys of the webhooks. Each webhook has one, the last.
#[derive(Debug)]
pub(super) struct VerificationCodes {
    lifetime: Duration,
    issued: Mutex<HashMap<String, IssuedCode>>,
}

#[derive(Debug)]
struct IssuedCode {
    code: VerificationCode,
    /// The URI that the code was sent to.
    uri: String,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct VerificationCode {
    pub(super) text: String,
    /// Seconds since 1970.
    pub(super) expires_at: u64,
}

impl std::fmt::Debug for VerificationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerificationCode").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl VerificationCodes {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self { lifetime, issued: Mutex::default() }
    }

    /// Issues a code. The previous one becomes invalid.
    pub(super) fn issue(&self, webhook: &Record) -> Result<VerificationCode, RngError> {
        let mut random = [0; 18];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| RngError)?;
        let text = URL_SAFE_NO_PAD.encode(random);
        let code = VerificationCode { text, expires_at: now() + self.lifetime.as_secs() };
        let issued = IssuedCode { code: code.clone(), uri: uri(webhook).to_owned() };
        self.issued.lock().insert(webhook.key.clone(), issued);
        Ok(code)
    }

    pub(super) fn forget(&self, webhook: &str) {
        self.issued.lock().remove(webhook);
    }

    /// Whether this is the last code that was sent to the webhook.
    pub(super) fn is_current(&self, webhook: &str, code: &str) -> bool {
        self.issued.lock().get(webhook).is_some_and(|issued| issued.code.text == code)
    }

    /// Whether the query of a callback contains the code of this webhook. A code can be used repeatedly
    /// until it expires, because a response can get lost.
    pub(super) fn accepts(&self, webhook: &Record, query: &str) -> bool {
        let field = |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name);
        let expires_at = field("expires_at").and_then(|(_, text)| text.parse().ok());
        let Some(((_, text), expires_at)) = field("code").zip(expires_at) else {
            return false;
        };
        let code = VerificationCode { text: text.into_owned(), expires_at };
        let is_valid = |issued: &IssuedCode| {
            issued.code == code && issued.uri == uri(webhook) && now() < issued.code.expires_at
        };
        self.issued.lock().get(&webhook.key).is_some_and(is_valid)
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
