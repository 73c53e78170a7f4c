//! The operations of an inbox, in SQL that SQLite and PostgreSQL share.

use super::{
    Batch, DeadLetter, Depth, Inbox, InboxError, InboxFuture, Lease, Outcome, QueueId, Queued, RawDelivery,
    Stored, Take, Taken,
};
use futures_core::future::BoxFuture;
use rusqlite::types::{FromSql, Value};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::{oneshot, watch};

/// The maximum number of rows deleted in one transaction, which delays the others.
const PURGE_BATCH: i64 = 2_000;

/// Bounds of the size that a probe writes.
const MIN_PROBE: usize = 16 * 1024;
const MAX_PROBE: usize = 1024 * 1024;

/// A database that stores an inbox.
///
/// Statements contain placeholders in braces, which the database replaces, and parameters `$1`, `$2`.
/// Durations are parameters in milliseconds.
pub trait Database: Clone + Send + Sync + 'static {
    /// The statements that durably write `$1`, each time in new space.
    const PROBE: &'static [&'static str];

    /// State that does not depend on the database.
    fn shared(&self) -> &Shared;

    /// Runs statements, and returns the rows of each.
    fn run(&self, statements: Vec<Statement>, effects: Effects) -> InboxFuture<'_, Vec<Vec<Row>>>;

    /// Takes deliveries and, if there are fewer than the limit, selects the time until the next one is due.
    fn run_take(&self, take: Statement, next: Statement, options: Take) -> InboxFuture<'_, Vec<Vec<Row>>>;
}

/// The state of an inbox in this process.
#[derive(Debug)]
pub struct Shared {
    pub(super) changes: watch::Sender<()>,
    pub(super) retention: Duration,
    pub(super) max_wait: Duration,
    /// The decaying maximum of the sizes of recent deliveries.
    recent_size: AtomicUsize,
}

impl Shared {
    pub(super) fn new(retention: Duration, max_wait: Duration) -> Self {
        Self { changes: watch::Sender::new(()), retention, max_wait, recent_size: AtomicUsize::default() }
    }

    /// A larger delivery raises the size at once; smaller ones lower it step by step.
    fn add_size(&self, size: usize) {
        let update = |recent: usize| Some(size.max(recent - recent / 64));
        let _ = self.recent_size.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    /// The size that a probe writes.
    fn probe_size(&self) -> usize {
        self.recent_size.load(Ordering::Relaxed).clamp(MIN_PROBE, MAX_PROBE)
    }
}

/// A statement with its parameters.
pub struct Statement {
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Vec<Value>,
}

/// The effects of an operation beside its result.
#[derive(Clone, Copy, Default)]
pub struct Effects {
    /// The result is acknowledged to a sender, so it must not be written to a deleted file.
    pub(super) acknowledges: bool,
    /// Workers are notified that a delivery may be pending.
    pub(super) wakes: bool,
}

const NONE: Effects = Effects { acknowledges: false, wakes: false };
const WAKES: Effects = Effects { acknowledges: false, wakes: true };

/// A row, read column by column. The schema guarantees the types.
pub struct Row(pub(super) std::vec::IntoIter<Value>);

impl Row {
    fn get<T: FromSql + Default>(&mut self) -> T {
        let value = self.0.next();
        value.and_then(|value| T::column_result((&value).into()).ok()).unwrap_or_default()
    }

    fn elapsed(&mut self) -> Duration {
        Duration::from_millis(u64::try_from(self.get::<i64>()).unwrap_or(0))
    }

