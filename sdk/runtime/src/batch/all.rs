//! Any number of calls, in requests of a size that fits.

use super::item::{BatchItem, BatchOperation};
use super::member::{BatchCall, Outcome, result};
use super::request::{Group, GroupCall, Sent, send_group};
use crate::client::ClientCore;
use crate::document::OperationType;
use crate::error::{Error, Result};
use crate::transport::BoxFuture;
use futures_core::Stream;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tracing::warn;

/// The calls in a request by default. No limit of aliases is known, but a server executes mutations one
/// after the other: if each takes a second, these are done before a gateway gives up, commonly after 30
/// seconds.
const CALLS_PER_REQUEST: usize = 20;

/// The results of any number of calls of one type, in their order, each with its index.
///
/// It takes calls from the iterator as it needs them and sends up to 20 in a request, one request at a
/// time. A request is sent when the results of the one before were all returned and [`next`](Self::next)
/// is awaited; nothing is prefetched. So this holds the calls and results of one request, however many
/// calls there are.
///
/// # Costs
/// One request for 20 calls, or for as many as [`calls_per_request`](Self::calls_per_request) says;
/// fewer if the calls are so large that the body would exceed 512 KiB or the nodes
/// what the API allows. If the server refuses a request before it executes it, as
/// too costly or too large (status 413), the stream sends its calls again in requests of half the size,
/// and goes on with that size. After a time limit expired or a gateway responded with 504, later
/// requests have half the size; nothing is sent again.
///
/// # Errors
/// Each call has its own result: those of [`Client::batch`](crate::Client::batch). If a request fails as
/// a whole, each of its calls has a copy of the error, and
/// [`is_not_executed`](crate::Error::is_not_executed) says whether it was certainly not executed. An
/// invalid call fails by itself and is not sent. Mutations are sent again only if they were certainly
/// not executed.
///
/// The stream goes on after an error: the next request is sent unless you stop. To stop at once, drop
/// it; to get the results of what was sent, [`stop`](Self::stop) it.
///
/// # Cancellation and resuming
/// Dropping the future of `next` loses nothing: the request continues when `next` is called again.
/// Dropping the stream drops the results in [`pending`](Self::pending), whose calls may have been
/// executed. A request is in flight only while `next` is awaited, or after such a future was dropped.
///
/// To continue after a crash, store [`position`](Self::position) when you are done with a result, and
/// pass it to [`resume`](Self::resume). The calls of one request from there on may have been executed
/// before the crash, which does no harm where an update sets the same values again.
#[must_use = "a stream does nothing until its results are awaited"]
pub struct BatchStream<'c, T> {
    client: ClientCore,
    operation: OperationType,
    calls: Box<dyn Iterator<Item = BatchCall<T>> + Send + 'c>,
    /// What the caller allows, and how many the server accepts.
    max_calls: usize,
    calls_per_request: usize,
    is_stopped: bool,
    /// Calls that were taken from the iterator and are not sent.
    queue: VecDeque<Queued<T>>,
    /// The calls of the request in flight.
    in_flight: Vec<Slot<T>>,
    request: Option<BoxFuture<'static, Sent>>,
    results: VecDeque<Result<T>>,
    /// The index of the next result.
    position: usize,
}

/// A call that is not sent, or why it is invalid.
struct Queued<T> {
    call: Result<GroupCall>,
    outcome: Outcome<T>,
}

/// A call of a request in flight, or one between them that is invalid.
enum Slot<T> {
    Sent(Outcome<T>),
    Invalid(Error),
}

impl<'c, T: Send + 'static> BatchStream<'c, T> {
    /// The results of these calls. Clients call this.
    #[doc(hidden)]
    pub fn new<I>(client: &ClientCore, calls: I) -> Self
    where
        I: IntoIterator<Item: BatchItem<Output = T> + 'c, IntoIter: Send + 'c>,
    {
        Self {
            client: client.clone(),
            operation: <<I::Item as BatchItem>::Operation as BatchOperation>::TYPE,
            calls: Box::new(calls.into_iter().fuse().map(BatchItem::into_call)),
            max_calls: CALLS_PER_REQUEST,
            calls_per_request: CALLS_PER_REQUEST,
            is_stopped: false,
            queue: VecDeque::new(),
            in_flight: Vec::new(),
            request: None,
            results: VecDeque::new(),
            position: 0,
        }
    }

    /// Sets the largest number of calls in a request: 20 by default, at least 1. The server executes
    /// mutations of a request one after the other, and all of them must be done within the time limit of
    /// a request.
    pub fn calls_per_request(self, calls: usize) -> Self {
        let calls = calls.max(1);
        Self { max_calls: calls, calls_per_request: calls, ..self }
    }

    /// Sets the retry policy of the requests, in place of the client's.
    pub fn retry(mut self, policy: crate::RetryPolicy) -> Self {
        self.client.retry = policy;
        self
    }

    /// Skips the calls before this [`position`](Self::position): the number of those that are done. They
    /// are taken from the iterator and dropped. Indices count them.
    pub fn resume(self, position: usize) -> Self {
        Self { calls: Box::new(self.calls.skip(position)), position, ..self }
    }
}

