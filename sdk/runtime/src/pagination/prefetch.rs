//! Prefetch: the request for the next page, sent before the current one is decoded.

use super::page_request::PageRequest;
use crate::decode::{Decoder, Field};
use crate::response::http::HttpResponse;
use crate::select::PageInfo;
use crate::transport::BoxFuture;
use tokio::task::yield_now;

/// The spawned request for the page after `cursor`.
pub(super) struct Prefetch {
    pub(super) request: PageRequest,
    pub(super) cursor: String,
}

impl Prefetch {
    /// Starts the request. The response is that of the page before, which is decoded afterwards.
    pub(super) fn started(self, response: HttpResponse) -> BoxFuture<'static, (HttpResponse, Self)> {
        Box::pin(async move {
            start().await;
            (response, self)
        })
    }
}

/// Yields once, so that the runtime starts a spawned request. Otherwise a consumer that computes or writes
/// files without waiting would delay the request until it needs the response.
pub(crate) fn start() -> BoxFuture<'static, ()> {
    Box::pin(yield_now())
}

/// The cursor of the next page, if the response looks as expected: one page that begins with its `pageInfo`,
/// and no errors. This is only a guess; decoding the page confirms it.
pub(super) fn next_cursor(response: &HttpResponse, root: &str) -> Option<String> {
    if !response.errors.is_empty() || !response.body.ends_with(b"]}}}") {
        return None;
    }
    let page = response.body.strip_prefix(b"{\"data\":{\"")?.strip_prefix(root.as_bytes())?;
    let json = page.strip_prefix(b"\":{\"pageInfo\":")?;
    let mut page_info = PageInfo::placeholder();
    page_info.decode(&mut Decoder::new(json)).ok()?;
    page_info.next_cursor().map(str::to_owned)
}
