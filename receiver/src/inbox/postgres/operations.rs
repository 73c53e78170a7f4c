//! The operations of the inbox, in the SQL of PostgreSQL. All times are those of the server.

use super::PostgresInbox;
use super::error::storage;
use crate::inbox::lease_guard::take_guarded;
use crate::inbox::{
    Batch, DeadLetter, Depth, Inbox, InboxError, InboxFuture, Lease, Outcome, QueueId, Queued, RawDelivery,
    Stored, Take, Taken,
};
use deadpool_postgres::GenericClient;
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::watch;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

/// The advisory lock for taking in order: each worker must see what the previous one took.
const TAKE_LOCK: i64 = 0x0078_7572_7475_726e;

/// How often a statement is repeated after a deadlock, which rolls it back: storing and settling
/// deliveries of one record lock the same rows.
const MAX_DEADLOCKS: u32 = 3;

/// The maximum number of rows deleted by one statement.
const PURGE_BATCH: i64 = 2_000;

/// The columns that [`queued`] reads.
macro_rules! columns {
    () => {
        "id, delivery, origin, token, account, event, record, body, received, attempts"
    };
}

macro_rules! settle {
    ($assignments:literal) => {
        concat!("UPDATE xurrent_delivery SET ", $assignments, " WHERE id = $1 AND lease = $2 AND state = 1")
    };
}