impl<T> BatchStream<'_, T> {
    /// The index of the next result: the number of calls that are done, with those that were skipped.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// The indices of the calls in a request that was sent, or is in flight, whose results were not
    /// returned yet. Later calls were not sent.
    #[must_use]
    pub fn pending(&self) -> Range<usize> {
        self.position..self.position + self.results.len() + self.in_flight.len()
    }

    /// How many results will follow: the smallest number, and the largest if the iterator knows it. They
    /// are equal for a `Vec`, so that [`position`](Self::position) and this make a progress bar.
    #[must_use]
    pub fn size_hint(&self) -> (usize, Option<usize>) {
        let taken = self.pending().len();
        let (least, most) = match self.is_stopped {
            true => (0, Some(0)),
            false => self.calls.size_hint(),
        };
        let unsent = if self.is_stopped { 0 } else { self.queue.len() };
        (least.saturating_add(taken + unsent), most.and_then(|most| most.checked_add(taken + unsent)))
    }

    /// Sends no further request. The stream still returns the results in [`pending`](Self::pending), and
    /// ends.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }
}

impl<T: Send + 'static> BatchStream<'_, T> {
    /// The index and the result of the next call, or none after the last. Sends a request if the results
    /// of the one before were all returned.
    pub async fn next(&mut self) -> Option<(usize, Result<T>)> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Begins the next request. False if there are no calls left.
    fn begin(&mut self) -> bool {
        if self.is_stopped {
            self.queue.clear();
            return false;
        }
        let mut group = Group::default();
        while self.in_flight.len() < self.calls_per_request {
            let next = self.queue.pop_front();
            let Some(next) = next.or_else(|| self.calls.next().map(|call| queued(&self.client, call))) else {
                break;
            };
            let Queued { call, outcome } = next;
            match call {
                Ok(call) if !group.fits(&call, self.client.api().max_nodes) => {
                    self.queue.push_front(Queued { call: Ok(call), outcome });
                    break;
                }
                Ok(call) => {
                    group.push(call);
                    self.in_flight.push(Slot::Sent(outcome));
                }
                Err(error) => self.in_flight.push(Slot::Invalid(error)),
            }
        }
        if self.in_flight.is_empty() {
            return false;
        }
        self.request = Some(send_group(self.client.clone(), self.operation, group));
        true
    }

    /// Takes the results of a request, or its calls back if the server refused it as too large.
    fn end(&mut self, Sent { mut group, error, is_refused }: Sent) {
        let slots = std::mem::take(&mut self.in_flight);
        let calls = group.len();
        if let Some(error) = &error {
            let is_too_slow = !error.is_not_executed() && (error.is_timeout() || error.status() == Some(504));
            let is_shrunk = is_refused && group.shrink(error);
            // A single call that is refused is too large by itself: others may fit together.
            let next = match is_refused {
                true if calls == 1 && !is_shrunk => self.max_calls,
                true => (calls / 2).max(1),
                false if is_too_slow => (calls / 2).max(1),
                false => self.calls_per_request,
            };
            if next < self.calls_per_request {
                warn!(
                    calls,
                    next_calls = next,
                    status = error.status(),
                    request_id = error.request_id(),
                    "a batch is too {}: reduced the calls per request",
                    if is_refused { "costly" } else { "slow" }
                );
            }
            self.calls_per_request = next;
            if !self.is_stopped && is_refused && (calls > 1 || is_shrunk) {
                let mut calls = group.into_calls();
                let again = slots.into_iter().filter_map(|slot| match slot {
                    Slot::Sent(outcome) => calls.next().map(|call| Queued { call: Ok(call), outcome }),
                    Slot::Invalid(error) => Some(Queued { call: Err(error), outcome: closed() }),
                });
                again.collect::<Vec<_>>().into_iter().rev().for_each(|call| self.queue.push_front(call));
                return;
            }
        }
        self.results.extend(slots.into_iter().map(|slot| match (slot, &error) {
            (Slot::Invalid(error), _) => Err(error),
            (Slot::Sent(outcome), None) => result(outcome),
            (Slot::Sent(mut outcome), Some(error)) => {
                outcome.try_recv().unwrap_or_else(|_| Err(error.duplicate()))
            }
        }));
    }
}

/// Prepares a call for a request.
fn queued<T>(client: &ClientCore, call: BatchCall<T>) -> Queued<T> {
    let BatchCall { member, outcome } = call;
    Queued { call: member.and_then(|member| GroupCall::new(client, member)), outcome }
}

/// The outcome of a call that is not sent.
fn closed<T>() -> Outcome<T> {
    tokio::sync::oneshot::channel().1
}

impl<T: Send + 'static> Stream for BatchStream<'_, T> {
    type Item = (usize, Result<T>);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(result) = this.results.pop_front() {
                this.position += 1;
                return Poll::Ready(Some((this.position - 1, result)));
            }
            if let Some(request) = &mut this.request {
                let sent = ready!(request.as_mut().poll(context));
                this.request = None;
                this.end(sent);
            } else if !this.begin() {
                return Poll::Ready(None);
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        Self::size_hint(self)
    }
}

impl<T> Unpin for BatchStream<'_, T> {}

impl<T> fmt::Debug for BatchStream<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchStream")
            .field("position", &self.position)
            .field("pending", &self.pending())
            .finish_non_exhaustive()
    }
}
