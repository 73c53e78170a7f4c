//! The embedded inbox, in SQLite.

use crate::support::delivery;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use xurrent_receiver::inbox::sqlite::SqliteInbox;
use xurrent_receiver::inbox::{Outcome, Stored, Take};
use xurrent_receiver::{Inbox, InboxError};

async fn make() -> (SqliteInbox, TempDir) {
    let folder = TempDir::new().unwrap();
    let keep = Duration::from_millis(300);
    let inbox = SqliteInbox::builder(folder.path().join("inbox")).retention(keep).open().await.unwrap();
    (inbox, folder)
}

/// One test for each part of the contract.
macro_rules! tests {
    ($($name:ident),*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let (inbox, _folder) = make().await;
            crate::contract::$name(inbox).await;
        }
    )*};
}
crate::contract::parts!(tests);

fn all() -> Take {
    Take { limit: 1000, lease: Duration::from_secs(60), in_order: false }
}

#[tokio::test]
async fn a_restart_gives_back_taken_deliveries_and_makes_retries_due() {
    let (inbox, folder) = make().await;
    for origin in ["taken", "waiting", "pending"] {
        inbox.store(delivery(origin, "r")).await.unwrap();
    }
    let taken = inbox.take(Take { limit: 2, ..all() }).await.unwrap().taken;
    let far = Outcome::Retry { after: Duration::from_secs(1 << 40), reason: "no".to_owned() };
    inbox.settle(taken[1].lease, far).await.unwrap();
    inbox.close().await;
    assert!(matches!(inbox.depth().await, Err(InboxError::Closed)));

    let inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
    let again = inbox.take(all()).await.unwrap().taken;
    let attempts: Vec<_> = again.iter().map(|taken| taken.delivery.attempt).collect();
    assert_eq!(attempts, [2, 2, 1]);
    assert!(!inbox.settle(taken[0].lease, Outcome::Done).await.unwrap(), "the lease of the dead process");
    assert!(inbox.settle(again[0].lease, Outcome::Done).await.unwrap());
}

#[tokio::test]
async fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let (inbox, folder) = make().await;
    inbox.store(delivery("a", "r")).await.unwrap();
    for name in ["inbox", "inbox-wal", "inbox-mark"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
}

#[tokio::test]
async fn a_file_in_use_by_another_process_is_refused_until_that_process_is_killed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("inbox");
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["sqlite::process_that_holds_the_file", "--exact", "--ignored", "--nocapture"])
        .env("INBOX_TO_HOLD", &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("holding")));

    let started = Instant::now();
    let open = || SqliteInbox::builder(&path).lock_timeout(Duration::from_millis(200)).open();
    let error = open().await.unwrap_err();
    assert!(matches!(&error, InboxError::Locked { path: locked } if *locked == path), "{error:?}");
    assert!(error.to_string().ends_with("inbox is in use by another process"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));

    holder.kill().unwrap();
    holder.wait().unwrap();
    let inbox = open().await.unwrap();
    assert_eq!(inbox.store(delivery("a", "r")).await.unwrap(), Stored::Duplicate);
}

