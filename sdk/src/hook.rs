//! What a [`Hook`](crate::Hook) receives: the start and the end of requests and calls.

pub use xurrent_runtime::{CallEnd, Outcome, RequestEnd, RequestStart};
