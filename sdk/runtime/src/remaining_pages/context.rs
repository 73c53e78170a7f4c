//! The call whose response has connections with remaining pages.

use crate::client::ClientCore;
use crate::document::OperationType;
use tokio::time::Instant;

/// The call whose response has connections with remaining pages.
pub(crate) struct Caller<'c> {
    pub(super) client: &'c ClientCore,
    pub(super) operation: &'c str,
    pub(super) kind: OperationType,
    /// Whether data is wanted beside errors.
    pub(super) partial: bool,
    pub(super) deadline: Option<Instant>,
}

impl<'c> Caller<'c> {
    pub(crate) fn new(
        client: &'c ClientCore,
        operation: &'c str,
        kind: OperationType,
        begun: Instant,
        partial: bool,
    ) -> Self {
        let deadline = client.retry.time_limit.and_then(|limit| begun.checked_add(limit));
        Self { client, operation, kind, partial, deadline }
    }
}
