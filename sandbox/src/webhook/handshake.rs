//! The handshake: verification codes that prove who owns the address of a webhook.
//!
//! A webhook stays verified until its URI changes.

use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::HashMap;
use std::time::Duration;

use super::record::uri;
use crate::store::Record;

/// The codes sent, by the keys of the webhooks. Each webhook has one, the last.
#[derive(Debug, Default)]
pub(super) struct VerificationCodes(Mutex<HashMap<String, IssuedCode>>);

#[derive(Debug)]
struct IssuedCode {
    code: SecretString,
    /// Seconds since 1970.
    expires_at: i64,
    uri: String,
}

impl VerificationCodes {
    /// Issues a code, and returns it with its expiry. The previous one becomes invalid.
    pub(super) fn issue(&self, webhook: &Record, lifetime: Duration) -> Result<(String, i64), Unspecified> {
        let mut random = [0; 18];
        aws_lc_rs::rand::fill(&mut random)?;
        let code = URL_SAFE_NO_PAD.encode(random);
        let expires_at = Timestamp::now()
            .as_second()
            .saturating_add(i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX));
        let issued = IssuedCode { code: code.as_str().into(), expires_at, uri: uri(webhook).to_owned() };
        self.0.lock().insert(webhook.key.clone(), issued);
        Ok((code, expires_at))
    }

    pub(super) fn forget(&self, webhook: &str) {
        self.0.lock().remove(webhook);
    }

    /// Whether this is the last code that was sent to the webhook.
    pub(super) fn is_current(&self, webhook: &str, code: &str) -> bool {
        self.0.lock().get(webhook).is_some_and(|issued| issued.code.expose_secret() == code)
    }

    /// Whether the query of a callback contains the code of this webhook. A code can be used repeatedly
    /// until it expires, because a response can get lost.
    pub(super) fn accepts(&self, webhook: &Record, query: &str) -> bool {
        let field = |name: &str| {
            let mut fields = form_urlencoded::parse(query.as_bytes());
            fields.find(|(known, _)| known == name).map(|(_, text)| text)
        };
        let expires_at = field("expires_at").and_then(|text| text.parse().ok());
        let codes = self.0.lock();
        let issued = codes.get(&webhook.key).filter(|issued| issued.uri == uri(webhook));
        issued.is_some_and(|issued| {
            field("code").is_some_and(|code| code == issued.code.expose_secret())
                && expires_at == Some(issued.expires_at)
                && Timestamp::now().as_second() < issued.expires_at
        })
    }
}
