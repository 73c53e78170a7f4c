//! The receiver: a child process.

use crate::support::Secret;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::{Failure, Inbox, QueuedDelivery, Receiver, Server, shutdown_signal};

/// Variables of the process: its inbox and the maximum size of the file, the number of the process, the log of
/// handled deliveries, and the file that the metrics are written to when it ends.
pub(crate) const FILE: &str = "ENDURANCE_FILE";
pub(crate) const MAX_SIZE: &str = "ENDURANCE_MAX_SIZE";
#[cfg(feature = "postgres")]
pub(crate) const SERVER: &str = "ENDURANCE_SERVER";
pub(crate) const LIFE: &str = "ENDURANCE_LIFE";
pub(crate) const HANDLED: &str = "ENDURANCE_HANDLED";
pub(crate) const METRICS: &str = "ENDURANCE_METRICS";

/// Attempts to handle a poisoned delivery. Others need fewer, although attempts end with their process.
pub(crate) const ATTEMPTS: u32 = 6;

/// How long a delivery stays with a receiver that was killed, if others share its inbox.
const LEASE: Duration = Duration::from_secs(5);

/// One delivery in a hundred always fails.
pub(crate) fn is_poisoned(number: u64) -> bool {
    number % 100 == 7
}

/// Receives until it is terminated, if this is the process of a receiver.
pub(crate) async fn run() {
    if let Some(file) = std::env::var_os(FILE) {
        let mut builder = SqliteInbox::builder(file);
        if let Ok(bytes) = std::env::var(MAX_SIZE) {
            builder = builder.max_size(bytes.parse().unwrap());
        }
        return receive(builder.open().await.unwrap()).await;
    }
    #[cfg(feature = "postgres")]
    if let Ok(server) = std::env::var(SERVER) {
        use xurrent_receiver::inbox::postgres::{PostgresInbox, tokio_postgres::NoTls};
        let builder = PostgresInbox::builder(server.parse().unwrap());
        let builder = builder.poll_interval(Duration::from_millis(100));
        receive(builder.open(NoTls).await.unwrap()).await;
    }
}

async fn receive(inbox: impl Inbox + Clone) {
    let receiver = Receiver::builder(Secret, inbox.clone()).build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let life = std::env::var(LIFE).unwrap();
    let handled = std::env::var_os(HANDLED).unwrap();
    let handled = Arc::new(OpenOptions::new().create(true).append(true).open(handled).unwrap());
    let worker = receiver.worker().in_order().lease(LEASE).max_attempts(ATTEMPTS);
    let worker = worker
        .backoff(Duration::from_millis(5), Duration::from_millis(20))
        .start(move |delivery: QueuedDelivery| handle(Arc::clone(&handled), life.clone(), delivery));
    let router = receiver.router("/xurrent").merge(receiver.monitoring());
    let mut serving = std::pin::pin!(Server::new(router).serve(listener, shutdown_signal()));
    tokio::select! {
        biased;
        () = &mut serving => {}
        // The handler of the signal is installed.
        () = async { println!("listens on {address}") } => serving.await,
    }
    worker.shutdown(Duration::from_secs(5)).await;
    let metrics = PathBuf::from(std::env::var_os(METRICS).unwrap());
    std::fs::write(metrics, receiver.metrics().await).unwrap();
    inbox.close().await;
    // Exits before the test harness writes to a closed pipe.
    std::process::exit(0);
}

/// Logs the attempt in one write, so that no line is incomplete.
async fn handle(log: Arc<File>, life: String, delivery: QueuedDelivery) -> Result<(), Failure> {
    let origin = delivery.origin_id().unwrap();
    let number = origin.rsplit_once('-').unwrap().1.parse().unwrap();
    // Some handlers wait.
    if fastrand::u8(0..4) == 0 {
        tokio::time::sleep(Duration::from_micros(fastrand::u64(0..2_000))).await;
    }
    let result = if is_poisoned(number) { "failed" } else { "ok" };
    (&*log).write_all(format!("{life} {origin} {result}\n").as_bytes())?;
    if is_poisoned(number) { Err(Failure::retry("poisoned")) } else { Ok(()) }
}
