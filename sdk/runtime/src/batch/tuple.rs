//! Tuples and vectors of calls.

use super::item::{BatchItem, BatchOperation};
use super::member::{Member, result};
use crate::error::Result;

/// The calls of a batch: a tuple of up to eight, or a `Vec` of calls of one type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a batch",
    note = "a batch is a tuple of two to eight calls, all queries or all mutations, or a `Vec` of calls of one type"
)]
pub trait Batch {
    /// [`root::Query`](crate::select::root::Query) or [`root::Mutation`](crate::select::root::Mutation).
    type Operation: BatchOperation;
    /// The results of the calls, in their order.
    type Output: Send + 'static;
    /// Separates the calls from the assembly of their results.
    #[doc(hidden)]
    fn into_calls(self) -> (Members, Assemble<Self::Output>);
}

/// The calls of a batch, or why one is invalid.
pub type Members = Vec<Result<Box<dyn Member>>>;

/// Assembles the results.
pub type Assemble<T> = Box<dyn FnOnce() -> T + Send>;

impl<I: BatchItem> Batch for Vec<I> {
    type Operation = I::Operation;
    type Output = Vec<Result<I::Output>>;

    fn into_calls(self) -> (Members, Assemble<Self::Output>) {
        let calls = self.into_iter().map(BatchItem::into_call);
        let (members, outcomes): (Vec<_>, Vec<_>) = calls.map(|call| (call.member, call.outcome)).unzip();
        (members, Box::new(|| outcomes.into_iter().map(result).collect()))
    }
}

macro_rules! tuple {
    ($first:ident $($item:ident)*) => {
        impl<$first: BatchItem $(, $item: BatchItem<Operation = $first::Operation>)*> Batch for ($first, $($item),*) {
            type Operation = $first::Operation;
            type Output = (Result<$first::Output>, $(Result<$item::Output>),*);

            #[allow(non_snake_case, reason = "one name serves as type and as value")]
            fn into_calls(self) -> (Members, Assemble<Self::Output>) {
                let ($first, $($item),*) = self;
                let ($first, $($item),*) = ($first.into_call(), $($item.into_call()),*);
                let members = vec![$first.member, $($item.member),*];
                let ($first, $($item),*) = ($first.outcome, $($item.outcome),*);
                (members, Box::new(|| (result($first), $(result($item)),*)))
            }
        }
    };
}

tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);
