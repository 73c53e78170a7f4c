//! The configuration of a verifier.

use super::MAX_BODY;
use super::algorithm::{Algorithm, PublicKey};
use super::claims::Times;
use super::endpoint_secrets::EndpointSecrets;
use super::error::{Error, Result};
use super::http_get::Fetcher;
use super::issuer::{canonical, plain};
use super::key_cache::{KEY_LIFETIME, KeyCache, REFETCH_AFTER};
use super::replay::{MemoryReplayStore, ReplayStore};
use super::verifier::{Settings, Verifier};
use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use xurrent_values::redact::redact_url;

/// The maximum for leeway, age and grace in seconds: a week.
const LONGEST: i64 = 7 * 24 * 60 * 60;

/// Builds a [`Verifier`].
///
/// The URL of the account or the exact issuers are required. Everything else has a default.
/// Of the claims `iat`, `jti`, `exp` and `nbf`, those that are present are checked, and `iat` or `exp` is
/// required.
#[derive(Default)]
#[must_use]
pub struct VerifierBuilder {
    account: Option<String>,
    issuers: Vec<String>,
    keys: Vec<(Algorithm, String)>,
    audience: Option<String>,
    times: Times,
    max_body: Option<usize>,
    max_token: Option<usize>,
    secrets: EndpointSecrets,
    replay: Option<Arc<dyn ReplayStore>>,
    key_lifetime: Option<Duration>,
    refetch_after: Option<Duration>,
    certificates: Vec<String>,
    proxy: Option<SecretString>,
    unsigned: bool,
    loopback: bool,
}

impl Verifier {
    /// Starts the configuration of a verifier.
    ///
    /// ```
    /// # use xurrent_webhook::{Algorithm, Verifier};
    /// # fn example(public_key: String) -> xurrent_webhook::Result<()> {
    /// // Keys by discovery, from the account or one of its policies.
    /// let any_policy = Verifier::builder().account_url("https://wdc.xurrent.com").build()?;
    ///
    /// // One policy, with the key that was shown when it was made.
    /// let one_policy = Verifier::builder()
    ///     .account_url("https://wdc.xurrent.com")
    ///     .public_key(Algorithm::Es512, public_key)
    ///     .audience("orders")
    ///     .require_all_claims()
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder::default()
    }
}

impl VerifierBuilder {
    /// The address of the account, `https://wdc.xurrent.com`. Its issuers are trusted: itself, and what
    /// lies below it on the same host and port, such as `/webhook_policies/signed`. The callback of a
    /// handshake must be there as well.
    ///
    /// Forged deliveries can name policies that do not exist. So keys of ten unknown issuers are fetched per
    /// [`refetch_after`](Self::refetch_after), and then of one returning issuer per second. Other deliveries of
    /// unknown issuers are refused as [temporary](super::Refused::is_temporary) and accepted when they are sent
    /// again: during a flood, the first delivery of a policy can be late. The account itself, and policies with
    /// a verified delivery, are not limited. With [`issuer`](Self::issuer), keys of other issuers are never
    /// fetched.
    pub fn account_url(mut self, url: impl Into<String>) -> Self {
        self.account = Some(url.into());
        self
    }

    /// Trusts only this issuer, compared with the claim `iss` as text:
    /// `https://wdc.xurrent.com/webhook_policies/signed`. Several calls add issuers on the same host.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// The algorithm and the public key of the webhook policy, as Xurrent showed it when the policy was
    /// created: `-----BEGIN PUBLIC KEY-----`. Then no keys are fetched, and no other algorithm is accepted.
    /// Several calls add keys, for the time in which one policy replaces another. By default, keys are
    /// fetched from the issuer (OpenID Connect discovery), and any [`Algorithm`] is accepted that they allow.
    pub fn public_key(mut self, algorithm: Algorithm, pem: impl Into<String>) -> Self {
        self.keys.push((algorithm, pem.into()));
        self
    }

