//! A future that runs when it is dropped.

use futures_core::future::BoxFuture;

/// A future that runs when it is dropped: what undoes a step whose caller is gone. `None` once the step counts.
pub(crate) struct RunOnDrop(pub(crate) Option<BoxFuture<'static, ()>>);

impl Drop for RunOnDrop {
    fn drop(&mut self) {
        if let Some(future) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(future);
        }
    }
}
