//! Ends leases in batches: attempts that end while a transaction is under way share the next one.

use crate::inbox::{Inbox, InboxError, Lease, Outcome};
use futures_util::future::join_all;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The maximum number of leases that end in one transaction.
const MAX_LEASES: usize = 512;

/// Ends leases until it is dropped. The dispatcher limits the number of leases.
pub(super) struct Settler {
    ended: mpsc::UnboundedSender<Ended>,
}

struct Ended {
    lease: Lease,
    outcome: Outcome,
    reply: oneshot::Sender<Result<bool, InboxError>>,
}

impl Settler {
    pub(super) fn start(inbox: Arc<dyn Inbox>) -> Self {
        let (ended, mut queue) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while queue.recv_many(&mut batch, MAX_LEASES).await > 0 {
                settle(&*inbox, std::mem::take(&mut batch)).await;
            }
        });
        Self { ended }
    }

    /// Ends a lease. Returns `false` if it is no longer valid. It ends even if the future is dropped.
    pub(super) async fn settle(&self, lease: Lease, outcome: Outcome) -> Result<bool, InboxError> {
        let (reply, settled) = oneshot::channel();
        self.ended.send(Ended { lease, outcome, reply }).map_err(|_| InboxError::Closed)?;
        settled.await.map_err(|_| InboxError::Closed)?
    }
}

/// Settles together. If that fails, each settles on its own, so that none fails because of another one.
async fn settle(inbox: &dyn Inbox, batch: Vec<Ended>) {
    let outcomes = batch.iter().map(|ended| (ended.lease, ended.outcome.clone())).collect();
    // Callers may be gone.
    match inbox.settle_all(outcomes).await {
        Ok(invalid) => {
            let invalid: HashSet<Lease> = invalid.into_iter().collect();
            for Ended { lease, reply, .. } in batch {
                let _ = reply.send(Ok(!invalid.contains(&lease)));
            }
        }
        Err(_) if batch.len() > 1 => {
            let alone = batch.into_iter().map(async |Ended { lease, outcome, reply }| {
                let _ = reply.send(inbox.settle(lease, outcome).await);
            });
            join_all(alone).await;
        }
        Err(error) => batch.into_iter().for_each(|ended| drop(ended.reply.send(Err(error.clone())))),
    }
}
