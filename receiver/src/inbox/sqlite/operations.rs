//! The operations of the inbox, in the SQL of SQLite.

use super::SqliteInbox;
use super::writer::{Effects, milliseconds};
use crate::inbox::lease_guard::take_guarded;
use crate::inbox::{
    Batch, DeadLetter, Depth, Inbox, InboxFuture, Lease, Outcome, QueueId, Queued, RawDelivery, Stored, Take,
    Taken,
};
use rusqlite::{Connection, Params, Result, Row, named_params, params};
use std::sync::atomic::Ordering;
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::watch;

/// The longest time until a worker looks again.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// The maximum number of rows deleted in one transaction, which delays the others.
const PURGE_BATCH: i64 = 2_000;

const NONE: Effects = Effects { wakes: false, acknowledges: false };
const WAKES: Effects = Effects { wakes: true, acknowledges: false };

/// The columns that [`queued`] reads.
macro_rules! columns {
    () => {
        "id, delivery, origin, token, account, event, record, body, received, attempts"
    };
}

macro_rules! settle {
    ($assignments:literal) => {
        concat!("UPDATE delivery SET ", $assignments, " WHERE id = ?1 AND lease = ?2 AND state = 1")
    };
}

impl Inbox for SqliteInbox {
    fn store(&self, delivery: RawDelivery) -> InboxFuture<'_, Stored> {
        let in_order = self.in_order.load(Ordering::Relaxed);
        self.recent_size.add(delivery.body.len());
        let effects = Effects { wakes: true, acknowledges: true };
        Box::pin(self.run(effects, move |file, now| store(file, now, &delivery, in_order)))
    }

    fn take(&self, options: Take) -> InboxFuture<'_, Batch> {
        if options.in_order {
            self.in_order.store(true, Ordering::Relaxed);
        }
        let inbox = self.clone();
        take_guarded(
            self.clone(),
            async move { inbox.run(NONE, move |file, now| take(file, now, options)).await },
        )
    }

    fn renew(&self, leases: Vec<Lease>, length: Duration) -> InboxFuture<'_, Vec<Lease>> {
        Box::pin(self.run(NONE, move |file, now| {
            let until = now + milliseconds(length);
            let mut lost = Vec::new();
            for lease in &leases {
                let params = params![lease.id.0, lease.number, until];
                if execute(file, settle!("due = ?3"), params)? == 0 {
                    lost.push(*lease);
                }
            }
            Ok(lost)
        }))
    }

    fn settle(&self, lease: Lease, outcome: Outcome) -> InboxFuture<'_, bool> {
        let Lease { id: QueueId(id), number } = lease;
        let retention = self.retention;
        let wakes = matches!(outcome, Outcome::Retry { .. } | Outcome::GiveBack);
        Box::pin(self.run(Effects { wakes, acknowledges: false }, move |file, now| {
            let changed = match &outcome {
                Outcome::Done => {
                    let sql = settle!("state = 2, body = NULL, reason = NULL, due = ?3");
                    execute(file, sql, params![id, number, now + milliseconds(retention)])
                }
                Outcome::Retry { after, reason } => {
                    let sql = settle!("state = 0, due = ?3, reason = ?4");
                    execute(file, sql, params![id, number, now + milliseconds(*after), reason])
                }
                Outcome::Dead { reason } => {
                    execute(file, settle!("state = 3, reason = ?3"), params![id, number, reason])
                }
                Outcome::GiveBack => {
                    let sql = settle!("state = 0, due = received, attempts = attempts - 1");
                    execute(file, sql, params![id, number])
                }
            };
            Ok(changed? > 0)
        }))
    }

    fn depth(&self) -> InboxFuture<'_, Depth> {
        Box::pin(self.run(NONE, |file, now| {
            let mut depth = Depth::default();
            let sql = "SELECT state, count(*), min(received) FROM delivery WHERE state <> 2 GROUP BY state";
            let mut statement = file.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let count = u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
                match row.get::<_, i64>(0)? {
                    0 => (depth.pending, depth.oldest) = (count, Some(elapsed(row.get(2)?, now))),
                    1 => depth.taken = count,
                    _ => depth.dead = count,
                }
            }
            Ok(depth)
        }))
    }

    fn probe(&self) -> InboxFuture<'_, ()> {
        let size = i64::try_from(self.recent_size.get()).unwrap_or(i64::MAX);
        let effects = Effects { wakes: false, acknowledges: true };
        Box::pin(self.run(effects, move |file, now| {
            // A new row allocates space before the space of the previous probe is free again.
            let sql = "INSERT INTO probe (at, padding) VALUES (?1, randomblob(?2))";
            execute(file, sql, params![now, size])?;
            let id = file.last_insert_rowid();
            execute(file, "DELETE FROM probe WHERE id < ?1", params![id]).map(drop)
        }))
    }

    fn dead_letters(&self, after: Option<QueueId>, limit: usize) -> InboxFuture<'_, Vec<DeadLetter>> {
        Box::pin(self.run(NONE, move |file, _| {
            let condition = "state = 3 AND state <> 2 AND id > ?1 ORDER BY id LIMIT ?2";
            let sql = format!(concat!("SELECT ", columns!(), ", reason FROM delivery WHERE {}"), condition);
            let params = params![after.map_or(0, |id| id.0), i64::try_from(limit).unwrap_or(i64::MAX)];
            let mut statement = file.prepare_cached(&sql)?;
            let letters = statement.query_map(params, |row| {
                let reason: Option<String> = row.get(10)?;
                Ok(DeadLetter { delivery: queued(row)?, reason: reason.unwrap_or_default() })
            });
            letters?.collect()
        }))
    }

    fn requeue(&self, id: QueueId) -> InboxFuture<'_, bool> {
        Box::pin(self.run(WAKES, move |file, now| {
            let sql = "UPDATE delivery SET state = 0, due = ?2, attempts = 0, held = 0
                       WHERE id = ?1 AND state = 3";
            Ok(execute(file, sql, params![id.0, now])? > 0)
        }))
    }

    fn discard(&self, id: QueueId) -> InboxFuture<'_, bool> {
        let retention = self.retention;
        Box::pin(self.run(NONE, move |file, now| {
            let sql = "UPDATE delivery SET state = 2, body = NULL, due = ?2 WHERE id = ?1 AND state = 3";
            Ok(execute(file, sql, params![id.0, now + milliseconds(retention)])? > 0)
        }))
    }

    fn purge(&self) -> InboxFuture<'_, u64> {
        Box::pin(self.run(NONE, |file, now| {
            let sql = "DELETE FROM delivery WHERE id IN
                       (SELECT id FROM delivery WHERE state = 2 AND due <= ?1 ORDER BY due LIMIT ?2)";
            Ok(execute(file, sql, params![now, PURGE_BATCH])? as u64)
        }))
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

