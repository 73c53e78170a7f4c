//! Handlers, which users write, and their failures.

use crate::inbox::{QueuedDelivery, error_chain};
use futures_core::future::BoxFuture;
use futures_util::FutureExt;
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use xurrent_values::quote::beginning;

/// The maximum length of a reason in bytes.
const MAX_REASON: usize = 2_000;

/// Handles deliveries, each at least once.
///
/// A [`QueuedDelivery`] dereferences to a [`webhook::Delivery`](crate::webhook::Delivery), verified and
/// decoded. Every `async` function or closure with this signature is a handler: see the example of the
/// [crate](crate).
///
/// A delivery is handled again when the process ends before its success is stored. Use
/// [`origin_id`](crate::webhook::Delivery::origin_id), which is the same each time, to make the work
/// idempotent.
pub trait Handler: Send + Sync + 'static {
    /// Handles one delivery. A panic counts as a failure.
    ///
    /// The future is dropped when the worker shuts down and its grace period is over, when
    /// [`handler_timeout`](crate::WorkerBuilder::handler_timeout) passes, or when the lease is lost.
    ///
    /// # Errors
    ///
    /// A [`Failure`]. Any error becomes one with `?`, and the delivery is retried.
    fn handle(&self, delivery: QueuedDelivery) -> impl Future<Output = Result<(), Failure>> + Send;
}

impl<F, Handled> Handler for F
where
    F: Fn(QueuedDelivery) -> Handled + Send + Sync + 'static,
    Handled: Future<Output = Result<(), Failure>> + Send,
{
    fn handle(&self, delivery: QueuedDelivery) -> impl Future<Output = Result<(), Failure>> + Send {
        self(delivery)
    }
}

/// Why a delivery was not handled, and whether it is retried.
#[derive(Debug)]
pub struct Failure {
    pub(super) reason: String,
    pub(super) retry: Retry,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// With the backoff of the worker.
    Backoff,
    After(Duration),
    Never,
}

impl Failure {
    /// A failure that is retried.
    pub fn retry(reason: impl fmt::Display) -> Self {
        Self::new(reason, Retry::Backoff)
    }

    /// A failure that is retried after this time. The attempt is counted like any other.
    pub fn retry_after(after: Duration, reason: impl fmt::Display) -> Self {
        Self::new(reason, Retry::After(after))
    }

    /// A failure that is not retried: the delivery becomes a dead letter at once.
    pub fn dead(reason: impl fmt::Display) -> Self {
        Self::new(reason, Retry::Never)
    }

    /// Why the delivery was not handled.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    fn new(reason: impl fmt::Display, retry: Retry) -> Self {
        let mut reason = reason.to_string();
        reason.truncate(beginning(&reason, MAX_REASON).len());
        Self { reason, retry }
    }
}

/// The reason is the error with its chain of sources.
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::retry(error_chain(&error))
    }
}

pub(super) type BoxedHandler =
    Arc<dyn Fn(QueuedDelivery) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

pub(super) fn boxed(handler: impl Handler) -> BoxedHandler {
    let handler = Arc::new(handler);
    Arc::new(move |delivery| {
        let handler = Arc::clone(&handler);
        // The state of a handler that panicked is dropped with its future.
        let handled = AssertUnwindSafe(async move { handler.handle(delivery).await }).catch_unwind();
        Box::pin(async move { handled.await.unwrap_or_else(|panic| Err(panicked(&*panic))) })
    })
}

fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let message = panic.downcast_ref::<&str>().copied();
    let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Failure::retry(format_args!("the handler panicked: {}", message.unwrap_or("unknown panic message")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should stop")]
mod tests {
    use super::*;

    #[test]
    fn a_failure_contains_each_source_of_its_error_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot book")]
        struct Outer(#[from] std::num::ParseIntError);
        let error = Outer("x".parse::<u8>().unwrap_err());
        assert_eq!(Failure::from(error).reason, "cannot book: invalid digit found in string");
    }

    #[test]
    fn a_reason_is_cut_between_characters() {
        let length = |reason: String| Failure::dead(reason).reason.len();
        assert_eq!(length("ä".repeat(MAX_REASON)), MAX_REASON);
        assert_eq!(length(format!("x{}", "ä".repeat(MAX_REASON))), MAX_REASON - 1);
    }
}
