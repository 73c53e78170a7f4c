//! Requests for pages in flight.

use crate::call::Prepared;
use crate::error::Result;
use crate::response::http::HttpResponse;
use crate::transport::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;

/// A request in flight. Its output is none if the runtime was shut down.
pub(super) type PageRequest = BoxFuture<'static, Option<Result<HttpResponse>>>;

/// A task that is aborted with its stream.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A request that progresses while the stream is polled.
pub(super) fn polled(page: Prepared) -> PageRequest {
    Box::pin(async move { Some(page.call.send(page.shape).await) })
}

/// A request that progresses by itself, in the `tracing` span of the caller.
pub(super) fn spawned(page: Prepared, runtime: &Handle) -> PageRequest {
    spawn(Box::pin(async move { page.call.send(page.shape).await }), runtime)
}

/// Spawns a request. The output is none if the runtime was shut down.
pub(crate) fn spawn<T: Send + 'static>(
    request: BoxFuture<'static, T>,
    runtime: &Handle,
) -> BoxFuture<'static, Option<T>> {
    let mut task = Task(runtime.spawn(request.in_current_span()));
    Box::pin(async move {
        match (&mut task.0).await {
            Ok(response) => Some(response),
            // A panic of a transport belongs to the call that waits for it.
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => None,
        }
    })
}
