//! Leases: statements that take deliveries, renew leases and end them, each for many deliveries at once.

use super::database::{
    COLUMNS, Database, Effects, NONE, NUL_REPLACEMENT, Row, Statement, WAKES, milliseconds, query,
};
use super::{Batch, InboxError, Lease, Outcome, QueueId, Take, Taken};
use rusqlite::types::Value;
use std::collections::HashSet;
use std::time::Duration;

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

pub(super) fn take(options: Take) -> Statement {
    let (open, condition) =
        if options.in_order { ("{deliveries} AS this {turn}", IN_ORDER) } else { ("{open}", "") };
    let sql = format!(
        "WITH next AS (
             SELECT id AS next_id, due AS next_due FROM {open}
             WHERE state < 2 AND due <= {{now}} {condition} ORDER BY due, id LIMIT $1 {{skip_locked}}
         )
         UPDATE {{deliveries}} SET state = 1, lease = lease + 1, attempts = attempts + 1,
             due = {{after(}}$2{{)}}
         {{from_next}} RETURNING {COLUMNS}, lease"
    );
    let limit = i64::try_from(options.limit).unwrap_or(i64::MAX);
    Statement { sql: sql.into(), values: vec![limit.into(), milliseconds(options.lease).into()] }
}

/// Takes deliveries, and finds out when to take again.
pub(super) async fn take_batch(database: &impl Database, options: Take) -> Result<Batch, InboxError> {
    let next = "SELECT {ms(}due - {now}{)} FROM (
                    SELECT id, due FROM {open} WHERE state < 2 AND due > {now} ORDER BY due, id LIMIT 1
                ) AS next";
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
    let next = results.next().and_then(|mut rows| rows.next()).map(|mut row| row.elapsed());
    let max_wait = database.shared().max_wait;
    Ok(Batch { taken, wait: next.map_or(max_wait, |next| next.min(max_wait)) })
}

/// Leases that are still valid, from a JSON array of arrays that begin with the number of a delivery and of its lease:
/// one statement is enough for any number of them. `+state` keeps the databases from reading an index of all deliveries
/// that are taken.
macro_rules! with_leased {
    ($columns:literal) => {
        concat!(
            "WITH leased AS (SELECT CAST(value->>0 AS bigint) AS leased_id, CAST(value->>1 AS bigint) AS number",
            $columns,
            " FROM {elements_of_$1}) "
        )
    };
}

const RENEW: &str = concat!(
    with_leased!(""),
    "UPDATE {deliveries} SET due = {after(}$2{)} FROM leased
     WHERE id = leased_id AND lease = number AND +state = 1 {in_lock_order} RETURNING id, lease"
);

/// Ended leases have a next state, a delay and a reason. Without a delay, a pending delivery was given back.
const SETTLE: &str = concat!(
    with_leased!(
        ", CAST(value->>2 AS bigint) AS next_state, CAST(value->>3 AS bigint) AS delay, value->>4 AS next_reason"
    ),
    "UPDATE {deliveries} SET
         state = next_state,
         due = CASE WHEN delay IS NOT NULL THEN {after(}delay{)} WHEN next_state = 0 THEN received ELSE due END,
         attempts = attempts - CASE WHEN next_state = 0 AND delay IS NULL THEN 1 ELSE 0 END,
         reason = CASE WHEN next_state = 0 AND delay IS NULL THEN reason ELSE next_reason END,
         body = CASE WHEN next_state = 2 THEN NULL ELSE body END
     FROM leased
     WHERE id = leased_id AND lease = number AND +state = 1 {in_lock_order} RETURNING id, lease"
);

/// Renews leases and returns those that are no longer valid.
pub(super) async fn renew(
    database: &impl Database,
    leases: Vec<Lease>,
    length: Duration,
) -> Result<Vec<Lease>, InboxError> {
    let pairs: Vec<_> = leases.iter().map(|lease| [lease.id.0, lease.number]).collect();
    let values = vec![format!("{pairs:?}").into(), milliseconds(length).into()];
    change(database, NONE, RENEW, values, leases).await
}

/// Ends leases and returns those that are no longer valid.
pub(super) async fn settle(
    database: &impl Database,
    outcomes: Vec<(Lease, Outcome)>,
) -> Result<Vec<Lease>, InboxError> {
    let (mut elements, mut leases, mut wakes) = (Vec::new(), Vec::new(), false);
    for (lease, outcome) in outcomes {
        wakes |= matches!(outcome, Outcome::Retry { .. } | Outcome::GiveBack);
        let (state, delay, reason) = match outcome {
            Outcome::Done => (2, Some(database.shared().retention), None),
            Outcome::Retry { after, reason } => (0, Some(after), Some(reason)),
            Outcome::Dead { reason } => (3, None, Some(reason)),
            Outcome::GiveBack => (0, None, None),
        };
        let reason = reason.map(|reason| reason.replace('\0', NUL_REPLACEMENT));
        elements.push((lease.id.0, lease.number, state, delay.map(milliseconds), reason));
        leases.push(lease);
    }
    let elements = serde_json::to_string(&elements).map_err(InboxError::storage)?;
    change(database, if wakes { WAKES } else { NONE }, SETTLE, vec![elements.into()], leases).await
}

/// Returns the leases that the statement does not find. What it did not find is looked for once more: a statement of
/// PostgreSQL that has waited for rows, such as for a renewal of leases that end, may leave out those that were changed
/// meanwhile, although they match. A lease that is found twice is the same after that.
async fn change(
    database: &impl Database,
    effects: Effects,
    sql: &'static str,
    values: Vec<Value>,
    mut leases: Vec<Lease>,
) -> Result<Vec<Lease>, InboxError> {
    for _ in 0..2 {
        if leases.is_empty() {
            break;
        }
        let rows = query(database, effects, sql, values.clone()).await?;
        let lease = |mut row: Row| Lease { id: QueueId(row.get()), number: row.get() };
        let changed: HashSet<Lease> = rows.into_iter().map(lease).collect();
        leases.retain(|lease| !changed.contains(lease));
    }
    Ok(leases)
}
