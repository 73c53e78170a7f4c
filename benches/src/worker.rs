//! A worker that handles a backlog, against a bare queue in a file of the same database.

use crate::error::{Error, file};
use crate::files::scratch;
use crate::pairs::Pairs;
use crate::run::Run;
use crate::table::{Row, Unit};
use rusqlite::{Connection, params};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use xurrent_receiver::inbox::Depth;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::{Inbox, QueuedDelivery, RawDelivery, Worker};

/// Deliveries of one sample, of as many records as are open in a busy account.
pub(crate) const DELIVERIES: u64 = 20_000;
const RECORDS: u64 = 1_000;

/// Deliveries that the bare queue takes and deletes in one transaction.
pub(crate) const BATCH: usize = 64;

pub(crate) fn compare(run: &Run<'_>) -> Result<Row, Error> {
    let runtime = Runtime::new()?;
    let ours = async || {
        let inbox = SqliteInbox::open(folder("worker")?.join("inbox")).await?;
        worker(inbox).await
    };
    let pairs = run.measure(5, || runtime.block_on(ours()), bare_queue)?;
    Ok(row(run, pairs))
}

pub(crate) fn row(run: &Run<'_>, pairs: Pairs) -> Row {
    let rate = |per_delivery: f64| 1e6 / per_delivery;
    run.row(pairs, Unit::Microseconds).note(format!(
        "{:.0} deliveries a second in order of their records with default settings, {:.0} in the bare queue without \
         order, leases and attempts; {DELIVERIES} deliveries a sample, of {RECORDS} records",
        rate(pairs.ours),
        rate(pairs.peer),
    ))
}

/// The body of a delivery of about 2 KB.
pub(crate) fn body(number: u64) -> String {
    format!(
        r#"{{"webhook_id":1,"object_id":7,"account":"https://wdc.xurrent.com","event":"request.update","object_nodeID":"r{}","payload":{{"note":"{}"}}}}"#,
        number % RECORDS,
        "The printer on the second floor prints nothing but squares. ".repeat(32),
    )
}

pub(crate) fn folder(name: &str) -> Result<PathBuf, Error> {
    let folder = scratch().join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(file("create", &folder))?;
    Ok(folder)
}

/// Microseconds to take, handle and end a delivery.
pub(crate) async fn worker(inbox: impl Inbox + Clone) -> Result<f64, Error> {
    let mut stores = JoinSet::new();
    for number in 0..DELIVERIES {
        let mut delivery = RawDelivery::new("https://wdc.xurrent.com", "request.update", body(number));
        delivery.origin = Some(number.to_string());
        delivery.record = Some(format!("r{}", number % RECORDS));
        let inbox = inbox.clone();
        stores.spawn(async move { inbox.store(delivery).await });
    }
    while let Some(stored) = stores.join_next().await {
        stored??;
    }
    let handled = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&handled);
    let started = Instant::now();
    let worker = Worker::builder(inbox.clone()).in_order().start(move |_: QueuedDelivery| {
        counter.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    });
    per_handled(worker, &inbox, &handled, started).await
}

/// Microseconds since the start for each of the deliveries, once all are handled. Closes the inbox.
pub(crate) async fn per_handled(
    worker: Worker,
    inbox: &impl Inbox,
    handled: &AtomicU64,
    started: Instant,
) -> Result<f64, Error> {
    while handled.load(Ordering::Relaxed) < DELIVERIES {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Ends the last deliveries.
    worker.shutdown(Duration::from_secs(60)).await;
    let elapsed = started.elapsed();
    let left = inbox.depth().await?;
    inbox.close().await;
    if left != Depth::default() {
        let calls = handled.load(Ordering::Relaxed);
        return Err(format!("{left:?} after {calls} calls of the handler for {DELIVERIES} deliveries").into());
    }
    Ok(per_delivery(elapsed))
}

/// Microseconds to read, decode and delete a row, whose deletion is flushed as well.
fn bare_queue() -> Result<f64, Error> {
    let mut queue = Connection::open(folder("bare-queue")?.join("queue"))?;
    queue.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA locking_mode = EXCLUSIVE;
         CREATE TABLE queue (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT",
    )?;
    let transaction = queue.transaction()?;
    for number in 0..DELIVERIES {
        transaction.execute("INSERT INTO queue (body) VALUES (?1)", params![body(number)])?;
    }
    transaction.commit()?;
    let started = Instant::now();
    let mut handled = 0;
    while handled < DELIVERIES {
        let transaction = queue.transaction()?;
        let taken: Vec<(i64, String)> = transaction
            .prepare_cached("SELECT id, body FROM queue ORDER BY id LIMIT ?1")?
            .query_map(params![BATCH as i64], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (id, body) in taken {
            let _: serde_json::Value = serde_json::from_str(&body)?;
            handled +=
                transaction.prepare_cached("DELETE FROM queue WHERE id = ?1")?.execute(params![id])? as u64;
        }
        transaction.commit()?;
    }
    Ok(per_delivery(started.elapsed()))
}

pub(crate) fn per_delivery(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1e6 / DELIVERIES as f64
}
