//! `serve`, and what operators do beside it.

use super::target::{Target, header};
use super::{SECRET, Setup, all_text};
use crate::support::{Sender, until};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use xurrent_receiver::webhook::Algorithm;
use xurrent_receiver::webhook::test::Signer;

const IMPATIENT: &str = "[worker]\nmax_attempts = 2\nbackoff = \"10ms\"\nmax_backoff = \"20ms\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_verified_deliveries_reach_the_target_signed_and_unchanged() {
    let target = Target::start().await;
    let setup = Setup::with_url(target.address, "");
    let service = setup.serve();
    let forger = Signer::generate(Algorithm::Es256).unwrap();
    let forged = forger.delivery(super::ACCOUNT).event("request.create", 7).body();
    assert_eq!(service.deliver("forged", std::str::from_utf8(&forged).unwrap()).await, 403);
    let body = setup.body("request.create", 70);
    for id in ["first", "second"] {
        assert_eq!(service.deliver(id, &body).await, 200, "the second is a duplicate by its token");
    }
    until("it arrives", async || !target.posts().is_empty()).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let posts = target.posts();
    assert_eq!(posts.len(), 1);
    let (headers, body) = &posts[0];
    let get = |name| header(headers, name);
    for name in ["x-xurrent-delivery", "x-xurrent-delivery-origin", "webhook-id"] {
        assert_eq!(get(name), "first", "{name}");
    }
    assert_eq!(get("content-type"), "application/json");
    let timestamp = get("webhook-timestamp");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert!(now - timestamp.parse::<u64>().unwrap() < 60);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(&SECRET["whsec_".len()..]).unwrap());
    let signed = [format!("first.{timestamp}.").as_bytes(), body].concat();
    let signature = STANDARD.decode(get("webhook-signature").strip_prefix("v1,").unwrap()).unwrap();
    hmac::verify(&key, &signed, &signature).unwrap();
    let message: Value = serde_json::from_slice(body).unwrap();
    assert_eq!((&message["event"], &message["object_id"]), (&"request.create".into(), &70.into()));

    let mut monitor = Sender::connect(service.monitoring.unwrap()).await.unwrap();
    let metrics = monitor.get("/metrics").await.unwrap().body;
    assert!(metrics.contains("xurrent_receiver_refused_total{reason=\"signature\"} 1\n"), "{metrics}");
    let mode = |name: &str| std::fs::metadata(setup.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("inbox.sqlite.sock"), mode("inbox.sqlite")), (0o600, 0o600));
    assert_eq!(Sender::connect(service.address).await.unwrap().get("/health").await.unwrap().status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_letters_of_a_target_that_is_repaired_are_retried_and_delivered() {
    let target = Target::start().await;
    target.respond_with(302);
    let setup = Setup::with_url(target.address, IMPATIENT);
    let mut service = setup.serve();
    for (number, event) in
        ["request.create", "request.update", "task.create", "task.update"].iter().enumerate()
    {
        assert_eq!(service.deliver(&format!("d{number}"), &setup.body(event, 70)).await, 200);
    }
    let stats = || serde_json::from_str::<Value>(&setup.succeed("stats --format json")).unwrap();
    until("all are dead", async || stats()["dead"] == 4).await;
    assert_eq!(target.posts().len(), 8, "two attempts each, and no redirect was followed");

    let list = setup.succeed("dead list --event request.*");
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(list.lines().nth(1).unwrap().contains("the target redirects, with status 302 Found"), "{list}");
    let letters = setup.succeed("dead list --format json");
    let letters: Vec<Value> = letters.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<i64> = letters.iter().map(|letter| letter["id"].as_i64().unwrap()).collect();
    assert_eq!((&letters[0]["event"], &letters[0]["attempts"]), (&"request.create".into(), &2.into()));
    let shown: Value = serde_json::from_str(&setup.succeed(&format!("dead show {}", ids[2]))).unwrap();
    assert_eq!((&shown["message"]["event"], &shown["delivery"]), (&"task.create".into(), &"d2".into()));
    assert_eq!(setup.succeed("dead list --older-than 1h").lines().count(), 1);

    target.respond_with(204);
    assert_eq!(setup.succeed(&format!("dead drop {}", ids[3])), "dropped 1 dead letters\n");
    assert_eq!(setup.succeed("dead retry --event request.*"), "retried 2 dead letters\n");
    until("two are delivered", async || target.posts().len() == 10).await;
    assert_eq!(setup.succeed("dead retry --all"), "retried 1 dead letters\n");
    until("nothing is left", async || {
        let stats = stats();
        stats["dead"] == 0 && stats["pending"] == 0 && stats["taken"] == 0
    })
    .await;
    assert_eq!(target.posts().len(), 11);
    assert_eq!(target.origins()[8..].iter().filter(|origin| *origin == "d3").count(), 0, "it was dropped");
    let gone = setup.run(&format!("dead show {}", ids[0]));
    assert_eq!(
        (gone.status.code(), all_text(&gone).as_str()),
        (Some(1), "error: there is no such dead letter\n")
    );
    assert!(service.terminate().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_letters_are_listed_and_retried_without_a_service_and_delivered_by_the_next_one() {
    let target = Target::start().await;
    target.respond_with(500);
    let setup = Setup::with_url(target.address, IMPATIENT);
    let mut service = setup.serve();
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    until("it is dead", async || setup.succeed("dead list").lines().count() == 2).await;
    let running = setup.succeed("stats");
    assert!(running.starts_with("service: running\n"), "{running}");
    assert!(service.terminate().await);
    assert!(!setup.path("inbox.sqlite.sock").exists());

    let stopped = setup.succeed("stats");
    assert!(stopped.starts_with("service: not running\n"), "{stopped}");
    assert!(stopped.contains("request.create  0        0      1     -\n"), "{stopped}");
    assert_eq!(setup.succeed("dead list").lines().count(), 2);
    assert_eq!(setup.run("pause").status.code(), Some(1));
    assert_eq!(setup.succeed("dead retry --all"), "retried 1 dead letters\n");
    target.respond_with(200);
    let _service = setup.serve();
    until("it is delivered", async || target.posts().len() == 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_service_receives_and_hands_over_when_it_resumes() {
    let target = Target::start().await;
    let setup = Setup::with_url(target.address, "");
    let service = setup.serve();
    assert_eq!(setup.succeed("pause"), "paused\n");
    for id in ["a", "b"] {
        assert_eq!(service.deliver(id, &setup.body("request.create", 70)).await, 200);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(target.posts().is_empty());
    let stats = setup.succeed("stats");
    assert!(stats.starts_with("service: running, paused\n"), "{stats}");
    assert!(stats.contains("\nrequest.create  2        0      0     "), "{stats}");
    assert_eq!(setup.succeed("resume"), "resumed\n");
    until("both arrive", async || target.posts().len() == 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_service_does_not_disturb_the_first() {
    let target = Target::start().await;
    let setup = Setup::with_url(target.address, "");
    let service = setup.serve();
    let text = std::fs::read_to_string(setup.path("config.toml")).unwrap();
    setup.write("config.toml", &format!("control_socket = \"second.sock\"\n{text}"));
    let second = setup.run("serve");
    assert_eq!(second.status.code(), Some(1));
    assert!(all_text(&second).contains("inbox.sqlite is in use by another process"), "{}", all_text(&second));
    setup.write("config.toml", &text.replace("inbox.sqlite", "second.sqlite"));
    setup.write(
        "config.toml",
        &format!("control_socket = \"inbox.sqlite.sock\"\n{}", text.replace("\"inbox.", "\"second.")),
    );
    let second = setup.run("serve");
    assert!(all_text(&second).contains("another service listens on it"), "{}", all_text(&second));
    setup.write("config.toml", &text);
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    assert!(setup.succeed("stats").starts_with("service: running\n"));
}
