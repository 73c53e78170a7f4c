//! A receiver that is killed (`SIGKILL`) repeatedly under load loses no acknowledged delivery.
//!
//! The test sends and kills; the receiver is a child process of this binary.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "it/support/mod.rs"]
mod support;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::process::Process;
use support::{QUERY, Secret, Sender, body, delivery, serve};
use tempfile::TempDir;
use tokio::sync::watch;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{Depth, Stored};
use xurrent_receiver::{Failure, Inbox, QueuedDelivery, Receiver, Server, shutdown_signal};

const DELIVERIES: usize = 4_000;
const RECORDS: usize = 50;
const SENDERS: usize = 16;
const KILLS: usize = 12;

/// Variables of the child process: its inbox, and the file that it logs handled deliveries to.
const FILE: &str = "KILLED_RECEIVER_FILE";
#[cfg(feature = "postgres")]
const SERVER: &str = "KILLED_RECEIVER_SERVER";
const HANDLED: &str = "KILLED_RECEIVER_HANDLED";

/// Set for a process that handles SIGTERM.
const TERMINATED: &str = "KILLED_RECEIVER_TERMINATED";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_acknowledged_by_a_killed_receiver_are_stored_once_and_handled_in_order() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("inbox");
    let handled = deliver_and_kill(&folder, 1, |process| {
        process.env(FILE, &file);
    })
    .await;
    let inbox = SqliteInbox::open(&file).await.unwrap();
    all_are_stored(&inbox).await;
    inbox.close().await;
    let file = rusqlite::Connection::open(&file).unwrap();
    let rows: i64 = file.query_row("SELECT count(*) FROM delivery", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, DELIVERIES as i64);
    // Numbers grow in the order of arrival, and no delivery overtakes another one of its record.
    let mut last: HashMap<&str, i64> = HashMap::new();
    for line in &handled {
        let last = last.entry(&line.record).or_default();
        assert!(line.id >= *last, "{line:?} after {last}");
        *last = line.id;
    }
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_killed_receivers_that_share_a_postgresql_server_lose_no_delivery() {
    use xurrent_receiver::inbox::postgres::PostgresInbox;

    let Some(server) = support::server::Server::start() else { return };
    let folder = TempDir::new().unwrap();
    deliver_and_kill(&folder, 2, |process| {
        process.env(SERVER, server.config());
    })
    .await;
    let inbox = PostgresInbox::open(server.config().parse().unwrap()).await.unwrap();
    all_are_stored(&inbox).await;
}

async fn all_are_stored(inbox: &impl Inbox) {
    assert_eq!(inbox.depth().await.unwrap(), Depth::default());
    for number in 0..DELIVERIES {
        let origin = origin(number);
        assert_eq!(inbox.store(delivery(&origin, "r")).await.unwrap(), Stored::Duplicate, "{origin}");
    }
}

/// A line of the log of handled deliveries.
#[derive(Debug)]
struct Line {
    origin: String,
    record: String,
    id: i64,
}

fn origin(number: usize) -> String {
    format!("origin-{number}")
}

