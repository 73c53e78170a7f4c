//! The operations, each in the words of SQLite.

use super::writer::milliseconds;
use crate::authenticator::Accepted;
use crate::inbox::{Batch, DeadLetter, Delivery, DeliveryId, Depth, Lease, Outcome, Stored, Take, Taken};
use rusqlite::{Connection, Result, Row, named_params, params};
use std::time::{Duration, UNIX_EPOCH};

/// How long a worker sleeps at most.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How many rows are forgotten in one go, so that nobody waits long for it.
const FORGOTTEN: i64 = 2_000;

/// `in_order`: whether workers take so, for whom it is noted what has to wait. What came before that was
/// known is looked at when they take.
pub(super) fn store(
    connection: &Connection,
    now: i64,
    accepted: &Accepted,
    in_order: bool,
) -> Result<Stored> {
    let Accepted { id, origin, token, account, event, record, body } = accepted;
    let inserted = connection
        .prepare_cached(
            "INSERT INTO delivery (delivery, origin, token, account, event, record, body, received, due, held)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9 AND EXISTS (
                 SELECT 1 FROM delivery WHERE state < 2 AND account = ?4 AND record = ?6
             )) ON CONFLICT DO NOTHING",
        )?
        .execute(params![id, origin, token, account, event, record, &body[..], now, in_order])?;
    Ok(if inserted == 0 { Stored::Duplicate } else { Stored::New })
}

const TAKE: &str = "
    UPDATE delivery SET state = 1, due = :now + :lease, lease = lease + 1, attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM delivery WHERE state < 2 AND due <= :now ORDER BY due, id LIMIT :limit
    )
    RETURNING id, delivery, origin, account, event, record, body, received, attempts, lease";

/// A record has its turn when nothing of it came earlier, and nothing of it is being handled: a dead
/// letter that is pending again is earlier than what was taken meanwhile. What is held is not looked
/// at: it may be all that came to a record while its first delivery fails.
const TAKE_IN_ORDER: &str = "
    UPDATE delivery SET state = 1, due = :now + :lease, lease = lease + 1, attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM delivery AS this INDEXED BY delivery_turn WHERE state < 2 AND held = 0 AND due <= :now
        AND (record IS NULL OR NOT EXISTS (
            SELECT 1 FROM delivery AS earlier WHERE earlier.state < 2 AND earlier.account = this.account
            AND earlier.record = this.record AND earlier.id < this.id
        ) AND NOT EXISTS (
            SELECT 1 FROM delivery AS taken WHERE taken.state = 1 AND taken.account = this.account
            AND taken.record = this.record AND taken.id <> this.id AND taken.due > :now
        ))
        ORDER BY due, id LIMIT :limit
    )
    RETURNING id, delivery, origin, account, event, record, body, received, attempts, lease";

pub(super) fn take(connection: &Connection, now: i64, take: Take) -> Result<Batch> {
    let mut statement = connection.prepare_cached(if take.in_order { TAKE_IN_ORDER } else { TAKE })?;
    let values = named_params! {
        ":now": now,
        ":lease": milliseconds(take.lease),
        ":limit": i64::try_from(take.limit).unwrap_or(i64::MAX),
    };
    let mut taken: Vec<Taken> = statement
        .query_map(values, |row| {
            let delivery = delivery(row)?;
            Ok(Taken { lease: Lease { id: delivery.id, number: row.get(9)? }, delivery })
        })?
        .collect::<Result<_>>()?;
    taken.sort_by_key(|taken| taken.lease.id);
    Ok(Batch { taken, wait: wait(connection, now)? })
}

/// Until the next delivery is due. What is due already waits for another one of its record, and who
/// finishes that one asks again.
fn wait(connection: &Connection, now: i64) -> Result<Duration> {
    let next: Option<i64> = connection
        .prepare_cached("SELECT min(due) FROM delivery WHERE state < 2 AND due > ?1")?
        .query_row(params![now], |row| row.get(0))?;
    let next = next.map_or(LONGEST_WAIT, |due| Duration::from_millis(u64::try_from(due - now).unwrap_or(0)));
    Ok(next.min(LONGEST_WAIT))
}

