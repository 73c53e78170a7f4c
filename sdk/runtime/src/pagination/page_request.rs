//! The request for one page, under way.

use crate::error::Result;
use crate::operation::Prepared;
use crate::response::http::HttpResponse;
use crate::transport::BoxFuture;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;

pub(super) enum Fetch {
    /// Goes on while the stream is polled.
    Polled(BoxFuture<'static, Result<HttpResponse>>),
    /// Goes on by itself.
    Spawned(Task),
}

/// A task of the runtime that ends with its stream.
pub(super) struct Task(JoinHandle<Result<HttpResponse>>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Fetch {
    pub(super) fn polled(page: Prepared) -> Self {
        Self::Polled(Box::pin(answer(page)))
    }

    /// What the request tells `tracing` stays in the span of the caller.
    pub(super) fn spawned(page: Prepared, runtime: &Handle) -> Self {
        Self::Spawned(Task(runtime.spawn(answer(page).in_current_span())))
    }

    /// Nothing when the runtime was shut down under the request.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<HttpResponse>>> {
        Poll::Ready(match self {
            Self::Polled(answer) => Some(ready!(answer.as_mut().poll(context))),
            Self::Spawned(task) => match ready!(Pin::new(&mut task.0).poll(context)) {
                Ok(answer) => Some(answer),
                // A transport that panics does so in the call that waits for it.
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => None,
            },
        })
    }
}

async fn answer(page: Prepared) -> Result<HttpResponse> {
    page.call.answer(page.shape).await
}
