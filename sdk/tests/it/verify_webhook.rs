//! The example `verify_webhook`, run as a program.

#![allow(clippy::unwrap_used, missing_docs)]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use xurrent::webhook::Algorithm;
use xurrent::webhook::test::Signer;

const ACCOUNT: &str = "https://wdc.xurrent.com";

/// Cargo, where it sees the same crates with the same features as `cargo test` there.
fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).args(["--quiet", "--example", "verify_webhook"]);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    command
}

/// Builds the program, which the age of a token must not wait for. The file that a build left may be
/// of another day.
fn build() {
    assert!(cargo(&["build"]).status().unwrap().success());
}

fn run(arguments: &[&str], body: &[u8]) -> Output {
    let mut program = cargo(&["run"])
        .arg("--")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without reading what it has no use for.
    let _ = program.stdin.take().unwrap().write_all(body);
    program.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A file with the key of a signer, as Xurrent shows it.
fn key_file(signer: &Signer) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.pem", signer.algorithm()));
    std::fs::write(&path, signer.public_key_pem()).unwrap();
    path
}

#[test]
fn a_valid_delivery_is_printed_as_json() {
    build();
    let signer = Signer::generate(Algorithm::Es512).unwrap();
    let key = key_file(&signer);
    let payload = serde_json::json!({ "id": 7, "charge": "120.500000000000000000001", "time_spent": -5 });
    let body =
        signer.delivery(ACCOUNT).event("time_entry.update", 7).payload(payload).claim("aud", "me").body();
    let output = run(
        &[
            "--account-url",
            ACCOUNT,
            "--issuer",
            ACCOUNT,
            "--public-key",
            key.to_str().unwrap(),
            "--algorithm",
            "ES512",
            "--audience",
            "me",
            "--header",
            "X-Xurrent-Delivery: d-1",
            "--header",
            "link:<https://wdc.xurrent.com/x>; rel=\"canonical\"",
        ],
        &body,
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["signed"], true);
    assert_eq!(shown["delivery"], "d-1");
    assert_eq!(shown["links"][0]["uri"], "https://wdc.xurrent.com/x");
    assert_eq!(shown["message"]["event"], "time_entry.update");
    assert_eq!(shown["payload"]["charge"], "120.500000000000000000001");
    assert_eq!(shown["payload"]["time_spent"], -5);
}

#[test]
fn a_rejected_delivery_is_reported_on_stderr_with_exit_code_1() {
    build();
    let signer = Signer::generate(Algorithm::Es384).unwrap();
    let key = key_file(&signer);
    let arguments = ["--account-url", ACCOUNT, "--public-key", key.to_str().unwrap(), "--algorithm", "ES384"];
    for (body, expected) in [
        (signer.delivery("https://evil.example").body(), "it is on another host"),
        (b"{}".to_vec(), "refused: the body is not signed"),
        (vec![b' '; 300_000], "refused: the body has 262145 bytes, and 262144 are allowed"),
    ] {
        let output = run(&arguments, &body);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stdout, b"");
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    }
}

#[test]
fn wrong_usage_has_exit_code_2_and_help_names_every_option() {
    for arguments in [
        &[][..],
        &["--account-url", ACCOUNT, "--algorithm", "ES256"],
        &["--account-url", ACCOUNT, "--public-key", "x.pem"],
        &["--account-url", ACCOUNT, "--algorithm", "HS256", "--public-key", "x.pem"],
        &["--account-url", ACCOUNT, "--header", "no colon"],
    ] {
        assert_eq!(run(arguments, b"").status.code(), Some(2), "{arguments:?}");
    }
    let help = text(&run(&["--help"], b"").stdout);
    for option in
        ["--account-url", "--issuer", "--public-key", "--algorithm", "--audience", "--header", "Exit codes"]
    {
        assert!(help.contains(option), "{option}");
    }
}
