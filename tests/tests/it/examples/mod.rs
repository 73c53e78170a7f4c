//! The examples that are integrations, as a user runs them, and what they change in the store.

mod alert_to_request;
mod bulk_update;
mod nightly_sync;
mod open_requests;

use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use xurrent_sandbox::Sandbox;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sdk/examples");

/// Builds an example, and returns its program.
pub(crate) fn program(name: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--message-format=json-render-diagnostics", "--example", name])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8(output.stdout).unwrap();
    let messages = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let program = |message: Value| {
        (message["target"]["name"] == name).then(|| PathBuf::from(message["executable"].as_str().unwrap()))
    };
    messages.into_iter().find_map(program).unwrap()
}

/// The environment that `Client::from_env` takes for this sandbox.
pub(crate) fn environment(command: &mut Command, sandbox: &Sandbox) {
    command
        .env_remove("RUST_BACKTRACE")
        .env("XURRENT_ACCOUNT", sandbox.account())
        .env("XURRENT_TOKEN", sandbox.token())
        .env("XURRENT_GRAPHQL_URL", sandbox.graphql_url())
        .env("XURRENT_TOKEN_URL", sandbox.token_url())
        .env("XURRENT_REST_URL", sandbox.rest_url());
}

/// A program with the environment of a sandbox, and its exit code, stdout and stderr.
struct Example<'s> {
    program: PathBuf,
    sandbox: &'s Sandbox,
}

impl<'s> Example<'s> {
    fn new(name: &str, sandbox: &'s Sandbox) -> Self {
        Self { program: program(name), sandbox }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        environment(&mut command, self.sandbox);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    async fn run(&self, arguments: &[&str], stdin: &str) -> (i32, String, String) {
        let (mut command, stdin) = (self.command(arguments), stdin.to_owned());
        let run = move || {
            let mut child = command.spawn().unwrap();
            // A program that does not read it may have ended.
            let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
            child.wait_with_output().unwrap()
        };
        let Output { status, stdout, stderr } = tokio::task::spawn_blocking(run).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }
}

/// The data of a query to the store.
fn stored(sandbox: &Sandbox, query: &str) -> Value {
    let response = sandbox.engine().execute(&json!({ "query": query }));
    assert!(response.get("errors").is_none(), "{response}");
    response["data"].clone()
}

/// How many requests a sandbox received that hold mutations.
fn mutations(sandbox: &Sandbox) -> usize {
    let is_mutation = |body: &Value| body["query"].as_str().unwrap().starts_with("mutation");
    sandbox.requests().iter().filter(|request| request.body.as_ref().is_some_and(is_mutation)).count()
}

#[test]
fn integrations_are_short() {
    let mirror = ["main", "kinds", "store"].map(|file| format!("../../examples/mirror/src/{file}"));
    let mirror = mirror.each_ref().map(String::as_str);
    for (names, most) in [
        (&["nightly_sync"][..], 60),
        (&["alert_to_request"], 45),
        (&["open_requests"], 60),
        (&["bulk_update"], 50),
        (&mirror, 300),
    ] {
        let text = |name| std::fs::read_to_string(format!("{EXAMPLES}/{name}.rs")).unwrap();
        let text: String = names.iter().map(text).collect();
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
        let lines = text.lines().filter(is_code).count();
        assert!(lines <= most, "{names:?}: {lines} lines of code, at most {most}");
    }
}

#[test]
fn the_index_has_every_example() {
    let index = std::fs::read_to_string(format!("{EXAMPLES}/README.md")).unwrap();
    for entry in std::fs::read_dir(EXAMPLES).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || index.contains(&format!("]({name}")), "{name} is not in the index");
    }
    for link in index.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(
            link.starts_with("https:") || Path::new(EXAMPLES).join(link).exists(),
            "{link} does not exist"
        );
    }
}
