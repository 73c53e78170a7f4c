//! Group commit: deliveries that wait at the same time are stored by one statement, in one transaction.

use super::client::{MAX_DEADLOCKS, client, is_deadlock};
use super::schema::storage;
use crate::inbox::arrivals::Reservation;
use crate::inbox::database::{Shared, milliseconds};
use crate::inbox::{InboxError, QueueId, RawDelivery, Stored, Taken};
use deadpool_postgres::{Client, Pool};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

/// The maximum number of deliveries that wait, and that are stored together.
const QUEUE_CAPACITY: usize = 1024;
const MAX_DELIVERIES: usize = 256;

/// Deliveries that are stored together have bodies of at most this size, unless there is only one.
const MAX_SIZE: usize = 4 * 1024 * 1024;

/// Those that are leased are also taken, for `$9` milliseconds.
const STORE: &str = "
    INSERT INTO xurrent_delivery
        (delivery, origin, token, account, event, record, body, state, lease, attempts, due, ordered)
    SELECT delivery, origin, token, account, event, record, body, leased, leased, leased,
           statement_timestamp() + interval '1 millisecond' * (leased * CAST($9 AS bigint)),
           (SELECT in_order FROM xurrent_inbox)
    FROM unnest(CAST($1 AS text[]), CAST($2 AS text[]), CAST($3 AS text[]), CAST($4 AS text[]), CAST($5 AS text[]),
                CAST($6 AS text[]), CAST($7 AS bytea[]), CAST($8 AS smallint[]))
         AS new (delivery, origin, token, account, event, record, body, leased)
    ON CONFLICT DO NOTHING
    RETURNING account, origin, token, id, CAST(1000 * extract(epoch FROM received) AS bigint), state = 1";

/// A delivery to store, and its caller.
pub(super) struct Waiting {
    pub(super) delivery: RawDelivery,
    /// Whether it is leased to a worker that waits for deliveries.
    pub(super) is_leased: bool,
    pub(super) reply: oneshot::Sender<Result<Stored, InboxError>>,
}

/// Stores deliveries, one group after the other, until all handles of the inbox are dropped.
pub(super) fn start(pool: Pool, shared: Arc<Shared>) -> mpsc::Sender<Waiting> {
    let (stores, mut queue) = mpsc::channel(QUEUE_CAPACITY);
    tokio::spawn(async move {
        let mut waiting: Vec<Waiting> = Vec::new();
        while !waiting.is_empty() || queue.recv_many(&mut waiting, MAX_DELIVERIES).await > 0 {
            // Their callers are gone.
            waiting.retain(|waiting| !waiting.reply.is_closed());
            let mut group: Vec<Waiting> = waiting.drain(..group_length(&waiting)).collect();
            let reservation = reserve(&shared, &mut group);
            let wakes = group.iter().any(|waiting| !waiting.is_leased);
            let lease = reservation.as_ref().map_or(Duration::ZERO, |reservation| reservation.lease);
            let taken = match client(&pool).await {
                Ok(client) => store(&client, group, lease).await,
                Err(error) => {
                    fail(group, &error);
                    Vec::new()
                }
            };
            if let Some(reservation) = reservation {
                reservation.hand_over(taken);
            }
            if wakes {
                shared.changes.send_replace(());
            }
        }
    });
    stores
}

/// Leases deliveries that are about to be stored to a worker that waits for some. What the server returns for a
/// delivery without origin and token does not tell it from others.
fn reserve(shared: &Shared, group: &mut [Waiting]) -> Option<Reservation> {
    let is_known =
        |waiting: &&mut Waiting| waiting.delivery.origin.is_some() || waiting.delivery.token.is_some();
    let reservation = shared.waiting.reserve(group.iter_mut().filter(is_known).count())?;
    group.iter_mut().filter(is_known).take(reservation.places).for_each(|waiting| waiting.is_leased = true);
    Some(reservation)
}

fn group_length(waiting: &[Waiting]) -> usize {
    let mut size = 0;
    let fits = |waiting: &&Waiting| {
        size += waiting.delivery.body.len();
        size <= MAX_SIZE
    };
    waiting.iter().take_while(fits).count().max(1).min(waiting.len())
}

fn fail(group: Vec<Waiting>, error: &InboxError) {
    // Callers may be gone.
    group.into_iter().for_each(|waiting| drop(waiting.reply.send(Err(error.clone()))));
}

