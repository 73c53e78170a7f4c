//! What calls have only with the feature `blocking`.

#[cfg(feature = "blocking")]
use crate::RetryPolicy;

/// Declares these items with the feature `blocking` of this crate, whatever the features of the crate that
/// uses the macro.
#[cfg(feature = "blocking")]
#[doc(hidden)]
#[macro_export]
macro_rules! __blocking {
    ($($item:item)*) => { $($item)* };
}

#[cfg(not(feature = "blocking"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __blocking {
    ($($tokens:tt)*) => {};
}

/// A call with a retry policy of its own.
#[cfg(feature = "blocking")]
#[doc(hidden)]
pub trait Retry {
    /// Sets the policy.
    fn retry(self, policy: RetryPolicy) -> Self;
}
