//! Group commit: deliveries that wait at the same time are stored by one statement, in one transaction.

use super::client::{MAX_DEADLOCKS, client, is_deadlock};
use super::schema::storage;
use crate::inbox::database::Shared;
use crate::inbox::{InboxError, RawDelivery, Stored};
use deadpool_postgres::{Client, Pool};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::error::SqlState;

/// The maximum number of deliveries that wait, and that are stored together.
const QUEUE_CAPACITY: usize = 1024;
const MAX_DELIVERIES: usize = 256;

/// Deliveries that are stored together have bodies of at most this size, unless there is only one.
const MAX_SIZE: usize = 4 * 1024 * 1024;

const STORE: &str = "
    INSERT INTO xurrent_delivery (delivery, origin, token, account, event, record, body)
    SELECT * FROM unnest(CAST($1 AS text[]), CAST($2 AS text[]), CAST($3 AS text[]), CAST($4 AS text[]),
                         CAST($5 AS text[]), CAST($6 AS text[]), CAST($7 AS bytea[]))
    ON CONFLICT DO NOTHING RETURNING account, origin, token";

/// A delivery to store, and its caller.
pub(super) struct Waiting {
    pub(super) delivery: RawDelivery,
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
            let group: Vec<Waiting> = waiting.drain(..group_length(&waiting)).collect();
            match client(&pool).await {
                Ok(client) => store(&client, group).await,
                Err(error) => fail(group, &error),
            }
            shared.changes.send_replace(());
        }
    });
    stores
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
/// only the deliveries that the server does not accept fail.
async fn store(client: &Client, mut group: Vec<Waiting>) {
    // All transactions lock records in this order: they do not wait for each other in a circle.
    group.sort_by(|a, b| place(&a.delivery).cmp(&place(&b.delivery)));
    let mut groups = vec![group];
    while let Some(mut group) = groups.pop() {
        match insert(client, &group).await {
            Ok(stored) => reply(group, stored),
            Err(error) if group.len() > 1 && is_rejected(&error) => {
                groups.push(group.split_off(group.len() / 2));
                groups.push(group);
            }
            Err(error) => fail(group, &storage(error)),
        }
    }
}

fn place(delivery: &RawDelivery) -> (&str, Option<&str>) {
    (&delivery.account, delivery.record.as_deref())
}

/// The values that tell whether a delivery was stored before.
type Key = (String, Option<String>, Option<String>);

/// Returns how many deliveries with each key are new.
async fn insert(client: &Client, group: &[Waiting]) -> Result<HashMap<Key, usize>, tokio_postgres::Error> {
    let texts = |value: fn(&RawDelivery) -> Option<&str>| -> Vec<Option<String>> {
        group.iter().map(|waiting| value(&waiting.delivery).map(without_nul)).collect()
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
    let statement = client.prepare_cached(STORE).await?;
    let mut deadlocks = 0;
    let rows = loop {
        let stored =
            client.query(&statement, &[&ids, &origins, &tokens, &accounts, &events, &records, &bodies]).await;
        match stored {
            // It was rolled back.
            Err(error) if is_deadlock(&error) && deadlocks < MAX_DEADLOCKS => deadlocks += 1,
            rows => break rows?,
        }
    };
    let mut stored = HashMap::new();
    for row in rows {
        *stored.entry((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)).or_default() += 1;
    }
    Ok(stored)
}

/// Of deliveries with the same key one at most is new, unless they have neither origin nor token.
fn reply(group: Vec<Waiting>, mut stored: HashMap<Key, usize>) {
    for Waiting { delivery: RawDelivery { account, origin, token, .. }, reply } in group {
        let without_nul = |text: Option<String>| text.as_deref().map(without_nul);
        let key = (self::without_nul(&account), without_nul(origin), without_nul(token));
        let result = match stored.get_mut(&key) {
            Some(count @ 1..) => {
                *count -= 1;
                Stored::New
            }
            _ => Stored::Duplicate,
        };
        let _ = reply.send(Ok(result));
    }
}

/// The server accepts no NUL characters in texts.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Whether the server rolled the statement back because of a value, rather than because of its own state.
fn is_rejected(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        let class = code.code().get(..2);
        // Data exception, integrity constraint violation, program limit exceeded.
        matches!(class, Some("22" | "23" | "54")) || *code == SqlState::T_R_DEADLOCK_DETECTED
    })
}
