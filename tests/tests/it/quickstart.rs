//! The first program that a user runs, as a user runs it.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::start;
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_quickstart_runs_against_the_sandbox() {
    let sandbox = start(|sandbox| sandbox).await;
    let url = sandbox.graphql_url();
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["run", "--quiet", "--example", "quickstart"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env("XURRENT_ACCOUNT", sandbox.account())
        .env("XURRENT_TOKEN", sandbox.token())
        .env("XURRENT_GRAPHQL_URL", &url)
        .env("XURRENT_TOKEN_URL", url.replace("/graphql", "/token"));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    for part in ["I am ", "and work for ", "and 35 more", "As expected: ", "subject", "Created request "] {
        assert!(stdout.contains(part), "{part:?} is not in {stdout}");
    }
}
