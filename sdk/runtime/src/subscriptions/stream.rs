//! The stream of a subscription.

use super::message::subscribe;
use super::queue::{Item, Queue, Queued};
use super::task::{Subscription, run};
use crate::call::Call;
use crate::decode::Read;
use crate::document::{body, document};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Wire;
use crate::operation::found;
use crate::remaining_pages::Plan;
use crate::response::GraphQlResponse;
use crate::response::http::HttpResponse;
use crate::transport::require_runtime;
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc::Receiver;
use tracing::Instrument as _;

/// The events of a subscription, in order. `try_next` needs no trait in scope.
///
/// It ends with `None` when the server has no more events, or after an error from which it cannot go on. These errors
/// do not end it, so the next call has the next event:
///
/// - [`ErrorKind::Interrupted`]: the connection was lost and is restored; events are missing.
/// - [`ErrorKind::GraphQl`] of one event: its fields failed. [`Error::partial_data`] has the others.
/// - [`ErrorKind::Decode`] of one event: it does not fit the schema.
///
/// Dropping it ends the subscription.
pub struct SubscriptionStream<T> {
    events: Events,
    read: Read<T>,
}

/// What a stream begins with.
pub(super) struct Start {
    pub(super) call: Call,
    pub(super) ignores_gaps: bool,
}

/// The part of a stream that does not depend on the type of its events.
struct Events {
    name: &'static str,
    state: State,
    /// Whether the server has the subscription.
    is_begun: bool,
}

enum State {
    Waiting(Box<Start>),
    Running(Receiver<Queued>),
    Ended,
}

impl<T> SubscriptionStream<T> {
    pub(super) fn new(start: Start, read: Read<T>) -> Self {
        let name = start.call.root.name;
        let state = State::Waiting(Box::new(start));
        Self { events: Events { name, state, is_begun: false }, read }
    }

    /// Connects, and returns when the server has been sent the subscription. Events from then on are in the stream:
    /// load the state that they change afterwards. Without it, the first poll connects.
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of mutations, pages and events; the stream has ended then.
    pub async fn connect(&mut self) -> Result<()> {
        poll_fn(|context| self.events.poll_begun(context)).await
    }

    /// The next event, or none after the last.
    ///
    /// # Errors
    /// Those that the [stream](Self) lists, after which it goes on; those of [`connect`](Self::connect), and
    /// [`ErrorKind::GraphQl`] when the server refuses the subscription, after which it has ended.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    fn decode(&self, response: &HttpResponse) -> Result<T> {
        let name = self.events.name;
        let mut event = None;
        let read = GraphQlResponse::read_root(response, name, &mut |decoder| {
            event = Some((self.read)(decoder)?);
            Ok(())
        })?;
        read.into_request_id()?;
        found(event, name)
    }
}

impl<T> Stream for SubscriptionStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.events.poll_item(context)) {
                Some(Item::Begun) => continue,
                Some(Item::Event(response)) => Some(self.decode(&response)),
                Some(Item::Gap(error) | Item::Failed(error)) => Some(Err(error)),
                Some(Item::Complete) | None => None,
            });
        }
    }
}

impl<T> Unpin for SubscriptionStream<T> {}

impl<T> fmt::Debug for SubscriptionStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubscriptionStream of {}", self.events.name)
    }
}

impl Events {
    fn poll_begun(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        if self.is_begun {
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(match ready!(self.poll_item(context)) {
            Some(Item::Failed(error)) => Err(error),
            Some(_) => Ok(()),
            None => Err(Error::configuration("the stream has ended: begin another one")),
        })
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Item>> {
        if let State::Waiting(start) = &self.state {
            self.state = match start.spawn() {
                Ok(receiver) => State::Running(receiver),
                Err(error) => {
                    self.state = State::Ended;
                    return Poll::Ready(Some(Item::Failed(error)));
                }
            };
        }
        let State::Running(receiver) = &mut self.state else { return Poll::Ready(None) };
        let item = match ready!(receiver.poll_recv(context)) {
            Some(queued) => queued.item,
            None => {
                let message = "the task of the subscription was aborted: its Tokio runtime has ended";
                Item::Failed(Error::new(ErrorKind::Transport, message))
            }
        };
        match item {
            Item::Begun => self.is_begun = true,
            Item::Complete | Item::Failed(_) => self.state = State::Ended,
            Item::Event(_) | Item::Gap(_) => {}
        }
        Poll::Ready(Some(item))
    }
}

impl Start {
    /// Spawns the task of the subscription.
    fn spawn(&self) -> Result<Receiver<Queued>> {
        let Self { call: Call { client, root, selection, arguments, .. }, ignores_gaps } = self;
        let name = root.name;
        if !Plan::of_call(name, *selection, root.shape()).is_empty() {
            let message = format!("`{name}` selects all pages of a connection, which events do not support");
            return Err(Error::configuration(format!("{message}: select `first` of them")));
        }
        let document = document(root, *selection, root.shape(), |name| arguments.get(name).is_some());
        let body = body(name, &document, Wire(arguments)).map_err(|error| {
            let message = format!("the arguments of `{name}` cannot be serialized");
            Error::configuration(message).with_reason(error)
        })?;
        let (queue, receiver) = Queue::new(client.session.subscriptions.max_event_size);
        let subscription = Subscription {
            client: client.clone(),
            name,
            subscribe: subscribe(&String::from_utf8_lossy(&body)),
            ignores_gaps: *ignores_gaps,
        };
        require_runtime()?.spawn(run(subscription, queue).in_current_span());
        Ok(receiver)
    }
}
