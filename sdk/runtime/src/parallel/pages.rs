//! The pages of several queries.

use super::group::{Group, Member};
use crate::client::ClientCore;
use crate::connection::{ConnectionField, ConnectionQuery};
use crate::error::Result;
use crate::pagination::{Page, Paginator, Position, prefetch};
use crate::transport::BoxFuture;
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::runtime::Handle;

/// The pages in a request of [`ParallelPages`] by default. A server resolves them one after the other.
pub const DEFAULT_PAGES_PER_REQUEST: usize = 4;

/// The largest number of requests of [`ParallelPages`] in flight by default.
pub const DEFAULT_CONCURRENT_REQUESTS: usize = 8;

/// The pages of several queries of a connection, read in parallel. Pages of one query come in their order,
/// those of different queries in any.
///
/// The queries are divided into groups that share requests. For each group there is one request at a time, for the
/// next page of each of its queries, and it is sent before the pages of the one before are returned. So this holds
/// at most two pages of each query, and no request is sent while they are not taken.
///
/// # Costs
/// One request for [`pages_per_request`](Self::pages_per_request) pages, fewer if their nodes exceed what the API
/// allows in a request. If the server refuses a request as too large or gives it up as too slow, the group
/// is split and sent again; a single page shrinks as in [`ConnectionQuery::page_size`]. Budgets, the rate limiter and
/// retries are those of the client, with the [`RetryPolicy`](crate::RetryPolicy) of the first query.
///
/// # Errors
/// Those of a query. The pages do not end with an error: the next call requests the missing pages again. Errors
/// that a repetition cannot change, such as an invalid page size, are returned again. `allow_partial` has no effect.
///
/// ```no_run
/// # use xurrent_runtime::{ConnectionField, ConnectionQuery, ParallelPages};
/// # async fn example<F: ConnectionField>(
/// #     [active, disabled]: [ConnectionQuery<F>; 2], // with filters
/// # ) -> xurrent_runtime::Result<()> {
/// let mut pages = ParallelPages::new([active, disabled]);
/// while let Some((query, page)) = pages.try_next().await? {
///     println!("{} records of query {query}", page.nodes.len());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "pages are not requested until they are awaited"]
pub struct ParallelPages<T> {
    client: Option<ClientCore>,
    /// Queries that are not divided into groups yet.
    members: Vec<Member<T>>,
    groups: Vec<Group<T>>,
    pages_per_request: usize,
    concurrent_requests: usize,
    /// The group whose page was returned last, and the one after the group that sent last.
    returns: usize,
    sends: usize,
    start: Option<BoxFuture<'static, ()>>,
}

impl<T> ParallelPages<T> {
    /// The pages of these queries.
    pub fn new<F: ConnectionField>(queries: impl IntoIterator<Item = ConnectionQuery<F, T>>) -> Self {
        let mut client = None;
        let queries = queries.into_iter().inspect(|query| {
            client.get_or_insert_with(|| query.client().clone());
        });
        let member = |(index, query): (usize, ConnectionQuery<F, T>)| {
            Member::new(index, Paginator::new(query.pages), query.append)
        };
        let members = queries.enumerate().map(member).collect();
        Self {
            members,
            client,
            groups: Vec::new(),
            pages_per_request: DEFAULT_PAGES_PER_REQUEST,
            concurrent_requests: DEFAULT_CONCURRENT_REQUESTS,
            returns: 0,
            sends: 0,
            start: None,
        }
    }

    /// Sets the largest number of pages in a request, at least 1. By default
    /// [`DEFAULT_PAGES_PER_REQUEST`]. More pages need fewer requests, which take longer. Has no effect after the
    /// first page.
    pub fn pages_per_request(mut self, pages: usize) -> Self {
        self.pages_per_request = pages.max(1);
        self
    }

