//! The bounded queue between the task of a subscription and its stream.

use crate::error::Error;
use crate::response::http::HttpResponse;
use futures_util::future::{Either, select};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// The most items in a queue.
const MAX_ITEMS: usize = 256;

/// What a task tells its stream.
pub(super) enum Item {
    /// The subscription has begun.
    Begun,
    /// An event.
    Event(Box<HttpResponse>),
    /// Events are missing: the connection was lost, and is restored.
    Gap(Error),
    /// The last item: the server has no more events.
    Complete,
    /// The last item: the subscription failed.
    Failed(Error),
}

/// An item with the room that it takes in the queue.
pub(super) struct Queued {
    pub(super) item: Item,
    _room: Option<OwnedSemaphorePermit>,
}

/// The end of the task.
pub(super) struct Queue {
    sender: mpsc::Sender<Queued>,
    /// A permit for each byte.
    room: Arc<Semaphore>,
    max_size: u32,
}

/// The stream was dropped.
pub(super) struct Dropped;

impl Queue {
    /// A queue of events of this many bytes together.
    pub(super) fn new(max_size: u32) -> (Self, mpsc::Receiver<Queued>) {
        let (sender, receiver) = mpsc::channel(MAX_ITEMS);
        let room = Arc::new(Semaphore::new(usize::try_from(max_size).unwrap_or(Semaphore::MAX_PERMITS)));
        (Self { sender, room, max_size }, receiver)
    }

    /// Waits for a future, but not longer than the stream is there.
    pub(super) async fn unless_dropped<T>(&self, future: impl Future<Output = T>) -> Result<T, Dropped> {
        match select(pin!(self.sender.closed()), pin!(future)).await {
            Either::Left(_) => Err(Dropped),
            Either::Right((output, _)) => Ok(output),
        }
    }

    /// Waits for room for an event of this many bytes, and adds it.
    pub(super) async fn push_event(&self, response: HttpResponse) -> Result<(), Dropped> {
        let size = u32::try_from(response.body.len()).unwrap_or(u32::MAX).min(self.max_size);
        let room = self.unless_dropped(Arc::clone(&self.room).acquire_many_owned(size)).await?;
        // The semaphore is never closed.
        self.add(Item::Event(Box::new(response)), room.ok()).await
    }

    /// Waits for room for an item without an event, and adds it.
    pub(super) async fn push(&self, item: Item) -> Result<(), Dropped> {
        self.add(item, None).await
    }

    async fn add(&self, item: Item, room: Option<OwnedSemaphorePermit>) -> Result<(), Dropped> {
        self.sender.send(Queued { item, _room: room }).await.map_err(|_| Dropped)
    }
}
