//! How much a PostgreSQL server reads for an operation of an inbox.

use crate::postgres::{all, open, schema, server};
use crate::support::{delivery, until};
use std::time::Duration;
use tokio_postgres::NoTls;
use xurrent_receiver::Inbox;
use xurrent_receiver::inbox::{DeadLetterFilter, Outcome, Stored, Take, Taken};

/// A renewal that waits for rows reads each of them a few times, not once for each other row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewal_beside_changes_of_its_deliveries_reads_few_rows() {
    const LEASES: usize = 200;
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    let inbox = open(&config).await;
    for number in 0..LEASES {
        inbox.store(delivery(&number.to_string(), &number.to_string())).await.unwrap();
    }
    let taken = inbox.take(Take { limit: LEASES, ..all() }).await.unwrap().taken;
    inbox.close().await;
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let number = async |sql: &str| client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
    let reads = "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_user_tables
                 WHERE relid = 'xurrent_delivery'::regclass AND n_tup_upd >= $";
    let reads_after = async |updates: usize| {
        let sql = reads.replace('$', &updates.to_string());
        until("the server has counted", async || client.query_opt(&sql, &[]).await.unwrap().is_some()).await;
        number(&sql).await
    };
    let before = reads_after(LEASES).await;

    client.batch_execute("BEGIN; UPDATE xurrent_delivery SET reason = ''").await.unwrap();
    let inbox = open(&config).await;
    let leases = taken.iter().map(|taken| taken.lease).collect();
    let renewal = {
        let inbox = inbox.clone();
        tokio::spawn(async move { inbox.renew(leases, Duration::from_secs(60)).await })
    };
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%leased%'";
    until("the renewal waits", async || {
        // Otherwise a transaction sees this view as it was when it read it first.
        client.batch_execute("SELECT pg_stat_clear_snapshot()").await.unwrap();
        number(waiting).await > 0
    })
    .await;
    client.batch_execute("COMMIT").await.unwrap();
    assert_eq!(renewal.await.unwrap().unwrap(), []);
    inbox.close().await;

    let read = reads_after(3 * LEASES).await - before;
    assert!(read < 20 * LEASES as i64, "{read} rows for {LEASES} leases");
}

/// The server plans statements while the table is small and has no statistics, and keeps the plans.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_operation_reads_the_whole_table() {
    read_no_whole_table(false).await;
    // Every other batch.
    read_no_whole_table(true).await;
}

async fn read_no_whole_table(in_order: bool) {
    const DELIVERIES: usize = 1000;
    const BATCH: usize = 20;
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    let inbox = open(&config).await;
    for batch in 0..DELIVERIES / BATCH {
        let numbers = batch * BATCH..(batch + 1) * BATCH;
        let stores = numbers.map(|number| inbox.store(delivery(&number.to_string(), &number.to_string())));
        for stored in futures_util::future::join_all(stores).await {
            assert_eq!(stored.unwrap(), Stored::New);
        }
        let take = Take { limit: BATCH, in_order: in_order && batch % 2 == 0, ..all() };
        let taken = inbox.take(take).await.unwrap().taken;
        assert_eq!(taken.len(), BATCH);
        let leases = taken.iter().map(|taken| taken.lease).collect();
        assert_eq!(inbox.renew(leases, Duration::from_secs(60)).await.unwrap(), []);
        let outcome = |taken: &Taken| match taken.lease.id.0 % 2 {
            0 => (taken.lease, Outcome::Done),
            _ => (taken.lease, Outcome::Dead { reason: String::new() }),
        };
        assert_eq!(inbox.settle_all(taken.iter().map(outcome).collect()).await.unwrap(), []);
    }
    assert_eq!(inbox.discard(DeadLetterFilter::all()).await.unwrap(), DELIVERIES as u64 / 2);
    let mut purged = 0;
    until("all are purged", async || {
        purged += inbox.purge().await.unwrap();
        purged == DELIVERIES as u64
    })
    .await;
    inbox.close().await;
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let sql = "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_user_tables
               WHERE relid = 'xurrent_delivery'::regclass AND n_tup_del = $1";
    let deleted = DELIVERIES as i64;
    let counted = async || client.query_opt(sql, &[&deleted]).await.unwrap();
    until("the server has counted", async || counted().await.is_some()).await;
    let row = counted().await.unwrap();
    let [without_index, read]: [i64; 2] = [row.get(0), row.get(1)];
    assert_eq!(without_index, 0);
    assert!(read < 20 * deleted, "{read} rows for {deleted} deliveries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_held_deliveries_do_not_slow_down_taking_others() {
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    let inbox = open(&config).await;
    let in_order = Take { limit: 1, in_order: true, ..all() };
    inbox.store(delivery("failing", "failing")).await.unwrap();
    inbox.take(in_order).await.unwrap();
    let (client, connection) = config.connect(NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let held = "INSERT INTO xurrent_delivery (account, event, record, body)
                SELECT account, event, record, body FROM xurrent_delivery, generate_series(1, 10000)";
    client.batch_execute(held).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    inbox.store(delivery("other", "other")).await.unwrap();
    inbox.close().await;
    // Rows read with and without indexes. A connection reports its statistics when it ends.
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let read = async || {
        let sql = "(SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname = current_schema())
                   + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE schemaname = current_schema())";
        tokio::time::sleep(Duration::from_millis(500)).await;
        client.query_one(&format!("SELECT ({sql})::bigint"), &[]).await.unwrap().get::<_, i64>(0)
    };
    for analyze in ["", "ANALYZE xurrent_delivery"] {
        client.batch_execute(analyze).await.unwrap();
        let before = read().await;
        let inbox = open(&config).await;
        let taken = inbox.take(in_order).await.unwrap().taken;
        inbox.close().await;
        let read = read().await - before;
        assert_eq!(taken.len(), usize::from(analyze.is_empty()), "the other one, then nothing");
        assert!((1..500).contains(&read), "{read} rows were read ({analyze:?})");
    }
}