pub(super) fn renew(
    connection: &Connection,
    now: i64,
    leases: &[Lease],
    length: Duration,
) -> Result<Vec<Lease>> {
    let mut statement = connection
        .prepare_cached("UPDATE delivery SET due = ?3 WHERE id = ?1 AND lease = ?2 AND state = 1")?;
    let mut lost = Vec::new();
    for lease in leases {
        let until = now + milliseconds(length);
        if statement.execute(params![lease.id.0, lease.number, until])? == 0 {
            lost.push(*lease);
        }
    }
    Ok(lost)
}

pub(super) fn settle(
    connection: &Connection,
    now: i64,
    lease: Lease,
    outcome: &Outcome,
    keep: Duration,
) -> Result<bool> {
    let Lease { id: DeliveryId(id), number } = lease;
    let changed = match outcome {
        Outcome::Done => connection
            .prepare_cached(
                "UPDATE delivery SET state = 2, body = NULL, reason = NULL, due = ?3
                 WHERE id = ?1 AND lease = ?2 AND state = 1",
            )?
            .execute(params![id, number, now + milliseconds(keep)])?,
        Outcome::Retry { after, reason } => connection
            .prepare_cached(
                "UPDATE delivery SET state = 0, due = ?3, reason = ?4
                 WHERE id = ?1 AND lease = ?2 AND state = 1",
            )?
            .execute(params![id, number, now + milliseconds(*after), reason])?,
        Outcome::Dead { reason } => connection
            .prepare_cached(
                "UPDATE delivery SET state = 3, reason = ?3 WHERE id = ?1 AND lease = ?2 AND state = 1",
            )?
            .execute(params![id, number, reason])?,
        Outcome::GiveBack => connection
            .prepare_cached(
                "UPDATE delivery SET state = 0, due = received, attempts = attempts - 1
                 WHERE id = ?1 AND lease = ?2 AND state = 1",
            )?
            .execute(params![id, number])?,
    };
    Ok(changed > 0)
}

pub(super) fn depth(connection: &Connection, now: i64) -> Result<Depth> {
    let count = |state: i64| -> Result<(u64, Option<i64>)> {
        connection
            .prepare_cached("SELECT count(*), min(received) FROM delivery WHERE state = ?1 AND state <> 2")?
            .query_row(params![state], |row| {
                Ok((u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0), row.get(1)?))
            })
    };
    let (pending, oldest) = count(0)?;
    let age = |received: i64| Duration::from_millis(u64::try_from(now - received).unwrap_or(0));
    Ok(Depth { pending, taken: count(1)?.0, dead: count(3)?.0, oldest: oldest.map(age) })
}

/// Takes new room in the file and in the log for a delivery of this size. What the last probe took is
/// free again then, also for deliveries.
pub(super) fn probe(connection: &Connection, now: i64, size: usize) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO probe (at, padding) VALUES (?1, randomblob(?2))")?
        .execute(params![now, i64::try_from(size).unwrap_or(i64::MAX)])?;
    connection
        .prepare_cached("DELETE FROM probe WHERE id < ?1")?
        .execute(params![connection.last_insert_rowid()])
        .map(drop)
}

pub(super) fn dead_letters(connection: &Connection, after: i64, limit: usize) -> Result<Vec<DeadLetter>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "SELECT id, delivery, origin, account, event, record, body, received, attempts, reason
             FROM delivery WHERE state = 3 AND state <> 2 AND id > ?1 ORDER BY id LIMIT ?2",
        )?
        .query_map(params![after, limit], |row| {
            Ok(DeadLetter {
                delivery: delivery(row)?,
                reason: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
            })
        })?
        .collect()
}

