//! The pages and the records of shards.

use super::created::Created;
use super::position::{ShardPosition, ShardsPosition};
use super::range::Range;
use super::settings::Settings;
use futures_util::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use xurrent_runtime::connection::{ConnectionField, Counted, Filtered};
use xurrent_runtime::jiff::Timestamp;
use xurrent_runtime::transport::BoxFuture;
use xurrent_runtime::{Error, ErrorKind, Page, ParallelPages, Position, Result};

/// A page of a shard. It is never empty.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ShardPage<T> {
    /// The number of the shard, from 0; the same in a resumed run.
    pub shard: usize,
    /// The records, the oldest first.
    pub nodes: Vec<T>,
}

/// The pages of all shards: see the [module](super). `try_next` needs no trait in scope.
#[must_use = "pages are not requested until they are awaited"]
pub struct ShardPages<F: ConnectionField, T> {
    shards: Settings<F, T>,
    plan: Option<BoxFuture<'static, Result<Vec<Range>>>>,
    reading: Option<Reading<T>>,
    taken: usize,
}

/// The shards, once their boundaries are known.
struct Reading<T> {
    query: Position,
    shards: Vec<Shard>,
    pages: ParallelPages<Created<T>>,
    /// The shard of the last page, and how many records of that page do not count as taken.
    last: (usize, usize),
    /// Why the pages cannot be continued.
    failed: Option<String>,
}

struct Shard {
    number: usize,
    range: Range,
    /// The `createdAt` of its last record.
    last: Option<Timestamp>,
}

impl<F: Filtered + Counted, T> ShardPages<F, T> {
    pub(super) fn new(shards: Settings<F, T>) -> Self {
        let taken = shards.resume.as_ref().map_or(0, ShardsPosition::taken);
        Self { shards, plan: None, reading: None, taken }
    }

    /// The next page, or none after the last. Cancelling it loses nothing, and neither does an error: the next call
    /// requests the missing pages again.
    ///
    /// # Errors
    /// Those of a query; [`ErrorKind::Pagination`] when the server ignores the filter or the order of a shard, which
    /// ends the pages; [`ErrorKind::Configuration`] when the query cannot be read in shards.
    pub async fn try_next(&mut self) -> Result<Option<ShardPage<T>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// Begins to read the shards.
    fn poll_plan(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        let Self { shards, plan, .. } = self;
        shards.check()?;
        let queries: Vec<_> = match &shards.resume {
            Some(position) => {
                let shards = position.shards.iter();
                shards.map(|shard| (shard.number, shard.range, Some(shard.at.clone()))).collect()
            }
            None => {
                let planning = || Box::pin(shards.planning.clone().plan()) as BoxFuture<'static, _>;
                let ranges = ready!(plan.get_or_insert_with(planning).as_mut().poll(context));
                *plan = None;
                ranges?.into_iter().enumerate().map(|(number, range)| (number, range, None)).collect()
            }
        };
        let query = |(_, range, at): &(usize, Range, Option<Position>)| {
            range.of(shards.query.clone()).resume(at.clone())
        };
        let pages = ParallelPages::new(queries.iter().map(query));
        let shard = |(number, range, _)| Shard { number, range, last: None };
        self.reading = Some(Reading {
            query: shards.query.clone().pages().position(),
            pages: pages
                .pages_per_request(shards.pages_per_request)
                .concurrent_requests(shards.concurrent_requests),
            shards: queries.into_iter().map(shard).collect(),
            last: (0, 0),
            failed: None,
        });
        Poll::Ready(Ok(()))
    }
}

impl<F: ConnectionField, T> ShardPages<F, T> {
    /// The position after the last returned page. None before the boundaries of the shards are known: a run
    /// without a position begins anew. Sends nothing.
    #[must_use]
    pub fn position(&self) -> Option<ShardsPosition> {
        self.position_before(0)
    }

