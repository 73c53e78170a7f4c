//! Requests with a streamed body.

use crate::redact::redact_url;
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use std::fmt;
use std::io;

/// A streamed body of known length. An error of it must break the request off, so that no server takes it
/// for whole.
pub type UploadBody = BoxBody<Bytes, io::Error>;

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
            .finish_non_exhaustive()
    }
}
