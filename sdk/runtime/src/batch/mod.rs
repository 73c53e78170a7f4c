//! Batches: several calls in one request, each under an alias, each with its own result.

mod all;
mod calls;
mod item;
mod member;
mod part;
mod query;
mod request;
mod tuple;

pub use all::BatchStream;
pub use item::{BatchItem, BatchOperation};
pub(crate) use member::read_page;
pub use member::{BatchCall, Member};
pub use part::Part;
pub use query::BatchQuery;
pub(crate) use query::send;
pub(crate) use request::is_refused;
pub use tuple::{Assemble, Batch, Members};
