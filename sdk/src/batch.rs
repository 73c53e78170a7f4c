//! Several calls in one request, for generic code.
//!
//! [`Client::batch`](crate::Client::batch) and [`Client::batch_all`](crate::Client::batch_all) send them.

pub use xurrent_runtime::batch::BatchOperation;
pub use xurrent_runtime::{Batch, BatchItem, BatchQuery, BatchStream};
