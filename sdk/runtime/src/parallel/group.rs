//! Queries that share requests: each request has the next page of all of them.

use crate::batch::{Part, is_refused, read_page, send};
use crate::call::Prepared;
use crate::client::ClientCore;
use crate::document::OperationType;
use crate::error::{Error, Result};
use crate::pagination::page_request::spawn;
use crate::pagination::page_size;
use crate::pagination::{Page, Paginator, Position, Records};
use crate::select::Append;
use crate::transport::BoxFuture;
use std::collections::VecDeque;
use std::task::{Context, Poll, ready};
use tokio::runtime::Handle;
use tracing::warn;

/// A query, and its index among all of them.
pub(super) struct Member<T> {
    index: usize,
    paginator: Paginator,
    records: Records<T>,
    /// Whether its last page has arrived.
    is_complete: bool,
    /// Why its next page cannot be requested. Calling again does not help.
    failed: Option<Error>,
}

/// The parts of a response. None if the runtime was shut down.
type Sent = Option<Result<Vec<Part>>>;

/// Queries that share requests.
pub(super) struct Group<T> {
    members: Vec<Member<T>>,
    request: Option<BoxFuture<'static, Sent>>,
    /// The pages of the last response that were not returned yet.
    pages: VecDeque<(usize, Page<T>)>,
    /// What is returned after these pages.
    error: Option<Error>,
}

impl<T> Member<T> {
    pub(super) fn new(index: usize, paginator: Paginator, append: Append<T>) -> Self {
        Self { index, paginator, records: Records::new(append), is_complete: false, failed: None }
    }

    /// The position before its first page.
    pub(super) fn start(&self) -> Position {
        self.paginator.position(0)
    }

    pub(super) fn page_nodes(&self) -> u64 {
        self.paginator.page_nodes()
    }

    /// The call for the next page, if there is one.
    fn next_call(&mut self) -> Result<Option<Prepared>> {
        if let Some(error) = &self.failed {
            return Err(error.duplicate());
        }
        let call = self.paginator.next_call().inspect_err(|error| self.failed = Some(error.duplicate()))?;
        self.is_complete = call.is_none();
        Ok(call)
    }
}

impl<T> Group<T> {
    pub(super) fn new(members: Vec<Member<T>>) -> Self {
        Self { members, request: None, pages: VecDeque::new(), error: None }
    }

    fn incomplete(&mut self) -> impl Iterator<Item = &mut Member<T>> {
        self.members.iter_mut().filter(|member| !member.is_complete)
    }

    pub(super) fn is_in_flight(&self) -> bool {
        self.request.is_some()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.members.iter().all(|member| member.is_complete) && self.pages.is_empty() && self.error.is_none()
    }

    /// Sends the request for the next pages, unless one is in flight or an error comes first. Returns whether
    /// anything changed.
    pub(super) fn begin(&mut self, client: &ClientCore, runtime: Option<&Handle>) -> bool {
        if self.request.is_some() || self.error.is_some() || self.members.iter().all(|it| it.is_complete) {
            return false;
        }
        let calls = self.incomplete().map(Member::next_call).collect::<Result<Vec<_>>>();
        let calls: Vec<_> = match calls {
            Ok(calls) => calls.into_iter().flatten().collect(),
            Err(error) => {
                self.error = Some(error);
                self.incomplete().for_each(|member| member.paginator.retry_page());
                return true;
            }
        };
        if !calls.is_empty() {
            let client = client.clone();
            let request: BoxFuture<'static, _> =
                Box::pin(async move { send(&client, OperationType::Query, &calls).await });
            self.request = Some(match runtime {
                Some(runtime) => spawn(request, runtime),
                None => Box::pin(async move { Some(request.await) }),
            });
        }
        true
    }

    /// Polls the request in flight, unless pages of the one before are left. A group that is split off has the
    /// queries that no longer share its requests.
    pub(super) fn poll_response(&mut self, context: &mut Context<'_>) -> Poll<Option<Self>> {
        let request = self.request.as_mut().filter(|_| self.pages.is_empty() && self.error.is_none());
        let Some(request) = request else { return Poll::Pending };
        let sent = ready!(request.as_mut().poll(context));
        self.request = None;
        Poll::Ready(self.take(sent))
    }

    fn take(&mut self, sent: Sent) -> Option<Self> {
        if let Some(Ok(parts)) = sent {
            self.read(parts);
            return None;
        }
        self.incomplete().for_each(|member| member.paginator.retry_page());
        let error = sent?.err()?;
        if self.incomplete().count() == 1 {
            let is_smaller = self.incomplete().any(|member| member.paginator.shrink(&error));
            self.error = (!is_smaller).then_some(error);
            return None;
        }
        let is_too_large = is_refused(&error) || page_size::smaller(usize::MAX, &error).is_some();
        if !is_too_large {
            self.error = Some(error.duplicate());
        }
        (is_too_large || error.is_timeout()).then(|| self.split(&error))
    }

    fn read(&mut self, parts: Vec<Part>) {
        let members = self.members.iter_mut().filter(|member| !member.is_complete);
        for (member, part) in members.zip(parts) {
            if part.is_dropped() {
                member.paginator.retry_page();
                continue;
            }
            let request_id = part.request_id.clone();
            match read_page(&mut member.paginator, &mut member.records, part) {
                Ok(page) => {
                    let page = member.records.take(page);
                    member.is_complete = !page.has_next_page;
                    self.pages.push_back((member.index, page));
                }
                Err(error) if member.paginator.shrink(&error) => {}
                Err(error) => {
                    member.paginator.retry_page();
                    self.error.get_or_insert(error.with_request_id(request_id.as_deref()));
                }
            }
        }
    }

    /// Splits half of the queries off.
    fn split(&mut self, error: &Error) -> Self {
        let pages = self.incomplete().count();
        let (mut left, mut split) = (pages.div_ceil(2), Vec::new());
        for member in std::mem::take(&mut self.members) {
            match (member.is_complete, left) {
                (true, _) => self.members.push(member),
                (false, 0) => split.push(member),
                (false, _) => {
                    left -= 1;
                    self.members.push(member);
                }
            }
        }
        warn!(
            pages,
            next_pages = pages.div_ceil(2),
            status = error.status(),
            request_id = error.request_id(),
            "a request for several pages is too large or too slow: reduced the pages per request"
        );
        Self::new(split)
    }

    /// The next page or error that has arrived.
    pub(super) fn next(&mut self) -> Option<Result<(usize, Page<T>)>> {
        self.pages.pop_front().map(Ok).or_else(|| self.error.take().map(Err))
    }

    /// The position of a query in this group, or none after its end: see
    /// [`ParallelPages::position`](super::ParallelPages::position).
    pub(super) fn position(&self, index: usize, not_taken: usize) -> Option<Option<Position>> {
        let member = self.members.iter().find(|member| member.index == index)?;
        let held = self.pages.iter().find(|(held, _)| *held == index);
        let is_taken = held.is_none() && not_taken == 0;
        let not_taken = held.map_or(not_taken, |(_, page)| page.nodes.len());
        Some((!(is_taken && member.is_complete)).then(|| member.paginator.position(not_taken)))
    }
}
