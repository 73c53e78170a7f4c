//! A request for one page in flight.

use crate::call::Prepared;
use crate::error::Result;
use crate::response::http::HttpResponse;
use crate::transport::BoxFuture;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;

pub(super) enum PageRequest {
    /// Progresses while the stream is polled.
    Polled(BoxFuture<'static, Result<HttpResponse>>),
    /// Progresses by itself.
    Spawned(Task),
}

/// A task that is aborted with its stream.
pub(super) struct Task(JoinHandle<Result<HttpResponse>>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl PageRequest {
    pub(super) fn polled(page: Prepared) -> Self {
        Self::Polled(Box::pin(send(page)))
    }

    /// Spawns the request, in the `tracing` span of the caller.
    pub(super) fn spawned(page: Prepared, runtime: &Handle) -> Self {
        Self::Spawned(Task(runtime.spawn(send(page).in_current_span())))
    }

    /// Polls the request. Returns none if the runtime was shut down.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<HttpResponse>>> {
        Poll::Ready(match self {
            Self::Polled(response) => Some(ready!(response.as_mut().poll(context))),
            Self::Spawned(task) => match ready!(Pin::new(&mut task.0).poll(context)) {
                Ok(response) => Some(response),
                // A panic of a transport belongs to the call that waits for it.
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => None,
            },
        })
    }
}

async fn send(page: Prepared) -> Result<HttpResponse> {
    page.call.send(page.shape).await
}