    /// The position before the last records of the last page.
    fn position_before(&self, not_taken: usize) -> Option<ShardsPosition> {
        let Some(Reading { query, shards, pages, last, .. }) = &self.reading else {
            return self.shards.resume.clone();
        };
        let shards = shards.iter().enumerate().filter_map(|(index, shard)| {
            let not_taken = if last.0 == index { last.1 + not_taken } else { 0 };
            let at = pages.position(index, not_taken)?;
            Some(ShardPosition { number: shard.number, range: shard.range, at })
        });
        Some(ShardsPosition { query: query.clone(), taken: self.taken - not_taken, shards: shards.collect() })
    }
}

impl<T> Reading<T> {
    /// Takes a page, whose records must be in their shard and in order.
    fn take(&mut self, name: &str, index: usize, page: Page<Created<T>>) -> Result<ShardPage<T>> {
        let shard = &mut self.shards[index];
        let times = || page.nodes.iter().map(|record| record.at);
        let reason = if !times().all(|time| shard.range.contains(time)) {
            "the server returned a record outside of its shard"
        } else if !shard.last.into_iter().chain(times().flatten()).is_sorted() {
            "the server did not return the records in the order of `createdAt`"
        } else {
            shard.last = times().flatten().last().or(shard.last);
            self.last = (index, 0);
            let nodes = page.nodes.into_iter().map(|record| record.record).collect();
            return Ok(ShardPage { shard: shard.number, nodes });
        };
        self.last = (index, page.nodes.len());
        self.failed = Some(format!("could not read the shards of `{name}`: {reason}"));
        Err(self.error())
    }

    fn error(&self) -> Error {
        Error::new(ErrorKind::Pagination, self.failed.clone().unwrap_or_default())
    }
}

impl<F: Filtered + Counted, T> Stream for ShardPages<F, T> {
    type Item = Result<ShardPage<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let Some(reading) = &mut this.reading else {
                ready!(this.poll_plan(context))?;
                continue;
            };
            if reading.failed.is_some() {
                return Poll::Ready(Some(Err(reading.error())));
            }
            let Some((index, page)) = ready!(Pin::new(&mut reading.pages).poll_next(context)).transpose()?
            else {
                return Poll::Ready(None);
            };
            if !page.nodes.is_empty() {
                let page = reading.take(F::ROOT.name, index, page)?;
                this.taken += page.nodes.len();
                return Poll::Ready(Some(Ok(page)));
            }
        }
    }
}

/// The records of all shards: see the [module](super). `try_next` needs no trait in scope.
#[must_use = "a stream does nothing until it is polled"]
pub struct ShardStream<F: ConnectionField, T> {
    pages: ShardPages<F, T>,
    buffer: std::vec::IntoIter<T>,
}

impl<F: Filtered + Counted, T> ShardStream<F, T> {
    pub(super) fn new(pages: ShardPages<F, T>) -> Self {
        Self { pages, buffer: Vec::new().into_iter() }
    }

    /// The next record, or none after the last. Cancelling it loses nothing.
    ///
    /// # Errors
    /// Those of [`ShardPages::try_next`]. The next call continues.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }
}

impl<F: ConnectionField, T> ShardStream<F, T> {
    /// The position after the last returned record, as [`ShardPages::position`]. Within a page, it counts records:
    /// if some of the page may be deleted until the stream is resumed, store positions between pages.
    #[must_use]
    pub fn position(&self) -> Option<ShardsPosition> {
        self.pages.position_before(self.buffer.len())
    }
}

impl<F: Filtered + Counted, T> Stream for ShardStream<F, T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(record) = self.buffer.next() {
                return Poll::Ready(Some(Ok(record)));
            }
            let Some(page) = ready!(Pin::new(&mut self.pages).poll_next(context)).transpose()? else {
                return Poll::Ready(None);
            };
            self.buffer = page.nodes.into_iter();
        }
    }
}

impl<F: ConnectionField, T> Unpin for ShardPages<F, T> {}
impl<F: ConnectionField, T> Unpin for ShardStream<F, T> {}

impl<F: ConnectionField, T> fmt::Debug for ShardPages<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shards.fmt(f)
    }
}

impl<F: ConnectionField, T> fmt::Debug for ShardStream<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pages.fmt(f)
    }
}
