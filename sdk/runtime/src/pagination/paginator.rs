//! The paginator: requests pages one after the other, whatever the type of their records.

use super::page::{DecodedPage, PageEnd};
use super::page_request::{PageRequest, polled, spawned};
use super::page_size;
use super::position::{Offset, Position, fingerprint};
use super::prefetch::{self, Prefetch, next_cursor};
use super::progress::{NextPage, Progress};
use super::records::AnyRecords;
use crate::call::{Call, Prepared};
use crate::decode::ConnectionShape;
use crate::error::{Error, ErrorKind, Result};
use crate::input::InputValue;
use crate::operation::found;
use crate::quote::BRIEF;
use crate::response::GraphQlResponse;
use crate::response::http::HttpResponse;
use crate::secrets::Secrets;
use crate::transport::BoxFuture;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::task::{Context, Poll, ready};
use tokio::runtime::Handle;
use tracing::warn;

/// The default for the largest number of requests of a query.
pub const DEFAULT_MAX_REQUESTS: usize = 10_000;

/// A query of pages with its options.
#[derive(Clone)]
pub(crate) struct PageQuery {
    pub(crate) call: Call,
    pub(crate) page_size: Option<usize>,
    pub(crate) limit: Option<usize>,
    pub(crate) max_requests: usize,
    pub(crate) allow_partial: bool,
    pub(crate) prefetch: bool,
    pub(crate) resume: Option<Position>,
}

/// Requests pages one after the other. It has no type parameter, so that it is compiled once and not once
/// per record.
pub(crate) struct Paginator {
    state: State,
    call: Call,
    page_size: usize,
    max_page_size: usize,
    max_requests: usize,
    allow_partial: bool,
    prefetch: bool,
    requests: usize,
    /// Whether a request was spawned that has to be started: see [`prefetch::start`].
    starts: bool,
    /// Identifies the query in positions.
    fingerprint: u64,
    progress: Progress,
}

enum State {
    /// The next page can be requested.
    Ready,
    Fetching(PageRequest),
    /// A page arrived. The request for the next one starts before it is decoded. It is a future, so that programs do
    /// not compile the code that drops a response.
    Arrived(BoxFuture<'static, (HttpResponse, Prefetch)>),
    /// The next page cannot be requested.
    Failed(Error),
    /// A page is being decoded. A call finds this state only if decoding panicked.
    Decoding,
    Done,
}

/// A response, and the request for the next page if it was sent already.
type Arrived = (HttpResponse, Option<Prefetch>);

impl Paginator {
    pub(crate) fn new(mut query: PageQuery) -> Self {
        query.call.partial = query.allow_partial;
        let limits = (query.call.root.paging().max_page_size, query.call.client.api().max_nodes);
        let max_page_size = page_size::largest(query.call.nodes, limits.0, limits.1);
        let fingerprint = fingerprint(&query.call);
        let (mut state, mut taken) = (State::Ready, 0);
        let start = match query.resume {
            Some(position) => {
                if let Err(error) = position.check(query.call.root.name, fingerprint) {
                    state = State::Failed(error);
                }
                taken = position.taken();
                position.offset
            }
            None => {
                let cursor = match query.call.arguments.get(query.call.root.paging().after) {
                    Some(InputValue::Text(cursor)) => Some(cursor.to_string()),
                    _ => None,
                };
                Offset { cursor, skip: 0 }
            }
        };
        Self {
            state,
            page_size: query.page_size.unwrap_or(max_page_size),
            max_page_size,
            max_requests: query.max_requests,
            allow_partial: query.allow_partial,
            prefetch: query.prefetch,
            requests: 0,
            starts: false,
            fingerprint,
            progress: Progress::new(query.limit, taken, start),
            call: query.call,
        }
    }

    pub(crate) fn shape(&self) -> &'static ConnectionShape {
        self.call.root.paging()
    }

    pub(crate) fn page_size(&self) -> usize {
        self.page_size
    }

    /// The number of nodes in a full page.
    pub(crate) fn page_nodes(&self) -> u64 {
        self.call.nodes.saturating_mul(u64::try_from(self.page_size).unwrap_or(u64::MAX))
    }

