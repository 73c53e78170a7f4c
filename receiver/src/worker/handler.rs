//! The user's part: what is done with a delivery.

use crate::error_chain::causes;
use crate::inbox::Delivery;
use futures_core::future::BoxFuture;
use futures_util::FutureExt;
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// The longest reason that is kept with a delivery, in bytes.
const LONGEST_REASON: usize = 2_000;

/// Handles deliveries, each at least once.
///
/// Every `async` function or closure from [`Delivery`] to `Result<(), Failure>` is one. A delivery is
/// handled again when the process died before its success was noted, so work that must not be done
/// twice should remember [`Delivery::origin`].
pub trait Handler: Send + Sync + 'static {
    /// Handles one delivery. The future is dropped when the worker is shut down and its grace has
    /// passed, when it takes longer than [`handler_timeout`](crate::WorkerBuilder::handler_timeout), or
    /// when the lease was lost to somebody else. A panic counts as a failure.
    ///
    /// # Errors
    ///
    /// A [`Failure`]; any error becomes one with `?`, and the delivery is tried again later.
    fn handle(&self, delivery: Delivery) -> impl Future<Output = Result<(), Failure>> + Send;
}

impl<F, Done> Handler for F
where
    F: Fn(Delivery) -> Done + Send + Sync + 'static,
    Done: Future<Output = Result<(), Failure>> + Send,
{
    fn handle(&self, delivery: Delivery) -> impl Future<Output = Result<(), Failure>> + Send {
        self(delivery)
    }
}

/// Why a delivery was not handled, and whether another attempt may help.
pub struct Failure {
    reason: String,
    again: Again,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// As the worker is set.
    Later,
    /// After this time.
    After(Duration),
    Never,
}

impl Failure {
    /// Another attempt may help.
    pub fn retry(reason: impl fmt::Display) -> Self {
        Self { reason: shortened(reason.to_string()), again: Again::Later }
    }

    /// Another attempt may help after this time. It counts like any other.
    pub fn retry_after(after: Duration, reason: impl fmt::Display) -> Self {
        Self { again: Again::After(after), ..Self::retry(reason) }
    }

    /// No other attempt can help: the delivery becomes a dead letter at once.
    pub fn dead(reason: impl fmt::Display) -> Self {
        Self { again: Again::Never, ..Self::retry(reason) }
    }

    pub(super) fn into_parts(self) -> (String, Again) {
        (self.reason, self.again)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").field("reason", &self.reason).field("again", &self.again).finish()
    }
}

/// With everything that the error says about its cause.
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::retry(causes(&error))
    }
}

/// A handler of any type.
pub(super) type Erased = Arc<dyn Fn(Delivery) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

pub(super) fn erase(handler: impl Handler) -> Erased {
    let handler = Arc::new(handler);
    Arc::new(move |delivery| {
        let handler = Arc::clone(&handler);
        // What was half done when it panicked is the handler's own, and is dropped.
        let handled = AssertUnwindSafe(async move { handler.handle(delivery).await }).catch_unwind();
        Box::pin(async move { handled.await.unwrap_or_else(|panic| Err(panicked(&*panic))) })
    })
}

fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Failure::retry(format_args!("the handler panicked: {}", text.unwrap_or("it does not say why")))
}

fn shortened(mut reason: String) -> String {
    if reason.len() > LONGEST_REASON {
        let end = (0..=LONGEST_REASON).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
        reason.truncate(end);
    }
    reason
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_its_causes_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot book")]
        struct Outer(#[from] std::num::ParseIntError);
        let error = Outer("x".parse::<u8>().unwrap_err());
        assert_eq!(Failure::from(error).reason, "cannot book: invalid digit found in string");
    }

    #[test]
    fn a_reason_is_cut_between_characters() {
        let failure = Failure::dead("ä".repeat(LONGEST_REASON));
        assert_eq!(failure.reason.len(), LONGEST_REASON);
        assert_eq!(
            Failure::dead(format!("x{}", "ä".repeat(LONGEST_REASON))).reason.len(),
            LONGEST_REASON - 1
        );
    }
}
