//! The inbox that several machines share, on a PostgreSQL server that the test starts.

use crate::support::server::Server;
use crate::support::{Secret, Sender, delivery, drained, serve};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;
use tokio_postgres::NoTls;
use xurrent_receiver::inbox::postgres::PostgresInbox;
use xurrent_receiver::inbox::{Outcome, SchemaVersion, Stored, Take};
use xurrent_receiver::{Inbox, InboxError, QueuedDelivery, Receiver, Worker};

/// One server for all tests that run at the same time, with a schema for each.
pub(crate) fn server() -> Option<Arc<Server>> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    static IS_MISSING: OnceLock<bool> = OnceLock::new();
    if IS_MISSING.get().is_some() {
        return None;
    }
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = shared.upgrade() {
        return Some(server);
    }
    match Server::start() {
        Some(server) => {
            let server = Arc::new(server);
            *shared = Arc::downgrade(&server);
            Some(server)
        }
        None => {
            let _ = IS_MISSING.set(true);
            None
        }
    }
}

/// Creates a schema and returns how to connect to it.
pub(crate) async fn schema(server: &Server) -> tokio_postgres::Config {
    new_schema(server).await.parse().unwrap()
}

/// Creates a schema and returns the connection string for it.
pub(crate) async fn new_schema(server: &Server) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let config: tokio_postgres::Config = server.config().parse().unwrap();
    let (client, connection) = config.connect(NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    format!("{} options='-c search_path={name}'", server.config())
}

pub(crate) async fn open(config: &tokio_postgres::Config) -> PostgresInbox {
    let builder =
        PostgresInbox::builder(config.clone()).max_connections(4).retention(Duration::from_millis(300));
    builder.poll_interval(Duration::from_millis(50)).open(NoTls).await.unwrap()
}

/// All parts of the contract at once, each in a schema of its own.
macro_rules! test {
    ($($name:ident),*) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn every_part_of_the_contract_holds() {
            let Some(server) = server() else { return };
            tokio::join!($(async { crate::contract::$name(open(&schema(&server).await).await).await }),*);
        }
    };
}
crate::contract::parts!(test);

pub(crate) fn all() -> Take {
    Take { limit: 1000, lease: Duration::from_secs(60), in_order: false }
}

