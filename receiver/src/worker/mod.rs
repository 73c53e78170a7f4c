//! Workers, which hand deliveries from the inbox to a handler.

mod attempt;
mod backoff;
mod builder;
mod dispatcher;
mod handler;

pub use builder::{Worker, WorkerBuilder};
pub use handler::{Failure, Handler};
