//! The SQL of the inbox, for PostgreSQL. All times are those of the server.

use super::error::storage;
use crate::inbox::{
    DeadLetter, Depth, InboxError, Lease, Outcome, QueueId, Queued, RawDelivery, Stored, Take, Taken,
};
use deadpool_postgres::{Client, GenericClient};
use std::collections::HashSet;
use std::time::Duration;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

type Result<T, E = InboxError> = std::result::Result<T, E>;

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

async fn execute(client: &Client, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
    let statement = client.prepare_cached(sql).await.map_err(storage)?;
    let mut deadlocks = 0;
    loop {
        match client.execute(&statement, values).await {
            Err(error) if is_deadlock(&error) && deadlocks < MAX_DEADLOCKS => deadlocks += 1,
            done => return done.map_err(storage),
        }
    }
}

fn is_deadlock(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED)
}

async fn query(client: &impl GenericClient, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
    let statement = client.prepare_cached(sql).await.map_err(storage)?;
    client.query(&statement, values).await.map_err(storage)
}

/// Converts each row with a function.
fn collect<T, C: FromIterator<T>>(
    rows: &[Row],
    convert: impl Fn(&Row) -> Result<T, tokio_postgres::Error>,
) -> Result<C> {
    rows.iter().map(convert).collect::<Result<C, _>>().map_err(storage)
}

pub(super) async fn store(client: &Client, delivery: &RawDelivery) -> Result<Stored> {
    let RawDelivery { id, origin, token, account, event, record, body } = delivery;
    let inserted = execute(
        client,
        "INSERT INTO xurrent_delivery (delivery, origin, token, account, event, record, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        &[
            &id.as_deref().map(text),
            &origin.as_deref().map(text),
            &token.as_deref().map(text),
            &text(account),
            &text(event),
            &record.as_deref().map(text),
            &&body[..],
        ],
    )
    .await?;
    Ok(if inserted == 0 { Stored::Duplicate } else { Stored::New })
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

pub(super) async fn take(client: &mut Client, take: Take) -> Result<Vec<Taken>> {
    let limit = i64::try_from(take.limit).unwrap_or(i64::MAX);
    let lease = seconds(take.lease);
    let rows = if take.in_order {
        let transaction = client.transaction().await.map_err(storage)?;
        query(&transaction, "SELECT pg_advisory_xact_lock($1)", &[&TAKE_LOCK]).await?;
        let rows = query(&transaction, TAKE_IN_ORDER, &[&limit, &lease]).await?;
        transaction.commit().await.map_err(storage)?;
        rows
    } else {
        query(client, TAKE, &[&limit, &lease]).await?
    };
    let mut taken: Vec<Taken> = collect(&rows, |row| {
        let delivery = queued(row)?;
        Ok(Taken { lease: Lease { id: delivery.queue_id, number: row.try_get(10)? }, delivery })
    })?;
    taken.sort_by_key(|taken| taken.lease.id);
    Ok(taken)
}

/// The time until the next delivery is due, if there is one.
pub(super) async fn wait(client: &Client) -> Result<Option<Duration>> {
    let sql = "SELECT extract(epoch FROM min(due) - statement_timestamp())::float8
               FROM xurrent_delivery WHERE state < 2 AND due > statement_timestamp()";
    let rows = query(client, sql, &[]).await?;
    let next: Option<f64> = rows.first().map_or(Ok(None), |row| row.try_get(0)).map_err(storage)?;
    Ok(next.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
}

pub(super) async fn renew(client: &Client, leases: &[Lease], length: Duration) -> Result<Vec<Lease>> {
    let ids: Vec<i64> = leases.iter().map(|lease| lease.id.0).collect();
    let numbers: Vec<i64> = leases.iter().map(|lease| lease.number).collect();
    let sql = "UPDATE xurrent_delivery SET due = statement_timestamp() + make_interval(secs => $3)
               WHERE (id, lease) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[])) AND state = 1
               RETURNING id, lease";
    let rows = query(client, sql, &[&ids, &numbers, &seconds(length)]).await?;
    let renewed: HashSet<Lease> =
        collect(&rows, |row| Ok(Lease { id: QueueId(row.try_get(0)?), number: row.try_get(1)? }))?;
    Ok(leases.iter().copied().filter(|lease| !renewed.contains(lease)).collect())
}