    /// Reads [`COLUMNS`].
    pub(super) fn queued(&mut self) -> Queued<RawDelivery> {
        Queued {
            queue_id: QueueId(self.get()),
            received: UNIX_EPOCH + self.elapsed(),
            attempt: u32::try_from(self.get::<i64>()).unwrap_or(u32::MAX),
            delivery: RawDelivery {
                id: self.get(),
                origin: self.get(),
                token: self.get(),
                account: self.get(),
                event: self.get(),
                record: self.get(),
                body: self.get::<Vec<u8>>().into(),
            },
        }
    }
}

const COLUMNS: &str = "id, {ms(}received{)}, CAST(attempts AS bigint), \
                       delivery, origin, token, account, event, record, body";

/// A delivery is taken if its record has no earlier open delivery and none that is being handled: a
/// requeued dead letter is earlier than what was taken since, and so can be one that was stored at the
/// same time. Held deliveries are not scanned: there may be many behind one that fails.
const IN_ORDER: &str = "AND {not_held} AND (record IS NULL OR NOT EXISTS (
        SELECT 1 FROM {deliveries} AS earlier WHERE earlier.state < 2
        AND earlier.account = this.account AND earlier.record = this.record AND earlier.id < this.id
    ) AND NOT EXISTS (
        SELECT 1 FROM {deliveries} AS taken WHERE taken.state = 1 AND taken.account = this.account
        AND taken.record = this.record AND taken.id <> this.id AND taken.due > {now}
    ))";

pub(super) fn store(delivery: RawDelivery) -> Statement {
    let sql = "INSERT INTO {deliveries} (delivery, origin, token, account, event, record, body, received, due, held)
               VALUES ($1, $2, $3, $4, $5, $6, $7, {now}, {now}, {held}) ON CONFLICT DO NOTHING RETURNING id";
    let RawDelivery { id, origin, token, account, event, record, body } = delivery;
    let texts = [id, origin, token, Some(account), Some(event), record];
    let values = texts.into_iter().map(Value::from).chain([Vec::from(body).into()]);
    Statement { sql: sql.into(), values: values.collect() }
}

pub(super) fn take(options: Take) -> Statement {
    let (index, condition) = if options.in_order { ("{turn}", IN_ORDER) } else { ("", "") };
    let sql = format!(
        "WITH next AS (
             SELECT id AS next_id FROM {{deliveries}} AS this {index}
             WHERE state < 2 AND due <= {{now}} {condition} ORDER BY due, id LIMIT $1 {{skip_locked}}
         )
         UPDATE {{deliveries}} SET state = 1, lease = lease + 1, attempts = attempts + 1,
             due = {{after(}}$2{{)}}
         FROM next WHERE id = next_id RETURNING {COLUMNS}, lease"
    );
    let limit = i64::try_from(options.limit).unwrap_or(i64::MAX);
    Statement { sql: sql.into(), values: vec![limit.into(), milliseconds(options.lease).into()] }
}

async fn take_batch(database: &impl Database, options: Take) -> Result<Batch, InboxError> {
    let next = "SELECT {ms(}min(due) - {now}{)} FROM {deliveries} WHERE state < 2 AND due > {now}";
    let next = Statement { sql: next.into(), values: Vec::new() };
    let results = database.run_take(take(options), next, options).await?;
    let mut results = results.into_iter().map(Vec::into_iter);
    let read = |mut row: Row| {
        let delivery = row.queued();
        Taken { lease: Lease { id: delivery.queue_id, number: row.get() }, delivery }
    };
    let mut taken: Vec<Taken> = results.next().into_iter().flatten().map(read).collect();
    taken.sort_by_key(|taken| taken.lease.id);
    // Deliveries that are due already wait for an earlier one of their record, whose worker takes again when
    // it is done.
    let next = results.next().and_then(|mut rows| rows.next()?.get::<Option<i64>>());
    let next = next.map(|next| Duration::from_millis(next.unsigned_abs()));
    let max_wait = database.shared().max_wait;
    Ok(Batch { taken, wait: next.map_or(max_wait, |next| next.min(max_wait)) })
}

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

async fn query(
    database: &impl Database,
    effects: Effects,
    sql: impl Into<Cow<'static, str>>,
    values: Vec<Value>,
) -> Result<Vec<Row>, InboxError> {
    let statement = Statement { sql: sql.into(), values };
    Ok(database.run(vec![statement], effects).await?.pop().unwrap_or_default())
}

