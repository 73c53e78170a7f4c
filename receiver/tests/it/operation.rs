//! What operators of a receiver need: pausing, checks before the start, several accounts, metrics.

use crate::support::{BACK_TO_2, Sender, delivery, drained, serve, until};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use xurrent_receiver::inbox::SchemaVersion;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::webhook::test::Signer;
use xurrent_receiver::webhook::{Algorithm, Verifier};
use xurrent_receiver::{Inbox, InboxError, InboxReplayProtection, Receiver, Worker};

#[tokio::test]
async fn a_paused_worker_finishes_what_runs_and_takes_nothing_until_it_resumes() {
    let folder = TempDir::new().unwrap();
    let inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
    let (started, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let worker = {
        let (started, ended) = (Arc::clone(&started), Arc::clone(&ended));
        Worker::builder(inbox.clone()).start(move |_| {
            let (started, ended) = (Arc::clone(&started), Arc::clone(&ended));
            async move {
                started.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(200)).await;
                ended.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        })
    };
    inbox.store(delivery("running", "r")).await.unwrap();
    until("it runs", async || started.load(Ordering::SeqCst) == 1).await;
    worker.pause();
    assert!(worker.is_paused());
    inbox.store(delivery("waiting", "s")).await.unwrap();
    until("what ran has ended", async || ended.load(Ordering::SeqCst) == 1).await;
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    assert_eq!(started.load(Ordering::SeqCst), 1, "nothing was taken");
    worker.resume();
    drained(&inbox).await;
    assert_eq!(ended.load(Ordering::SeqCst), 2);
    worker.pause();
    tokio::time::timeout(Duration::from_secs(2), worker.shutdown(Duration::ZERO)).await.unwrap();
}

#[tokio::test]
async fn a_file_is_checked_without_changes_and_not_migrated_unasked() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("inbox");
    let builder = || SqliteInbox::builder(&path).lock_timeout(Duration::ZERO);
    let outdated = builder().no_migration().open().await.unwrap_err();
    assert!(matches!(outdated, InboxError::Outdated { found: 0, known: 5 }), "{outdated}");
    assert_eq!(builder().check().await.unwrap(), SchemaVersion { found: 0, minimum: 0, known: 5 });
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was created");

    let inbox = builder().open().await.unwrap();
    inbox.store(delivery("a", "r")).await.unwrap();
    let locked = builder().check().await.unwrap_err();
    assert!(matches!(locked, InboxError::Locked { .. }), "{locked}");
    inbox.close().await;
    assert!(builder().check().await.unwrap().is_current());
    let before = std::fs::read(&path).unwrap();
    builder().check().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let inbox = builder().no_migration().open().await.unwrap();
    assert_eq!(inbox.depth().await.unwrap().pending, 1);
    inbox.close().await;

    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch(BACK_TO_2).unwrap();
    drop(file);
    assert_eq!(builder().check().await.unwrap(), SchemaVersion { found: 2, minimum: 4, known: 5 });
    let outdated = builder().no_migration().open().await.unwrap_err();
    assert_eq!(
        outdated.to_string(),
        "inbox has schema version 2, but this program needs version 5: migrate it first"
    );
    assert!(builder().open().await.is_ok());
}

#[tokio::test]
async fn deliveries_of_several_accounts_are_verified_each_with_its_own_key_and_counted_by_event() {
    let folder = TempDir::new().unwrap();
    let inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
    let accounts = ["https://wdc.xurrent.com", "https://widget.4me.com", "https://third.xurrent.com"];
    let signers: Vec<_> = [Algorithm::Es256, Algorithm::Es384, Algorithm::Es256]
        .map(|algorithm| Signer::generate(algorithm).unwrap())
        .into();
    let verifiers: Vec<_> = accounts
        .iter()
        .zip(&signers)
        .map(|(account, signer)| {
            let builder = Verifier::builder().account_url(*account).replay_store(InboxReplayProtection);
            builder.public_key(signer.algorithm(), signer.public_key_pem()).build().unwrap()
        })
        .collect();
    let receiver = Receiver::builder(verifiers, inbox.clone()).build();
    let mut sender = Sender::connect(serve(receiver.router("/xurrent")).await).await.unwrap();
    for (number, account) in accounts.iter().enumerate() {
        for (by, signer) in signers.iter().enumerate() {
            let event = ["request.create", "request.create", "request.invented"][number];
            let body = String::from_utf8(signer.delivery(account).event(event, 7).body()).unwrap();
            let headers = format!("x-xurrent-delivery: {number}-{by}\r\n");
            let status = sender.deliver_with("", &headers, &body).await.unwrap().status;
            assert_eq!(status, if number == by { 200 } else { 403 }, "{account} signed by {by}");
        }
    }
    let metrics = receiver.metrics().await;
    assert!(metrics.contains("events_total{event=\"request.create\"} 2\n"), "{metrics}");
    assert!(metrics.contains("events_total{event=\"other\"} 1\n"), "{metrics}");
    assert!(metrics.contains("refused_total{reason=\"signature\"} 2\n"), "{metrics}");
    assert!(metrics.contains("refused_total{reason=\"token\"} 4\n"), "{metrics}");
}
