//! The webhook endpoint.

mod endpoint;
mod monitoring;
mod service;

pub use endpoint::{BODY_LIMIT, Receiver, ReceiverBuilder};
