//! Iterators of blocking clients.

use super::background::Background;
use crate::batch::BatchStream;
use crate::error::{Error, GraphQlError, Result};
use crate::pagination::{Page, PageStream, Position, RecordStream};
use crate::retry::RetryPolicy;
use futures_core::Stream;
use std::future::poll_fn;
use std::ops::Range;
use std::pin::Pin;

/// An iterator of records, of pages or of the results of a batch: the stream of an async call, whose items
/// need no `await`. In an async context, its next item is an error and its last.
///
/// Dropping it aborts the request of a prefetch. A request of a batch is in flight only within `next`.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is iterated"]
pub struct Iter<S> {
    stream: S,
    /// None after an error that does not come from the stream.
    background: Option<Background>,
}

impl<S> Iter<S> {
    /// The items of a stream. Clients call this.
    #[doc(hidden)]
    pub fn new(background: &Background, stream: S) -> Self {
        Self { stream, background: Some(background.clone()) }
    }
}

/// A stream whose items can be errors.
#[doc(hidden)]
pub trait FallibleStream: Stream + Unpin {
    /// An item for an error that does not come from the stream.
    fn failed(&self, error: Error) -> Self::Item;
}

impl<T> FallibleStream for RecordStream<T> {
    fn failed(&self, error: Error) -> Result<T> {
        Err(error)
    }
}

impl<T> FallibleStream for PageStream<T> {
    fn failed(&self, error: Error) -> Result<Page<T>> {
        Err(error)
    }
}

impl<T: Send + 'static> FallibleStream for BatchStream<'_, T> {
    fn failed(&self, error: Error) -> (usize, Result<T>) {
        (self.position(), Err(error))
    }
}

impl<S: FallibleStream> Iterator for Iter<S> {
    type Item = S::Item;

    fn next(&mut self) -> Option<S::Item> {
        let Self { stream, background } = self;
        let next = poll_fn(|context| Pin::new(&mut *stream).poll_next(context));
        let next = background.as_ref()?.block_on(async { Ok(next.await) });
        next.unwrap_or_else(|error| {
            *background = None;
            Some(stream.failed(error))
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.background.as_ref().map_or((0, Some(0)), |_| self.stream.size_hint())
    }
}

impl<T> Iter<RecordStream<T>> {
    /// See [`RecordStream::position`](crate::RecordStream::position).
    #[must_use]
    pub fn position(&self) -> Position {
        self.stream.position()
    }

    /// See [`RecordStream::errors`](crate::RecordStream::errors).
    #[must_use]
    pub fn errors(&self) -> &[GraphQlError] {
        self.stream.errors()
    }
}

impl<T> Iter<PageStream<T>> {
    /// See [`PageStream::position`](crate::PageStream::position).
    #[must_use]
    pub fn position(&self) -> Position {
        self.stream.position()
    }
}

impl<T: Send + 'static> Iter<BatchStream<'_, T>> {
    /// See [`BatchStream::calls_per_request`](crate::BatchStream::calls_per_request).
    pub fn calls_per_request(self, calls: usize) -> Self {
        Self { stream: self.stream.calls_per_request(calls), ..self }
    }

    /// See [`BatchStream::retry`](crate::BatchStream::retry).
    pub fn retry(self, policy: RetryPolicy) -> Self {
        Self { stream: self.stream.retry(policy), ..self }
    }

    /// See [`BatchStream::resume`](crate::BatchStream::resume).
    pub fn resume(self, position: usize) -> Self {
        Self { stream: self.stream.resume(position), ..self }
    }

    /// See [`BatchStream::position`](crate::BatchStream::position).
    #[must_use]
    pub fn position(&self) -> usize {
        self.stream.position()
    }

    /// See [`BatchStream::pending`](crate::BatchStream::pending).
    #[must_use]
    pub fn pending(&self) -> Range<usize> {
        self.stream.pending()
    }

    /// See [`BatchStream::stop`](crate::BatchStream::stop).
    pub fn stop(&mut self) {
        self.stream.stop();
    }
}
