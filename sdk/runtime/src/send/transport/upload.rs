//! Requests with a streamed body.

use crate::redact::redact_url;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A request with a streamed body, such as a file. It has no time limit: its sender cancels it when it
/// stalls.
#[non_exhaustive]
pub struct UploadRequest {
    /// Method, URI, headers and body. The header with a token, if there is one, is marked as sensitive.
    pub http: http::Request<UploadBody>,
    /// The name of the operation.
    pub operation: String,
}

impl UploadRequest {
    /// A request of this operation.
    pub fn new(http: http::Request<UploadBody>, operation: impl Into<String>) -> Self {
        Self { http, operation: operation.into() }
    }
}

impl fmt::Debug for UploadRequest {
    /// Without headers and body, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadRequest")
            .field("uri", &redact_url(&self.http.uri().to_string()))
            .field("bytes", &self.http.body().length())
            .finish()
    }
}

/// A streamed body of known length: an [`http_body::Body`]. An error of it must break the request off,
/// so that no server takes it for whole.
pub struct UploadBody(Pin<Box<dyn Body<Data = Bytes, Error = io::Error> + Send + Sync>>);

impl UploadBody {
    /// A body that knows its length.
    pub fn new(body: impl Body<Data = Bytes, Error = io::Error> + Send + Sync + 'static) -> Self {
        Self(Box::pin(body))
    }

    /// The bytes that are left, which is `Content-Length` before the first one is read.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.0.size_hint().exact().unwrap_or_default()
    }
}

impl Body for UploadBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.as_mut().poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl fmt::Debug for UploadBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadBody").field("length", &self.length()).finish_non_exhaustive()
    }
}