#[tokio::test]
#[ignore = "a process of another test"]
async fn process_that_holds_the_file() {
    let Some(path) = std::env::var_os("INBOX_TO_HOLD") else { return };
    let inbox = SqliteInbox::open(path).await.unwrap();
    inbox.store(delivery("a", "r")).await.unwrap();
    println!("holding");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_second_inbox_on_the_same_file_is_refused() {
    let (_inbox, folder) = make().await;
    let second = SqliteInbox::builder(folder.path().join("inbox")).lock_timeout(Duration::ZERO);
    assert!(matches!(second.open().await, Err(InboxError::Locked { .. })));
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_and_unchanged() {
    let (inbox, folder) = make().await;
    inbox.close().await;
    let path = folder.path().join("inbox");
    let file = rusqlite::Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    file.pragma_update(None, "application_id", 98).unwrap();
    drop(file);
    let before = std::fs::read(&path).unwrap();
    let error = SqliteInbox::open(&path).await.unwrap_err();
    let expected = "inbox has schema version 99, which needs a program of version 98 or newer, but this program \
                    has version 5: run the newer program";
    assert_eq!(error.to_string(), expected);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn opening_a_file_that_is_not_an_inbox_fails() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("inbox");
    std::fs::write(&path, "this was never a database, and it is longer than the head of one".repeat(20))
        .unwrap();
    let error = SqliteInbox::open(&path).await.unwrap_err();
    assert!(error.to_string().contains("not a database"), "{error}");
    assert!(SqliteInbox::open(folder.path().join("missing/inbox")).await.is_err());
}

#[tokio::test]
async fn a_full_inbox_refuses_deliveries_until_there_is_space_again() {
    let folder = TempDir::new().unwrap();
    let inbox = SqliteInbox::builder(folder.path().join("inbox")).max_size(1 << 20).open().await.unwrap();
    let large = |origin: &str| {
        let mut large = delivery(origin, "r");
        large.body = vec![b' '; 100 * 1024].into();
        large
    };
    let mut stored = 0;
    let full = loop {
        match inbox.store(large(&stored.to_string())).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, InboxError::Full), "{full:?}");
    assert!((5..11).contains(&stored), "{stored}");
    // A delivery that does not fit fails alone.
    let (large, small) = tokio::join!(inbox.store(large("x")), inbox.store(delivery("small", "r")));
    assert!(matches!(large, Err(InboxError::Full)));
    assert_eq!(small.unwrap(), Stored::New);
    let batch = inbox.take(all()).await.unwrap();
    assert_eq!(batch.taken.len(), stored + 1);
    inbox.settle(batch.taken[0].lease, Outcome::Done).await.unwrap();
    let mut again = delivery("x", "r");
    again.body = vec![b' '; 90 * 1024].into();
    assert_eq!(inbox.store(again).await.unwrap(), Stored::New);
}

/// Skipped where the test cannot mount a disk.
#[tokio::test]
async fn a_full_disk_is_an_error_and_keeps_stored_deliveries() {
    let folder = TempDir::new().unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "none"]).arg(folder.path()).status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("SKIPPED: no file system can be mounted here");
        return;
    }
    let path = folder.path().join("inbox");
    let inbox = SqliteInbox::open(&path).await.unwrap();
    let mut stored = 0;
    let error = loop {
        let mut large = delivery(&stored.to_string(), "r");
        large.body = vec![b' '; 50 * 1024].into();
        match inbox.store(large).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    let pending = inbox.depth().await.unwrap().pending;
    let probe = inbox.probe().await;
    inbox.close().await;
    let reopened = SqliteInbox::open(&path).await;
    let after = match &reopened {
        Ok(inbox) => inbox.depth().await.map(|depth| depth.pending),
        Err(error) => Err(error.clone()),
    };
    if let Ok(inbox) = reopened {
        inbox.close().await;
    }
    assert!(Command::new("umount").arg(folder.path()).status().unwrap().success());
    assert!(matches!(error, InboxError::Full), "{error:?}");
    assert!(matches!(probe, Err(InboxError::Full)), "{probe:?}");
    assert!(stored > 3, "{stored}");
    assert_eq!((pending, after.unwrap()), (stored, stored));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_store_is_atomic() {
    let (inbox, _folder) = make().await;
    for number in 0..200_u64 {
        let store = inbox.store(delivery(&number.to_string(), "r"));
        let _ = tokio::time::timeout(Duration::from_micros(number * 5), store).await;
    }
    let mut count = 0;
    for taken in inbox.take(all()).await.unwrap().taken {
        assert_eq!(taken.delivery.body, delivery("x", "r").body);
        count += 1;
    }
    assert!(count > 0);
    for number in 0..200 {
        inbox.store(delivery(&number.to_string(), "r")).await.unwrap();
    }
    assert_eq!(inbox.depth().await.unwrap().pending + count, 200);
}

/// Copies the files as a process that is killed now would leave them.
fn crashed(folder: &TempDir) -> TempDir {
    let copy = TempDir::new().unwrap();
    for name in ["inbox", "inbox-wal", "inbox-mark"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    copy
}

async fn lost(folder: &TempDir) -> u64 {
    let path = folder.path().join("inbox");
    match SqliteInbox::open(&path).await.unwrap_err() {
        InboxError::Lost { path: of, missing } if of == path => missing,
        error => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_missing_or_damaged_log_is_refused_and_unchanged() {
    let (inbox, folder) = make().await;
    for number in 0..100 {
        inbox.store(delivery(&number.to_string(), "r")).await.unwrap();
    }
    let pending = async |folder: &TempDir| {
        let inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
        let pending = inbox.depth().await.unwrap().pending;
        inbox.close().await;
        pending
    };
    assert_eq!(pending(&crashed(&folder)).await, 100, "nothing is lost with the log");

    let missing = crashed(&folder);
    let log = std::fs::read(missing.path().join("inbox-wal")).unwrap();
    std::fs::remove_file(missing.path().join("inbox-wal")).unwrap();
    assert_eq!(lost(&missing).await, 100);
    std::fs::write(missing.path().join("inbox-wal"), &log).unwrap();
    assert_eq!(pending(&missing).await, 100, "the log was restored");

    let damaged = crashed(&folder);
    let mut broken = log.clone();
    let middle = broken.len() / 2;
    broken[middle] ^= 0xff;
    std::fs::write(damaged.path().join("inbox-wal"), &broken).unwrap();
    let missing = lost(&damaged).await;
    assert!((1..100).contains(&missing), "{missing}");
    assert_eq!(std::fs::read(damaged.path().join("inbox-wal")).unwrap(), broken);

    let removed = crashed(&folder);
    std::fs::remove_file(removed.path().join("inbox")).unwrap();
    assert_eq!(lost(&removed).await, 100);
    assert!(!removed.path().join("inbox").exists());
    assert_eq!(std::fs::read(removed.path().join("inbox-wal")).unwrap(), log);

    // After a loss was accepted, the next one is detected again.
    let accepted = SqliteInbox::builder(damaged.path().join("inbox")).accept_loss().open().await.unwrap();
    assert_eq!(accepted.depth().await.unwrap().pending, 100 - missing);
    accepted.store(delivery("new", "new")).await.unwrap();
    let taken = accepted.take(all()).await.unwrap().taken;
    assert_eq!(taken.last().unwrap().lease.id.0, 101, "no number is used twice");
    let again = crashed(&damaged);
    std::fs::remove_file(again.path().join("inbox-wal")).unwrap();
    assert!(lost(&again).await > 0);
}

#[tokio::test]
async fn a_closed_file_opens_again_with_and_without_its_mark() {
    let (inbox, folder) = make().await;
    inbox.store(delivery("a", "r")).await.unwrap();
    inbox.close().await;
    assert!(!folder.path().join("inbox-wal").exists());
    let inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
    inbox.store(delivery("b", "r")).await.unwrap();
    inbox.close().await;
    let mark = folder.path().join("inbox-mark");
    for is_damaged in [false, true] {
        match is_damaged {
            false => std::fs::remove_file(&mark).unwrap(),
            true => std::fs::write(&mark, [0xff; 21]).unwrap(),
        }
        let inbox = SqliteInbox::open(folder.path().join("inbox")).await.unwrap();
        assert_eq!(inbox.depth().await.unwrap().pending, 2);
        inbox.close().await;
        assert_eq!(std::fs::read_to_string(&mark).unwrap().trim_start_matches('0'), "2\n");
    }
}

/// Deliveries of these sizes leave different amounts of space in the pages of a full file.
#[tokio::test]
async fn a_full_inbox_is_emptied_whatever_it_holds_and_does_not_grow() {
    const MAX_SIZE: u64 = 1 << 18;
    let reason = "The target does not answer. ".repeat(40);
    for size in (0..20).map(|step| 300 + step * 197) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("inbox");
        let inbox = SqliteInbox::builder(&path).max_size(MAX_SIZE).open().await.unwrap();
        let mut stored = 0;
        for round in 0..20 {
            let full = loop {
                let mut delivery = delivery(&stored.to_string(), &format!("r{}", stored % 7));
                delivery.body = vec![b' '; size].into();
                match inbox.store(delivery).await {
                    Ok(_) => stored += 1,
                    Err(error) => break error,
                }
            };
            assert!(matches!(full, InboxError::Full), "{full}");
            let take = Take { limit: 3, lease: Duration::from_secs(60), in_order: round % 2 == 0 };
            let taken =
                inbox.take(take).await.unwrap_or_else(|error| panic!("{size}, {round}: {error}")).taken;
            let outcomes = [
                Outcome::Done,
                Outcome::Retry { after: Duration::from_secs(1), reason: reason.clone() },
                Outcome::Done,
            ];
            for (taken, outcome) in taken.iter().zip(outcomes) {
                assert!(inbox.settle(taken.lease, outcome).await.unwrap(), "{size}, {round}");
            }
        }
        let rest = Take { limit: 10_000, lease: Duration::from_secs(60), in_order: false };
        for taken in inbox.take(rest).await.unwrap().taken {
            assert!(inbox.settle(taken.lease, Outcome::Done).await.unwrap(), "{size}");
        }
        inbox.close().await;
        let length = std::fs::metadata(&path).unwrap().len();
        assert!(length < MAX_SIZE + (1 << 17), "{size}: {length}");
    }
}
