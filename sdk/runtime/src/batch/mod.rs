//! Batches: several calls in one request, each under an alias, each with its own result.

mod calls;
mod item;
mod member;
mod part;
mod query;
mod tuple;

pub use item::{BatchItem, BatchOperation};
pub use member::{BatchCall, Member};
pub use part::Part;
pub use query::BatchQuery;
pub use tuple::{Assemble, Batch, Members};
