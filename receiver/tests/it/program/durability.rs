//! A service that is killed or stopped under load loses nothing that it acknowledged.

use super::target::Target;
use super::{Setup, all_text};
use crate::support::{Sender, until};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_acknowledged_before_a_kill_are_handed_over_by_the_next_process() {
    let target = Target::start().await;
    let setup = Setup::with_url(target.address, "");
    let mut service = setup.serve();
    // Between the acknowledgement and the hand-over.
    setup.succeed("pause");
    let ids: Vec<String> = (0..50).map(|number| format!("d{number}")).collect();
    for id in &ids {
        assert_eq!(service.deliver(id, &setup.body("request.create", 70)).await, 200);
    }
    service.kill();
    assert!(target.posts().is_empty());
    // The socket of the killed process is replaced, and its pause is over.
    let _service = setup.serve();
    until("all arrive", async || target.posts().len() >= ids.len()).await;
    let mut origins = target.origins();
    origins.sort();
    let mut expected = ids.clone();
    expected.sort();
    assert_eq!(origins, expected, "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_during_the_hand_over_loses_nothing() {
    let target = Target::start().await;
    target.delay(Duration::from_secs(30));
    let setup = Setup::with_url(target.address, "");
    let mut service = setup.serve();
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    until("it is taken", async || setup.succeed("stats --format json").contains("\"taken\":1")).await;
    service.kill();
    target.delay(Duration::ZERO);
    let _service = setup.serve();
    until("it arrives", async || !target.posts().is_empty()).await;
    assert_eq!(target.origins(), ["a"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_ends_in_time_and_loses_nothing() {
    let target = Target::start().await;
    target.delay(Duration::from_millis(30));
    let setup = Setup::with_url(target.address, "");
    let text = std::fs::read_to_string(setup.path("config.toml")).unwrap();
    setup.write("config.toml", &format!("shutdown_timeout = \"3s\"\n{text}"));
    let mut service = setup.serve();
    let setup = Arc::new(setup);
    let acknowledged: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let senders: Vec<_> = (0..6)
        .map(|sender| {
            let (setup, acknowledged, address) =
                (Arc::clone(&setup), Arc::clone(&acknowledged), service.address);
            tokio::spawn(async move {
                let Ok(mut connection) = Sender::connect(address).await else { return };
                for number in 0.. {
                    let id = format!("{sender}-{number}");
                    let headers = format!("x-xurrent-delivery: {id}\r\n");
                    let body = setup.body("request.create", 70);
                    match connection.deliver_with("", &headers, &body).await {
                        Ok(reply) if reply.status == 200 => acknowledged.lock().unwrap().insert(id),
                        _ => return,
                    };
                }
            })
        })
        .collect();
    until("there is load", async || acknowledged.lock().unwrap().len() > 100).await;
    let started = Instant::now();
    assert!(service.terminate().await, "{}", service.log());
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    for sender in senders {
        sender.await.unwrap();
    }
    assert!(!setup.path("inbox.sqlite-wal").exists(), "the inbox was closed");
    assert!(service.log().contains("stopped"), "{}", service.log());
    target.delay(Duration::ZERO);
    let _service = setup.serve();
    let acknowledged = acknowledged.lock().unwrap().clone();
    until("all arrive", async || {
        target.origins().into_iter().collect::<BTreeSet<_>>().is_superset(&acknowledged)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_outlasts_the_shutdown_is_given_back() {
    let target = Target::start().await;
    target.delay(Duration::from_secs(30));
    let setup = Setup::with_url(target.address, "");
    let text = std::fs::read_to_string(setup.path("config.toml")).unwrap();
    setup.write("config.toml", &format!("shutdown_timeout = \"300ms\"\n{text}"));
    let mut service = setup.serve();
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    until("it is taken", async || setup.succeed("stats --format json").contains("\"taken\":1")).await;
    let started = Instant::now();
    service.signal("-INT");
    assert!(service.ended().await);
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    assert!(setup.succeed("stats --format json").contains("\"pending\":1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_running_service_is_restored_with_all_deliveries() {
    let target = Target::start().await;
    let setup = Setup::with_url(target.address, "");
    let mut service = setup.serve();
    setup.succeed("pause");
    for id in ["a", "b"] {
        assert_eq!(service.deliver(id, &setup.body("request.create", 70)).await, 200);
    }
    let copy = setup.path("copy").display().to_string();
    assert_eq!(setup.succeed(&format!("backup {copy}")), "copied the inbox\n");
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = setup.run(&format!("backup {copy}"));
    assert!(
        all_text(&again).contains("copy: ") && all_text(&again).contains("File exists"),
        "{}",
        all_text(&again)
    );
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(service.deliver("late", &setup.body("request.create", 70)).await, 200);
    service.kill();
    // With the old log or mark, what the copy lacks is noticed.
    std::fs::remove_file(setup.path("inbox.sqlite-wal")).unwrap();
    std::fs::copy(&copy, setup.path("inbox.sqlite")).unwrap();
    let lacking = all_text(&setup.run("serve"));
    assert!(lacking.contains("lacks the last 1 acknowledged deliveries"), "{lacking}");
    std::fs::remove_file(setup.path("inbox.sqlite-mark")).unwrap();
    let _ = std::fs::remove_file(setup.path("inbox.sqlite-wal"));
    // Also without a service.
    assert_eq!(setup.succeed(&format!("backup {copy}-2")), "copied the inbox\n");
    let _service = setup.serve();
    until("both arrive", async || target.posts().len() == 2).await;
    assert_eq!(
        target.origins().into_iter().collect::<BTreeSet<_>>(),
        BTreeSet::from(["a".into(), "b".into()])
    );
}
