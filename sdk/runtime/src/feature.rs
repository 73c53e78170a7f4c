//! Items that exist only with a feature of this crate.

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

/// Declares these methods with the feature `graphql-client`.
#[cfg(feature = "graphql-client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __graphql_client {
    ($($method:tt)*) => { $($method)* };
}

#[cfg(not(feature = "graphql-client"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __graphql_client {
    ($($method:tt)*) => {};
}

/// Declares these items or methods with the feature `subscriptions`.
#[cfg(feature = "subscriptions")]
#[doc(hidden)]
#[macro_export]
macro_rules! __subscriptions {
    ($($item:tt)*) => { $($item)* };
}

#[cfg(not(feature = "subscriptions"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __subscriptions {
    ($($item:tt)*) => {};
}

/// A call with a retry policy of its own.
#[cfg(feature = "blocking")]
#[doc(hidden)]
pub trait Retry {
    /// Sets the policy.
    fn retry(self, policy: RetryPolicy) -> Self;
}
