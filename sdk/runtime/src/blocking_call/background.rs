//! The thread of a blocking client.

use crate::error::{Error, Result};
use std::convert::Infallible;
use std::future::IntoFuture;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::consume_budget;

/// A thread with a Tokio runtime. It drives connections, timers, prefetches and token requests, also between
/// calls; calls themselves run on the threads that make them. Clones share the thread, which ends with the
/// last of them.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Background {
    runtime: Handle,
    _owners: Arc<oneshot::Sender<Infallible>>,
}

impl Background {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the system refuses one.
    pub fn start() -> Result<Self> {
        let failed = |error: io::Error| {
            Error::configuration("could not start the thread of a blocking client").with_source(error)
        };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (owners, ended) = oneshot::channel::<Infallible>();
        let run = move || drop(runtime.block_on(ended));
        thread::Builder::new().name("blocking-client".to_owned()).spawn(run).map_err(failed)?;
        Ok(Self { runtime: handle, _owners: Arc::new(owners) })
    }

    /// Waits for a future of this crate.
    ///
    /// # Errors
    /// That of the future, and [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) in an async
    /// context.
    pub fn block_on<T>(&self, future: impl IntoFuture<Output = Result<T>>) -> Result<T> {
        if is_async_context() {
            return Err(Error::configuration(
                "a blocking call within an async context: use the async client there, or make the call in \
                 `tokio::task::spawn_blocking`",
            ));
        }
        let _context = self.runtime.enter();
        // Unlike `Handle::block_on`, this can be nested: a call may take its input from an iterator that
        // makes calls itself.
        pollster::block_on(future)
    }
}

/// Whether this thread polls a task of a Tokio runtime, which a blocking call would stop. Tokio gives tasks a
/// budget, a `u8`, and none to threads that may block, which have a runtime as well. The task yields at its
/// next `await` and gets a new budget.
fn is_async_context() -> bool {
    let mut context = Context::from_waker(Waker::noop());
    let mut is_exhausted = |_| pin!(consume_budget()).poll(&mut context).is_pending();
    Handle::try_current().is_ok() && (0..=u8::MAX).any(&mut is_exhausted)
}
