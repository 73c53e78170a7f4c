//! The README, followed by a new user: its commands and its program, in a crate outside of the workspace.

use crate::examples::environment;
use crate::sandboxed::start;
use serde_json::json;
use std::path::Path;
use std::process::{Command, Output};
use xurrent_sandbox::Sandbox;

const CLONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn readme() -> String {
    std::fs::read_to_string(Path::new(CLONE).join("README.md")).unwrap()
}

/// The first block of code under a heading.
fn block<'r>(readme: &'r str, heading: &str) -> &'r str {
    let (_, section) = readme.split_once(&format!("\n## {heading}\n")).unwrap();
    let (_, block) = section.split_once("```").unwrap();
    block.split_once('\n').unwrap().1.split_once("```").unwrap().0
}

/// The commands of "Install", the first one as it is before the first release.
fn commands(readme: &str) -> Vec<String> {
    let (_, unreleased) = readme.split_once("Before the first release, the first line is `").unwrap();
    let unreleased = unreleased.split('`').next().unwrap().replace("CLONE", CLONE);
    let released = block(readme, "Install").lines().skip(1).map(str::to_owned);
    std::iter::once(unreleased).chain(released).collect()
}

/// Runs cargo in a folder: without the network, since the workspace has built all dependencies, and with
/// nothing that cargo sets for this test.
fn cargo(folder: &Path, arguments: &[&str], sandbox: &Sandbox) -> Output {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG") || name == "CARGO_MANIFEST_DIR")
    {
        command.env_remove(name);
    }
    environment(&mut command, sandbox);
    // Kept, so that only the first run builds the dependencies.
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme"));
    command.env("CARGO_NET_OFFLINE", "true").current_dir(folder).args(arguments).output().unwrap()
}

fn assigned(sandbox: &Sandbox) -> i64 {
    let query = "{ requests(filter: { status: { values: [assigned] } }) { totalCount } }";
    let response = sandbox.engine().execute(&json!({ "query": query }));
    response["data"]["requests"]["totalCount"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "builds the crate and its dependencies once more"]
async fn the_readme_gets_a_fresh_crate_to_its_first_record() {
    let sandbox = start(|it| it).await;
    let before = assigned(&sandbox);
    let directory = tempfile::tempdir().unwrap();
    let run = |folder: &Path, arguments: &[&str]| {
        let output = cargo(folder, arguments, &sandbox);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "cargo {arguments:?}: {stderr}");
        assert!(!stderr.contains("warning"), "{stderr}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(directory.path(), &["new", "--quiet", "--vcs", "none", "first"]);
    let package = directory.path().join("first");
    // The versions that the workspace has, which are on this machine.
    std::fs::copy(Path::new(CLONE).join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let readme = readme();
    for line in commands(&readme) {
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!(words[..2], ["cargo", "add"], "{line}");
        run(&package, &words[1..]);
    }
    std::fs::write(package.join("src/main.rs"), block(&readme, "Example")).unwrap();
    let stdout = run(&package, &["run", "--quiet"]);
    let tickets =
        stdout.lines().filter(|line| line.starts_with("Some(\"") && line.contains(" for Some(\"")).count();
    assert!(before > 0 && tickets == usize::try_from(before).unwrap(), "{before}: {stdout}");
    assert_eq!((stdout.matches("accepted\n").count(), assigned(&sandbox)), (tickets, 0));
}
