//! The operations of an inbox, in SQL that SQLite and PostgreSQL share.

use super::database::{COLUMNS, Database, Effects, NONE, Row, WAKES, milliseconds, query};
use super::leases;
use super::run_on_drop::RunOnDrop;
use super::{
    Arrivals, Batch, DeadLetter, DeadLetterFilter, Depth, Inbox, InboxError, InboxFuture, Lease, Outcome,
    QueueId, RawDelivery, Stored, Take,
};
use futures_core::future::BoxFuture;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// The maximum number of rows changed in one transaction, which delays the others.
const BATCH: usize = 2_000;

/// What a delivery writes beside its body: pages of its row and of the indexes, all of which are written to the log.
const BESIDE_BODY: usize = 48 * 1024;

/// Changes dead letters in batches, each once, and returns their number.
async fn end_letters(
    database: &impl Database,
    effects: Effects,
    assignments: String,
    filter: DeadLetterFilter,
) -> Result<u64, InboxError> {
    let (mut after, mut ended) = (None, 0);
    loop {
        let (condition, values) = filter.select(after, BATCH);
        let sql = format!(
            "UPDATE {{deliveries}} SET {assignments} WHERE state = 3 AND id {{in(}}
                 SELECT id FROM {{deliveries}} WHERE {condition}
             {{in)}} RETURNING id"
        );
        let rows = query(database, effects, sql, values).await?;
        let count = rows.len();
        ended += count as u64;
        if count < BATCH {
            return Ok(ended);
        }
        after = rows.into_iter().map(|mut row| QueueId(row.get())).max();
    }
}

/// Counts open deliveries and dead letters, each from an index.
fn count(columns: &str, groups: &str) -> String {
    let select = |condition| {
        format!(
            "SELECT {columns}CAST(state AS bigint), count(*), {{ms(}}{{now}} - min(received){{)}}
             FROM {{deliveries}} WHERE {condition} GROUP BY {groups}"
        )
    };
    format!("{} UNION ALL {}", select("state < 2"), select("state = 3"))
}

impl<D: Database> Inbox for D {
    fn store(&self, delivery: RawDelivery) -> InboxFuture<'_, Stored> {
        self.shared().add_size(delivery.body.len());
        self.store_delivery(delivery)
    }

    fn take(&self, options: Take) -> InboxFuture<'_, Batch> {
        let database = self.clone();
        Box::pin(async move {
            let (reply, taken) = oneshot::channel();
            // In a task of its own: if the caller is dropped meanwhile, the deliveries are given back. If that
            // fails, their leases expire.
            tokio::spawn(async move {
                let batch = leases::take_batch(&database, options).await;
                let _ = reply.send(batch.map(|batch| {
                    let leases: Vec<Lease> = batch.taken.iter().map(|taken| taken.lease).collect();
                    let give_back = async move {
                        let outcomes = leases.into_iter().map(|lease| (lease, Outcome::GiveBack));
                        let _ = leases::settle(&database, outcomes.collect()).await;
                    };
                    (batch, RunOnDrop(Some(Box::pin(give_back))))
                }));
            });
            let (batch, mut give_back) = taken.await.map_err(|_| InboxError::Closed)??;
            give_back.0 = None;
            Ok(batch)
        })
    }

    fn arrivals(&self, lease: Duration) -> Option<Arrivals> {
        Some(self.shared().waiting.enter(lease))
    }

    fn renew(&self, leases: Vec<Lease>, length: Duration) -> InboxFuture<'_, Vec<Lease>> {
        Box::pin(leases::renew(self, leases, length))
    }

    fn settle_all(&self, outcomes: Vec<(Lease, Outcome)>) -> InboxFuture<'_, Vec<Lease>> {
        Box::pin(leases::settle(self, outcomes))
    }

    fn depth(&self) -> InboxFuture<'_, Depth> {
        Box::pin(async move {
            let sql = count("", "state");
            let mut depth = Depth::default();
            query(self, NONE, sql, Vec::new()).await?.iter_mut().for_each(|row| row.count(&mut depth));
            Ok(depth)
        })
    }

    fn depth_by_event(&self) -> InboxFuture<'_, BTreeMap<String, Depth>> {
        Box::pin(async move {
            let sql = count("event, ", "event, state");
            let mut depths = BTreeMap::new();
            for mut row in query(self, NONE, sql, Vec::new()).await? {
                let event = row.get();
                row.count(depths.entry(event).or_default());
            }
            Ok(depths)
        })
    }

    fn probe(&self) -> InboxFuture<'_, ()> {
        // Random, so that the database cannot compress it.
        let mut padding = vec![0; self.shared().probe_size() + BESIDE_BODY];
        fastrand::fill(&mut padding);
        let mut values = vec![padding.into()];
        let effects = Effects { acknowledges: true, wakes: false };
        Box::pin(async move {
            for sql in D::PROBE {
                query(self, effects, *sql, std::mem::take(&mut values)).await?;
            }
            Ok(())
        })
    }

    fn dead_letters(
        &self,
        filter: DeadLetterFilter,
        after: Option<QueueId>,
        limit: usize,
    ) -> InboxFuture<'_, Vec<DeadLetter>> {
        Box::pin(async move {
            let (condition, values) = filter.select(after, limit);
            let sql = format!("SELECT {COLUMNS}, reason FROM {{deliveries}} WHERE {condition}");
            let rows = query(self, NONE, sql, values).await?;
            let letter = |mut row: Row| DeadLetter { delivery: row.queued(), reason: row.get() };
            Ok(rows.into_iter().map(letter).collect())
        })
    }

    fn requeue(&self, filter: DeadLetterFilter) -> InboxFuture<'_, u64> {
        let assignments = "state = 0, due = {now}, attempts = 0, held = false";
        Box::pin(end_letters(self, WAKES, assignments.into(), filter))
    }

    fn discard(&self, filter: DeadLetterFilter) -> InboxFuture<'_, u64> {
        let retention = milliseconds(self.shared().retention);
        let assignments = format!("state = 2, body = NULL, due = {{after(}}{retention}{{)}}");
        Box::pin(end_letters(self, NONE, assignments, filter))
    }

    fn purge(&self) -> InboxFuture<'_, u64> {
        Box::pin(async move {
            let sql = "DELETE FROM {deliveries} WHERE id {in(}
                           SELECT id FROM {deliveries} WHERE state = 2 AND due <= {now}
                           ORDER BY due LIMIT $1 {skip_locked}
                       {in)} RETURNING id";
            Ok(query(self, NONE, sql, vec![(BATCH as i64).into()]).await?.len() as u64)
        })
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.shared().changes.subscribe()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.end()
    }
}
