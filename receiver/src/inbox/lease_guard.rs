//! Taken deliveries on their way to a worker, which can be dropped meanwhile.

use super::{Batch, Inbox, InboxError, InboxFuture, Outcome};
use tokio::sync::oneshot;

/// Runs `take` in a task of its own. If the caller is dropped meanwhile, the deliveries are given back;
/// if that fails, their leases expire.
pub(super) fn take_guarded<I: Inbox + Clone>(
    inbox: I,
    take: impl Future<Output = Result<Batch, InboxError>> + Send + 'static,
) -> InboxFuture<'static, Batch> {
    Box::pin(async move {
        let (reply, taken) = oneshot::channel();
        tokio::spawn(async move {
            let _ = reply.send(take.await.map(|batch| LeaseGuard { batch, inbox }));
        });
        let mut guard = taken.await.map_err(|_| InboxError::Closed)??;
        Ok(std::mem::take(&mut guard.batch))
    })
}

/// Gives the deliveries in it back when it is dropped.
struct LeaseGuard<I: Inbox + Clone> {
    batch: Batch,
    inbox: I,
}

impl<I: Inbox + Clone> Drop for LeaseGuard<I> {
    fn drop(&mut self) {
        let taken = std::mem::take(&mut self.batch.taken);
        if let Ok(runtime) = tokio::runtime::Handle::try_current()
            && !taken.is_empty()
        {
            let inbox = self.inbox.clone();
            runtime.spawn(async move {
                for taken in taken {
                    let _ = inbox.settle(taken.lease, Outcome::GiveBack).await;
                }
            });
        }
    }
}
