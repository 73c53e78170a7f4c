//! One failed request of a call.

use std::time::Duration;

/// One failed request of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// How long the call waited before it.
    pub waited: Duration,
    /// The status of the response; none if no response arrived.
    pub status: Option<u16>,
    /// The `x-request-id` of the response.
    pub request_id: Option<String>,
}
