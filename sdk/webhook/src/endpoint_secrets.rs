//! Secrets of the receiver's endpoint and expected webhooks, checked besides the signature.

use super::error::{Error, Result};
use super::refused::Reason;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Uri, header};
use secrecy::{ExposeSecret, SecretString};

/// The configured checks. None of them replaces a signature.
#[derive(Default)]
pub(super) struct EndpointSecrets {
    /// Name and value.
    pub(super) query: Option<(String, SecretString)>,
    /// User name and password, with the colon between them.
    pub(super) basic: Option<SecretString>,
    /// The expected webhooks; any if empty.
    pub(super) webhooks: Vec<i64>,
}

impl EndpointSecrets {
    /// Refuses empty secrets.
    pub(super) fn check_settings(&self) -> Result<()> {
        if self
            .query
            .as_ref()
            .is_some_and(|(name, value)| name.is_empty() || value.expose_secret().is_empty())
        {
            return Err(Error::new("the secret query parameter needs a name and a value"));
        }
        if self.basic.as_ref().is_some_and(|secret| {
            secret.expose_secret().split_once(':').is_none_or(|(_, password)| password.is_empty())
        }) {
            return Err(Error::new("basic authentication needs a password"));
        }
        Ok(())
    }

    pub(super) fn check_query(&self, uri: Option<&Uri>) -> Result<(), Reason> {
        let Some((name, secret)) = &self.query else { return Ok(()) };
        let query = uri.and_then(Uri::query).unwrap_or_default();
        let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) if equal(value.as_bytes(), secret) => Ok(()),
            _ => Err(Reason::QueryParameter),
        }
    }

    pub(super) fn check_basic(&self, headers: &HeaderMap) -> Result<(), Reason> {
        let Some(secret) = &self.basic else { return Ok(()) };
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (Some(value), None) if basic(value).is_some_and(|given| equal(&given, secret)) => Ok(()),
            _ => Err(Reason::BasicAuthentication),
        }
    }

    pub(super) fn check_webhook(&self, id: i64) -> Result<(), Reason> {
        let id_is =
            |webhook: &i64| verify_slices_are_equal(&webhook.to_be_bytes(), &id.to_be_bytes()).is_ok();
        // All are compared, so that the time does not depend on the one that is equal.
        let expected = self.webhooks.iter().filter(|webhook| id_is(webhook)).count() > 0;
        if expected || self.webhooks.is_empty() { Ok(()) } else { Err(Reason::OtherWebhook(id)) }
    }
}

fn basic(value: &HeaderValue) -> Option<Vec<u8>> {
    let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
    let is_basic = scheme.eq_ignore_ascii_case("basic");
    is_basic.then(|| STANDARD.decode(credentials.trim()).ok())?
}

/// Compares in a time that depends neither on the first difference nor on the length of the secret.
fn equal(given: &[u8], secret: &SecretString) -> bool {
    let secret = digest(&SHA256, secret.expose_secret().as_bytes());
    verify_slices_are_equal(digest(&SHA256, given).as_ref(), secret.as_ref()).is_ok()
}
