//! The verifier, with its checks in order.

use super::algorithm::{Algorithm, PublicKey};
use super::claims::{self, Claims, Times};
use super::delivery::Delivery;
use super::discovery::discover;
use super::endpoint_secrets::EndpointSecrets;
use super::issuer::{self, plain};
use super::key_cache::KeyCache;
use super::refused::{Reason, Refused, cut};
use super::replay::ReplayStore;
use super::token::{self, Token};
use http::{HeaderMap, Uri};
use std::fmt;
use std::sync::Arc;
use url::Url;
use xurrent_values::redact::redact_url;

/// Verifies deliveries. Clones share cached keys and used tokens.
#[derive(Clone)]
pub struct Verifier(pub(super) Arc<Settings>);

/// The configuration of a verifier.
pub(super) struct Settings {
    /// The account, or the issuer if no account is configured. Callbacks must be on its host.
    pub(super) home: Url,
    /// The trusted issuers. If there are none, `home` and what is below it.
    pub(super) issuers: Vec<String>,
    /// The keys of a webhook policy. If there are none, those of the issuer are fetched.
    pub(super) keys: Vec<(Algorithm, PublicKey)>,
    pub(super) cache: KeyCache,
    pub(super) audience: Option<String>,
    pub(super) times: Times,
    pub(super) max_body: usize,
    pub(super) max_token: usize,
    pub(super) secrets: EndpointSecrets,
    pub(super) replay: Arc<dyn ReplayStore>,
    pub(super) unsigned: bool,
    pub(super) loopback: bool,
}

impl Verifier {
    /// Verifies and decodes a delivery. Sends nothing unless keys are discovered: then two requests to the
    /// issuer about once an hour, with at most 5 seconds for both.
    ///
    /// The future can be dropped at any time. A valid token may be marked as used then: see
    /// [`release`](Self::release).
    ///
    /// # Errors
    /// [`Refused`], with a generic message for the sender and the reason for the log. The reason is also a
    /// `tracing` event at level `DEBUG`. If you log refusals at a higher level, limit the rate, as
    /// `xurrent-receiver` does.
    pub async fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refused> {
        self.check_and_log(None, headers, body).await
    }

