//! The receiver of a webhook is killed (`SIGKILL`) again and again while a thousand changes are
//! delivered to it, signed, and every one of them is stored once and handled.
//!
//! The test is the account and the killer; a receiver is a process of this very program.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../receiver/tests/it/support/process.rs"]
#[allow(dead_code)] // The address is one that the test has chosen.
mod process;
#[path = "it/sandboxed.rs"]
mod sandboxed;

use process::Process;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket};
use xurrent::webhook::Verifier;
use xurrent::{
    Client, RequestCreateInput, WebhookCreateInput, WebhookEvent, WebhookPolicyCreateInput,
    WebhookPolicyJwtAlg,
};
use xurrent_receiver::inbox::Depth;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::{Failure, Inbox, InboxReplayProtection, QueuedDelivery, Receiver};
use xurrent_sandbox::{Sandbox, Webhooks};

const CHANGES: usize = 1_000;
/// How many changes are made at the same time.
const WRITERS: usize = 4;
const KILLS: usize = 12;

// What a process is told.
const ADDRESS: &str = "KILLED_WEBHOOK_ADDRESS";
const ACCOUNT: &str = "KILLED_WEBHOOK_ACCOUNT";
const ROOT: &str = "KILLED_WEBHOOK_ROOT";
/// Where it writes down what it handled.
const HANDLED: &str = "KILLED_WEBHOOK_HANDLED";
/// Its inbox: a file, or a server.
const FILE: &str = "KILLED_WEBHOOK_FILE";
const SERVER: &str = "KILLED_WEBHOOK_SERVER";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_is_handled_although_the_receiver_is_killed() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("inbox");
    change_and_kill(&folder, 1, |process| {
        process.env(FILE, &file);
    })
    .await;
    let inbox = SqliteInbox::open(&file).await.unwrap();
    assert_eq!(inbox.depth().await.unwrap(), Depth::default());
    inbox.close().await;
    let file = rusqlite::Connection::open(&file).unwrap();
    let rows: i64 = file.query_row("SELECT count(*) FROM delivery", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, CHANGES as i64);
}

#[path = "../../receiver/tests/it/support/server.rs"]
#[allow(dead_code)] // It can more than this test needs.
mod server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_is_handled_by_two_receivers_that_share_postgresql() {
    use xurrent_receiver::inbox::postgres::PostgresInbox;
    use xurrent_receiver::inbox::postgres::tokio_postgres::NoTls;

