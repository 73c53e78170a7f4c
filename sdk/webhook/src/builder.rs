//! Which deliveries are accepted.

use super::MAX_BODY;
use super::algorithm::{Algorithm, PublicKey};
use super::claims::Times;
use super::endpoint_secrets::EndpointSecrets;
use super::error::{Error, Result};
use super::http_get::Fetcher;
use super::issuer::{Origin, Trust, canonical, plain};
use super::key_cache::{KEY_LIFETIME, KeyCache, REFETCH_AFTER};
use super::replay::{MemoryReplayStore, ReplayStore};
use super::verifier::{KeySource, Settings, Verifier};
use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use xurrent_values::redact::redact_url;

/// The longest time that a setting may ask for: a week.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What a [`Verifier`] is made of.
///
/// Give the address of the account, or the exact issuers; everything else has a default.
///
/// | setting | default |
/// | --- | --- |
/// | keys | fetched from the issuer (OpenID Connect discovery), kept for an hour |
/// | algorithm | any of [`Algorithm`], as the issuer's key allows |
/// | audience | not looked at |
/// | [`leeway`](Self::leeway) | 60 s between the clocks, whichever is ahead |
/// | [`max_age`](Self::max_age) | 63 s |
/// | [`expiry_grace`](Self::expiry_grace) | none |
/// | claims `iat`, `jti`, `exp`, `nbf` | checked when they are there, `iat` or `exp` must be; [`require_all_claims`](Self::require_all_claims) |
/// | size of a body | 256 KiB, of a token what the body has room for |
/// | proxy | that of the environment (`HTTPS_PROXY`, `NO_PROXY`) |
/// | used tokens | in the memory of this process |
/// | unsigned bodies | refused |
#[derive(Default)]
#[must_use]
pub struct VerifierBuilder {
    account: Option<String>,
    issuers: Vec<String>,
    keys: Vec<(Algorithm, String)>,
    audience: Option<String>,
    leeway: Option<Duration>,
    max_age: Option<Duration>,
    expiry_grace: Option<Duration>,
    all_claims: bool,
    timeless: bool,
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
    /// Starts with the defaults.
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
    /// Strangers can name policies that do not exist, and looking for the keys of each would be a request
    /// to the account. So among issuers of which nothing is known yet, ten are asked in the time of
    /// [`refetch_after`](Self::refetch_after), and then one a second of those that come again. A delivery
    /// that has to wait for its turn is refused as [temporary](super::Refused::is_temporary), and its
    /// repetition accepted. The account itself, and policies whose deliveries were good once, are not
    /// limited like that. Under a flood of forged deliveries, the first delivery of a policy can be late:
    /// name the policies that you expect with [`issuer`](Self::issuer), and no other is ever asked.
    pub fn account_url(mut self, url: impl Into<String>) -> Self {
        self.account = Some(url.into());
        self
    }

    /// Trusts this issuer only, exactly as it is written in the claim `iss`:
    /// `https://wdc.xurrent.com/webhook_policies/signed`. Several calls add issuers of the same host.
    /// Nothing is ever fetched for what strangers make up.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// The public key and the algorithm of the webhook policy, as Xurrent showed them when it was
    /// made: `-----BEGIN PUBLIC KEY-----`. No key is ever fetched then, and no other algorithm
    /// accepted. Several calls add keys, for the time in which one policy replaces another.
    pub fn public_key(mut self, algorithm: Algorithm, pem: impl Into<String>) -> Self {
        self.keys.push((algorithm, pem.into()));
        self
    }

