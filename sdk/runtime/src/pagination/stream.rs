//! Streams of pages and of records.

use super::page::Page;
use super::paginator::{PageQuery, Paginator};
use super::position::Position;
use crate::error::{GraphQlError, Result};
use crate::select::Append;
use crate::transport::BoxFuture;
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// All pages of a connection, in order. `try_next` needs no trait in scope.
pub struct PageStream<T> {
    paginator: Paginator,
    append: Append<T>,
    /// A page that is returned after the request for the next one has started.
    held: Option<Page<T>>,
    start: Option<BoxFuture<'static, ()>>,
}

impl<T> PageStream<T> {
    pub(crate) fn new(query: PageQuery, append: Append<T>) -> Self {
        Self { paginator: Paginator::new(query), append, held: None, start: None }
    }

    /// The position after the last returned page. Sends nothing.
    ///
    /// Between two pages a position is exact even if records are added or removed until the stream is
    /// [resumed](crate::ConnectionQuery::resume).
    #[must_use]
    pub fn position(&self) -> Position {
        self.paginator.position(self.held.as_ref().map_or(0, |page| page.nodes.len()))
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
        let Self { paginator, append, held, start } = &mut *self;
        if held.is_none() {
            let (mut nodes, shape) = (Vec::new(), paginator.shape());
            let page = ready!(paginator.poll_page(context, &mut |decoder| {
                let page_info;
                (nodes, page_info) = Page::read(decoder, *append, shape)?;
                Ok((nodes.len(), page_info))
            }));
            let Some(page) = page.transpose()? else { return Poll::Ready(None) };
            *held = Some(Page::new(nodes, page));
            *start = paginator.start_request();
        }
        if let Some(starting) = start {
            ready!(starting.as_mut().poll(context));
            *start = None;
        }
        Poll::Ready(held.take().map(Ok))
    }
}

impl<T> Unpin for PageStream<T> {}

impl<T> fmt::Debug for PageStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageStream of {}", self.paginator.root_name())
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
        self.pages.paginator.position(self.buffer.len())
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
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => {
                    self.buffer = page.nodes.into_iter();
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
        write!(f, "RecordStream of {}", self.pages.paginator.root_name())
    }
}
