//! How webhooks are delivered.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::attempt::DeliveryAttempt;

/// How the sandbox delivers webhooks, for
/// [`SandboxBuilder::webhooks`](crate::SandboxBuilder::webhooks).
///
/// ```
/// use std::time::Duration;
/// use xurrent_sandbox::Webhooks;
///
/// // Two attempts after the first, and a webhook is disabled at its third failure in a row.
/// let webhooks = Webhooks::default()
///     .retry_after([Duration::from_millis(10), Duration::from_millis(50)])
///     .disable_after(3, Duration::ZERO);
/// ```
#[derive(Clone)]
#[must_use = "settings do nothing until they are given to a sandbox"]
pub struct Webhooks {
    pub(crate) timeout: Duration,
    pub(super) at_once: usize,
    pub(super) waits: Vec<Duration>,
    pub(super) most_failures: u32,
    pub(super) failing_for: Duration,
    pub(super) code_lifetime: Duration,
    pub(crate) any_address: bool,
    pub(super) observer: Option<Observer>,
}

/// Is told of each attempt.
type Observer = Arc<dyn Fn(&DeliveryAttempt) + Send + Sync>;

impl Default for Webhooks {
    fn default() -> Self {
        // Nine waits that double: ten attempts in about three quarters of an hour.
        let waits = (0..9).map(|exponent| Duration::from_secs(5 << exponent)).collect();
        Self {
            timeout: Duration::from_secs(10),
            at_once: 8,
            waits,
            most_failures: 20,
            failing_for: Duration::from_secs(7 * 24 * 3_600),
            code_lifetime: Duration::from_secs(24 * 3_600),
            any_address: false,
            observer: None,
        }
    }
}

impl Webhooks {
    /// How long a receiver may take to answer. Default: 10 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many deliveries are under way at the same time. With 1, first attempts come in the order
    /// of what happened; 0 counts as 1. Default: 8.
    pub fn at_once(mut self, deliveries: usize) -> Self {
        self.at_once = deliveries.max(1);
        self
    }

    /// How long to wait after each failure before the next attempt. When there are no more waits, the
    /// delivery is dropped. Default: 5 seconds, then twice as long each time, with 10 attempts in all.
    pub fn retry_after(mut self, waits: impl IntoIterator<Item = Duration>) -> Self {
        self.waits = waits.into_iter().collect();
        self
    }

    /// Disables a webhook whose attempts have failed so often in a row, when the first of them is
    /// longer ago than this. Default: 20 in more than a week.
    pub fn disable_after(mut self, failures: u32, period: Duration) -> Self {
        (self.most_failures, self.failing_for) = (failures, period);
        self
    }

    /// How long the code in a `webhook.verify` is good for, in whole seconds. Default: 24 hours.
    pub fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.code_lifetime = lifetime;
        self
    }

    /// Whether webhooks may lead to other machines. Otherwise only loopback addresses are taken, so
    /// that no test tells strangers anything. Default: no.
    pub fn any_address(mut self, any: bool) -> Self {
        self.any_address = any;
        self
    }

    /// Tells of each attempt as soon as it is over.
    pub fn observe(mut self, observer: impl Fn(&DeliveryAttempt) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("timeout", &self.timeout)
            .field("at_once", &self.at_once)
            .field("retry_after", &self.waits)
            .field("disable_after", &(self.most_failures, self.failing_for))
            .field("any_address", &self.any_address)
            .finish_non_exhaustive()
    }
}