    let Some(server) = server::Server::start() else { return };
    let folder = TempDir::new().unwrap();
    change_and_kill(&folder, 2, |process| {
        process.env(SERVER, server.config());
    })
    .await;
    let inbox = PostgresInbox::open(server.config().parse().unwrap()).await.unwrap();
    assert_eq!(inbox.depth().await.unwrap(), Depth::default());
    let (client, connection) =
        xurrent_receiver::inbox::postgres::tokio_postgres::connect(&server.config(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let table = "SELECT count(*) FROM xurrent_delivery";
    let rows: i64 = client.query_one(table, &[]).await.unwrap().get(0);
    assert_eq!(rows, CHANGES as i64);
}

/// Makes all changes, and kills so many receivers in turn meanwhile. Then waits until everything is
/// delivered and handled.
async fn change_and_kill(folder: &TempDir, receivers: usize, configure: impl Fn(&mut Command)) {
    let delivered = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&delivered);
    let webhooks = Webhooks::default()
        .max_concurrent(16)
        .retry_after([Duration::from_millis(20); 1_000])
        .disable_after(u32::MAX, Duration::ZERO)
        .observe(move |attempt| {
            counter.fetch_add(usize::from(attempt.succeeded()), Ordering::SeqCst);
        });
    let sandbox = sandboxed::start(|sandbox| sandbox.webhooks(webhooks)).await;
    let client = sandboxed::builder(&sandbox).no_rate_limit().build().unwrap();

    // One address for all receivers, and for those that come after them.
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (handled, root) = (folder.path().join("handled"), folder.path().join("root.pem"));
    std::fs::write(&root, sandbox.root_certificate()).unwrap();
    let start = || {
        Process::start(|process| {
            process
                .env(ADDRESS, address.to_string())
                .env(ACCOUNT, sandbox.account_url())
                .env(ROOT, &root)
                .env(HANDLED, &handled);
            configure(process);
        })
    };
    let mut processes: Vec<Process> = (0..receivers).map(|_| start()).collect();

    let policy = WebhookPolicyCreateInput::new(WebhookPolicyJwtAlg::Es256).jwt_claim_expires_in(5);
    let policy = client.webhook_policy_create(policy).await.unwrap().webhook_policy.unwrap();
    let webhook = WebhookCreateInput::new(WebhookEvent::RequestCreate, format!("http://{address}/xurrent"));
    let webhook = webhook.webhook_policy_id(policy.id).openid_connect_discovery(true);
    client.webhook_create(webhook).await.unwrap();
    sandbox.deliveries_settled().await;
    assert_eq!(delivered.load(Ordering::SeqCst), 1, "the handshake: {:?}", sandbox.deliveries());

    let writers: Vec<_> = (0..WRITERS).map(|_| tokio::spawn(change(client.clone()))).collect();
    let mut kills = 0;
    for kill in 1..=KILLS {
        // Evenly over all deliveries, but at any moment of what happens to one.
        let after = kill * CHANGES / (KILLS + 1) + fastrand::usize(0..CHANGES / KILLS / 2);
        let patience = Instant::now();
        while delivered.load(Ordering::SeqCst) < after {
            assert!(patience.elapsed() < Duration::from_secs(120), "the deliveries do not get through");
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        tokio::time::sleep(Duration::from_micros(fastrand::u64(0..5_000))).await;
        let process = &mut processes[kill % receivers];
        process.kill();
        kills += usize::from(delivered.load(Ordering::SeqCst) <= CHANGES);
        *process = start();
    }
    assert!(kills >= 10, "{kills} kills under load");
    for writer in writers {
        writer.await.unwrap();
    }
    sandbox.deliveries_settled().await;
    let answered = answered(&sandbox);
    let changes: BTreeSet<_> = answered.values().collect();
    assert_eq!((answered.len(), changes.len()), (CHANGES, CHANGES));

    let patience = Instant::now();
    loop {
        let lines = lines(&handled);
        let left = answered.keys().filter(|origin| !lines.contains_key(*origin)).count();
        if left == 0 {
            break;
        }
        assert!(patience.elapsed() < Duration::from_secs(60), "{left} were answered and are not handled");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Who was killed between handling and noting that has left it to the next one.
    tokio::time::sleep(LEASE + Duration::from_millis(500)).await;
    drop(processes);
    let lines = lines(&handled);
    assert_eq!(lines.len(), CHANGES, "nothing else was handled");
    for (origin, record) in &lines {
        assert_eq!(answered[origin], *record);
    }
    let attempts = sandbox.deliveries();
    let lost = attempts.iter().filter(|attempt| !attempt.succeeded()).count();
    println!("{kills} kills, {CHANGES} changes, {} attempts, {lost} of them in vain", attempts.len());
    sandbox.shutdown().await;
}

/// Makes its part of the changes.
async fn change(client: Client) {
    for number in 0..CHANGES / WRITERS {
        let input = RequestCreateInput::new().subject(format!("Printer {number}"));
        client.request_create(input).await.unwrap();
    }
}

/// What was answered with success, by the id of the first attempt, and the record it tells of. The
/// handshake is not among it.
fn answered(sandbox: &Sandbox) -> BTreeMap<String, i64> {
    let mut answered = BTreeMap::new();
    for attempt in sandbox.deliveries() {
        if attempt.succeeded() && attempt.event == "request.create" {
            let record = attempt.message["object_id"].as_i64().unwrap();
            assert_eq!(answered.insert(attempt.origin, record), None, "delivered again after a success");
        }
    }
    answered
}

/// What was handled, with the record. What is handled twice has the same number in the inbox.
fn lines(handled: &Path) -> BTreeMap<String, i64> {
    let mut ids = BTreeMap::new();
    let mut records = BTreeMap::new();
    for line in std::fs::read_to_string(handled).unwrap_or_default().lines() {
        let mut parts = line.split(' ');
        let origin = parts.next().unwrap().to_owned();
        let mut number = || parts.next().unwrap().parse::<i64>().unwrap();
        let (record, id) = (number(), number());
        assert_eq!(*ids.entry(origin.clone()).or_insert(id), id, "{line} was stored twice");
        records.insert(origin, record);
    }
    records
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process of another test"]
async fn the_receiver_that_is_killed() {
    if let Some(file) = std::env::var_os(FILE) {
        return receive(SqliteInbox::open(file).await.unwrap()).await;
    }
    if let Ok(server) = std::env::var(SERVER) {
        use xurrent_receiver::inbox::postgres::{PostgresInbox, tokio_postgres::NoTls};
        let builder =
            PostgresInbox::builder(server.parse().unwrap()).poll_interval(Duration::from_millis(50));
        receive(builder.open(NoTls).await.unwrap()).await;
    }
}

/// How long a delivery belongs to a worker that may be dead.
const LEASE: Duration = Duration::from_secs(1);

async fn receive(inbox: impl Inbox) {
    let setting = |name| std::env::var(name).unwrap();
    let verifier = Verifier::builder()
        .account_url(setting(ACCOUNT))
        .root_certificate(std::fs::read_to_string(setting(ROOT)).unwrap())
        .dangerously_allow_loopback()
        .require_all_claims()
        .replay_store(InboxReplayProtection)
        .build()
        .unwrap();
    let receiver = Receiver::builder(verifier, inbox).build();
    let worker = receiver.worker().lease(LEASE);
    let handled: PathBuf = setting(HANDLED).into();
    let handled = Arc::new(OpenOptions::new().create(true).append(true).open(handled).unwrap());
    let _worker = worker.backoff(Duration::from_millis(5), Duration::from_millis(20)).start(
        move |delivery: QueuedDelivery| {
            let handled = Arc::clone(&handled);
            async move {
                tokio::time::sleep(Duration::from_micros(fastrand::u64(0..2_000))).await;
                if fastrand::u8(0..20) == 0 {
                    return Err(Failure::retry("one in twenty"));
                }
                let origin = delivery.origin_id().unwrap();
                let line = format!("{origin} {} {}\n", delivery.object_id, delivery.queue_id);
                // One write of a whole line: it is there or it is not.
                (&*handled).write_all(line.as_bytes())?;
                Ok(())
            }
        },
    );
    // Receivers that share an address share its connections.
    let address: SocketAddr = setting(ADDRESS).parse().unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    let listener = socket.listen(1_024).unwrap();
    println!("it listens on {address}");
    axum::serve(listener, receiver.router("/xurrent")).await.unwrap();
}
