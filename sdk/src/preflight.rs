//! What [`Client::preflight`](crate::Client::preflight) compares and finds.

pub use xurrent_runtime::preflight::{Finding, FindingKind, Preflight, PreflightCall, PreflightReport};
