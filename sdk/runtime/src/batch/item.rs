//! The calls that a batch can hold.

use super::member::{Member, Outcome, once};
use super::part::Part;
use crate::call::Prepared;
use crate::document::OperationType;
use crate::error::Result;
use crate::select::root;
use std::fmt;
use tokio::sync::oneshot;

/// A call that a batch can hold: a query or a mutation of one root field.
///
/// A query of a connection requests its first page, which has the cursor of the next; with
/// [`ConnectionQuery::complete`](crate::ConnectionQuery::complete) it requests all pages.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a batch",
    note = "what the functions of the client return can, before it is awaited"
)]
pub trait BatchItem {
    /// [`root::Query`] or [`root::Mutation`]: a batch has one kind only.
    type Operation: BatchOperation;
    /// The result of the call.
    type Output: Send + 'static;
    /// Converts the call to a member of a batch.
    #[doc(hidden)]
    fn into_call(self) -> BatchCall<Self::Output>;
}

/// The kind of a batch.
pub trait BatchOperation {
    /// Its operation type.
    #[doc(hidden)]
    const TYPE: OperationType;
}

impl BatchOperation for root::Query {
    const TYPE: OperationType = OperationType::Query;
}

impl BatchOperation for root::Mutation {
    const TYPE: OperationType = OperationType::Mutation;
}

/// A call of a batch, and where its result arrives.
pub struct BatchCall<T> {
    pub(super) member: Result<Box<dyn Member>>,
    pub(super) outcome: Outcome<T>,
}

impl<T: Send + 'static> BatchCall<T> {
    /// A call with one request.
    pub(super) fn once(
        prepared: Result<Prepared>,
        read: impl FnOnce(Part) -> Result<T> + Send + 'static,
    ) -> Self {
        match prepared {
            Ok(prepared) => {
                let (member, outcome) = once(prepared, read);
                Self { member: Ok(member), outcome }
            }
            // The whole batch fails, so that no result is received.
            Err(error) => Self { member: Err(error), outcome: oneshot::channel().1 },
        }
    }
}

impl<T> fmt::Debug for BatchCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchCall").finish_non_exhaustive()
    }
}
