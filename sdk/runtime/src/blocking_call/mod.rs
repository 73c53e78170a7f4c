//! Calls and iterators without `async`: the parts that the blocking clients of all APIs share.
//!
//! [`client!`](crate::client!) declares a blocking client as `blocking::Client` beside its `Client`.

mod background;
mod call;
mod iter;

pub use crate::feature::Retry;
pub use background::Background;
pub use call::Call;
pub use iter::{FallibleStream, Iter};
