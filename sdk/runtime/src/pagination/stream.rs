//! Streams of pages and of records.

use super::page::{DecodedPage, Page};
use super::paginator::{PageQuery, Paginator};
use super::position::Position;
use super::records::{AnyRecords, Records};
use crate::error::{GraphQlError, Result};
use crate::select::Append;
use crate::transport::BoxFuture;
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The pages of a connection, whatever the type of their records.
struct Pages {
    paginator: Paginator,
    /// A page that is returned after the request for the next one has started.
    held: Option<DecodedPage>,
    start: Option<BoxFuture<'static, ()>>,
}

impl Pages {
    /// Polls for the next page. Its records are in `records` when it is ready.
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        records: &mut dyn AnyRecords,
    ) -> Poll<Option<Result<DecodedPage>>> {
        if self.held.is_none() {
            let page = ready!(self.paginator.poll_page(context, records));
            let Some(page) = page.transpose()? else { return Poll::Ready(None) };
            self.held = Some(page);
            self.start = self.paginator.start_request();
        }
        if let Some(starting) = &mut self.start {
            ready!(starting.as_mut().poll(context));
            self.start = None;
        }
        Poll::Ready(self.held.take().map(Ok))
    }
}

/// All pages of a connection, in order. `try_next` needs no trait in scope.
pub struct PageStream<T> {
    pages: Pages,
    /// The records of the held page.
    records: Records<T>,
}

impl<T> PageStream<T> {
    #[inline]
    pub(crate) fn new(query: PageQuery, append: Append<T>) -> Self {
        let pages = Pages { paginator: Paginator::new(query), held: None, start: None };
        Self { pages, records: Records::new(append) }
    }

    /// The position after the last returned page. Sends nothing.
    ///
    /// Between two pages a position is exact even if records are added or removed until the stream is
    /// [resumed](crate::ConnectionQuery::resume).
    #[must_use]
    pub fn position(&self) -> Position {
        let not_taken = if self.pages.held.is_some() { self.records.items.len() } else { 0 };
        self.pages.paginator.position(not_taken)
    }

    /// The next page, or none after the last.
    ///
    /// # Errors
    /// Those of a query; the stream ends with the first one.
    pub async fn try_next(&mut self) -> Result<Option<Page<T>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }
}

impl<T> Stream for PageStream<T> {
    type Item = Result<Page<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { pages, records } = &mut *self;
        let page = ready!(pages.poll(context, records));
        Poll::Ready(page.map(|page| page.map(|page| records.take(page))))
    }
}

impl<T> Unpin for PageStream<T> {}

impl<T> fmt::Debug for PageStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageStream of {}", self.pages.paginator.root_name())
    }
}

/// A future of all records of a connection. Written without `async`, so that less code is compiled for each record type.
pub(crate) struct AllRecords<T> {
    paginator: Paginator,
    records: Records<T>,
}

impl<T> AllRecords<T> {
    #[inline]
    pub(crate) fn new(query: PageQuery, append: Append<T>) -> Self {
        Self { paginator: Paginator::new(query), records: Records::new(append) }
    }
}

impl<T> Unpin for AllRecords<T> {}

impl<T> Future for AllRecords<T> {
    type Output = Result<Vec<T>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { paginator, records } = &mut *self;
        ready!(paginator.poll_all(context, records))?;
        Poll::Ready(Ok(std::mem::take(&mut records.items)))
    }
}

/// All records of a connection, in order. `try_next` needs no trait in scope.
pub struct RecordStream<T> {
    pages: PageStream<T>,
    buffer: std::vec::IntoIter<T>,
    errors: Vec<GraphQlError>,
}

impl<T> RecordStream<T> {
    pub(crate) fn new(pages: PageStream<T>) -> Self {
        Self { pages, buffer: Vec::new().into_iter(), errors: Vec::new() }
    }

    /// The position after the last returned record. Sends nothing. Store it when you are done with the
    /// record, and [resume](crate::ConnectionQuery::resume) the query there.
    #[must_use]
    pub fn position(&self) -> Position {
        if self.buffer.len() == 0 {
            return self.pages.position();
        }
        self.pages.pages.paginator.position(self.buffer.len())
    }

    /// The errors that the server reported so far beside the pages, with
    /// [`allow_partial`](crate::ConnectionQuery::allow_partial); empty otherwise.
    #[must_use]
    pub fn errors(&self) -> &[GraphQlError] {
        &self.errors
    }

    /// The next record, or none after the last.
    ///
    /// # Errors
    /// Those of a query; the stream ends with the first one.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }
}

impl<T> Unpin for RecordStream<T> {}

impl<T> Stream for RecordStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(record) = self.buffer.next() {
                return Poll::Ready(Some(Ok(record)));
            }
            // Frees the memory before the next page is decoded.
            self.buffer = Vec::new().into_iter();
            let PageStream { pages, records } = &mut self.pages;
            match ready!(pages.poll(context, records)) {
                Some(Ok(page)) => {
                    self.buffer = std::mem::take(&mut self.pages.records.items).into_iter();
                    self.errors.extend(page.errors);
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for RecordStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordStream of {}", self.pages.pages.paginator.root_name())
    }
}