    pub(crate) fn root_name(&self) -> &'static str {
        self.call.root.name
    }

    /// The position of a consumer that has not taken the last records of the returned page.
    pub(crate) fn position(&self, not_taken: usize) -> Position {
        let (taken, offset) = self.progress.offset(not_taken);
        Position::new(self.call.root.name, self.fingerprint, taken, offset)
    }

    /// Polls for all pages, and appends their records.
    pub(crate) fn poll_all(
        &mut self,
        context: &mut Context<'_>,
        records: &mut dyn AnyRecords,
    ) -> Poll<Result<()>> {
        while let Some(page) = ready!(self.poll_page(context, records)) {
            page?;
        }
        Poll::Ready(Ok(()))
    }

    /// Polls for the next page, and appends its records. Requests the page after it before it returns.
    pub(crate) fn poll_page(
        &mut self,
        context: &mut Context<'_>,
        records: &mut dyn AnyRecords,
    ) -> Poll<Option<Result<DecodedPage>>> {
        let start = records.len();
        loop {
            let Some(arrived) = ready!(self.poll_response(context)) else { return Poll::Ready(None) };
            // The body is dropped before the next one arrives.
            let (page, prefetch) = match arrived {
                Ok((response, prefetch)) => (self.decode(&response, records), prefetch),
                Err(error) => (Err(error), None),
            };
            if page.is_err() {
                records.truncate(start);
            }
            match &page {
                Ok(_) => self.request_next(prefetch),
                Err(error) if self.shrink(error) => continue,
                Err(_) => self.state = State::Done,
            }
            return Poll::Ready(Some(page));
        }
    }

    /// Reduces the page size if the error says that the last page was too large. It stays reduced: the next
    /// page has the same selection and would be refused as well.
    pub(crate) fn shrink(&mut self, error: &Error) -> bool {
        let page_size = self.next_size();
        let Some((smaller, reason)) = page_size::smaller(page_size, error) else { return false };
        self.page_size = smaller;
        self.state = State::Ready;
        warn!(
            operation = self.call.root.name,
            page_size,
            next_page_size = smaller,
            status = error.status(),
            request_id = error.request_id(),
            "a page is {reason}: reduced the page size"
        );
        true
    }

    fn poll_response(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Arrived>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Decoding) {
                State::Ready if !self.progress.is_complete() => {
                    self.state = match self.next_page() {
                        Ok(page) => State::Fetching(polled(page)),
                        Err(error) => State::Failed(error),
                    };
                }
                State::Fetching(mut request) => match request.as_mut().poll(context) {
                    Poll::Pending => {
                        self.state = State::Fetching(request);
                        return Poll::Pending;
                    }
                    Poll::Ready(Some(Ok(response))) => match self.prefetch(&response) {
                        Some(prefetch) => self.state = State::Arrived(prefetch.started(response)),
                        None => return Poll::Ready(Some(Ok((response, None)))),
                    },
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(None) => {
                        self.requests -= 1;
                        self.state = State::Ready;
                    }
                },
                State::Arrived(mut arrived) => match arrived.as_mut().poll(context) {
                    Poll::Pending => {
                        self.state = State::Arrived(arrived);
                        return Poll::Pending;
                    }
                    Poll::Ready((response, prefetch)) => {
                        return Poll::Ready(Some(Ok((response, Some(prefetch)))));
                    }
                },
                State::Failed(error) => return Poll::Ready(Some(Err(error))),
                State::Decoding => {
                    let message = format!("decoding a page of `{}` panicked", self.call.root.name);
                    return Poll::Ready(Some(Err(Error::new(ErrorKind::Pagination, message))));
                }
                State::Ready | State::Done => {
                    self.state = State::Done;
                    return Poll::Ready(None);
                }
            }
        }
    }

    /// Requests the page after a response that is not decoded yet, if nothing in it can change the request.
    fn prefetch(&mut self, response: &HttpResponse) -> Option<Prefetch> {
        let next_is_full = |left: usize| left.saturating_sub(self.next_size()) >= self.page_size;
        let is_sure = self.progress.left.is_none_or(next_is_full);
        if !self.prefetch || !is_sure || self.requests >= self.max_requests {
            return None;
        }
        let runtime = Handle::try_current().ok()?;
        let cursor = next_cursor(response, self.call.root.name)?;
        if self.progress.seen_cursors.contains(&cursor) {
            return None;
        }
        let page = self.page(Some(cursor.clone()), self.page_size).ok()?;
        Some(Prefetch { request: spawned(page, &runtime), cursor })
    }

    /// Requests the next page while this one is consumed, if there is a runtime to spawn it on. Its errors
    /// are returned in place of that page.
    fn request_next(&mut self, prefetch: Option<Prefetch>) {
        self.starts = false;
        if !self.prefetch || !matches!(self.state, State::Ready) {
            return;
        }
        let next = &self.progress.next.cursor;
        if let Some(prefetch) = prefetch.filter(|prefetch| next.as_ref() == Some(&prefetch.cursor)) {
            self.state = State::Fetching(prefetch.request);
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        self.state = match self.next_page() {
            Ok(page) => {
                self.starts = true;
                State::Fetching(spawned(page, &runtime))
            }
            Err(error) => State::Failed(error),
        };
    }

    /// Starts the request for the next page, if it was only spawned so far.
    pub(crate) fn start_request(&mut self) -> Option<BoxFuture<'static, ()>> {
        std::mem::take(&mut self.starts).then(prefetch::start)
    }

    fn next_size(&self) -> usize {
        self.progress.next_size(self.page_size)
    }

    fn next_page(&mut self) -> Result<Prepared> {
        self.page(self.progress.next.cursor.clone(), self.next_size())
    }

    /// The call for the `size` records after a cursor.
    fn page(&mut self, cursor: Option<String>, size: usize) -> Result<Prepared> {
        let Self { page_size, max_page_size, max_requests, .. } = *self;
        let root = self.call.root;
        if !(1..=max_page_size).contains(&page_size) {
            let reason =
                if max_page_size < root.paging().max_page_size { " with this selection" } else { "" };
            return Err(Error::configuration(format!(
                "invalid page size {page_size} for `{}`: expected 1 to {max_page_size}{reason}",
                root.name
            )));
        }
        if self.requests >= max_requests {
            let message = format!(
                "`{}` has more pages than the {max_requests} that may be requested: raise `max_requests`",
                root.name
            );
            return Err(Error::new(ErrorKind::Pagination, message));
        }
        self.requests += 1;
        let ConnectionShape { first, after, .. } = *root.paging();
        self.call.set(first, Some(InputValue::Int(i64::try_from(size).unwrap_or(i64::MAX))));
        self.call.set(after, cursor.map(|cursor| InputValue::Text(Cow::Owned(cursor))));
        let nodes = self.call.nodes.saturating_mul(u64::try_from(size).unwrap_or(u64::MAX));
        Ok(Prepared { shape: root.shape(), nodes, call: self.call.clone() })
    }

    /// The call for the next page of a batch, if there is one. The caller reports its outcome with
    /// [`advance`](Self::advance), [`retry_page`](Self::retry_page) or [`shrink`](Self::shrink).
    pub(crate) fn next_call(&mut self) -> Result<Option<Prepared>> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Failed(error) => Err(error),
            State::Ready if !self.progress.is_complete() => self.next_page().map(Some),
            _ => Ok(None),
        }
    }

    /// The call for the first page alone.
    pub(crate) fn first_call(&mut self) -> Result<Prepared> {
        self.next_call()?.ok_or_else(|| {
            Error::configuration(format!("a batch cannot request 0 records of `{}`", self.call.root.name))
        })
    }

    pub(crate) fn retry_page(&mut self) {
        self.state = State::Ready;
    }

    fn decode(&mut self, response: &HttpResponse, records: &mut dyn AnyRecords) -> Result<DecodedPage> {
        let (mut end, mut json, start) = (None, None, records.len());
        let (root, shape) = (self.call.root.name, self.shape());
        let read = GraphQlResponse::read_root(response, root, &mut |decoder| {
            let mut begin = decoder.fork();
            let page = records.read(decoder, shape)?;
            if page.1.lacks_cursor() {
                json = begin.raw().ok().map(str::to_owned);
            }
            end = Some(page);
            Ok(())
        })?;
        let errors = match self.allow_partial {
            true => read.errors_beside_data()?,
            false => read.into_request_id().map(|_| Vec::new())?,
        };
        let page = self.advance(found(end, root)?, &response.secrets)?;
        self.attach_page(json.as_deref(), response.request_id.as_deref());
        records.keep(start, &page.wanted);
        Ok(DecodedPage { errors, ..page })
    }

    /// Selects the wanted records of the first page.
    pub(crate) fn trim(&self, page: PageEnd) -> DecodedPage {
        self.progress.trim(page)
    }

    /// Adds the last page, as JSON, to the error that comes in place of the next one.
    pub(crate) fn attach_page(&mut self, page: Option<&str>, request_id: Option<&str>) {
        if let (State::Failed(error), Some(page)) = (&mut self.state, page) {
            let data = RawValue::from_string(format!("{{\"{}\":{page}}}", self.call.root.name)).ok();
            *error = error.duplicate().with_request_id(request_id).with_data(data);
        }
    }

    /// Takes a decoded page. If the server gives no cursor for the next one, an error comes in its place.
    pub(crate) fn advance(&mut self, page: PageEnd, secrets: &Secrets) -> Result<DecodedPage> {
        let root = self.call.root.name;
        self.state = State::Done;
        let (page, next) = self.progress.advance(page).map_err(|cursor| {
            let cursor = secrets.quote(cursor, BRIEF);
            let message = format!("pagination loop in `{root}`: cursor \"{cursor}\" repeated");
            Error::new(ErrorKind::Pagination, message)
        })?;
        self.state = match next {
            NextPage::Available => State::Ready,
            NextPage::None => State::Done,
            NextPage::MissingCursor => {
                let message = format!("`{root}` has more pages, but the server gave no cursor");
                State::Failed(Error::new(ErrorKind::Pagination, message))
            }
        };
        Ok(page)
    }
}

impl fmt::Debug for Paginator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}
