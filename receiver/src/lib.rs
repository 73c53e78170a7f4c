//! A webhook endpoint for Xurrent that loses nothing.

mod causes;
mod check;
pub mod inbox;
mod metrics;
mod receiver;
mod worker;

pub use check::{Accepted, Check, Refused};
pub use inbox::{Delivery, Inbox, InboxError};
pub use receiver::{BODY_LIMIT, HandshakeError, Receiver, ReceiverBuilder};
pub use worker::{Failure, Handler, Worker, WorkerBuilder};