/// Sends all deliveries, each until the response is 200, and kills the receivers in turn meanwhile.
/// Then waits until everything is handled, and returns the log.
async fn deliver_and_kill(folder: &TempDir, receivers: usize, configure: impl Fn(&mut Command)) -> Vec<Line> {
    let handled = folder.path().join("handled");
    let start = || {
        Process::start(|process| {
            process.env(HANDLED, &handled);
            configure(process);
        })
    };
    let mut processes: Vec<Process> = (0..receivers).map(|_| start()).collect();
    let (changed, addresses) = watch::channel(processes.iter().map(|process| process.address).collect());
    let answered = Arc::new(AtomicUsize::new(0));
    let work: Arc<Mutex<VecDeque<usize>>> = Arc::new(Mutex::new((0..DELIVERIES).collect()));
    let senders: Vec<_> = (0..SENDERS)
        .map(|number| {
            tokio::spawn(send(
                Arc::clone(&work),
                number % receivers,
                addresses.clone(),
                Arc::clone(&answered),
            ))
        })
        .collect();
    let mut kills = 0;
    for kill in 1..=KILLS {
        // Evenly over all deliveries, but at any moment of one.
        let after = kill * DELIVERIES / (KILLS + 1) + fastrand::usize(0..DELIVERIES / KILLS / 2);
        let patience = Instant::now();
        while answered.load(Ordering::SeqCst) < after {
            assert!(patience.elapsed() < Duration::from_secs(60), "deliveries are stuck");
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        tokio::time::sleep(Duration::from_micros(fastrand::u64(0..3_000))).await;
        let process = &mut processes[kill % receivers];
        process.kill();
        kills += usize::from(answered.load(Ordering::SeqCst) < DELIVERIES);
        *process = start();
        let address = process.address;
        changed.send_modify(|addresses: &mut Vec<_>| addresses[kill % receivers] = address);
    }
    assert!(kills >= 10, "{kills} kills under load");
    for sender in senders {
        sender.await.unwrap();
    }
    let mut monitor = Sender::connect(processes[0].address).await.unwrap();
    support::until("everything is handled", async || {
        let metrics = monitor.get("/metrics").await.unwrap().body;
        let is_none =
            |state: &str| metrics.contains(&format!("xurrent_receiver_deliveries{{state=\"{state}\"}} 0\n"));
        is_none("pending") && is_none("taken")
    })
    .await;
    drop(processes);

    let text = std::fs::read_to_string(&handled).unwrap();
    let lines: Vec<Line> = text
        .lines()
        .map(|line| {
            let mut parts = line.split(' ').map(str::to_owned);
            let mut next = || parts.next().unwrap();
            Line { origin: next(), record: next(), id: next().parse().unwrap() }
        })
        .collect();
    let mut ids: BTreeMap<&str, i64> = BTreeMap::new();
    for line in &lines {
        // Deliveries may be handled more than once, but are stored once.
        assert_eq!(*ids.entry(&line.origin).or_insert(line.id), line.id, "{line:?}");
    }
    for number in 0..DELIVERIES {
        assert!(ids.contains_key(&*origin(number)), "{} was acknowledged and never handled", origin(number));
    }
    println!("{kills} kills, {DELIVERIES} deliveries answered, {} times handled", lines.len());
    lines
}

/// Delivers as Xurrent does: a failed delivery is retried under another id and with
/// the id of the first attempt as origin.
async fn send(
    work: Arc<Mutex<VecDeque<usize>>>,
    receiver: usize,
    addresses: watch::Receiver<Vec<SocketAddr>>,
    answered: Arc<AtomicUsize>,
) {
    let mut sender = None;
    loop {
        let Some(number) = work.lock().unwrap().pop_front() else { return };
        let (origin, record) = (origin(number), format!("r{}", number % RECORDS));
        let mut attempt = 0;
        loop {
            if sender.is_none() {
                let address = addresses.borrow()[receiver];
                sender = Sender::connect(address).await.ok();
            }
            let headers = match attempt {
                0 => format!("x-xurrent-delivery: {origin}\r\n"),
                _ => {
                    format!(
                        "x-xurrent-delivery: {origin}-{attempt}\r\nx-xurrent-delivery-origin: {origin}\r\n"
                    )
                }
            };
            attempt += 1;
            match &mut sender {
                Some(connected) => match connected.deliver_with(QUERY, &headers, &body(&record)).await {
                    Ok(reply) if reply.status == 200 => break,
                    Ok(reply) => assert_eq!(reply.status, 503),
                    Err(_) => sender = None,
                },
                None => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
        answered.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process of another test"]
async fn the_receiver_that_is_killed() {
    let Some(handled) = std::env::var_os(HANDLED) else { return };
    if let Some(file) = std::env::var_os(FILE) {
        if std::env::var_os(TERMINATED).is_some() {
            let inbox = SqliteInbox::open(file).await.unwrap();
            let receiver = Receiver::builder(Secret, inbox.clone()).build();
            let worker = receiver.worker().start(|_| async { Ok(()) });
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = Server::new(receiver.router("/xurrent")).head_timeout(Duration::from_secs(3600));
            let mut serving = std::pin::pin!(server.serve(listener, shutdown_signal()));
            tokio::select! {
                biased;
                () = &mut serving => {}
                () = async { println!("listens on {address}") } => serving.await,
            }
            worker.shutdown(Duration::from_secs(5)).await;
            inbox.close().await;
            // Exits before the test harness writes to a closed pipe.
            std::process::exit(0);
        }
        return receive(SqliteInbox::open(file).await.unwrap(), handled.into()).await;
    }
    #[cfg(feature = "postgres")]
    if let Ok(server) = std::env::var(SERVER) {
        use xurrent_receiver::inbox::postgres::{PostgresInbox, tokio_postgres::NoTls};
        let builder =
            PostgresInbox::builder(server.parse().unwrap()).poll_interval(Duration::from_millis(50));
        receive(builder.open(NoTls).await.unwrap(), handled.into()).await;
    }
}

/// Service managers send SIGTERM.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminated_receiver_closes_its_inbox_despite_incomplete_requests() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("inbox");
    let mut process = Process::start(|process| {
        process.env(FILE, &file).env(HANDLED, folder.path().join("handled")).env(TERMINATED, "");
    });
    let mut half = Sender::connect(process.address).await.unwrap();
    half.send(b"POST /xurrent HTTP/1.1\r\nHost: te").await.unwrap();
    let mut sender = Sender::connect(process.address).await.unwrap();
    assert_eq!(sender.deliver("a", "r").await.unwrap().status, 200);
    process.terminate();
    support::until("it ends", async || process.has_ended().is_some()).await;
    assert!(process.has_ended().unwrap().success());
    assert!(file.exists() && !file.with_file_name("inbox-wal").exists(), "the inbox was closed");
}

async fn receive(inbox: impl Inbox, handled: PathBuf) {
    let receiver = Receiver::builder(Secret, inbox).build();
    let address = serve(receiver.router("/xurrent").merge(receiver.monitoring())).await;
    let handled = Arc::new(OpenOptions::new().create(true).append(true).open(handled).unwrap());
    let worker = receiver.worker().in_order().lease(Duration::from_secs(1));
    let worker = worker.backoff(Duration::from_millis(5), Duration::from_millis(20)).start(
        move |delivery: QueuedDelivery| {
            let handled = Arc::clone(&handled);
            async move {
                tokio::time::sleep(Duration::from_micros(fastrand::u64(0..2_000))).await;
                if fastrand::u8(0..20) == 0 {
                    return Err(Failure::retry("one in twenty"));
                }
                let (origin, record) =
                    (delivery.origin_id().unwrap(), delivery.object_node_id.as_ref().unwrap());
                // One write, so that no line is incomplete.
                (&*handled).write_all(format!("{origin} {record} {}\n", delivery.queue_id).as_bytes())?;
                Ok(())
            }
        },
    );
    println!("listens on {address}");
    std::future::pending::<()>().await;
    drop(worker);
}
