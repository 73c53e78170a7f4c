//! From a sandbox to the file.

use crate::program::scripted::{Answer, Scripted, TEXT, contents, introspect, object, schema};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use xurrent_generator::schema::IntrospectionQuery;
use xurrent_generator::{Config, Generator};
use xurrent_introspect::{DEMO_ACCOUNT, DEMO_TOKEN};
use xurrent_sandbox::Sandbox;

fn checked_in(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)).unwrap()
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("overrides.toml"), checked_in("schema.overrides.toml")).unwrap();
    folder
}

async fn sandbox() -> Sandbox {
    Sandbox::builder().schema_json(checked_in("schema.json")).start().await.unwrap()
}

/// The checked-in source of the SDK: names and contents.
fn generated() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/src/generated");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = files.map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), file));
    named.map(|(name, file)| (name, fs::read_to_string(file).unwrap())).collect()
}

#[test]
fn the_demo_credentials_are_those_of_the_sandbox() {
    assert_eq!(DEMO_ACCOUNT, xurrent_sandbox::DEMO_ACCOUNT);
    assert_eq!(DEMO_TOKEN, xurrent_sandbox::DEMO_TOKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_of_a_sandbox_is_the_file_that_it_serves() {
    let sandbox = sandbox().await;
    let folder = folder();
    let file = folder.path().join("schema.json");
    let arguments = ["--endpoint", &sandbox.graphql_url()];
    let expected = checked_in("schema.json");
    let types = expected.lines().filter(|line| line.starts_with("     \"name\": ")).count();

    let first = introspect(folder.path(), &arguments, &[]);
    assert_eq!((first.code, first.stderr.as_str()), (0, ""), "quiet in a pipe");
    let host = sandbox.graphql_url().replace("http://", "").replace("/graphql", "");
    assert_eq!(first.stdout, format!("schema.json written: {types} types from {host}: no schema before\n"));
    assert!(fs::read_to_string(&file).unwrap() == expected, "the bytes of the checked-in file");
    assert_eq!(contents(folder.path()).len(), 2, "no temporary file is left");

    let before = contents(folder.path());
    let second = introspect(folder.path(), &arguments, &[]);
    assert_eq!(
        second.stdout,
        format!("schema.json unchanged: {types} types from {host}: 0 added, 0 removed, 0 changed\n")
    );
    assert!(contents(folder.path()) == before, "not touched");
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 4, "two for each run: the engine refuses the first, which asks for `isOneOf`");

    // The same schema in another order and form is brought into this one.
    let value: serde_json::Value = serde_json::from_str(&expected).unwrap();
    fs::write(&file, value["data"].to_string()).unwrap();
    let third = introspect(folder.path(), &arguments, &[]);
    assert!(third.stdout.contains("written") && third.stdout.contains("0 added, 0 removed, 0 changed"));
    assert!(fs::read_to_string(&file).unwrap() == expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_differs_is_written_into_another_folder() {
    let sandbox = sandbox().await;
    let (folder, into) = (folder(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("schema.json"), "old").unwrap();
    let before = contents(folder.path());
    let endpoint = sandbox.graphql_url();
    let arguments = ["--into", into.path().to_str().unwrap(), "--endpoint", &endpoint];
    let ran = introspect(folder.path(), &arguments, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.starts_with("schema.json fetched: "), "{}", ran.stdout);
    assert!(contents(folder.path()) == before, "no file is touched");
    let fetched = into.path().join("schema.json");
    assert!(
        fs::read_to_string(&fetched).unwrap() == checked_in("schema.json"),
        "the bytes of the checked-in file"
    );

    fs::rename(&fetched, folder.path().join("schema.json")).unwrap();
    let ran = introspect(folder.path(), &arguments, &[]);
    assert!(ran.stdout.starts_with("schema.json unchanged: "), "{}", ran.stdout);
    assert!(!fetched.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_in_a_clean_clone_changes_no_file() {
    let sandbox = sandbox().await;
    let folder = folder();
    fs::write(folder.path().join("schema.json"), checked_in("schema.json")).unwrap();
    let before = contents(folder.path());
    let ran = introspect(folder.path(), &["--endpoint", &sandbox.graphql_url()], &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.starts_with("schema.json unchanged: "), "{}", ran.stdout);
    assert!(contents(folder.path()) == before, "neither the bytes nor the time of the last change");

    assert_generates_the_checked_in_source(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_value_lists_as_enums_gives_the_same_source() {
    let folder = folder();
    let builder = Sandbox::builder().schema_json(checked_in("schema.json")).value_lists_as_enums(true);
    let sandbox = builder.start().await.unwrap();
    fs::write(folder.path().join("schema.json"), checked_in("schema.json")).unwrap();
    let ran = introspect(folder.path(), &["--endpoint", &sandbox.graphql_url()], &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.starts_with("schema.json written: "), "it is another schema: {}", ran.stdout);
    assert_generates_the_checked_in_source(folder.path());
}

fn assert_generates_the_checked_in_source(folder: &Path) {
    let overrides = fs::read_to_string(folder.join("overrides.toml")).unwrap();
    let overrides = Config::from_toml(&overrides).unwrap();
    let fetched = fs::read_to_string(folder.join("schema.json")).unwrap();
    let source = Generator::new(&fetched, &overrides).unwrap().rust();
    let (names, checked_in) = (source.keys().collect::<Vec<_>>(), generated());
    assert_eq!(names, checked_in.keys().collect::<Vec<_>>());
    for (name, text) in &source {
        assert!(checked_in[name] == *text, "{name} differs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn client_credentials_are_exchanged_at_the_token_endpoint() {
    let sandbox = sandbox().await;
    let folder = folder();
    let (graphql, token) = (sandbox.graphql_url(), sandbox.token_url());
    let arguments = ["--endpoint", &graphql, "--token-endpoint", &token, "--client-id", sandbox.client_id()];
    // What is typed wins over a token in the environment, which the sandbox would refuse.
    let environment = [("XURRENT_CLIENT_SECRET", sandbox.client_secret()), ("XURRENT_TOKEN", "another")];
    let ran = introspect(folder.path(), &arguments, &environment);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let paths: Vec<_> = sandbox.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(
        paths,
        ["/token", "/graphql", "/graphql"],
        "the engine refuses the first, which asks for `isOneOf`"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_the_sandbox_say_what_to_check() {
    let sandbox = sandbox().await;
    let folder = folder();
    fs::write(folder.path().join("schema.json"), "old").unwrap();
    let before = contents(folder.path());
    let graphql = sandbox.graphql_url();
    let cases = [
        (vec![("XURRENT_TOKEN", "wrong-token")], "401 Unauthorized: Bad credentials", "check XURRENT_TOKEN"),
        (vec![("XURRENT_ACCOUNT", "other")], "400 Bad Request: Invalid x-xurrent-account", "`other` must be"),
        (
            vec![("XURRENT_CLIENT_ID", "nobody"), ("XURRENT_CLIENT_SECRET", "wrong-secret")],
            "refused the client credentials: invalid_client",
            "check XURRENT_CLIENT_ID",
        ),
    ];
    for (environment, reason, advice) in cases {
        let token = sandbox.token_url();
        let arguments = ["--endpoint", &graphql, "--token-endpoint", &token];
        let ran = introspect(folder.path(), &arguments, &environment);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stderr.contains(reason) && ran.stderr.contains(advice), "{}", ran.stderr);
        assert!(!ran.stderr.contains("wrong-"), "{}", ran.stderr);
        assert!(contents(folder.path()) == before);
    }
}

#[test]
fn changes_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("overrides.toml"), "").unwrap();
    let number = r#"{"kind":"SCALAR","name":"Int"}"#;
    let query = object("Query", "a", r#"{"kind":"OBJECT","name":"A"}"#);
    let old = format!("{query},{},{}", object("A", "x", TEXT), object("Gone", "x", TEXT));
    let new =
        format!("{query},{},{},{}", object("A", "x", number), object("B", "x", TEXT), object("C", "x", TEXT));
    fs::write(folder.path().join("schema.json"), schema(&old)).unwrap();
    let server = Scripted::start([Answer::json("200 OK", &schema(&new))]);
    let ran = introspect(folder.path(), &["--endpoint", &server.url()], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let counts = format!("9 types from {}: 2 added, 1 removed, 1 changed", server.host);
    assert!(ran.stdout.contains(&counts), "{}", ran.stdout);
}

#[test]
fn a_server_without_deprecated_inputs_gets_a_second_query() {
    let refusal = |name: &str| format!(r#"{{"errors":[{{"message":"Unknown argument \"{name}\""}}]}}"#);
    let good = schema(&object("Query", "a", TEXT));
    for first in [
        Answer::json("200 OK", &refusal("includeDeprecated")),
        Answer::json("200 OK", &refusal("isDeprecated")),
        Answer::json("400 Bad Request", &refusal("includeDeprecated")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("overrides.toml"), "").unwrap();
        let server = Scripted::start([first, Answer::json("200 OK", &good)]);
        let ran = introspect(folder.path(), &["--endpoint", &server.url()], &[]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let requests = server.requests();
        assert_eq!(requests.len(), 2);
        assert!(requests[0].contains("args(includeDeprecated: true)"));
        assert!(!requests[1].contains("args(includeDeprecated: true)"));
        assert!(requests[1].contains("fields(includeDeprecated: true)"));
    }
    let server = Scripted::start([Answer::json("200 OK", &refusal("includeDeprecated"))]);
    let folder = folder();
    let ran = introspect(folder.path(), &["--endpoint", &server.url()], &[]);
    assert_eq!((ran.code, server.requests().len()), (1, 2), "once more, not for ever");
}

#[test]
fn both_queries_are_valid_and_deep_enough() {
    let engine = xurrent_sandbox::Engine::new(&checked_in("schema.json")).unwrap();
    for deprecated_inputs in [true, false] {
        let document = IntrospectionQuery { one_of: false, deprecated_inputs }.document();
        engine.validate(&document).unwrap();
        assert!(document.matches("ofType").count() >= 9);
    }
}
