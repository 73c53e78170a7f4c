//! The calls that a batch can hold.

use super::member::BatchCall;
use crate::document::OperationType;
use crate::select::root;

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
