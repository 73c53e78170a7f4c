//! A receiver under load for minutes, while it is killed, terminated, filled and cut off from its server: no
//! acknowledged delivery is lost or stuck, the order of each record is kept, and the metrics are exact.
//!
//! `ENDURANCE_SECONDS` is the duration, 45 seconds by default. The receivers are child processes of this binary.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod books;
mod incidents;
mod receiver;
mod senders;
#[path = "../it/support/mod.rs"]
mod support;

use books::{Books, Handled};
use incidents::Receivers;
use senders::Senders;
use std::time::{Duration, Instant};
use support::drained;
use tempfile::TempDir;
use xurrent_receiver::Inbox;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{DeadLetterFilter, Depth};

fn duration() -> Duration {
    let seconds = std::env::var("ENDURANCE_SECONDS").ok().map(|seconds| seconds.parse().unwrap());
    Duration::from_secs(seconds.unwrap_or(45))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute"]
async fn an_embedded_inbox_keeps_every_delivery_through_incidents() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("inbox");
    let books = endure(Receivers::embedded(&folder, &file)).await;
    let inbox = SqliteInbox::open(&file).await.unwrap();
    agree(&inbox, &books).await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute"]
async fn two_receivers_on_a_server_keep_every_delivery_through_incidents() {
    use xurrent_receiver::inbox::postgres::PostgresInbox;

    let Some(server) = support::server::Server::start() else { return };
    let folder = TempDir::new().unwrap();
    let config = server.config();
    let books = endure(Receivers::on_server(&folder, server)).await;
    let inbox = PostgresInbox::open(config.parse().unwrap()).await.unwrap();
    agree(&inbox, &books).await;
    drop(books);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process of another test"]
async fn the_receiver_that_is_killed() {
    receiver::run().await;
}

/// Sends deliveries and causes incidents until the time is over and everything is handled.
async fn endure(mut receivers: Receivers) -> Books {
    let started = Instant::now();
    let senders = Senders::start(receivers.lives());
    while started.elapsed() < duration() {
        tokio::time::sleep(Duration::from_millis(fastrand::u64(500..2_500))).await;
        receivers.next_incident().await;
    }
    let sent = senders.finish().await;
    let waited = Instant::now();
    receivers.drain(duration().max(Duration::from_secs(120))).await;
    println!("{:?} until everything was handled", waited.elapsed());
    receivers.finish().await;
    let books = Books::new(sent, receivers, started.elapsed());
    println!("{books}");
    books
}

/// The inbox, the log of the handlers and the books of the senders say the same.
async fn agree(inbox: &impl Inbox, books: &Books) {
    drained(inbox).await;
    let dead = inbox.dead_letters(DeadLetterFilter::all(), None, usize::MAX >> 1).await.unwrap();
    let depth = Depth { dead: dead.len() as u64, ..Depth::default() };
    assert_eq!(inbox.depth().await.unwrap(), depth);
    let dead = dead.iter().map(|letter| letter.delivery.origin.clone().unwrap()).collect();
    books.nothing_is_lost(&dead);
    books.records_are_in_order();
    books.metrics_are_exact();
    assert!(books.handled.iter().any(|Handled { is_ok, .. }| !is_ok), "no delivery failed");
    inbox.close().await;
}