    /// The same, for a verifier that requires a secret in the URL. `uri` is the request target with path and
    /// query.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub async fn verify_at(&self, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refused> {
        self.check_and_log(Some(uri), headers, body).await
    }

    /// Marks the token of a delivery as unused. Call it if the delivery could not be stored: Xurrent sends it
    /// again, perhaps with the same token. Then respond with an error status.
    ///
    /// # Errors
    /// If the replay store fails.
    pub async fn release(&self, delivery: &Delivery) -> Result<(), Refused> {
        let Some(token) = &delivery.token else { return Ok(()) };
        let forgotten = self.0.replay.forget(token).await;
        forgotten.map_err(|error| Reason::ReplayStore(error.to_string()).into())
    }

    /// Fetches the signing keys of an issuer, and returns the `kid` and the algorithm of each that can be used: a
    /// check before the first delivery. A key that does not name its algorithm is there with each. Sends two requests, with at most
    /// 5 seconds for both; uses and changes no cached keys.
    ///
    /// ```no_run
    /// # async fn example(verifier: xurrent_webhook::Verifier) -> Result<(), xurrent_webhook::Refused> {
    /// let keys = verifier.fetch_keys("https://wdc.xurrent.com/webhook_policies/receiver").await?;
    /// assert!(!keys.is_empty(), "no delivery of this policy could be verified");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the verifier does not trust the issuer, or its keys cannot be fetched.
    pub async fn fetch_keys(&self, issuer: &str) -> Result<Vec<(String, Algorithm)>, Refused> {
        let settings = &*self.0;
        issuer::check(issuer, &settings.issuers, &settings.home, settings.loopback)?;
        let refused = |why| Reason::Issuer { found: cut(issuer), why };
        let url = plain(issuer, settings.loopback).map_err(refused)?;
        let keys = discover(&settings.cache.fetcher, &url, settings.loopback).await;
        Ok(keys.map_err(Reason::Discovery)?.names())
    }

    async fn check_and_log(
        &self,
        uri: Option<&Uri>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Delivery, Refused> {
        let result = self.check(uri, headers, body).await;
        if let Err(refused) = &result {
            let delivery = headers.get("x-xurrent-delivery").and_then(|id| id.to_str().ok()).map(cut);
            tracing::debug!(reason = %refused.reason(), delivery, "webhook delivery refused");
            // A refusal may never wait, so a loop of refusals would block other tasks.
            tokio::task::coop::consume_budget().await;
        }
        result
    }

    async fn check(&self, uri: Option<&Uri>, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refused> {
        let settings = &*self.0;
        if body.len() > settings.max_body {
            return Err(Reason::BodyTooLarge { size: body.len(), limit: settings.max_body }.into());
        }
        settings.secrets.check_query(uri)?;
        settings.secrets.check_basic(headers)?;
        if let Some(token) = token::bare_token(body)
            && let Ok(token) = Token::read(token, settings.max_token)
        {
            return self.signed(headers, token).await;
        }
        if let Some(token) = token::token_of(body).map_err(Reason::Body)? {
            return self.signed(headers, Token::read(&token, settings.max_token)?).await;
        }
        if !settings.unsigned {
            return Err(Reason::Unsigned.into());
        }
        let json = std::str::from_utf8(body).map_err(|_| Reason::NoText)?;
        let delivery = Delivery::read(headers, json).map_err(Reason::Delivery)?;
        settings.secrets.check_webhook(delivery.webhook_id)?;
        Ok(delivery)
    }

    async fn signed(&self, headers: &HeaderMap, token: Token<'_>) -> Result<Delivery, Refused> {
        let settings = &*self.0;
        // Checks without a key come first, so that a forged token causes no fetch that a valid one would
        // not cause.
        if let Some((expected, _)) = settings.keys.first()
            && !settings.keys.iter().any(|(algorithm, _)| *algorithm == token.algorithm)
        {
            return Err(Reason::OtherAlgorithm { expected: *expected, found: token.algorithm }.into());
        }
        let mut claims = Claims::read(&token.claims)?;
        issuer::check(&claims.issuer, &settings.issuers, &settings.home, settings.loopback)?;
        claims.check_presence(settings.times)?;
        let mut now = claims::now();
        claims.check_times(settings.times, now)?;
        claims.check_audience(settings.audience.as_deref())?;
        settings.check_signature(&token, &claims.issuer).await?;
        if settings.keys.is_empty() {
            // Fetching keys may have taken a while.
            now = claims::now();
            claims.check_times(settings.times, now)?;
        }
        let data = claims.data.take().filter(|(json, _)| json.starts_with('{'));
        let (json, message) = data.ok_or(Reason::NoData)?;
        let mut delivery = Delivery::new(headers, json, message.map_err(Reason::Delivery)?);
        settings.secrets.check_webhook(delivery.webhook_id)?;
        delivery.signed = true;
        if let Some(id) = &claims.id {
            // An issuer cannot contain a line feed.
            let used = [&*claims.issuer, "\n", id].concat();
            match settings.replay.first_use(&used, claims.remembered_for(settings.times, now)).await {
                Ok(true) => delivery.token = Some(used),
                Ok(false) => return Err(Reason::Replayed.into()),
                Err(error) => return Err(Reason::ReplayStore(error.to_string()).into()),
            }
        }
        Ok(delivery)
    }
}

impl Settings {
    async fn check_signature(&self, token: &Token<'_>, issuer: &str) -> Result<(), Refused> {
        if !self.keys.is_empty() {
            let mut keys = self.keys.iter().filter(|(of, _)| *of == token.algorithm);
            let is_valid = keys.any(|(_, key)| key.verifies(token.signed, &token.signature));
            return if is_valid { Ok(()) } else { Err(Reason::Signature.into()) };
        }
        if token.kid.as_deref().is_none_or(str::is_empty) {
            return Err(Reason::NoKeyId.into());
        }
        let issuer =
            plain(issuer, self.loopback).map_err(|why| Reason::Issuer { found: cut(issuer), why })?;
        self.cache.verify(&issuer, token).await
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("home", &redact_url(self.0.home.as_str())).finish_non_exhaustive()
    }
}