fn execute(file: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    file.prepare_cached(sql)?.execute(params)
}

/// `in_order`: whether workers take in order, so that the delivery is held while its record has an
/// earlier one. Deliveries stored before that are checked when they are taken.
fn store(file: &Connection, now: i64, delivery: &RawDelivery, in_order: bool) -> Result<Stored> {
    let RawDelivery { id, origin, token, account, event, record, body } = delivery;
    let inserted = execute(
        file,
        "INSERT INTO delivery (delivery, origin, token, account, event, record, body, received, due, held)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9 AND EXISTS (
             SELECT 1 FROM delivery WHERE state < 2 AND account = ?4 AND record = ?6
         )) ON CONFLICT DO NOTHING",
        params![id, origin, token, account, event, record, &body[..], now, in_order],
    )?;
    Ok(if inserted == 0 { Stored::Duplicate } else { Stored::New })
}

macro_rules! take {
    ($source:literal) => {
        concat!(
            "UPDATE delivery SET state = 1, due = :now + :lease, lease = lease + 1, attempts = attempts + 1
             WHERE id IN (SELECT id FROM delivery AS this ",
            $source,
            " ORDER BY due, id LIMIT :limit) RETURNING ",
            columns!(),
            ", lease"
        )
    };
}

const TAKE: &str = take!("WHERE state < 2 AND due <= :now");

/// A delivery is taken if its record has no earlier open delivery and none that is being handled: a
/// requeued dead letter is earlier than what was taken since. Held deliveries are not scanned: there may
/// be many behind one that fails.
const TAKE_IN_ORDER: &str = take!(
    "INDEXED BY delivery_turn WHERE state < 2 AND held = 0 AND due <= :now
     AND (record IS NULL OR NOT EXISTS (
         SELECT 1 FROM delivery AS earlier WHERE earlier.state < 2 AND earlier.account = this.account
         AND earlier.record = this.record AND earlier.id < this.id
     ) AND NOT EXISTS (
         SELECT 1 FROM delivery AS taken WHERE taken.state = 1 AND taken.account = this.account
         AND taken.record = this.record AND taken.id <> this.id AND taken.due > :now
     ))"
);

fn take(file: &Connection, now: i64, take: Take) -> Result<Batch> {
    let mut statement = file.prepare_cached(if take.in_order { TAKE_IN_ORDER } else { TAKE })?;
    let params = named_params! {
        ":now": now,
        ":lease": milliseconds(take.lease),
        ":limit": i64::try_from(take.limit).unwrap_or(i64::MAX),
    };
    let rows = statement.query_map(params, |row| {
        let delivery = queued(row)?;
        Ok(Taken { lease: Lease { id: delivery.queue_id, number: row.get(10)? }, delivery })
    })?;
    let mut taken = rows.collect::<Result<Vec<Taken>>>()?;
    taken.sort_by_key(|taken| taken.lease.id);
    Ok(Batch { taken, wait: wait(file, now)? })
}

/// The time until the next delivery is due. Deliveries that are due already wait for an earlier one of
/// their record, whose worker takes again when it is done.
fn wait(file: &Connection, now: i64) -> Result<Duration> {
    let next: Option<i64> = file
        .prepare_cached("SELECT min(due) FROM delivery WHERE state < 2 AND due > ?1")?
        .query_row(params![now], |row| row.get(0))?;
    Ok(next.map_or(MAX_WAIT, |due| elapsed(now, due).min(MAX_WAIT)))
}

fn queued(row: &Row<'_>) -> Result<Queued<RawDelivery>> {
    Ok(Queued {
        queue_id: QueueId(row.get(0)?),
        received: UNIX_EPOCH + elapsed(0, row.get(8)?),
        attempt: u32::try_from(row.get::<_, i64>(9)?).unwrap_or(u32::MAX),
        delivery: RawDelivery {
            id: row.get(1)?,
            origin: row.get(2)?,
            token: row.get(3)?,
            account: row.get(4)?,
            event: row.get(5)?,
            record: row.get(6)?,
            body: row.get::<_, Option<Vec<u8>>>(7)?.unwrap_or_default().into(),
        },
    })
}

/// The time between two instants in milliseconds; zero if the second one is earlier.
fn elapsed(from: i64, to: i64) -> Duration {
    Duration::from_millis(u64::try_from(to - from).unwrap_or(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should stop")]
mod tests {
    use super::*;
    use crate::inbox::sqlite::schema;
    use rusqlite::StatementStatus;

    fn store_some(connection: &mut Connection, record: &str, count: i64) {
        let transaction = connection.transaction().unwrap();
        for _ in 0..count {
            let mut delivery = RawDelivery::new("https://wdc.xurrent.com", "request.update", "{}");
            delivery.record = Some(record.to_owned());
            assert_eq!(store(&transaction, 0, &delivery, true).unwrap(), Stored::New);
        }
        transaction.commit().unwrap();
    }

    /// Takes one delivery and returns its record and the number of steps that SQLite took.
    fn take_one(connection: &Connection) -> (Option<String>, i32) {
        let take = Take { limit: 1, lease: Duration::from_secs(60), in_order: true };
        let mut taken = super::take(connection, 1, take).unwrap().taken;
        let statement = connection.prepare_cached(TAKE_IN_ORDER).unwrap();
        let steps = statement.reset_status(StatementStatus::VmStep);
        (taken.pop().and_then(|taken| taken.delivery.delivery.record), steps)
    }

    #[test]
    fn ten_thousand_held_deliveries_do_not_slow_down_taking_others() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        store_some(&mut connection, "failing", 1);
        let (first, few) = take_one(&connection);
        assert_eq!(first.as_deref(), Some("failing"));
        store_some(&mut connection, "failing", 10_000);
        store_some(&mut connection, "other", 2);
        let (other, many) = take_one(&connection);
        assert_eq!(other.as_deref(), Some("other"));
        assert!(many < few + 100, "{few} steps alone, {many} steps with held deliveries");
        let (none, many) = take_one(&connection);
        assert_eq!(none, None);
        assert!(many < few + 100, "{few} steps alone, {many} steps to find nothing");
    }
}