/// In a table of this size, statements that wait for each other's rows left some of them out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_that_end_while_they_are_renewed_are_valid() {
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    let inbox = open(&config).await;
    let stores = (0..20_000).map(|number| {
        let mut delivery = delivery(&number.to_string(), &(number % 1000).to_string());
        delivery.body = vec![b'x'; 2000].into();
        inbox.store(delivery)
    });
    for stored in futures_util::future::join_all(stores).await {
        assert_eq!(stored.unwrap(), Stored::New);
    }
    for _ in 0..25 {
        let taken = inbox.take(Take { limit: 264, in_order: true, ..all() }).await.unwrap().taken;
        let leases = taken.iter().map(|taken| taken.lease).collect();
        let outcomes = taken.iter().map(|taken| (taken.lease, Outcome::Done)).collect();
        let renewal = inbox.renew(leases, Duration::from_secs(60));
        let (_, invalid) = tokio::join!(renewal, inbox.settle_all(outcomes));
        assert_eq!((taken.len(), invalid.unwrap()), (264, vec![]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_that_start_together_create_the_tables_once() {
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    let machines: Vec<_> = (0..8)
        .map(|number| {
            let config = config.clone();
            tokio::spawn(async move {
                let inbox = open(&config).await;
                inbox.store(delivery(&number.to_string(), "r")).await.unwrap()
            })
        })
        .collect();
    for machine in machines {
        assert_eq!(machine.await.unwrap(), Stored::New);
    }
    assert_eq!(open(&config).await.depth().await.unwrap().pending, 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_of_three_machines_handle_each_delivery_once() {
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    let store = open(&config).await;
    let handled = Arc::new(Mutex::new(Vec::new()));
    let mut workers = Vec::new();
    for _ in 0..3 {
        let handled = Arc::clone(&handled);
        workers.push(Worker::builder(open(&config).await).start(move |delivery: QueuedDelivery| {
            handled.lock().unwrap().push(delivery.queue_id);
            async { Ok(()) }
        }));
    }
    for number in 0..300 {
        store.store(delivery(&number.to_string(), "r")).await.unwrap();
    }
    drained(&store).await;
    for worker in workers {
        worker.shutdown(Duration::from_secs(5)).await;
    }
    let mut handled = handled.lock().unwrap().clone();
    assert_eq!(handled.len(), 300);
    handled.sort_unstable();
    handled.dedup();
    assert_eq!(handled.len(), 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nul_characters_in_texts_are_replaced() {
    let Some(server) = server() else { return };
    let inbox = open(&schema(&server).await).await;
    let mut strange = delivery("a", "r");
    strange.event = "request.\0update".to_owned();
    strange.record = Some("\0".to_owned());
    assert_eq!(inbox.store(strange).await.unwrap(), Stored::New);
    let taken = inbox.take(all()).await.unwrap().taken;
    assert_eq!(taken[0].delivery.event, "request.\u{FFFD}update");
}

/// Both transactions may see the table as it was before the other one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_stored_while_its_predecessor_ends_is_not_held_for_ever() {
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    let inbox = open(&config).await;
    let in_order = Take { in_order: true, ..all() };
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);

    inbox.store(delivery("1", "r")).await.unwrap();
    let first = inbox.take(in_order).await.unwrap().taken.remove(0);
    client.batch_execute("BEGIN; UPDATE xurrent_delivery SET state = 2").await.unwrap();
    let second = inbox.store(delivery("2", "r"));
    let (stored, ()) = tokio::join!(second, async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        client.batch_execute("COMMIT").await.unwrap();
    });
    assert_eq!(stored.unwrap(), Stored::New);
    assert!(!inbox.settle(first.lease, Outcome::Done).await.unwrap(), "it was ended");
    let second = inbox.take(in_order).await.unwrap().taken.remove(0);
    assert_eq!(second.delivery.origin.as_deref(), Some("2"));

    let insert = "BEGIN; INSERT INTO xurrent_delivery (account, event, record, body)
                  SELECT account, 'third', record, body FROM xurrent_delivery WHERE origin = '2'";
    client.batch_execute(insert).await.unwrap();
    let (settled, ()) = tokio::join!(inbox.settle(second.lease, Outcome::Done), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        client.batch_execute("COMMIT").await.unwrap();
    });
    assert!(settled.unwrap());
    let third = inbox.take(in_order).await.unwrap().taken.remove(0);
    assert_eq!(third.delivery.event, "third");
}

/// Machines whose workers take in order and others may start at any moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_delivery_is_held_for_ever_while_workers_change_between_order_and_none() {
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    let inbox = open(&config).await;
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let change = async {
        loop {
            client.batch_execute("UPDATE xurrent_inbox SET in_order = NOT in_order").await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = crate::contract::no_delivery_is_held_behind_ended_ones(inbox) => {}
        () = change => {}
    }
    let [ordered, others] = count_ordered(&client).await;
    assert!(ordered > 10 && others > 10, "{ordered} and {others}");
}

/// Deliveries that were stored as part of an order, and others.
async fn count_ordered(client: &tokio_postgres::Client) -> [i64; 2] {
    let sql =
        "SELECT count(*) FILTER (WHERE ordered), count(*) FILTER (WHERE NOT ordered) FROM xurrent_delivery";
    let row = client.query_one(sql, &[]).await.unwrap();
    [row.get(0), row.get(1)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_are_part_of_an_order_if_the_worker_that_started_last_takes_in_order() {
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let receiver = open(&config).await;
    let in_order = Take { in_order: true, ..all() };
    // What the workers of a machine do that starts, and how many of the deliveries are part of an order then.
    let machines =
        [(vec![], 1), (vec![all()], 1), (vec![in_order], 2), (vec![in_order, all()], 3), (vec![all()], 3)];
    for (number, (takes, expected)) in machines.into_iter().enumerate() {
        let machine = open(&config).await;
        for take in takes {
            machine.take(take).await.unwrap();
        }
        machine.close().await;
        receiver.store(delivery(&number.to_string(), "r")).await.unwrap();
        assert_eq!(count_ordered(&client).await[0], expected, "machine {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_a_newer_version_are_refused() {
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    open(&config).await.close().await;
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("UPDATE xurrent_inbox SET version = 99, minimum = 98").await.unwrap();
    let error = PostgresInbox::open(config).await.unwrap_err();
    let expected = "inbox has schema version 99, which needs a program of version 98 or newer, but this program \
                    has version 5: run the newer program";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_fsync_is_refused_and_a_crashed_one_has_all_deliveries() {
    // A server of its own, because it crashes.
    let Some(server) = Server::start() else { return };
    let config = schema(&server).await;
    // The session overrides the default of the server.
    server.crash_and_start("-c synchronous_commit=off");
    let inbox = open(&config).await;
    for number in 0..50 {
        inbox.store(delivery(&number.to_string(), "r")).await.unwrap();
    }
    server.crash_and_start("");
    // The old connections are closed, and new ones are opened.
    crate::support::until("the inbox is there again", async || inbox.depth().await.is_ok()).await;
    assert_eq!(inbox.depth().await.unwrap().pending, 50);
    assert_eq!(inbox.store(delivery("7", "r")).await.unwrap(), Stored::Duplicate);
    inbox.close().await;
    assert!(matches!(inbox.depth().await, Err(InboxError::Closed)));

    server.crash_and_start("-c fsync=off");
    let error = PostgresInbox::open(config).await.unwrap_err();
    assert!(matches!(error, InboxError::NotDurable { setting: "fsync" }), "{error:?}");
}

#[tokio::test]
async fn an_unreachable_server_is_an_error() {
    let config = "host=/nowhere user=test connect_timeout=1".parse().unwrap();
    let error = PostgresInbox::open(config).await.unwrap_err().to_string();
    assert!(error.starts_with("inbox storage failed: error connecting to server"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counters_stay_available_and_health_fails_while_the_server_is_down() {
    let Some(server) = Server::start() else { return };
    let inbox = open(&schema(&server).await).await;
    let receiver = Receiver::builder(Secret, inbox).build();
    let address = serve(receiver.router("/xurrent").merge(receiver.monitoring())).await;
    let mut sender = Sender::connect(address).await.unwrap();
    assert_eq!(sender.deliver("a", "r").await.unwrap().status, 200);
    assert_eq!(sender.get("/health").await.unwrap().status, 200);
    server.crash();
    assert_eq!(sender.get("/health").await.unwrap().status, 503);
    let metrics = sender.get("/metrics").await.unwrap();
    assert_eq!(metrics.status, 200);
    for line in ["xurrent_receiver_inbox_up 0", "xurrent_receiver_answers_total{status=\"200\"} 1"] {
        assert!(metrics.body.lines().any(|found| found == line), "{line} in\n{}", metrics.body);
    }
    server.start_again("");
    crate::support::until("it is well again", async || sender.get("/health").await.unwrap().status == 200)
        .await;
    let metrics = sender.get("/metrics").await.unwrap().body;
    assert!(metrics.contains("xurrent_receiver_deliveries{state=\"pending\"} 1"), "{metrics}");
}

/// Skipped where the test cannot mount a disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_fails_while_the_disk_of_the_server_is_full() {
    let Some(server) = Server::start() else { return };
    let Some(disk) = server.small_disk() else {
        println!("SKIPPED: no file system can be mounted here");
        return;
    };
    let mut config = schema(&server).await;
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let location = disk.path().display();
    client.batch_execute(&format!("CREATE TABLESPACE small LOCATION '{location}'")).await.unwrap();
    let options = format!("{} -c default_tablespace=small", config.get_options().unwrap());
    config.options(options);
    let inbox = open(&config).await;
    inbox.probe().await.unwrap();
    let mut stored = 0;
    let full = loop {
        let mut large = delivery(&stored.to_string(), "r");
        large.body = std::iter::repeat_with(|| fastrand::u8(..)).take(50_000).collect::<Vec<_>>().into();
        match inbox.store(large).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    // The space of the previous probe is free again at most once.
    let mut probe = Ok(());
    for _ in 0..20 {
        probe = probe.and(inbox.probe().await);
    }
    assert!(stored > 3 && matches!(full, InboxError::Full), "{full:?}");
    assert!(matches!(probe, Err(InboxError::Full)), "{probe:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_are_checked_without_changes_and_not_migrated_unasked() {
    let Some(server) = server() else { return };
    let config = schema(&server).await;
    let builder = || PostgresInbox::builder(config.clone());
    for _ in 0..2 {
        assert_eq!(builder().check(NoTls).await.unwrap(), SchemaVersion { found: 0, minimum: 0, known: 5 });
    }
    let outdated = builder().no_migration().open(NoTls).await.unwrap_err();
    assert!(matches!(outdated, InboxError::Outdated { found: 0, known: 5 }), "{outdated}");
    open(&config).await.close().await;
    assert!(builder().check(NoTls).await.unwrap().is_current());
    builder().no_migration().open(NoTls).await.unwrap();
}