/// Stores a group. If the server rejects it because of its content, each half is stored on its own, so that
/// only the deliveries that the server does not accept fail. Returns what was stored on a lease.
async fn store(client: &Client, mut group: Vec<Waiting>, lease: Duration) -> Vec<Taken> {
    // All transactions lock records in this order: they do not wait for each other in a circle.
    group.sort_by(|a, b| place(&a.delivery).cmp(&place(&b.delivery)));
    let (mut groups, mut taken) = (vec![group], Vec::new());
    while let Some(mut group) = groups.pop() {
        match insert(client, &group, lease).await {
            Ok(stored) => taken.extend(reply(group, stored)),
            Err(error) if group.len() > 1 && is_rejected(&error) => {
                groups.push(group.split_off(group.len() / 2));
                groups.push(group);
            }
            Err(error) => fail(group, &storage(error)),
        }
    }
    taken
}

fn place(delivery: &RawDelivery) -> (&str, Option<&str>) {
    (&delivery.account, delivery.record.as_deref())
}

/// The values that tell whether a delivery was stored before.
type Key = (String, Option<String>, Option<String>);

/// A delivery that was stored.
struct New {
    id: QueueId,
    /// Since the Unix epoch.
    received: Duration,
    is_leased: bool,
}

/// Returns the new deliveries with each key.
async fn insert(
    client: &Client,
    group: &[Waiting],
    lease: Duration,
) -> Result<HashMap<Key, Vec<New>>, tokio_postgres::Error> {
    let texts = |value: fn(&RawDelivery) -> Option<&str>| -> Vec<Option<&str>> {
        group.iter().map(|waiting| value(&waiting.delivery)).collect()
    };
    let (ids, origins, tokens) = (
        texts(|delivery| delivery.id.as_deref()),
        texts(|delivery| delivery.origin.as_deref()),
        texts(|delivery| delivery.token.as_deref()),
    );
    let (accounts, events, records) = (
        texts(|delivery| Some(&delivery.account)),
        texts(|delivery| Some(&delivery.event)),
        texts(|delivery| delivery.record.as_deref()),
    );
    let bodies: Vec<&[u8]> = group.iter().map(|waiting| &*waiting.delivery.body).collect();
    let leased: Vec<i16> = group.iter().map(|waiting| i16::from(waiting.is_leased)).collect();
    let lease = milliseconds(lease);
    let values: [&(dyn ToSql + Sync); 9] =
        [&ids, &origins, &tokens, &accounts, &events, &records, &bodies, &leased, &lease];
    let statement = client.prepare_cached(STORE).await?;
    let mut deadlocks = 0;
    let rows = loop {
        match client.query(&statement, &values).await {
            // It was rolled back.
            Err(error) if is_deadlock(&error) && deadlocks < MAX_DEADLOCKS => deadlocks += 1,
            rows => break rows?,
        }
    };
    let mut stored: HashMap<Key, Vec<New>> = HashMap::new();
    for row in rows {
        let received = Duration::from_millis(row.try_get::<_, i64>(4)?.unsigned_abs());
        let new = New { id: QueueId(row.try_get(3)?), received, is_leased: row.try_get(5)? };
        stored.entry((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)).or_default().push(new);
    }
    Ok(stored)
}

/// Of deliveries with the same key one at most is new, the first, unless they have neither origin nor token. Returns what
/// was stored on a lease.
fn reply(group: Vec<Waiting>, mut stored: HashMap<Key, Vec<New>>) -> Vec<Taken> {
    let mut taken = Vec::new();
    for Waiting { delivery, is_leased, reply } in group {
        let key = (delivery.account.clone(), delivery.origin.clone(), delivery.token.clone());
        let new = stored.get_mut(&key).and_then(Vec::pop);
        let _ = reply.send(Ok(if new.is_some() { Stored::New } else { Stored::Duplicate }));
        if let Some(New { id, received, is_leased: true }) = new
            && is_leased
        {
            taken.push(Taken::first(id, received, delivery));
        }
    }
    taken
}

/// Whether the server rolled the statement back because of a value, rather than because of its own state.
fn is_rejected(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        let class = code.code().get(..2);
        // Data exception, integrity constraint violation, program limit exceeded.
        matches!(class, Some("22" | "23" | "54")) || *code == SqlState::T_R_DEADLOCK_DETECTED
    })
}