impl Inbox for PostgresInbox {
    fn store(&self, delivery: RawDelivery) -> InboxFuture<'_, Stored> {
        self.recent_size.add(delivery.body.len());
        Box::pin(async move {
            let RawDelivery { id, origin, token, account, event, record, body } = &delivery;
            let sql = "INSERT INTO xurrent_delivery (delivery, origin, token, account, event, record, body)
                       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
            let values: [&(dyn ToSql + Sync); 7] = [
                &id.as_deref().map(text),
                &origin.as_deref().map(text),
                &token.as_deref().map(text),
                &text(account),
                &text(event),
                &record.as_deref().map(text),
                &&body[..],
            ];
            let inserted = self.execute(sql, &values).await?;
            self.notify();
            Ok(if inserted == 0 { Stored::Duplicate } else { Stored::New })
        })
    }

    fn take(&self, options: Take) -> InboxFuture<'_, Batch> {
        take_guarded(self.clone(), take(self.clone(), options))
    }

    fn renew(&self, leases: Vec<Lease>, length: Duration) -> InboxFuture<'_, Vec<Lease>> {
        Box::pin(async move {
            let ids: Vec<i64> = leases.iter().map(|lease| lease.id.0).collect();
            let numbers: Vec<i64> = leases.iter().map(|lease| lease.number).collect();
            let sql = "UPDATE xurrent_delivery SET due = statement_timestamp() + make_interval(secs => $3)
                       WHERE (id, lease) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[])) AND state = 1
                       RETURNING id, lease";
            let rows = query(&self.client().await?, sql, &[&ids, &numbers, &seconds(length)]).await?;
            let renewed: HashSet<Lease> =
                collect(&rows, |row| Ok(Lease { id: QueueId(row.try_get(0)?), number: row.try_get(1)? }))?;
            Ok(leases.into_iter().filter(|lease| !renewed.contains(lease)).collect())
        })
    }

    fn settle(&self, lease: Lease, outcome: Outcome) -> InboxFuture<'_, bool> {
        Box::pin(async move {
            let Lease { id: QueueId(id), number } = lease;
            let changed = match &outcome {
                Outcome::Done => {
                    let sql = settle!(
                        "state = 2, body = NULL, reason = NULL,
                         due = statement_timestamp() + make_interval(secs => $3)"
                    );
                    self.execute(sql, &[&id, &number, &seconds(self.retention)]).await
                }
                Outcome::Retry { after, reason } => {
                    let sql = settle!(
                        "state = 0, reason = $4, due = statement_timestamp() + make_interval(secs => $3)"
                    );
                    self.execute(sql, &[&id, &number, &seconds(*after), &text(reason)]).await
                }
                Outcome::Dead { reason } => {
                    self.execute(settle!("state = 3, reason = $3"), &[&id, &number, &text(reason)]).await
                }
                Outcome::GiveBack => {
                    let sql = settle!("state = 0, due = received, attempts = attempts - 1");
                    self.execute(sql, &[&id, &number]).await
                }
            }?;
            if matches!(outcome, Outcome::Retry { .. } | Outcome::GiveBack) {
                self.notify();
            }
            Ok(changed > 0)
        })
    }

    fn depth(&self) -> InboxFuture<'_, Depth> {
        Box::pin(async move {
            let sql =
                "SELECT state, count(*), extract(epoch FROM statement_timestamp() - min(received))::float8
                       FROM xurrent_delivery WHERE state <> 2 GROUP BY state";
            let rows = query(&self.client().await?, sql, &[]).await?;
            let counts: Vec<(i16, i64, f64)> =
                collect(&rows, |row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))?;
            let mut depth = Depth::default();
            for (state, count, oldest) in counts {
                let count = u64::try_from(count).unwrap_or(0);
                match state {
                    0 => {
                        depth.pending = count;
                        depth.oldest = Some(Duration::try_from_secs_f64(oldest).unwrap_or_default());
                    }
                    1 => depth.taken = count,
                    _ => depth.dead = count,
                }
            }
            Ok(depth)
        })
    }

    fn probe(&self) -> InboxFuture<'_, ()> {
        Box::pin(async move {
            // Random, so that the server cannot compress it. It deletes the previous row later.
            let mut padding = vec![0; self.recent_size.get()];
            fastrand::fill(&mut padding);
            let sql = "INSERT INTO xurrent_probe (id, at, padding) VALUES (0, statement_timestamp(), $1)
                       ON CONFLICT (id) DO UPDATE SET at = excluded.at, padding = excluded.padding";
            self.execute(sql, &[&padding]).await.map(drop)
        })
    }

    fn dead_letters(&self, after: Option<QueueId>, limit: usize) -> InboxFuture<'_, Vec<DeadLetter>> {
        Box::pin(async move {
            let sql = concat!(
                "SELECT ",
                columns!(),
                ", reason FROM xurrent_delivery WHERE state = 3 AND id > $1 ORDER BY id LIMIT $2"
            );
            let after = after.map_or(0, |id| id.0);
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = query(&self.client().await?, sql, &[&after, &limit]).await?;
            collect(&rows, |row| {
                let reason: Option<String> = row.try_get(10)?;
                Ok(DeadLetter { delivery: queued(row)?, reason: reason.unwrap_or_default() })
            })
        })
    }

    fn requeue(&self, id: QueueId) -> InboxFuture<'_, bool> {
        Box::pin(async move {
            let sql = "UPDATE xurrent_delivery
                       SET state = 0, due = statement_timestamp(), attempts = 0, held = false
                       WHERE id = $1 AND state = 3";
            let requeued = self.execute(sql, &[&id.0]).await?;
            self.notify();
            Ok(requeued > 0)
        })
    }

    fn discard(&self, id: QueueId) -> InboxFuture<'_, bool> {
        Box::pin(async move {
            let sql = "UPDATE xurrent_delivery SET state = 2, body = NULL,
                       due = statement_timestamp() + make_interval(secs => $2) WHERE id = $1 AND state = 3";
            Ok(self.execute(sql, &[&id.0, &seconds(self.retention)]).await? > 0)
        })
    }

    fn purge(&self) -> InboxFuture<'_, u64> {
        Box::pin(async move {
            let sql = "DELETE FROM xurrent_delivery WHERE id IN (
                           SELECT id FROM xurrent_delivery WHERE state = 2 AND due <= statement_timestamp()
                           ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED
                       )";
            self.execute(sql, &[&PURGE_BATCH]).await
        })
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

impl PostgresInbox {
    async fn execute(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, InboxError> {
        let client = self.client().await?;
        let statement = client.prepare_cached(sql).await.map_err(storage)?;
        let mut deadlocks = 0;
        loop {
            let executed = client.execute(&statement, values).await;
            let code = executed.as_ref().err().and_then(tokio_postgres::Error::code);
            if code != Some(&SqlState::T_R_DEADLOCK_DETECTED) || deadlocks == MAX_DEADLOCKS {
                return executed.map_err(storage);
            }
            deadlocks += 1;
        }
    }

    fn notify(&self) {
        self.changes.send_replace(());
    }
}

macro_rules! take {
    ($condition:literal) => {
        concat!(
            "WITH next AS (
                 SELECT id AS next_id FROM xurrent_delivery AS this
                 WHERE state < 2 AND due <= statement_timestamp()",
            $condition,
            "    ORDER BY due, id LIMIT $1 FOR UPDATE SKIP LOCKED
             )
             UPDATE xurrent_delivery SET state = 1, lease = lease + 1, attempts = attempts + 1,
                 due = statement_timestamp() + make_interval(secs => $2)
             FROM next WHERE id = next_id RETURNING ",
            columns!(),
            ", lease"
        )
    };
}