    /// Sets the largest number of requests in flight, at least 1. By default
    /// [`DEFAULT_CONCURRENT_REQUESTS`].
    pub fn concurrent_requests(mut self, requests: usize) -> Self {
        self.concurrent_requests = requests.max(1);
        self
    }

    /// The position of a query after its last returned page, of which the consumer has not taken the last
    /// `not_taken` records; none when all of its records are taken. Sends nothing. The query can be
    /// [resumed](ConnectionQuery::resume) there.
    #[must_use]
    pub fn position(&self, query: usize, not_taken: usize) -> Option<Position> {
        let find = |group: &Group<T>| group.position(query, not_taken);
        let unsent = || self.members.get(query).map(Member::start);
        self.groups.iter().find_map(find).unwrap_or_else(unsent)
    }

    /// The next page with the index of its query, or none after the last. Cancelling it loses nothing.
    ///
    /// # Errors
    /// Those of a query. The next call continues.
    pub async fn try_next(&mut self) -> Result<Option<(usize, Page<T>)>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// Divides the queries into groups, as many into each as a request can have nodes.
    fn divide(&mut self) {
        let (Some(client), false) = (&self.client, self.members.is_empty()) else { return };
        let nodes = self.members.iter().map(Member::page_nodes).max().unwrap_or(1).max(1);
        let fit = client.api().max_nodes.map_or(usize::MAX, |max| usize::try_from(max / nodes).unwrap_or(1));
        let pages = self.pages_per_request.min(fit).max(1);
        // Groups of one size: 9 queries are 3 groups of 3.
        let pages = self.members.len().div_ceil(self.members.len().div_ceil(pages));
        let mut members = std::mem::take(&mut self.members).into_iter().peekable();
        while members.peek().is_some() {
            self.groups.push(Group::new(members.by_ref().take(pages).collect()));
        }
    }

    /// Sends the requests of groups that have none in flight. Returns whether anything changed.
    fn begin(&mut self) -> bool {
        let Some(client) = &self.client else { return false };
        let runtime = Handle::try_current().ok();
        let mut in_flight = self.groups.iter().filter(|group| group.is_in_flight()).count();
        let (first, count, mut is_changed) = (self.sends, self.groups.len(), false);
        for index in (0..count).map(|offset| (first + offset) % count) {
            if in_flight >= self.concurrent_requests {
                break;
            }
            if self.groups[index].begin(client, runtime.as_ref()) {
                is_changed = true;
                in_flight += usize::from(self.groups[index].is_in_flight());
                self.sends = (index + 1) % count;
            }
        }
        if is_changed && runtime.is_some() {
            self.start = Some(prefetch::start());
        }
        is_changed
    }

    /// The next page or error that has arrived.
    fn next_arrived(&mut self) -> Option<Result<(usize, Page<T>)>> {
        let (first, count) = (self.returns, self.groups.len());
        let mut order = (0..count).map(|offset| (first + offset) % count);
        order.find_map(|index| {
            self.returns = index;
            self.groups[index].next()
        })
    }
}

impl<T> Stream for ParallelPages<T> {
    type Item = Result<(usize, Page<T>)>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        this.divide();
        loop {
            let mut split = Vec::new();
            for group in &mut this.groups {
                if let Poll::Ready(group) = group.poll_response(context) {
                    split.extend(group);
                }
            }
            this.groups.extend(split);
            let is_changed = this.begin();
            if let Some(start) = &mut this.start {
                ready!(start.as_mut().poll(context));
                this.start = None;
            }
            if let Some(arrived) = this.next_arrived() {
                return Poll::Ready(Some(arrived));
            }
            if this.groups.iter().all(Group::is_complete) {
                return Poll::Ready(None);
            }
            // The new requests were not polled yet.
            if !is_changed {
                return Poll::Pending;
            }
        }
    }
}

impl<T> Unpin for ParallelPages<T> {}

impl<T> fmt::Debug for ParallelPages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParallelPages").field("groups", &self.groups.len()).finish_non_exhaustive()
    }
}
