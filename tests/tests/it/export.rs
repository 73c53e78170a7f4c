//! The example that exports an account, as a user runs it, stopped wherever it is.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::examples::program;
use crate::sandboxed::start;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use xurrent_sandbox::Sandbox;

fn command(program: &Path, sandbox: &Sandbox, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--page-size", "10", "--checkpoint", "7", "--directory"])
        .arg(directory)
        .env("XURRENT_ACCOUNT", sandbox.account())
        .env("XURRENT_TOKEN", sandbox.token())
        .env("XURRENT_GRAPHQL_URL", sandbox.graphql_url())
        .env("XURRENT_TOKEN_URL", sandbox.token_url())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The ids of the records in a file, sorted.
fn exported(directory: &Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(directory.join(format!("{name}.jsonl"))).unwrap();
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    let mut ids: Vec<_> = text.lines().map(id).collect();
    ids.sort_unstable();
    ids
}

/// The ids of the records in the store, sorted.
fn stored(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let query = format!(
        "query($after: String) {{ {name}(view: all, after: $after) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ id }} }} }}"
    );
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    loop {
        let request = json!({ "query": query, "variables": { "after": after } });
        let page = sandbox.engine().execute(&request)["data"][name].clone();
        let nodes = page["nodes"].as_array().unwrap();
        ids.extend(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            ids.sort_unstable();
            return ids;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_killed_repeatedly_has_every_record_once() {
    let sandbox = start(|it| it.latency(Duration::from_millis(120))).await;
    let directory = tempfile::tempdir().unwrap();
    let program = program("export");
    let mut kills = 0;
    let output = loop {
        let mut child = command(&program, &sandbox, directory.path()).spawn().unwrap();
        // Longer each time, so that it ends.
        tokio::time::sleep(Duration::from_millis(150 + 150 * kills)).await;
        if child.try_wait().unwrap().is_some() {
            break child.wait_with_output().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "quiet in a pipe: {stderr}");
    assert!(kills >= 3, "killed {kills} times");
    for name in ["people", "requests"] {
        assert_eq!(exported(directory.path(), name), stored(&sandbox, name), "{name}");
    }

    // When it is complete, nothing is done again, unless it is asked for.
    let before = sandbox.requests().len();
    let output = run(command(&program, &sandbox, directory.path())).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(sandbox.requests().len() - before, 2, "the two counts");
    std::fs::write(directory.path().join("people.jsonl"), "").unwrap();
    let output = run(command(&program, &sandbox, directory.path())).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && stderr.contains("begin with --anew"), "{stderr}");
    let mut anew = command(&program, &sandbox, directory.path());
    anew.arg("--anew");
    assert!(run(anew).await.status.success());
    assert_eq!(exported(directory.path(), "people"), stored(&sandbox, "people"));
}
