//! A target that gets deliveries by `POST`, signed in the manner of Standard Webhooks.

use super::stable_id::stable_id;
use crate::error::{Error, chain};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Certificate, Client, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use xurrent_receiver::{Failure, QueuedDelivery};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The shortest key in bytes, as Standard Webhooks recommend.
const MIN_KEY: usize = 24;

pub(crate) struct Http {
    client: Client,
    url: Url,
    webhook: Webhook,
    /// The first and the longest wait of the worker's backoff.
    backoff: (Duration, Duration),
}

/// The key that signs requests.
pub(crate) struct Webhook(hmac::Key);

impl Webhook {
    /// Reads a secret such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`.
    pub(crate) fn new(secret: &SecretString) -> Result<Self, Error> {
        let text = secret.expose_secret().trim();
        let key = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).unwrap_or_default();
        if key.len() < MIN_KEY {
            let why = "`target.secret` is not base64 of at least 24 bytes; \
                       make one with `echo whsec_$(openssl rand -base64 32)`";
            return Err(Error::configuration(why));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{id}.{timestamp}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

impl Http {
    /// `authority` is a certificate authority as PEM, beside those of the system.
    pub(crate) fn new(
        url: &str,
        webhook: Webhook,
        authority: Option<&str>,
        backoff: (Duration, Duration),
    ) -> Result<Self, Error> {
        let invalid = || Error::configuration("`target.url` is not an http or https URL");
        let url = Url::parse(url).map_err(|_| invalid())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(invalid());
        }
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("xurrent-receiver/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = authority {
            let certificate = Certificate::from_pem(pem.as_bytes()).map_err(|_| {
                Error::configuration("`target.root_certificate_file` is not a certificate as PEM")
            })?;
            builder = builder.tls_certs_merge([certificate]);
        }
        let failed = |error: reqwest::Error| {
            Error::Failed(format!("cannot build the HTTP client: {}", chain(&error.without_url())))
        };
        Ok(Self { client: builder.build().map_err(failed)?, url, webhook, backoff })
    }

    pub(crate) async fn post(&self, delivery: &QueuedDelivery) -> Result<(), Failure> {
        let (id, body) = (stable_id(delivery), delivery.raw().as_text().to_owned());
        let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("x-xurrent-delivery", delivery.id.as_deref().unwrap_or(&id))
            .header("x-xurrent-delivery-origin", &id)
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", self.webhook.sign(&id, timestamp, body.as_bytes()));
        #[cfg(feature = "opentelemetry")]
        let request = match crate::traces::traceparent() {
            Some(parent) => request.header("traceparent", parent),
            None => request,
        };
        // The URL can hold a secret.
        let failed = |error: reqwest::Error| {
            Failure::retry(format_args!("no response of the target: {}", chain(&error.without_url())))
        };
        let response = request.body(body).send().await.map_err(failed)?;
        let status = response.status();
        let reason = match status.as_u16() {
            200..300 => return Ok(()),
            300..400 => format!("the target redirects, with status {status}"),
            _ => format!("the target responded with status {status}"),
        };
        // No sooner than without it, which would use up the attempts, and no later than the last ones.
        let (first, longest) = self.backoff;
        let doubled = 2_u32.saturating_pow(delivery.attempt.saturating_sub(1));
        let least = first.saturating_mul(doubled).min(longest);
        Err(match retry_after(response.headers(), SystemTime::now()) {
            Some(wait) if wait > least => Failure::retry_after(wait.min(longest), reason),
            _ => Failure::retry(reason),
        })
    }
}

/// The wait of `Retry-After`: a number of seconds, or a date in the future.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).ok(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should stop")]
mod tests {
    use super::*;

    /// The example of the specification of Standard Webhooks.
    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        let webhook = Webhook::new(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()).unwrap();
        let body = br#"{"test": 2432232314}"#;
        assert_eq!(
            webhook.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn the_wait_of_retry_after_is_read_in_both_forms() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let read = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(read(" 120"), Some(120));
        assert_eq!(read("Sun, 06 Nov 1994 08:51:37 GMT"), Some(120));
        assert_eq!(read("0"), Some(0));
        for none in ["-1", "soon", "", "Sun, 06 Nov 1994 08:49:36 GMT", "Sat, 05 Nov 1994 08:49:37 GMT"] {
            assert_eq!(read(none), None, "{none}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn short_and_invalid_secrets_are_refused_without_repeating_them() {
        for secret in ["", "whsec_", "correct-horse", "whsec_c2hvcnQ=", "whsec_***not*base64***at*all***"] {
            let error = Webhook::new(&secret.into()).err().unwrap().to_string();
            assert!(secret.is_empty() || secret == "whsec_" || !error.contains(secret), "{error}");
        }
    }
}
