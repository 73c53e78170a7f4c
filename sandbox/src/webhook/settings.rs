//! The settings of webhook delivery.

use reqwest::Certificate;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::attempt::DeliveryAttempt;
use crate::error::SandboxError;

/// The settings of webhook delivery, for
/// [`SandboxBuilder::webhooks`](crate::SandboxBuilder::webhooks).
///
/// ```
/// use std::time::Duration;
/// use xurrent_sandbox::Webhooks;
///
/// // Two retries; a webhook is disabled at its third failure in a row.
/// let webhooks = Webhooks::default()
///     .retry_after([Duration::from_millis(10), Duration::from_millis(50)])
///     .disable_after(3, Duration::ZERO);
/// ```
#[derive(Debug, Clone)]
#[must_use = "settings have no effect until they are given to a sandbox"]
pub struct Webhooks {
    pub(crate) timeout: Duration,
    pub(super) max_concurrent: usize,
    pub(super) waits: Vec<Duration>,
    pub(super) most_failures: u32,
    pub(super) failing_for: Duration,
    pub(super) code_lifetime: Duration,
    pub(crate) any_address: bool,
    trusted: Option<String>,
    pub(super) observer: Option<Observer>,
}

/// Called with each attempt.
#[derive(Clone)]
pub(super) struct Observer(pub(super) Arc<dyn Fn(&DeliveryAttempt) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        // Nine doubling delays: ten attempts in about three quarters of an hour.
        let waits = (0..9).map(|exponent| Duration::from_secs(5 << exponent)).collect();
        Self {
            timeout: Duration::from_secs(10),
            max_concurrent: 8,
            waits,
            most_failures: 20,
            failing_for: Duration::from_secs(7 * 24 * 3_600),
            code_lifetime: Duration::from_secs(24 * 3_600),
            any_address: false,
            trusted: None,
            observer: None,
        }
    }
}

impl Webhooks {
    /// The time limit of a receiver's response. Default: 10 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The maximum number of concurrent deliveries. With 1, first attempts keep the order of the events; 0
    /// counts as 1. Default: 8.
    pub fn max_concurrent(mut self, deliveries: usize) -> Self {
        self.max_concurrent = deliveries.max(1);
        self
    }

    /// The delay before each retry; the delivery is dropped when none is left. Default: 5 seconds, doubling
    /// each time, 10 attempts in all.
    pub fn retry_after(mut self, waits: impl IntoIterator<Item = Duration>) -> Self {
        self.waits = waits.into_iter().collect();
        self
    }

    /// Disables a webhook after this many failures in a row over at least this period. Default: 20 in a
    /// week.
    pub fn disable_after(mut self, failures: u32, period: Duration) -> Self {
        (self.most_failures, self.failing_for) = (failures, period);
        self
    }

    /// The lifetime of the code in a `webhook.verify`, in whole seconds. Default: 24 hours.
    pub fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.code_lifetime = lifetime;
        self
    }

    /// Whether webhooks may have addresses beyond loopback. Default: no, so that tests send nothing to
    /// other machines.
    pub fn any_address(mut self, any: bool) -> Self {
        self.any_address = any;
        self
    }

    /// A certificate authority to trust beside those of the system, as PEM with one or more certificates.
    /// An invalid one is an error of [`start`](crate::SandboxBuilder::start). Default: none.
    pub fn root_certificate(mut self, pem: impl Into<String>) -> Self {
        self.trusted = Some(pem.into());
        self
    }

    pub(crate) fn trusted_certificates(&self) -> Result<Vec<Certificate>, SandboxError> {
        let Some(pem) = &self.trusted else {
            return Ok(Vec::new());
        };
        let reason = match Certificate::from_pem_bundle(pem.as_bytes()) {
            Ok(certificates) if certificates.is_empty() => "the PEM contains no certificate".to_owned(),
            Ok(certificates) => return Ok(certificates),
            Err(error) => error.to_string(),
        };
        Err(SandboxError::RootCertificate { reason })
    }

    /// Calls `observer` with each attempt when it is over.
    pub fn observe(mut self, observer: impl Fn(&DeliveryAttempt) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer(Arc::new(observer)));
        self
    }
}
