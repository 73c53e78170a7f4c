//! The request for the next page, sent before the present one is read: all it needs is the cursor,
//! which stands at the beginning of an answer.

use super::page_request::Fetch;
use crate::decode::{Decoder, Field};
use crate::response::http::HttpResponse;
use crate::select::PageInfo;
use crate::transport::BoxFuture;
use std::task::{Context, Poll};
use tokio::task::yield_now;

/// A request for the page behind `cursor`, under way.
pub(super) struct Ahead {
    pub(super) fetch: Fetch,
    pub(super) cursor: String,
    setting_out: BoxFuture<'static, ()>,
}

impl Ahead {
    pub(super) fn new(fetch: Fetch, cursor: String) -> Self {
        Self { fetch, cursor, setting_out: setting_out() }
    }

    pub(super) fn poll_setting_out(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.setting_out.as_mut().poll(context)
    }
}

/// Lets a request set out that was spawned. The runtime would run its task, and that of the
/// connection, no sooner than the consumer waits for something; one that computes or writes files
/// would wait for the whole request in the end.
pub(super) fn setting_out() -> BoxFuture<'static, ()> {
    Box::pin(yield_now())
}

/// The cursor of the next page, if the answer looks as it should: nothing but a page with its
/// `pageInfo` first, as it was asked for, and no errors behind it. Whatever looks otherwise is read
/// before anything is made of it, and so is this: here it is only taken for likely.
pub(super) fn next_cursor(answer: &HttpResponse, root: &str) -> Option<String> {
    if !answer.errors.is_empty() || !answer.body.ends_with(b"]}}}") {
        return None;
    }
    let page = answer.body.strip_prefix(b"{\"data\":{\"")?.strip_prefix(root.as_bytes())?;
    let page_info = page.strip_prefix(b"\":{\"pageInfo\":")?;
    let mut read = PageInfo::vacant();
    read.decode(&mut Decoder::new(page_info)).ok()?;
    read.end_cursor.filter(|cursor| read.has_next_page && !cursor.is_empty())
}
