//! `check`, `migrate` and `replay`.

use super::target::Target;
use super::{Setup, all_text, configuration};
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use http::header::DATE;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};
use xurrent_receiver::webhook::Algorithm;
use xurrent_receiver::webhook::test::Signer;

/// A server of an account, with a clock that is off by some seconds, and with policies: one with a key, and
/// one without.
async fn account(off: u64) -> SocketAddr {
    let signer = Signer::generate(Algorithm::Es256).unwrap();
    let (set, none) = (signer.key_set("first").to_string(), json!({ "keys": [] }).to_string());
    let configuration = async move |Path(policy): Path<String>, headers: HeaderMap| {
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(off));
        let host = headers["host"].to_str().unwrap();
        let uri = json!({ "jwks_uri": format!("http://{host}/{policy}/keys") });
        ([(DATE, date)], uri.to_string())
    };
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(off));
    let here = async move || (StatusCode::NOT_FOUND, [(DATE, date)]);
    let router = Router::new()
        .route("/{policy}/.well-known/openid-configuration", get(configuration))
        .route("/.well-known/openid-configuration", get(here))
        .route("/policy/keys", get(async move || set))
        .route("/empty/keys", get(async move || none));
    crate::support::serve(router).await
}

fn with_account(setup: &Setup, address: SocketAddr, policy: &str) {
    let text = configuration("command = [\"cat\"]");
    let from = text.find("url = ").unwrap();
    let to = text.find("[inbox]").unwrap();
    let verification = "[verification]\ndangerously_allow_loopback = true\n";
    let account =
        format!("url = \"http://{address}\"\nissuers = [\"http://{address}/{policy}\"]\n{verification}");
    setup.write("config.toml", &[&text[..from], &account, &text[to..]].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_reports_each_part_and_fails_if_one_does() {
    let setup = Setup::new("command = [\"cat\"]");
    let (right, wrong) = (account(0).await, account(600).await);
    with_account(&setup, right, "policy");
    let good = setup.succeed("check");
    assert!(good.starts_with("ok: verification: 1 account(s)\n"), "{good}");
    assert!(good.contains("ok: target: valid\n"), "{good}");
    assert!(good.contains("ok: inbox: there is none yet; `migrate` or `serve` creates it\n"), "{good}");
    assert!(good.contains(&format!("ok: http://{right}: responds with status 404\n")), "{good}");
    assert!(good.contains(&format!("ok: keys of http://{right}/policy: \"first\" (ES256)\n")), "{good}");
    assert!(good.contains("ok: clock: agrees within "), "{good}");
    assert!(!setup.path("inbox.sqlite").exists());

    let fails = |expected: &str| {
        let output = setup.run("check");
        let text = all_text(&output);
        assert!(text.contains(expected) && output.status.code() == Some(1), "{text}");
    };
    with_account(&setup, wrong, "policy");
    fails(" seconds: deliveries would be refused by their times; set the clock");
    with_account(&setup, right, "other");
    fails("the set of keys has status 404: deliveries would be refused; check `issuers`");
    with_account(&setup, right, "empty");
    fails("/empty: it publishes no key of a supported algorithm: deliveries would be refused\n");
    // Nothing listens on port 1.
    with_account(&setup, SocketAddr::from(([127, 0, 0, 1], 1)), "policy");
    fails("error: http://127.0.0.1:1: ");

    with_account(&setup, right, "policy");
    let service = setup.serve();
    assert!(setup.succeed("check").contains("ok: inbox: in use by the running service, which answers\n"));
    drop(service);
    assert!(setup.succeed("check").contains("ok: inbox: version 5, the current one\n"));
    // Without the log and with its mark, acknowledged deliveries are missing.
    setup.write("inbox.sqlite-mark", "00000000000000000009\n");
    fails("lacks the last 9 acknowledged deliveries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_run_at_the_start_or_apart_from_it() {
    let setup = Setup::new("command = [\"cat\"]");
    with_account(&setup, account(0).await, "policy");
    let refused = setup.run("serve --no-migrate");
    assert_eq!(refused.status.code(), Some(1));
    let text = all_text(&refused);
    assert!(text.contains("schema version 0, but this program needs version 5: migrate it first"), "{text}");
    assert!(!setup.path("inbox.sqlite").exists());
    assert_eq!(setup.succeed("migrate"), "migrated the inbox from version 0 to version 5\n");
    assert_eq!(setup.succeed("migrate"), "the inbox has version 5, the current one\n");
    let service = super::Service::start(setup.command("serve --no-migrate"));
    let locked = setup.run("migrate");
    assert!(all_text(&locked).contains("in use by another process") && locked.status.code() == Some(1));
    drop(service);
    let file = rusqlite::Connection::open(setup.path("inbox.sqlite")).unwrap();
    file.execute_batch(crate::support::BACK_TO_2).unwrap();
    drop(file);
    assert!(setup.succeed("check").contains("ok: inbox: version 2; `migrate` or `serve` migrates it to 5\n"));
    drop(super::Service::start(setup.command("serve")));
    assert_eq!(setup.succeed("migrate"), "the inbox has version 5, the current one\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_deliveries_are_passed_to_the_target_as_if_received() {
    let target = Target::start().await;
    let setup = Setup::with_url(target.address, "[filter]\nevents = [\"request.*\"]");
    let plain = |event: &str| json!({ "webhook_id": 1, "account": super::ACCOUNT, "event": event, "object_id": 7, "payload": { "n": 1.50 } });
    let letter = json!({ "id": 3, "delivery": "d", "origin": "o", "message": plain("request.update") });
    let lines = [
        plain("request.create").to_string(),
        setup.body("request.create", 8),
        letter.to_string(),
        plain("task.create").to_string(),
        "{\"event\": \"hunter2\"".to_owned(),
        json!({ "event": "request.create" }).to_string(),
        json!({ "jwt": "a.b.c" }).to_string(),
    ];
    setup.write("recorded", &lines.join("\n"));
    let recorded = setup.path("recorded").display().to_string();
    let output = setup.run(&format!("replay {recorded}"));
    assert_eq!(
        all_text(&output).lines().collect::<Vec<_>>(),
        [
            "line 1: request.create of 7: handled",
            "line 2: request.create of 8: handled",
            "line 3: request.update of 7: handled",
            "line 4: task.create of 7: left out by the filter",
            "line 5: not a delivery: invalid JSON",
            "line 6: not a delivery: body is not a delivery: field `webhook_id` is missing",
            "line 7: not a delivery: the token has no `data`",
            "handled 3, left out 1, failed 3",
        ]
    );
    assert_eq!(output.status.code(), Some(1));
    let posts = target.posts();
    assert_eq!(posts.len(), 3);
    assert_eq!(posts[0].1, plain("request.create").to_string());
    assert_eq!(target.origins()[2], "o");
    assert!(!setup.path("inbox.sqlite").exists(), "nothing is stored");

    // One recorded body, on several lines.
    setup.write("recorded", &serde_json::to_string_pretty(&plain("request.create")).unwrap());
    assert!(setup.succeed(&format!("replay {recorded}")).ends_with("handled 1, left out 0, failed 0\n"));
    target.respond_with(503);
    let output = setup.run(&format!("replay {recorded}"));
    assert!(all_text(&output).starts_with(
        "line 1: request.create of 7: failed: the target responded with status 503 Service Unavailable\n"
    ));
    assert_eq!(output.status.code(), Some(1));
}
