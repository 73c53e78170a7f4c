//! The example of a whole conversation about a webhook, as a user runs it.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::{builder, start};
use std::process::{Command, Output};
use xurrent_sandbox::{Fault, Sandbox};

async fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let authority = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(authority.path(), sandbox.root_certificate()).unwrap();
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["run", "--quiet", "--example", "webhook_conversation", "--"])
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env("XURRENT_ACCOUNT", sandbox.account())
        .env("XURRENT_ACCOUNT_URL", sandbox.account_url())
        .env("XURRENT_TOKEN", sandbox.token())
        .env("XURRENT_GRAPHQL_URL", sandbox.graphql_url())
        .env("XURRENT_TOKEN_URL", sandbox.token_url())
        .env("XURRENT_REST_URL", sandbox.rest_url())
        .env("XURRENT_CA_FILE", authority.path())
        .env_remove("XURRENT_PUBLIC_URL");
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_runs_to_its_end_and_leaves_nothing_behind() {
    for arguments in [&[][..], &["--unsigned"]] {
        let sandbox = start(|sandbox| sandbox).await;
        let client = builder(&sandbox).build().unwrap();
        let before =
            (client.webhooks().count().await.unwrap(), client.webhook_policies().count().await.unwrap());
        let output = run(&sandbox, arguments).await;
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{stdout}\n{stderr}");
        let mut rest = &*stdout;
        for part in [
            "1. Made",
            "2. Made webhook ",
            " for request.create, which posts to http://127.0.0.1:",
            "3. Answered the handshake",
            "4. Asked for a test",
            "5. Received request.create about the record ",
            "6. Removed the webhook",
        ] {
            let (_, behind) =
                rest.split_once(part).unwrap_or_else(|| unreachable!("{part:?} is not in {stdout}"));
            rest = behind;
        }
        let after =
            (client.webhooks().count().await.unwrap(), client.webhook_policies().count().await.unwrap());
        assert_eq!(after, before);
        // A test changes no record, and is signed where there is a policy.
        let mut deliveries = sandbox.deliveries();
        deliveries.sort_by_key(|delivery| delivery.started_at);
        let events: Vec<&str> = deliveries.iter().map(|delivery| delivery.event.as_str()).collect();
        assert_eq!(events, ["webhook.verify", "request.create"], "{stdout}");
        let is_signed = |body: &[u8]| body.starts_with(b"{\"jwt\":");
        assert!(deliveries.iter().all(|delivery| delivery.succeeded()));
        assert!(deliveries.iter().all(|delivery| is_signed(&delivery.body) == arguments.is_empty()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_reported_and_cleaned_up() {
    let sandbox = start(|sandbox| sandbox).await;
    let client = builder(&sandbox).build().unwrap();
    let before = client.webhook_policies().count().await.unwrap();
    sandbox.faults([Fault::status(500).for_operation("webhookCreate")]);
    let output = run(&sandbox, &[]).await;
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("error: ") && stderr.contains("500"), "{stderr}");
    assert_eq!(client.webhook_policies().count().await.unwrap(), before, "the policy is removed");

    // A receiver elsewhere: nothing is ever posted to this one.
    let output = run(&sandbox, &["--public-url", "http://127.0.0.1:9", "--patience", "1"]).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("nothing was posted to http://127.0.0.1:9/xurrent in time"), "{stderr}");
    assert_eq!(run(&sandbox, &["--nonsense"]).await.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_help_names_every_variable_and_no_secret() {
    let sandbox = start(|sandbox| sandbox.token("token-7d20c6")).await;
    let output = run(&sandbox, &["--help"]).await;
    let help = String::from_utf8_lossy(&output.stdout);
    for variable in
        ["ACCOUNT", "ACCOUNT_URL", "TOKEN", "GRAPHQL_URL", "TOKEN_URL", "REST_URL", "CA_FILE", "PUBLIC_URL"]
    {
        assert!(help.contains(&format!("XURRENT_{variable}")), "{variable} is not in {help}");
    }
    assert!(!help.contains("token-7d20c6"), "{help}");
}
