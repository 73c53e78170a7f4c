//! Two environments in one run.

use crate::program::scripted::{Answer, Ran, Scripted, TEXT, contents, introspect, object, schema};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const INT: &str = r#"{"kind":"SCALAR","name":"Int"}"#;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let overrides = "[environments]\nnames = [\"production\", \"QA\"]\n";
    fs::write(folder.path().join("overrides.toml"), overrides).unwrap();
    folder
}

fn server(types: &str) -> Scripted {
    Scripted::start([Answer::json("200 OK", &schema(types))])
}

fn run(folder: &Path, servers: [&Scripted; 2], variables: &[(&str, &str)]) -> Ran {
    let also = folder.join("schema.qa.json");
    let [first, second] = servers.map(Scripted::url);
    let arguments = ["--endpoint", &first, "--also-endpoint", &second, "--also", also.to_str().unwrap()];
    introspect(folder, &arguments, variables)
}

#[test]
fn the_schemas_of_both_are_written_with_credentials_of_their_own() {
    let folder = folder();
    let production = server(&object("Query", "a", TEXT));
    let qa = server(&object("Query", "b", TEXT));
    let variables =
        [("XURRENT_TOKEN", "of-production"), ("XURRENT_ALSO_TOKEN", "of-qa"), ("XURRENT_ACCOUNT", "acme")];
    let ran = run(folder.path(), [&production, &qa], &variables);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("schema.json written: 6 types from 127.0.0.1:"), "{lines:?}");
    assert!(lines[1].starts_with("schema.qa.json written: 6 types from 127.0.0.1:"), "{lines:?}");
    for (server, token, other) in [(&production, "of-production", "of-qa"), (&qa, "of-qa", "of-production")] {
        let request = &server.requests()[0];
        assert!(request.contains(token) && !request.contains(other), "{request}");
        assert!(request.to_ascii_lowercase().contains("x-xurrent-account: acme"), "{request}");
    }
    let files = contents(folder.path());
    let names: Vec<&str> = files.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["overrides.toml", "schema.json", "schema.qa.json"]);
    let second = run(folder.path(), [&production, &qa], &variables);
    assert_eq!(second.stdout.matches("unchanged").count(), 2, "{}", second.stdout);
    assert!(contents(folder.path()) == files, "not touched");
    // Without credentials for a loopback address, those of a sandbox, never those of the first.
    let ran = run(folder.path(), [&production, &qa], &[("XURRENT_TOKEN", "of-production")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!qa.requests().concat().contains("of-production"));
}

#[test]
fn a_failure_of_either_changes_no_file() {
    let folder = folder();
    let text = server(&object("Query", "a", TEXT));
    let number = server(&object("Query", "a", INT));
    let broken = Scripted::start([Answer::json("500 Internal Server Error", "{}")]);
    let closed = Scripted::start([Answer::json("401 Unauthorized", "{}")]);
    let before = contents(folder.path());
    for (servers, part) in [
        ([&text, &number], "`Query.a` is of type `String` in production and of type `Int` in QA"),
        ([&text, &broken], "500"),
        ([&broken, &text], "500"),
        ([&text, &closed], "check XURRENT_ALSO_TOKEN (or the client credentials)"),
        ([&closed, &text], "check XURRENT_TOKEN or --token"),
    ] {
        let ran = run(folder.path(), servers, &[]);
        assert_eq!(ran.code, 1, "{}", ran.stdout);
        assert!(ran.stderr.contains(part) && ran.stderr.contains("next: "), "{part}: {}", ran.stderr);
        assert!(contents(folder.path()) == before, "{part}");
    }
}

#[test]
fn a_schema_is_checked_together_with_that_of_the_other_environment() {
    let folder = folder();
    let also = folder.path().join("schema.qa.json");
    fs::write(&also, schema(&object("Query", "a", INT))).unwrap();
    let text = server(&object("Query", "a", TEXT));
    let url = text.url();
    let arguments = ["--endpoint", &url, "--also", also.to_str().unwrap()];
    let before = contents(folder.path());
    let ran = introspect(folder.path(), &arguments, &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("contradict each other"), "{}", ran.stderr);
    assert!(ran.stderr.contains("next: change schema.overrides.toml"), "{}", ran.stderr);
    assert!(contents(folder.path()) == before);
    fs::write(&also, schema(&object("Query", "b", INT))).unwrap();
    let ran = introspect(folder.path(), &arguments, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(folder.path().join("schema.json").exists());
    fs::write(&also, "<html>").unwrap();
    let ran = introspect(folder.path(), &arguments, &[]);
    assert!(ran.stderr.contains("schema.qa.json: the schema is no introspection result"), "{}", ran.stderr);
}

#[test]
fn the_schemas_of_both_go_into_a_folder_also_if_they_contradict_each_other() {
    let folder = folder();
    let into = tempfile::tempdir().unwrap();
    let files = [folder.path().join("schema.json"), folder.path().join("schema.qa.json")];
    fs::write(&files[0], "{}").unwrap();
    let before = contents(folder.path());
    let (text, number) = (server(&object("Query", "a", TEXT)), server(&object("Query", "a", INT)));
    let [first, second] = [&text, &number].map(Scripted::url);
    let [also, into_text] = [files[1].as_path(), into.path()].map(|path| path.to_str().unwrap());
    let arguments = [
        "--endpoint",
        &first,
        "--also-endpoint",
        &second,
        "--also",
        also,
        "--into",
        into_text,
        "--unchecked",
    ];
    let ran = introspect(folder.path(), &arguments[..8], &[]);
    assert!(ran.code == 1 && ran.stderr.contains("contradict each other"), "{}", ran.stderr);
    assert!(contents(into.path()).is_empty());
    let ran = introspect(folder.path(), &arguments, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout.matches("fetched: ").count(), 2, "{}", ran.stdout);
    let fetched = contents(into.path());
    let names: Vec<&str> = fetched.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["schema.json", "schema.qa.json"]);
    assert!(contents(folder.path()) == before);
}

#[test]
fn usage_of_a_second_source_is_checked_before_a_request() {
    let folder = folder();
    let text = server(&object("Query", "a", TEXT));
    let url = text.url();
    for (arguments, part) in [
        (&["--endpoint", &url, "--also-endpoint", &url] as &[&str], "--also <FILE>"),
        (&["--also-stage", "qa", "--also", "x"], "required"),
        (
            &["--endpoint", &url, "--also-stage", "qa", "--also", "x"],
            "second environment: set XURRENT_ALSO_TOKEN, or",
        ),
        (
            &["--endpoint", &url, "--also-endpoint", "https://qa.invalid/graphql", "--also", "x"],
            "--also-endpoint: set XURRENT_ALSO_TOKEN",
        ),
        (
            &["--endpoint", &url, "--also-endpoint", &url, "--also", "elsewhere/schema.json"],
            "files of the name schema.json: give --also another name",
        ),
    ] {
        let ran =
            introspect(folder.path(), arguments, &[("XURRENT_ACCOUNT", "acme"), ("XURRENT_TOKEN", "t")]);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert!(text.requests().is_empty());
}