    /// Requires this value in the claim `aud`: the audience of the policy. Not checked by default.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// How far `iat` and `nbf` may be in the future, and `exp` in the past: 60 seconds by default. Tokens of a
    /// slow clock also look old, which [`max_age`](Self::max_age) has to allow for.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.times.leeway = seconds(leeway);
        self
    }

    /// The maximum age of a token by its `iat`: 63 seconds by default, a minute between the clocks and three
    /// seconds of delay. If Xurrent retries deliveries with the token of the first attempt, allow for the time
    /// of the retries. Used tokens are remembered as long.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.times.max_age = seconds(age);
        self
    }

    /// Additional time after `exp` and before `nbf`, on top of the [`leeway`](Self::leeway). None by default.
    pub fn expiry_grace(mut self, grace: Duration) -> Self {
        self.times.grace = seconds(grace);
        self
    }

    /// Requires `iat`, `jti`, `exp` and `nbf`. A token without `jti` can be replayed until it expires, so
    /// call this if your policy has an expiry.
    pub fn require_all_claims(mut self) -> Self {
        self.times.all_claims = true;
        self
    }

    /// Accepts tokens without `iat` and `exp`. **Such a token never expires**: anyone who obtains one can
    /// replay it at any time, or after 24 hours if it has a `jti`, which is forgotten then.
    pub fn dangerously_accept_tokens_without_times(mut self) -> Self {
        self.times.timeless = true;
        self
    }

    /// The maximum size of a body: [`MAX_BODY`], 256 KiB, by default.
    pub fn max_body_size(mut self, bytes: usize) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// The maximum size of a token: that of a [body](Self::max_body_size) by default.
    pub fn max_token_size(mut self, bytes: usize) -> Self {
        self.max_token = Some(bytes);
        self
    }

    /// Requires a query parameter with this value, exactly once: `https://example.com/hook?key=..`. Call
    /// [`Verifier::verify_at`] then, which takes the URL.
    pub fn secret_query_parameter(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.secrets.query = Some((name.into(), value.into()));
        self
    }

    /// Requires basic authentication, which Xurrent sends for the webhook URL
    /// `https://user:password@example.com/hook`.
    pub fn basic_auth(mut self, user: &str, password: impl Into<SecretString>) -> Self {
        use secrecy::ExposeSecret;
        let password: SecretString = password.into();
        self.secrets.basic = Some(format!("{user}:{}", password.expose_secret()).into());
        self
    }

    /// Accepts only deliveries of this webhook. Several calls add webhooks.
    pub fn webhook_id(mut self, id: i64) -> Self {
        self.secrets.webhooks.push(id);
        self
    }

    /// The store of used tokens: the memory of this process by default. Machines that receive for the same
    /// webhook should share one.
    pub fn replay_store(mut self, store: impl ReplayStore + 'static) -> Self {
        self.replay = Some(Arc::new(store));
        self
    }

    /// The lifetime of discovered keys: at most an hour, which is the default.
    pub fn key_lifetime(mut self, lifetime: Duration) -> Self {
        self.key_lifetime = Some(lifetime);
        self
    }

    /// The minimum time between fetches from one issuer: 30 seconds by default. A replaced key is found
    /// after this time at the latest. Until then, deliveries signed with it are refused as
    /// [temporary](super::Refused::is_temporary).
    pub fn refetch_after(mut self, time: Duration) -> Self {
        self.refetch_after = Some(time);
        self
    }

    /// Trusts a certificate authority, as PEM, in addition to those of the system: for TLS-inspecting
    /// proxies, and for a sandbox with its own authority.
    pub fn root_certificate(mut self, pem: impl Into<String>) -> Self {
        self.certificates.push(pem.into());
        self
    }

    /// Uses a proxy, such as `http://user:password@proxy.example.com:3128`, instead of the one in the
    /// environment (`HTTPS_PROXY`). The proxy may have a private address.
    ///
    /// As without a proxy, requests go only to the account's host, and its certificate is checked. But the
    /// proxy resolves the host name, so only the proxy can refuse private addresses.
    pub fn proxy(mut self, url: impl Into<SecretString>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Accepts unsigned bodies, for webhooks without a policy. **Anyone who knows the URL of the receiver
    /// can forge deliveries then**, unless one of the secrets above is required too. Tokens are still
    /// verified.
    pub fn dangerously_accept_unsigned(mut self) -> Self {
        self.unsigned = true;
        self
    }

    /// Lets discovery and handshakes connect to loopback addresses, also without TLS, for tests with a local
    /// server. **A delivery can then reach local services.** Other private addresses stay refused.
    pub fn dangerously_allow_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Builds the verifier. Sends nothing.
    ///
    /// # Errors
    /// For invalid settings: no issuer to trust, an unreadable key or one for another algorithm, an empty
    /// secret, or unsigned bodies together with a policy.
    pub fn build(self) -> Result<Verifier> {
        let checked = |what: &str, text: &str| {
            plain(text, self.loopback)
                .map_err(|why| Error::new(format!("invalid {what} {:?}: {why}", redact_url(text))))
        };
        let account = self.account.as_deref().map(|text| checked("account URL", text)).transpose()?;
        let issuers: Vec<_> =
            self.issuers.iter().map(|text| checked("issuer", text)).collect::<Result<_>>()?;
        if issuers.iter().any(|issuer| issuers.first().map(Url::origin) != Some(issuer.origin())) {
            return Err(Error::new("issuers on different hosts: build a verifier for each host"));
        }
        let named = if issuers.is_empty() { account.as_slice() } else { &issuers };
        let named: Vec<String> = named.iter().map(canonical).collect();
        let Some(home) = account.or_else(|| issuers.into_iter().next()) else {
            return Err(Error::new(
                "no issuer to trust: call `.account_url(\"https://wdc.xurrent.com\")` or `.issuer(..)`",
            ));
        };
        if self.unsigned && (!self.keys.is_empty() || self.audience.is_some() || self.times.all_claims) {
            return Err(Error::new(
                "unsigned bodies are accepted despite a webhook policy: with a policy, all bodies are signed",
            ));
        }
        let fetcher = Fetcher::new(self.loopback, &self.certificates, self.proxy.as_ref())?;
        if self.keys.is_empty() {
            fetcher.check(home.scheme())?;
        }
        let read = |(algorithm, pem): &(Algorithm, String)| {
            let key = PublicKey::from_pem(*algorithm, pem)
                .map_err(|why| Error::new(format!("invalid public key for {algorithm}: {why}")))?;
            Ok((*algorithm, key))
        };
        let keys = self.keys.iter().map(read).collect::<Result<_>>()?;
        let cache = KeyCache {
            lifetime: self.key_lifetime.unwrap_or(KEY_LIFETIME).min(KEY_LIFETIME),
            refetch_after: self.refetch_after.unwrap_or(REFETCH_AFTER),
            loopback: self.loopback,
            fetcher: Arc::new(fetcher),
            named,
            known: Arc::default(),
        };
        self.secrets.check_settings()?;
        let Times { leeway, max_age, grace, .. } = self.times;
        if leeway.max(max_age).max(grace) > LONGEST {
            return Err(Error::new("a leeway, maximum age or grace period of more than a week"));
        }
        let max_body = self.max_body.unwrap_or(MAX_BODY);
        if self.audience.as_deref().is_some_and(str::is_empty) {
            return Err(Error::new("the audience is empty"));
        }
        Ok(Verifier(Arc::new(Settings {
            home,
            issuers: self.issuers,
            keys,
            cache,
            audience: self.audience,
            times: self.times,
            max_body,
            max_token: self.max_token.unwrap_or(max_body),
            secrets: self.secrets,
            replay: self.replay.unwrap_or_else(|| Arc::new(MemoryReplayStore::default())),
            unsigned: self.unsigned,
            loopback: self.loopback,
        })))
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

impl fmt::Debug for VerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierBuilder")
            .field("account", &self.account.as_deref().map(redact_url))
            .field("issuers", &self.issuers.iter().map(|issuer| redact_url(issuer)).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