    /// Demands this text in the claim `aud`, as the policy's audience says.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// How far the clocks of sender and receiver may differ: `iat` and `nbf` may lie so far in the
    /// future, and `exp` in the past. 60 seconds by default. Tokens of a clock that is behind look old,
    /// too: [`max_age`](Self::max_age) has to allow for that.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = Some(leeway);
        self
    }

    /// How old a token may be by its `iat` and the receiver's clock. 63 seconds by default, a minute
    /// between the clocks and three seconds on the way, so that a token that leaked is soon worthless.
    /// If your deliveries are repeated with the token of the first try, a repetition that comes later
    /// is refused: then allow as much as the repetitions need. Used tokens are remembered for as long.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// How long after `exp`, and before `nbf`, a token is accepted, besides the
    /// [`leeway`](Self::leeway): by default not at all.
    pub fn expiry_grace(mut self, grace: Duration) -> Self {
        self.expiry_grace = Some(grace);
        self
    }

    /// Refuses tokens that lack one of `iat`, `jti`, `exp` and `nbf`. A token without `jti` can be
    /// replayed while its times allow it, so demand them when your policy has an expiry.
    pub fn require_all_claims(mut self) -> Self {
        self.all_claims = true;
        self
    }

    /// Accepts tokens that have neither `iat` nor `exp`. **Such a token never becomes too old**: whoever
    /// gets hold of one can send it again, after 24 hours even if it has a `jti`, which is forgotten
    /// then; without a `jti`, at any time.
    pub fn dangerously_accept_tokens_without_times(mut self) -> Self {
        self.timeless = true;
        self
    }

    /// The most bytes of a body: [`MAX_BODY`] by default.
    pub fn max_body_size(mut self, bytes: usize) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// The most bytes of a token. By default, whatever a body [may have](Self::max_body_size).
    pub fn max_token_size(mut self, bytes: usize) -> Self {
        self.max_token = Some(bytes);
        self
    }

    /// Demands a parameter in the address that was posted to, once and with this value:
    /// `https://example.com/hook?key=..`. Deliveries are then verified with
    /// [`Verifier::verify_at`], which knows the address.
    pub fn secret_query_parameter(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.secrets.query = Some((name.into(), value.into()));
        self
    }

    /// Demands basic authentication, which Xurrent sends for a webhook whose address is
    /// `https://user:password@example.com/hook`.
    pub fn basic_auth(mut self, user: &str, password: impl Into<SecretString>) -> Self {
        use secrecy::ExposeSecret;
        let password: SecretString = password.into();
        self.secrets.basic = Some(format!("{user}:{}", password.expose_secret()).into());
        self
    }

    /// Accepts deliveries of this webhook only. Several calls add webhooks.
    pub fn webhook_id(mut self, id: i64) -> Self {
        self.secrets.webhooks.push(id);
        self
    }

    /// Where used tokens are remembered: one store for all machines that receive for a webhook.
    pub fn replay_store(mut self, store: impl ReplayStore + 'static) -> Self {
        self.replay = Some(Arc::new(store));
        self
    }

    /// How long a discovered key is used, at most the hour that is the default.
    pub fn key_lifetime(mut self, lifetime: Duration) -> Self {
        self.key_lifetime = Some(lifetime);
        self
    }

    /// How long an issuer is not asked again for its keys, whatever tokens say: 30 seconds by
    /// default. A key that was replaced, under a new name or the same, is found after this time at the
    /// latest; until then, what it has signed is refused as [temporary](super::Refused::is_temporary).
    pub fn refetch_after(mut self, time: Duration) -> Self {
        self.refetch_after = Some(time);
        self
    }

    /// Trusts a certificate authority, as PEM, besides those of the system: for networks whose
    /// connections are opened on the way, and for a sandbox with an authority of its own.
    pub fn root_certificate(mut self, pem: impl Into<String>) -> Self {
        self.certificates.push(pem.into());
        self
    }

    /// Reaches the account through a proxy, such as `http://user:password@proxy.example.com:3128`, in
    /// place of the one that the environment names (`HTTPS_PROXY`). The proxy may have a private address.
    ///
    /// As without a proxy, nothing but the account's own host is asked for, and its certificate is
    /// checked. But it is the proxy that resolves the name of the host, so that only the proxy can refuse
    /// private addresses that it leads to.
    pub fn proxy(mut self, url: impl Into<SecretString>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Accepts bodies without a signature. **Anybody who knows the address of the receiver can then
    /// forge deliveries**, unless one of the secrets above is demanded too. For webhooks without a
    /// policy; a body that has a token is verified all the same.
    pub fn dangerously_accept_unsigned(mut self) -> Self {
        self.unsigned = true;
        self
    }

    /// Lets discovery and handshakes connect to this machine, also without TLS: for tests against a
    /// server on it. **A delivery can then reach what listens there.** Other private addresses stay
    /// refused.
    pub fn dangerously_allow_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Makes the verifier. Sends nothing.
    ///
    /// # Errors
    /// For settings that cannot be meant: nobody to trust, a key that cannot be read or belongs to
    /// another algorithm, an empty secret, a policy and unsigned bodies at once.
    pub fn build(self) -> Result<Verifier> {
        let checked = |what: &str, text: &str| {
            plain(text, self.loopback)
                .map_err(|why| Error::new(format!("the {what} {:?} is refused: {why}", redact_url(text))))
        };
        let account =
            self.account.as_deref().map(|text| checked("address of the account", text)).transpose()?;
        let issuers: Vec<_> =
            self.issuers.iter().map(|text| checked("issuer", text)).collect::<Result<_>>()?;
        if issuers.iter().any(|issuer| Origin::of(issuer) != issuers.first().and_then(Origin::of)) {
            return Err(Error::new("issuers of several hosts: make a verifier for each host"));
        }
        let named = if issuers.is_empty() { account.as_slice() } else { &issuers };
        let named: Vec<String> = named.iter().map(canonical).collect();
        let (home, trust) = match (account, issuers.into_iter().next()) {
            (account, Some(issuer)) => (account.unwrap_or(issuer), Trust::Exactly(self.issuers)),
            (Some(account), None) => (account.clone(), Trust::Account(account)),
            (None, None) => {
                return Err(Error::new(
                    "nobody to trust: call `.account_url(\"https://wdc.xurrent.com\")` or `.issuer(..)`",
                ));
            }
        };
        if self.unsigned && (!self.keys.is_empty() || self.audience.is_some() || self.all_claims) {
            return Err(Error::new(
                "unsigned bodies and a webhook policy: with a policy, all bodies are signed",
            ));
        }
        let mut certificates = Vec::new();
        for pem in &self.certificates {
            let read = reqwest::Certificate::from_pem_bundle(pem.as_bytes()).unwrap_or_default();
            if read.is_empty() {
                return Err(Error::new("a root certificate is no PEM with `-----BEGIN CERTIFICATE-----`"));
            }
            certificates.extend(read);
        }
        let fetcher = Arc::new(Fetcher::new(self.loopback, certificates, self.proxy.as_ref())?);
        let lifetime = self.key_lifetime.unwrap_or(KEY_LIFETIME).min(KEY_LIFETIME);
        let refetch_after = self.refetch_after.unwrap_or(REFETCH_AFTER);
        let keys = if self.keys.is_empty() {
            fetcher.check(home.scheme())?;
            let fetcher = Arc::clone(&fetcher);
            KeySource::Discovered(KeyCache::new(fetcher, named, self.loopback, lifetime, refetch_after))
        } else {
            let read = |(algorithm, pem): &(Algorithm, String)| {
                let key = PublicKey::from_pem(*algorithm, pem)
                    .map_err(|why| Error::new(format!("the public key for {algorithm} is refused: {why}")))?;
                Ok((*algorithm, key))
            };
            KeySource::Configured(self.keys.iter().map(read).collect::<Result<_>>()?)
        };
        self.secrets.check_settings()?;
        let seconds = |given: Option<Duration>, default: i64| match given {
            None => Ok(default),
            Some(time) if time > LONGEST => Err(Error::new("a leeway or an age of more than a week")),
            Some(time) => Ok(i64::try_from(time.as_secs()).unwrap_or(default)),
        };
        let times = Times {
            leeway: seconds(self.leeway, 60)?,
            max_age: seconds(self.max_age, 63)?,
            grace: seconds(self.expiry_grace, 0)?,
            all_claims: self.all_claims,
            timeless: self.timeless,
        };
        let max_body = self.max_body.unwrap_or(MAX_BODY);
        if self.audience.as_deref().is_some_and(str::is_empty) {
            return Err(Error::new("the audience is empty"));
        }
        Ok(Verifier::new(Settings {
            home,
            trust,
            keys,
            fetcher,
            audience: self.audience,
            times,
            max_body,
            max_token: self.max_token.unwrap_or(max_body),
            secrets: self.secrets,
            replay: self.replay.unwrap_or_else(|| Arc::new(MemoryReplayStore::default())),
            unsigned: self.unsigned,
            loopback: self.loopback,
        }))
    }
}

impl fmt::Debug for VerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierBuilder")
            .field("account", &self.account.as_deref().map(redact_url))
            .field("issuers", &self.issuers.iter().map(|issuer| redact_url(issuer)).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