impl<D: Database> Inbox for D {
    fn store(&self, delivery: RawDelivery) -> InboxFuture<'_, Stored> {
        self.shared().add_size(delivery.body.len());
        Box::pin(async move {
            let effects = Effects { acknowledges: true, wakes: true };
            let rows = self.run(vec![store(delivery)], effects).await?;
            Ok(if rows.iter().all(Vec::is_empty) { Stored::Duplicate } else { Stored::New })
        })
    }

    fn take(&self, options: Take) -> InboxFuture<'_, Batch> {
        let database = self.clone();
        Box::pin(async move {
            let (reply, taken) = oneshot::channel();
            // In a task of its own: if the caller is dropped meanwhile, the deliveries are given back. If that
            // fails, their leases expire.
            tokio::spawn(async move {
                let batch = take_batch(&database, options).await;
                let _ = reply.send(batch.map(|batch| {
                    let leases: Vec<Lease> = batch.taken.iter().map(|taken| taken.lease).collect();
                    let give_back = async move {
                        for lease in leases {
                            let _ = database.settle(lease, Outcome::GiveBack).await;
                        }
                    };
                    (batch, RunOnDrop(Some(Box::pin(give_back))))
                }));
            });
            let (batch, mut give_back) = taken.await.map_err(|_| InboxError::Closed)??;
            give_back.0 = None;
            Ok(batch)
        })
    }

    fn renew(&self, mut leases: Vec<Lease>, length: Duration) -> InboxFuture<'_, Vec<Lease>> {
        Box::pin(async move {
            let sql = "UPDATE {deliveries} SET due = {after(}$2{)}
                       WHERE state = 1 AND (id, lease) IN (
                           SELECT CAST(value->>0 AS bigint), CAST(value->>1 AS bigint) FROM {elements_of_$1}
                       ) RETURNING id, lease";
            // As JSON, so that one statement is enough for any number of leases.
            let pairs: Vec<[i64; 2]> = leases.iter().map(|lease| [lease.id.0, lease.number]).collect();
            let values = vec![format!("{pairs:?}").into(), milliseconds(length).into()];
            let rows = query(self, NONE, sql, values).await?;
            let lease = |mut row: Row| Lease { id: QueueId(row.get()), number: row.get() };
            let renewed: HashSet<Lease> = rows.into_iter().map(lease).collect();
            leases.retain(|lease| !renewed.contains(lease));
            Ok(leases)
        })
    }

    fn settle(&self, lease: Lease, outcome: Outcome) -> InboxFuture<'_, bool> {
        Box::pin(async move {
            let mut values = vec![lease.id.0.into(), lease.number.into()];
            let (assignments, effects) = match outcome {
                Outcome::Done => {
                    values.push(milliseconds(self.shared().retention).into());
                    ("state = 2, body = NULL, reason = NULL, due = {after(}$3{)}", NONE)
                }
                Outcome::Retry { after, reason } => {
                    values.extend([milliseconds(after).into(), reason.into()]);
                    ("state = 0, due = {after(}$3{)}, reason = $4", WAKES)
                }
                Outcome::Dead { reason } => {
                    values.push(reason.into());
                    ("state = 3, reason = $3", NONE)
                }
                Outcome::GiveBack => ("state = 0, due = received, attempts = attempts - 1", WAKES),
            };
            let condition = "WHERE id = $1 AND lease = $2 AND state = 1 RETURNING id";
            let sql = format!("UPDATE {{deliveries}} SET {assignments} {condition}");
            Ok(!query(self, effects, sql, values).await?.is_empty())
        })
    }

    fn depth(&self) -> InboxFuture<'_, Depth> {
        Box::pin(async move {
            let sql = "SELECT CAST(state AS bigint), count(*), {ms(}{now} - min(received){)}
                       FROM {deliveries} WHERE state <> 2 GROUP BY state";
            let mut depth = Depth::default();
            for mut row in query(self, NONE, sql, Vec::new()).await? {
                let (state, count) = (row.get::<i64>(), u64::try_from(row.get::<i64>()).unwrap_or(0));
                match state {
                    0 => (depth.pending, depth.oldest) = (count, Some(row.elapsed())),
                    1 => depth.taken = count,
                    _ => depth.dead = count,
                }
            }
            Ok(depth)
        })
    }

    fn probe(&self) -> InboxFuture<'_, ()> {
        // Random, so that the database cannot compress it.
        let mut padding = vec![0; self.shared().probe_size()];
        fastrand::fill(&mut padding);
        let mut values = vec![padding.into()];
        let statement =
            |sql: &&'static str| Statement { sql: (*sql).into(), values: std::mem::take(&mut values) };
        let statements = D::PROBE.iter().map(statement).collect();
        let effects = Effects { acknowledges: true, wakes: false };
        Box::pin(async move { self.run(statements, effects).await.map(drop) })
    }

    fn dead_letters(&self, after: Option<QueueId>, limit: usize) -> InboxFuture<'_, Vec<DeadLetter>> {
        Box::pin(async move {
            // An index of SQLite has the condition `state <> 2`.
            let sql = format!(
                "SELECT {COLUMNS}, reason FROM {{deliveries}}
                 WHERE state = 3 AND state <> 2 AND id > $1 ORDER BY id LIMIT $2"
            );
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = query(self, NONE, sql, vec![after.map_or(0, |id| id.0).into(), limit.into()]).await?;
            let letter = |mut row: Row| DeadLetter { delivery: row.queued(), reason: row.get() };
            Ok(rows.into_iter().map(letter).collect())
        })
    }

    fn requeue(&self, id: QueueId) -> InboxFuture<'_, bool> {
        Box::pin(async move {
            let sql = "UPDATE {deliveries} SET state = 0, due = {now}, attempts = 0, held = false
                       WHERE id = $1 AND state = 3 RETURNING id";
            Ok(!query(self, WAKES, sql, vec![id.0.into()]).await?.is_empty())
        })
    }

    fn discard(&self, id: QueueId) -> InboxFuture<'_, bool> {
        Box::pin(async move {
            let sql = "UPDATE {deliveries} SET state = 2, body = NULL,
                       due = {after(}$2{)} WHERE id = $1 AND state = 3 RETURNING id";
            let values = vec![id.0.into(), milliseconds(self.shared().retention).into()];
            Ok(!query(self, NONE, sql, values).await?.is_empty())
        })
    }

    fn purge(&self) -> InboxFuture<'_, u64> {
        Box::pin(async move {
            let sql = "DELETE FROM {deliveries} WHERE id IN (
                           SELECT id FROM {deliveries} WHERE state = 2 AND due <= {now}
                           ORDER BY due LIMIT $1 {skip_locked}
                       ) RETURNING id";
            Ok(query(self, NONE, sql, vec![PURGE_BATCH.into()]).await?.len() as u64)
        })
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.shared().changes.subscribe()
    }
}

/// At most ten years: PostgreSQL rejects much longer intervals.
fn milliseconds(duration: Duration) -> i64 {
    const MAX: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    i64::try_from(duration.min(MAX).as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_delivery_counts_until_many_smaller_ones_have_followed() {
        let recent = Shared::new(Duration::ZERO, Duration::ZERO);
        assert_eq!(recent.probe_size(), MIN_PROBE);
        recent.add_size(200_000);
        recent.add_size(100);
        assert!(recent.probe_size() > 190_000);
        (0..500).for_each(|_| recent.add_size(100));
        assert_eq!(recent.probe_size(), MIN_PROBE);
        recent.add_size(usize::MAX);
        assert_eq!(recent.probe_size(), MAX_PROBE);
    }
}
