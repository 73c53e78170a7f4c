//! The operations, each in the words of PostgreSQL. All times are the server's.

use super::{seconds, storage};
use crate::authenticator::Accepted;
use crate::inbox::{
    DeadLetter, Delivery, DeliveryId, Depth, InboxError, Lease, Outcome, Stored, Take, Taken,
};
use deadpool_postgres::{Client, GenericClient};
use std::collections::HashSet;
use std::time::Duration;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

type Result<T, E = InboxError> = std::result::Result<T, E>;

/// The lock of those who take in order: each must see what the one before took.
const TURN: i64 = 0x0078_7572_7475_726e;

/// How often a statement is run again that the server chose as the victim of a deadlock: what arrives for a
/// record and what ends of it lock the same rows. Nothing of the statement was done.
const DEADLOCKS: u32 = 3;

/// How many rows are forgotten in one go.
const FORGOTTEN: i64 = 2_000;

async fn execute(client: &Client, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
    let statement = client.prepare_cached(sql).await.map_err(storage)?;
    let mut deadlocks = 0;
    loop {
        match client.execute(&statement, values).await {
            Err(error) if is_deadlock(&error) && deadlocks < DEADLOCKS => deadlocks += 1,
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

pub(super) async fn store(client: &Client, accepted: &Accepted) -> Result<Stored> {
    let Accepted { id, origin, token, account, event, record, body } = accepted;
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

const TAKE: &str = "
    WITH next AS (
        SELECT id FROM xurrent_delivery WHERE state < 2 AND due <= statement_timestamp()
        ORDER BY due, id LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    UPDATE xurrent_delivery AS this SET state = 1, lease = lease + 1, attempts = attempts + 1,
        due = statement_timestamp() + make_interval(secs => $2)
    FROM next WHERE this.id = next.id
    RETURNING this.id, delivery, origin, account, event, record, body, received, attempts, lease";

/// A record has its turn when nothing of it came earlier, and nothing of it is being handled: a dead
/// letter that is pending again is earlier than what was taken meanwhile, and so may be one that was
/// stored at the same time. What is held is not looked at: it may be all that came to a record while
/// its first delivery fails.
const TAKE_IN_ORDER: &str = "
    WITH next AS (
        SELECT id FROM xurrent_delivery AS this
        WHERE state < 2 AND NOT held AND due <= statement_timestamp() AND (record IS NULL OR NOT EXISTS (
            SELECT FROM xurrent_delivery AS earlier WHERE earlier.state < 2
            AND earlier.account = this.account AND earlier.record = this.record AND earlier.id < this.id
        ) AND NOT EXISTS (
            SELECT FROM xurrent_delivery AS taken WHERE taken.state = 1 AND taken.account = this.account
            AND taken.record = this.record AND taken.id <> this.id AND taken.due > statement_timestamp()
        ))
        ORDER BY due, id LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    UPDATE xurrent_delivery AS this SET state = 1, lease = lease + 1, attempts = attempts + 1,
        due = statement_timestamp() + make_interval(secs => $2)
    FROM next WHERE this.id = next.id
    RETURNING this.id, delivery, origin, account, event, record, body, received, attempts, lease";

pub(super) async fn take(client: &mut Client, take: Take) -> Result<Vec<Taken>> {
    let limit = i64::try_from(take.limit).unwrap_or(i64::MAX);
    let lease = seconds(take.lease);
    let rows = if take.in_order {
        let transaction = client.transaction().await.map_err(storage)?;
        query(&transaction, "SELECT pg_advisory_xact_lock($1)", &[&TURN]).await?;
        let rows = query(&transaction, TAKE_IN_ORDER, &[&limit, &lease]).await?;
        transaction.commit().await.map_err(storage)?;
        rows
    } else {
        query(client, TAKE, &[&limit, &lease]).await?
    };
    let mut taken: Vec<Taken> = rows
        .iter()
        .map(|row| {
            let delivery = delivery(row)?;
            Ok(Taken { lease: Lease { id: delivery.id, number: row.try_get(9)? }, delivery })
        })
        .collect::<Result<_, tokio_postgres::Error>>()
        .map_err(storage)?;
    taken.sort_by_key(|taken| taken.lease.id);
    Ok(taken)
}

/// Until the next delivery is due, if one is.
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
    let renewed: HashSet<Lease> = rows
        .iter()
        .map(|row| Ok(Lease { id: DeliveryId(row.try_get(0)?), number: row.try_get(1)? }))
        .collect::<Result<_, tokio_postgres::Error>>()
        .map_err(storage)?;
    Ok(leases.iter().copied().filter(|lease| !renewed.contains(lease)).collect())
}

pub(super) async fn settle(
    client: &Client,
    Lease { id, number }: Lease,
    outcome: &Outcome,
    keep: Duration,
) -> Result<bool> {
    let id = id.0;
    let changed = match outcome {
        Outcome::Done => {
            let sql = "UPDATE xurrent_delivery SET state = 2, body = NULL, reason = NULL,
                       due = statement_timestamp() + make_interval(secs => $3)
                       WHERE id = $1 AND lease = $2 AND state = 1";
            execute(client, sql, &[&id, &number, &seconds(keep)]).await?
        }
        Outcome::Retry { after, reason } => {
            let sql = "UPDATE xurrent_delivery SET state = 0, reason = $4,
                       due = statement_timestamp() + make_interval(secs => $3)
                       WHERE id = $1 AND lease = $2 AND state = 1";
            execute(client, sql, &[&id, &number, &seconds(*after), &text(reason)]).await?
        }
        Outcome::Dead { reason } => {
            let sql = "UPDATE xurrent_delivery SET state = 3, reason = $3
                       WHERE id = $1 AND lease = $2 AND state = 1";
            execute(client, sql, &[&id, &number, &text(reason)]).await?
        }
        Outcome::GiveBack => {
            let sql = "UPDATE xurrent_delivery SET state = 0, due = received, attempts = attempts - 1
                       WHERE id = $1 AND lease = $2 AND state = 1";
            execute(client, sql, &[&id, &number]).await?
        }
    };
    Ok(changed > 0)
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

/// Writes a delivery of this size anew: the old version of the row goes when the server cleans up.
pub(super) async fn probe(client: &Client, size: usize) -> Result<()> {
    // Random, so that the server does not make it small.
    let mut padding = vec![0; size];
    fastrand::fill(&mut padding);
    let sql = "INSERT INTO xurrent_probe (id, at, padding) VALUES (0, statement_timestamp(), $1)
               ON CONFLICT (id) DO UPDATE SET at = excluded.at, padding = excluded.padding";
    execute(client, sql, &[&padding]).await.map(drop)
}

pub(super) async fn dead_letters(client: &Client, after: i64, limit: usize) -> Result<Vec<DeadLetter>> {
    let sql = "SELECT id, delivery, origin, account, event, record, body, received, attempts, reason
               FROM xurrent_delivery WHERE state = 3 AND id > $1 ORDER BY id LIMIT $2";
    let rows = query(client, sql, &[&after, &i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
    rows.iter()
        .map(|row| {
            let reason: Option<String> = row.try_get(9)?;
            Ok(DeadLetter { delivery: delivery(row)?, reason: reason.unwrap_or_default() })
        })
        .collect::<Result<_, tokio_postgres::Error>>()
        .map_err(storage)
}

pub(super) async fn requeue(client: &Client, id: DeliveryId) -> Result<bool> {
    let sql = "UPDATE xurrent_delivery SET state = 0, due = statement_timestamp(), attempts = 0, held = false
               WHERE id = $1 AND state = 3";
    Ok(execute(client, sql, &[&id.0]).await? > 0)
}

pub(super) async fn discard(client: &Client, id: DeliveryId, keep: Duration) -> Result<bool> {
    let sql = "UPDATE xurrent_delivery SET state = 2, body = NULL,
               due = statement_timestamp() + make_interval(secs => $2) WHERE id = $1 AND state = 3";
    Ok(execute(client, sql, &[&id.0, &seconds(keep)]).await? > 0)
}

pub(super) async fn purge(client: &Client) -> Result<u64> {
    let sql = "DELETE FROM xurrent_delivery WHERE id IN (
                   SELECT id FROM xurrent_delivery WHERE state = 2 AND due <= statement_timestamp()
                   ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED
               )";
    execute(client, sql, &[&FORGOTTEN]).await
}

/// The first nine columns of what is returned.
fn delivery(row: &Row) -> Result<Delivery, tokio_postgres::Error> {
    Ok(Delivery {
        id: DeliveryId(row.try_get(0)?),
        delivery: row.try_get(1)?,
        origin: row.try_get(2)?,
        account: row.try_get(3)?,
        event: row.try_get(4)?,
        record: row.try_get(5)?,
        body: row.try_get::<_, Option<Vec<u8>>>(6)?.unwrap_or_default().into(),
        received: row.try_get(7)?,
        attempt: u32::try_from(row.try_get::<_, i32>(8)?).unwrap_or(u32::MAX),
    })
}

/// A text as the server takes it: of all characters, it has no zero.
fn text(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}
