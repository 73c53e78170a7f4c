//! Commands as targets, and the filter in front of targets.

use super::Setup;
use super::target::Target;
use crate::support::until;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

/// A setup whose target is this shell script.
fn script(text: &str, more: &str) -> Setup {
    let setup = Setup::new(&format!("command = [\"./handle\", \"an argument\"]\n{more}"));
    setup.write("handle", &format!("#!/bin/sh\ncd \"$(dirname \"$0\")\"\n{text}\n"));
    fs::set_permissions(setup.path("handle"), fs::Permissions::from_mode(0o755)).unwrap();
    setup
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_gets_the_delivery_and_no_secret() {
    let text = "cat > input.new; env > env; echo \"$1\" > argument; mv input.new input";
    let setup = script(text, "");
    let mut command = setup.command("serve");
    command.env("XURRENT_RECEIVER_INBOX__RETENTION", "1d");
    let service = super::Service::start(command);
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    until("it is handled", async || setup.path("input").exists()).await;
    let read = |name| fs::read_to_string(setup.path(name)).unwrap();
    let message: serde_json::Value = serde_json::from_str(&read("input")).unwrap();
    assert_eq!((&message["event"], &message["object_id"]), (&"request.create".into(), &70.into()));
    assert_eq!(read("argument"), "an argument\n");
    let env = read("env");
    let lines = [
        "XURRENT_EVENT=request.create",
        "XURRENT_DELIVERY=a",
        "XURRENT_DELIVERY_ORIGIN=a",
        "XURRENT_ATTEMPT=1",
    ];
    for line in lines {
        assert!(env.lines().any(|found| found == line), "{line}: {env}");
    }
    assert!(!env.contains("XURRENT_RECEIVER_"), "{env}");
    until("it is done", async || setup.succeed("stats --format json").contains("\"taken\":0,\"dead\":0"))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_line_of_standard_error_is_the_reason_of_a_failure() {
    // It reads nothing of a large input, and floods standard error.
    let text = "yes flood | head -c 1000000 >&2; echo first >&2; printf 'no disk\\033[31m\\n\\n' >&2; exit 3";
    let setup = script(text, "[worker]\nmax_attempts = 1");
    let service = setup.serve();
    let body = setup.signer.delivery(super::ACCOUNT).event("request.create", 70);
    let large = body.payload(serde_json::json!({ "note": "x".repeat(150_000) })).body();
    assert_eq!(service.deliver("a", std::str::from_utf8(&large).unwrap()).await, 200);
    until("it is dead", async || setup.succeed("dead list").lines().count() == 2).await;
    let list = setup.succeed("dead list");
    assert!(list.contains("exit status: 3: no disk\\u{1b}[31m\n"), "{list}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_hangs_is_killed_with_its_children() {
    let text = "sleep 600 & echo $! > pid.new; mv pid.new pid; wait";
    let setup = script(text, "[worker]\nmax_attempts = 1\nhandler_timeout = \"2s\"");
    let service = setup.serve();
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    until("it is dead", async || setup.succeed("dead list").lines().count() == 2).await;
    let list = setup.succeed("dead list");
    assert!(list.contains("handler timed out after 2s"), "{list}");
    let pid = fs::read_to_string(setup.path("pid")).unwrap();
    // A killed process can remain as a zombie where nothing reaps it.
    let is_gone = || {
        let status = fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap_or_default();
        status.is_empty() || status.contains("State:\tZ")
    };
    until("its child is gone", async || is_gone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_keeps_standard_error_open_does_not_hold_a_command_up() {
    let setup = script("sleep 20 & exit 0", "");
    let service = setup.serve();
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    let started = std::time::Instant::now();
    let idle = "\"pending\":0,\"taken\":0,\"dead\":0";
    until("it is done", async || setup.succeed("stats --format json").contains(idle)).await;
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_filter_passes_events_and_records_and_the_rest_is_done() {
    let target = Target::start().await;
    let filter = "[filter]\nevents = [\"request.*\", \"task.create\"]\nrecords = [\"request/70\", \"task/70\", \"requestx/70\"]";
    let setup = Setup::with_url(target.address, filter);
    let service = setup.serve();
    let sent = [
        ("a", "request.create", 70),
        ("b", "request.create", 71),
        ("c", "task.create", 70),
        ("d", "task.update", 70),
        ("e", "requestx.create", 70),
        ("f", "problem.create", 70),
    ];
    for (id, event, object) in sent {
        assert_eq!(service.deliver(id, &setup.body(event, object)).await, 200);
    }
    let idle = "\"pending\":0,\"taken\":0,\"dead\":0";
    until("all are done", async || setup.succeed("stats --format json").contains(idle)).await;
    let mut origins = target.origins();
    origins.sort();
    assert_eq!(origins, ["a", "c"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_asks_for_time_gets_it_up_to_the_longest_backoff() {
    let target = Target::start().await;
    target.respond_with(503);
    let setup = Setup::with_url(target.address, "[worker]\nbackoff = \"10ms\"\nmax_backoff = \"2s\"");
    let service = setup.serve();
    let mut posts = 0;
    for (seconds, least, most) in [(1, 1, 2), (3600, 2, 30)] {
        target.retry_after(seconds);
        assert_eq!(service.deliver(&seconds.to_string(), &setup.body("request.create", 70)).await, 200);
        until("it is refused", async || target.posts().len() > posts).await;
        let refused = Instant::now();
        until("it is sent again", async || target.posts().len() > posts + 1).await;
        let waited = refused.elapsed() + Duration::from_millis(50);
        assert!(waited >= Duration::from_secs(least) && waited < Duration::from_secs(most), "{waited:?}");
        target.respond_with(200);
        until("it is done", async || {
            setup.succeed("stats --format json").contains("\"pending\":0,\"taken\":0")
        })
        .await;
        posts = target.posts().len();
        target.respond_with(503);
    }
}
