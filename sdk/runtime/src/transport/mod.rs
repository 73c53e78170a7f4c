//! How a request reaches the server. Over HTTP, or in memory for tests.

mod http;
mod memory;

pub(crate) use http::{Http, REQUEST_ID};
pub use memory::{MemoryRequest, MemoryTransport};

use crate::error::Result;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A future in a box.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One request with the time that it may take.
#[derive(Debug)]
#[non_exhaustive]
pub struct Request {
    /// Method, address, headers (that of the token is marked as sensitive) and body.
    pub http: ::http::Request<Vec<u8>>,
    /// How long the whole exchange may take.
    pub timeout: Duration,
}

impl Request {
    pub(crate) fn new(http: ::http::Request<Vec<u8>>, timeout: Duration) -> Self {
        Self { http, timeout }
    }
}

/// Carries one request to the server and its answer back. Give your own to
/// [`ClientBuilder::transport`](crate::ClientBuilder::transport), or use [`MemoryTransport`].
///
/// An answer with a status that means failure is an answer, not an error. A transport must not
/// follow redirects: they would carry the token elsewhere.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request and waits for the whole answer.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<::http::Response<Vec<u8>>>>;
}