macro_rules! settle {
    ($assignments:literal) => {
        concat!("UPDATE xurrent_delivery SET ", $assignments, " WHERE id = $1 AND lease = $2 AND state = 1")
    };
}

pub(super) async fn settle(
    client: &Client,
    lease: Lease,
    outcome: &Outcome,
    retention: Duration,
) -> Result<bool> {
    let Lease { id: QueueId(id), number } = lease;
    let changed = match outcome {
        Outcome::Done => {
            let sql = settle!(
                "state = 2, body = NULL, reason = NULL, due = statement_timestamp() + make_interval(secs => $3)"
            );
            execute(client, sql, &[&id, &number, &seconds(retention)]).await
        }
        Outcome::Retry { after, reason } => {
            let sql =
                settle!("state = 0, reason = $4, due = statement_timestamp() + make_interval(secs => $3)");
            execute(client, sql, &[&id, &number, &seconds(*after), &text(reason)]).await
        }
        Outcome::Dead { reason } => {
            execute(client, settle!("state = 3, reason = $3"), &[&id, &number, &text(reason)]).await
        }
        Outcome::GiveBack => {
            let sql = settle!("state = 0, due = received, attempts = attempts - 1");
            execute(client, sql, &[&id, &number]).await
        }
    };
    Ok(changed? > 0)
}

pub(super) async fn depth(client: &Client) -> Result<Depth> {
    let sql = "SELECT state, count(*), extract(epoch FROM statement_timestamp() - min(received))::float8
               FROM xurrent_delivery WHERE state <> 2 GROUP BY state";
    let mut depth = Depth::default();
    for row in query(client, sql, &[]).await? {
        let count = u64::try_from(row.try_get::<_, i64>(1).map_err(storage)?).unwrap_or(0);
        match row.try_get::<_, i16>(0).map_err(storage)? {
            0 => {
                let oldest: f64 = row.try_get(2).map_err(storage)?;
                depth.pending = count;
                depth.oldest = Some(Duration::try_from_secs_f64(oldest).unwrap_or_default());
            }
            1 => depth.taken = count,
            _ => depth.dead = count,
        }
    }
    Ok(depth)
}

/// Replaces the row of the previous probe, which the server deletes later.
pub(super) async fn probe(client: &Client, size: usize) -> Result<()> {
    // Random, so that the server cannot compress it.
    let mut padding = vec![0; size];
    fastrand::fill(&mut padding);
    let sql = "INSERT INTO xurrent_probe (id, at, padding) VALUES (0, statement_timestamp(), $1)
               ON CONFLICT (id) DO UPDATE SET at = excluded.at, padding = excluded.padding";
    execute(client, sql, &[&padding]).await.map(drop)
}

pub(super) async fn dead_letters(client: &Client, after: i64, limit: usize) -> Result<Vec<DeadLetter>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", reason FROM xurrent_delivery WHERE state = 3 AND id > $1 ORDER BY id LIMIT $2"
    );
    let rows = query(client, sql, &[&after, &i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
    collect(&rows, |row| {
        let reason: Option<String> = row.try_get(10)?;
        Ok(DeadLetter { delivery: queued(row)?, reason: reason.unwrap_or_default() })
    })
}

pub(super) async fn requeue(client: &Client, id: QueueId) -> Result<bool> {
    let sql = "UPDATE xurrent_delivery SET state = 0, due = statement_timestamp(), attempts = 0, held = false
               WHERE id = $1 AND state = 3";
    Ok(execute(client, sql, &[&id.0]).await? > 0)
}

pub(super) async fn discard(client: &Client, id: QueueId, retention: Duration) -> Result<bool> {
    let sql = "UPDATE xurrent_delivery SET state = 2, body = NULL,
               due = statement_timestamp() + make_interval(secs => $2) WHERE id = $1 AND state = 3";
    Ok(execute(client, sql, &[&id.0, &seconds(retention)]).await? > 0)
}

pub(super) async fn purge(client: &Client) -> Result<u64> {
    let sql = "DELETE FROM xurrent_delivery WHERE id IN (
                   SELECT id FROM xurrent_delivery WHERE state = 2 AND due <= statement_timestamp()
                   ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED
               )";
    execute(client, sql, &[&PURGE_BATCH]).await
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
