//! The first steps of `docs/receiver.md`, command by command, against the sandbox.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const GUIDE: &str = include_str!("../../../receiver.md");

/// Stops at the first command that fails, and prints each before it runs.
const BEFORE: &str = "set -euxo pipefail\n";

fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

/// The commands of the section, without the installation, in place of which is the build of this workspace.
fn commands() -> String {
    let section = GUIDE.split_once("\n## First steps\n").unwrap().1.split_once("\n## ").unwrap().0;
    let blocks = section.split("```sh\n").skip(1).map(|block| block.split_once("```").unwrap().0);
    let lines = blocks.flat_map(str::lines).filter(|line| !line.starts_with("cargo install "));
    lines.map(|line| format!("{line}\n")).collect()
}

fn write_program(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
#[ignore = "builds the program of the sandbox"]
fn the_first_steps_of_the_guide_work_from_the_installation_to_the_restore() {
    // With the features that `cargo test` builds it with.
    let mut build = Command::new(env!("CARGO"));
    let built = build.args(["test", "--quiet", "--workspace", "--test", "it", "--no-run"]).status().unwrap();
    assert!(built.success());
    let receiver = Path::new(env!("CARGO_BIN_EXE_xurrent-receiver"));
    let (programs, folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    // On ports of its own.
    let [api, https, deliveries, monitoring] = [(); 4].map(|()| free_port());
    let sandbox = receiver.with_file_name("xurrent-sandbox");
    let options = format!("--port {api} --https-port {https}");
    write_program(
        programs.path(),
        "xurrent-sandbox",
        &format!("exec {} {options} \"$@\"", sandbox.display()),
    );
    write_program(programs.path(), "xurrent-receiver", &format!("exec {} \"$@\"", receiver.display()));
    let mut text = commands();
    for (old, new) in [(":4010", &api), (":8080", &deliveries), (":8081", &monitoring)] {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, &format!(":{new}"));
    }
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    let output = fs::File::create(folder.path().join("output")).unwrap();
    let mut walk = Command::new("bash")
        .args(["-c", &format!("{BEFORE}{text}")])
        // Also for what the page starts in the background.
        .process_group(0)
        .current_dir(folder.path())
        .env("PATH", path)
        .env("XURRENT_RECEIVER_LISTEN", format!("127.0.0.1:{deliveries}"))
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap();
    let started = Instant::now();
    let ended = loop {
        match walk.try_wait().unwrap() {
            Some(status) => break status.success(),
            None if started.elapsed() > Duration::from_secs(120) => break false,
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", walk.id())]).status();
    let _ = walk.wait();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    let said = read("output");
    let last: Vec<&str> = said.lines().rev().take(30).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    assert!(ended, "{}\n{}\n{}", last.join("\n"), read("receiver.log"), read("sandbox.log"));
    for expected in ["ok: clock: ", "retried 1 dead letters", "copied the inbox", "the inbox has version "] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}