const TAKE: &str = take!("");

/// A delivery is taken if its record has no earlier open delivery and none that is being handled: a
/// requeued dead letter is earlier than what was taken since, and so can be one that was stored at the
/// same time. Held deliveries are not scanned: there may be many behind one that fails.
const TAKE_IN_ORDER: &str = take!(
    " AND NOT held AND (record IS NULL OR NOT EXISTS (
         SELECT FROM xurrent_delivery AS earlier WHERE earlier.state < 2
         AND earlier.account = this.account AND earlier.record = this.record AND earlier.id < this.id
     ) AND NOT EXISTS (
         SELECT FROM xurrent_delivery AS taken WHERE taken.state = 1 AND taken.account = this.account
         AND taken.record = this.record AND taken.id <> this.id AND taken.due > statement_timestamp()
     ))"
);

async fn take(inbox: PostgresInbox, options: Take) -> Result<Batch, InboxError> {
    let mut client = inbox.client().await?;
    let limit = i64::try_from(options.limit).unwrap_or(i64::MAX);
    let lease = seconds(options.lease);
    let rows = if options.in_order {
        let transaction = client.transaction().await.map_err(storage)?;
        query(&transaction, "SELECT pg_advisory_xact_lock($1)", &[&TAKE_LOCK]).await?;
        let rows = query(&transaction, TAKE_IN_ORDER, &[&limit, &lease]).await?;
        transaction.commit().await.map_err(storage)?;
        rows
    } else {
        query(&client, TAKE, &[&limit, &lease]).await?
    };
    let mut taken: Vec<Taken> = collect(&rows, |row| {
        let delivery = queued(row)?;
        Ok(Taken { lease: Lease { id: delivery.queue_id, number: row.try_get(10)? }, delivery })
    })?;
    taken.sort_by_key(|taken| taken.lease.id);
    let mut wait = inbox.poll_interval;
    // A worker that got as many as it asked for takes again without waiting.
    if taken.len() < options.limit
        && let Some(next) = next_due(&client).await?
    {
        wait = wait.min(next);
    }
    Ok(Batch { taken, wait })
}

/// The time until the next delivery is due, if there is one.
async fn next_due(client: &impl GenericClient) -> Result<Option<Duration>, InboxError> {
    let sql = "SELECT extract(epoch FROM min(due) - statement_timestamp())::float8
               FROM xurrent_delivery WHERE state < 2 AND due > statement_timestamp()";
    let rows = query(client, sql, &[]).await?;
    let next: Option<f64> = rows.first().map_or(Ok(None), |row| row.try_get(0)).map_err(storage)?;
    Ok(next.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
}

async fn query(
    client: &impl GenericClient,
    sql: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, InboxError> {
    let statement = client.prepare_cached(sql).await.map_err(storage)?;
    client.query(&statement, values).await.map_err(storage)
}

/// Converts each row with a function.
fn collect<T, C: FromIterator<T>>(
    rows: &[Row],
    convert: impl Fn(&Row) -> Result<T, tokio_postgres::Error>,
) -> Result<C, InboxError> {
    rows.iter().map(convert).collect::<Result<C, _>>().map_err(storage)
}

fn queued(row: &Row) -> Result<Queued<RawDelivery>, tokio_postgres::Error> {
    Ok(Queued {
        queue_id: QueueId(row.try_get(0)?),
        received: row.try_get(8)?,
        attempt: u32::try_from(row.try_get::<_, i32>(9)?).unwrap_or(u32::MAX),
        delivery: RawDelivery {
            id: row.try_get(1)?,
            origin: row.try_get(2)?,
            token: row.try_get(3)?,
            account: row.try_get(4)?,
            event: row.try_get(5)?,
            record: row.try_get(6)?,
            body: row.try_get::<_, Option<Vec<u8>>>(7)?.unwrap_or_default().into(),
        },
    })
}

/// Replaces NUL characters, which the server does not accept in texts.
fn text(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Converts to an interval, at most ten years: the server rejects much longer ones.
fn seconds(duration: Duration) -> f64 {
    const MAX: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    duration.min(MAX).as_secs_f64()
}