pub(super) fn requeue(connection: &Connection, now: i64, id: DeliveryId) -> Result<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE delivery SET state = 0, due = ?2, attempts = 0, held = 0 WHERE id = ?1 AND state = 3",
        )?
        .execute(params![id.0, now])?;
    Ok(changed > 0)
}

pub(super) fn discard(connection: &Connection, now: i64, id: DeliveryId, keep: Duration) -> Result<bool> {
    let changed = connection
        .prepare_cached("UPDATE delivery SET state = 2, body = NULL, due = ?2 WHERE id = ?1 AND state = 3")?
        .execute(params![id.0, now + milliseconds(keep)])?;
    Ok(changed > 0)
}

pub(super) fn purge(connection: &Connection, now: i64) -> Result<u64> {
    let purged = connection
        .prepare_cached(
            "DELETE FROM delivery WHERE id IN
             (SELECT id FROM delivery WHERE state = 2 AND due <= ?1 ORDER BY due LIMIT ?2)",
        )?
        .execute(params![now, FORGOTTEN])?;
    Ok(purged as u64)
}

/// The first nine columns of what is returned.
fn delivery(row: &Row<'_>) -> Result<Delivery> {
    let received = u64::try_from(row.get::<_, i64>(7)?).unwrap_or(0);
    Ok(Delivery {
        id: DeliveryId(row.get(0)?),
        delivery: row.get(1)?,
        origin: row.get(2)?,
        account: row.get(3)?,
        event: row.get(4)?,
        record: row.get(5)?,
        body: row.get::<_, Option<Vec<u8>>>(6)?.unwrap_or_default().into(),
        received: UNIX_EPOCH + Duration::from_millis(received),
        attempt: u32::try_from(row.get::<_, i64>(8)?).unwrap_or(u32::MAX),
    })
}

/// Taken deliveries that never reached their worker.
pub(super) fn give_back(connection: &Connection, now: i64, leases: &[Lease]) -> Result<()> {
    for lease in leases {
        settle(connection, now, *lease, &Outcome::GiveBack, Duration::ZERO)?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use crate::inbox::sqlite::schema;
    use rusqlite::StatementStatus;

    fn store_some(connection: &mut Connection, record: &str, count: i64) {
        let transaction = connection.transaction().unwrap();
        for _ in 0..count {
            let mut accepted = Accepted::new("https://wdc.xurrent.com", "request.update", "{}");
            accepted.record = Some(record.to_owned());
            assert_eq!(store(&transaction, 0, &accepted, true).unwrap(), Stored::New);
        }
        transaction.commit().unwrap();
    }

    /// What the one that is taken is about, and how many steps it took SQLite to find it.
    fn take_one(connection: &Connection) -> (Option<String>, i32) {
        let take = Take { limit: 1, lease: Duration::from_secs(60), in_order: true };
        let taken = super::take(connection, 1, take).unwrap().taken;
        let statement = connection.prepare_cached(TAKE_IN_ORDER).unwrap();
        let steps = statement.reset_status(StatementStatus::VmStep);
        (taken.into_iter().next().and_then(|taken| taken.delivery.record), steps)
    }

    #[test]
    fn ten_thousand_deliveries_behind_one_that_fails_are_not_in_the_way_of_others() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        store_some(&mut connection, "failing", 1);
        let (first, few) = take_one(&connection);
        assert_eq!(first.as_deref(), Some("failing"));
        store_some(&mut connection, "failing", 10_000);
        store_some(&mut connection, "other", 2);
        let (other, many) = take_one(&connection);
        assert_eq!(other.as_deref(), Some("other"));
        assert!(many < few + 100, "{few} steps alone, {many} steps with what is held");
        let (none, many) = take_one(&connection);
        assert_eq!(none, None);
        assert!(many < few + 100, "{few} steps alone, {many} steps to find nothing");
    }
}
