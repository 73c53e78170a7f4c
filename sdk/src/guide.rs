//! Guides: how to use the crate, task by task.
//!
//! | guide | content |
//! | --- | --- |
//! | [Getting started](getting_started) | credentials, the first program, where to find types |
//! | [Selections](selections) | `#[derive(Select)]`: fetch exactly the fields that you need |
//! | [Filters and paging](queries) | filters, views, streams, resuming, batches |
//! | [Mutations and bulk changes](mutations) | inputs, refusals, many changes in one request |
//! | [Uploads](uploads) | files, and texts with images |
//! | [Errors and retries](errors) | kinds of errors, retry policies, logs and metrics |
//! | [Limits and tokens](limits) | rate limits, budgets, token pools |
//! | [Webhooks](webhooks) | create, verify and manage webhooks |
//! | [Run a receiver](receiver) | `xurrent-receiver` in production: limits, health, losses |
//! | [Test with the sandbox](testing) | the API on this machine, faults, tests without a server |
//! | [Test a receiver](webhook_testing) | deliveries, key rotation and faults of the sandbox |
//! | [Record and replay](recording) | responses of a real server as test data |
//! | [Regenerate the SDK](regenerating) | the schema of your account, and how certain the checked-in one is |

#[allow(unused_imports, reason = "links of the guides resolve here")]
use crate::*;

/// A module per guide. The link definitions come first and win over those in the files, which are for
/// readers of the repository.
macro_rules! guides {
    ($($(#[$attribute:meta])* $name:ident;)*) => {$(
        $(#[$attribute])*
        ///
        /// [errors]: crate::guide::errors
        /// [limits]: crate::guide::limits
        /// [mutations]: crate::guide::mutations
        /// [queries]: crate::guide::queries
        /// [recording]: crate::guide::recording
        /// [selections]: crate::guide::selections
        /// [testing]: crate::guide::testing
        /// [webhook_testing]: crate::guide::webhook_testing
        ///
        #[doc = include_str!(concat!("../../docs/", stringify!($name), ".md"))]
        pub mod $name {}
    )*};
}

guides! {
    /// Connect, and fetch the first records.
    getting_started;
    /// Fetch exactly the fields that you need.
    selections;
    /// Fetch lists of records.
    queries;
    /// Create, change and delete records.
    mutations;
    /// Send files and texts with images.
    uploads;
    /// Handle failures, and observe calls.
    errors;
    /// Stay within the limits of the API, with one token or several.
    limits;
    /// Create, verify and manage webhooks.
    #[cfg(feature = "webhook")]
    webhooks;
    /// Test programs without an account.
    testing;
    /// Test programs that receive webhooks.
    #[cfg(feature = "webhook")]
    webhook_testing;
    /// Record responses of a real server for tests.
    recording;
    /// Generate the crate from the schema of your account.
    regenerating;
}

/// Run the durable webhook endpoint of the crate `xurrent-receiver`.
///
#[cfg_attr(not(doctest), doc = include_str!("../../docs/receiver.md"))]
pub mod receiver {}
