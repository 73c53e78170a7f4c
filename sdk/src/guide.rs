//! Guides: how to use the crate, task by task.
//!
//! | guide | content |
//! | --- | --- |
//! | [Getting started](getting_started) | credentials, the first program, where to find types |
//! | [Selections](selections) | `#[derive(Select)]`: fetch exactly the fields that you need |
//! | [Filters and paging](queries) | filters, views, streams, resuming, batches |
//! | [Keep a copy of an account](mirroring) | first load, increments, deleted records, webhooks, costs |
//! | [Mutations and bulk changes](mutations) | inputs, refusals, many changes in one request |
//! | [Alerts and other events](events) | one request of an alert, however often it is sent |
//! | [Exports and imports](bulk) | whole tables of records, as files |
//! | [Uploads](uploads) | files, and texts with images |
//! | [Programs without `async`](blocking) | scripts, with the feature `blocking` |
//! | [Errors and retries](errors) | kinds of errors, retry policies, logs and metrics |
//! | [Limits and tokens](limits) | rate limits, budgets, token pools |
//! | [Webhooks](webhooks) | create, verify and manage webhooks |
//! | [Run a receiver](receiver) | `xurrent-receiver` in production: limits, health, losses |
//! | [Test with the sandbox](testing) | the API on this machine, faults, tests without a server |
//! | [Test a receiver](webhook_testing) | deliveries, key rotation and faults of the sandbox |
//! | [Record and replay](recording) | responses of a real server as test data |
//! | [Regenerate the SDK](regenerating) | the schema of your account, and how certain the checked-in one is |
//! | [When the schema changes](schema_changes) | what a new schema breaks, in source and in running programs, and how to know before |
//! | [Performance](performance) | measurements beside other libraries, and how to repeat them |
//! | [Another API](other_apis) | an SDK for any GraphQL API in ten minutes |

#[allow(unused_imports, reason = "links of the guides resolve here")]
use crate::{batch::*, connection::*, error::*, limits::*, operation::*, preflight::*, select::*, *};

/// A module per guide. The link definitions come first and win over those in the files, which are for
/// readers of the repository.
macro_rules! guides {
    ($($(#[$attribute:meta])* $name:ident = $text:expr;)*) => {$(
        $(#[$attribute])*
        ///
        /// [errors]: crate::guide::errors
        /// [events]: crate::guide::events
        /// [limits]: crate::guide::limits
        /// [mirroring]: crate::guide::mirroring
        /// [mutations]: crate::guide::mutations
        /// [queries]: crate::guide::queries
        /// [recording]: crate::guide::recording
        /// [schema_changes]: crate::guide::schema_changes
        /// [selections]: crate::guide::selections
        /// [testing]: crate::guide::testing
        /// [webhook_testing]: crate::guide::webhook_testing
        ///
        #[doc = $text]
        pub mod $name {}
    )*};
}

guides! {
    /// Connect, and fetch the first records.
    getting_started = include_str!("../docs/getting_started.md");
    /// Fetch exactly the fields that you need.
    selections = include_str!("../docs/selections.md");
    /// Fetch lists of records.
    queries = include_str!("../docs/queries.md");
    /// Keep records in a database of your own.
    mirroring = include_str!("../docs/mirroring.md");
    /// Create, change and delete records.
    mutations = include_str!("../docs/mutations.md");
    /// Turn alerts into requests.
    #[cfg(feature = "events")]
    events = include_str!("../docs/events.md");
    /// Export and import records in bulk.
    #[cfg(all(feature = "export", feature = "import"))]
    bulk = include_str!("../docs/bulk.md");
    /// Send files and texts with images.
    #[cfg(feature = "upload")]
    uploads = include_str!("../docs/uploads.md");
    /// Write scripts.
    #[cfg(feature = "blocking")]
    blocking = include_str!("../docs/blocking.md");
    /// Handle failures, and observe calls.
    errors = include_str!("../docs/errors.md");
    /// Stay within the limits of the API, with one token or several.
    limits = include_str!("../docs/limits.md");
    /// Create, verify and manage webhooks.
    #[cfg(feature = "webhook")]
    webhooks = include_str!("../docs/webhooks.md");
    /// Record responses of a real server for tests.
    recording = include_str!("../docs/recording.md");
    /// See what a new schema changes, whom it breaks, and what a server no longer serves.
    schema_changes = include_str!("../docs/schema-changes.md");
    /// Generate the crate from the schema of your account.
    regenerating = include_str!("../docs/regenerating.md");
}

/// Test programs without an account.
///
/// [recording]: crate::guide::recording
/// [webhook_testing]: crate::guide::webhook_testing
///
#[cfg_attr(not(doctest), doc = include_str!("../docs/testing.md"))]
pub mod testing {}

/// Test programs that receive webhooks.
///
#[cfg(feature = "webhook")]
#[cfg_attr(not(doctest), doc = include_str!("../docs/webhook_testing.md"))]
pub mod webhook_testing {}

/// Make a crate like this one for any GraphQL API.
///
/// [errors]: crate::guide::errors
/// [selections]: crate::guide::selections
///
#[cfg_attr(not(doctest), doc = include_str!("../docs/other-apis.md"))]
pub mod other_apis {}

/// Measure the crate beside others.
///
#[cfg_attr(not(doctest), doc = include_str!("../docs/performance.md"))]
pub mod performance {}

/// Run the durable webhook endpoint of the crate `xurrent-receiver`.
///
/// [performance]: crate::guide::performance
///
#[cfg_attr(not(doctest), doc = include_str!("../docs/receiver.md"))]
pub mod receiver {}
