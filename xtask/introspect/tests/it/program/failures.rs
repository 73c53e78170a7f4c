//! A fetch that fails changes nothing and says why.

use crate::program::scripted::{Answer, Ran, Scripted, TEXT, contents, introspect, object, schema};
use std::fs;
use std::net::TcpListener;
use tempfile::TempDir;

const TOKEN: &str = "pat-5c1e7";
const SECRET: &str = "client-9f2a4";

/// A folder with a schema and overrides, and what both were like before.
fn folder(overrides: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("schema.json"), schema(&object("Query", "old", TEXT))).unwrap();
    fs::write(folder.path().join("overrides.toml"), overrides).unwrap();
    folder
}

/// Runs the program and checks what every failure has in common.
fn refused(folder: &TempDir, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let before = contents(folder.path());
    let ran = introspect(folder.path(), arguments, environment);
    assert!(contents(folder.path()) == before, "a file was touched");
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains("\nnext: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("are unchanged"), "{}", ran.stderr);
    for secret in [TOKEN, SECRET] {
        assert!(!ran.stderr.contains(secret), "{}", ran.stderr);
    }
    ran
}

/// One run against one answer. `parts` have to be in the message, beside the host.
#[track_caller]
fn fails(overrides: &str, answer: Answer, parts: &[&str]) {
    let server = Scripted::start([answer]);
    let arguments = ["--endpoint", &server.url(), "--timeout", "1"];
    let ran = refused(&folder(overrides), &arguments, &[("XURRENT_TOKEN", TOKEN)]);
    assert_eq!(ran.code, 1);
    for part in parts.iter().copied().chain([server.host.as_str()]) {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
}

#[test]
fn refused_credentials() {
    // A server that repeats the token must not make us repeat it.
    let body = format!(r#"{{"message":"Bad credentials {TOKEN}"}}"#);
    let token = ["401 Unauthorized", "Bad credentials ***", "r-77", "check XURRENT_TOKEN", "`wdc`"];
    fails("", Answer::json("401 Unauthorized", &body), &token);
    fails("", Answer::json("403 Forbidden", "{}"), &["403 Forbidden", "check XURRENT_TOKEN"]);
    let body = r#"{"message":"Invalid x-xurrent-account header"}"#;
    fails("", Answer::json("400 Bad Request", body), &["Invalid x-xurrent-account", "check --account"]);
}

#[test]
fn refused_or_echoed_client_credentials() {
    let body = format!(r#"{{"error":"invalid_client","error_description":"no {SECRET}"}}"#);
    for (status, advice) in
        [("401 Unauthorized", "check XURRENT_CLIENT_ID"), ("500 Internal Server Error", "try again later")]
    {
        let server = Scripted::start([Answer::json(status, &body)]);
        let arguments = ["--endpoint", &server.url(), "--token-endpoint", &server.url()];
        let environment = [("XURRENT_CLIENT_ID", "id"), ("XURRENT_CLIENT_SECRET", SECRET)];
        let ran = refused(&folder(""), &arguments, &environment);
        assert_eq!(ran.code, 1);
        assert!(ran.stderr.contains("invalid_client: no ***"), "{}", ran.stderr);
        assert!(ran.stderr.contains(advice), "{}", ran.stderr);
    }
}

#[test]
fn unresponsive_servers() {
    fails("", Answer::Silence, &["no complete response within 1 s", "try again"]);
    fails("", Answer::cut(r#"{"data":{"__schema":"#), &["127.0.0.1", "next: "]);
    fails("", Answer::Bytes(String::new()), &["127.0.0.1", "next: "]);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = refused(&folder(""), &["--endpoint", &format!("http://{free}/graphql")], &[]);
    assert_eq!(ran.code, 1);
    for part in ["efused", "cargo xtask sandbox", &free.to_string()] {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
}

#[test]
fn busy_servers_and_other_servers() {
    let busy = ["503 Service Unavailable", "wait a while"];
    fails("", Answer::json("503 Service Unavailable", r#"{"message":"soon"}"#), &busy);
    fails("", Answer::json("429 Too Many Requests", "{}"), &["429", "wait a while"]);
    let html = Answer::with_type("200 OK", "text/html", "<html><p>Please sign in</p></html>");
    fails("", html, &["not JSON: <html>", "is a GraphQL endpoint"]);
    let moved = "HTTP/1.1 302 Found\r\nlocation: https://example.com/\r\ncontent-length: 0\r\n\r\n";
    fails("", Answer::Bytes(moved.to_owned()), &["302 Found", "is a GraphQL endpoint"]);
}

#[test]
fn responses_without_a_schema() {
    let json = |body: &str| Answer::json("200 OK", body);
    let errors = r#"{"errors":[{"message":"Introspection is disabled"},{"message":"Sorry"}]}"#;
    fails("", json(errors), &["Introspection is disabled", "Sorry", "may introspect", "--schema FILE"]);
    let partial = r#"{"data":{"__schema":null},"errors":[{"message":"Half of it"}]}"#;
    fails("", json(partial), &["Half of it"]);
    for body in [r#"{"data":null}"#, r#"{"data":"#, "", "[]", r#""text""#] {
        fails("", json(body), &["next: check that the address is a GraphQL endpoint"]);
    }
    for body in [r#"{"data":{}}"#, r#"{"data":{"__schema":null}}"#, r#"{"data":{"me":{"id":"1"}}}"#] {
        fails("", json(body), &["the JSON has no `__schema`"]);
    }
    fails("", json(r#"{"data":{"__schema":{"types":7}}}"#), &["is no introspection result: invalid type"]);
}

#[test]
fn schemas_refused_by_the_generator() {
    let json = |types: &str| Answer::json("200 OK", &schema(types));
    let headless = r#"{"data":{"__schema":{"queryType":null,"types":[]}}}"#;
    fails("", Answer::json("200 OK", headless), &["the schema has no query type"]);
    let cut = r#"{"kind":"NON_NULL","ofType":{"kind":"LIST"}}"#;
    fails("", json(&object("Query", "a", cut)), &["the type of Query.a is cut off"]);
    let unknown = r#"{"kind":"OBJECT","name":"Nowhere"}"#;
    fails("", json(&object("Query", "a", unknown)), &["Query.a is of type `Nowhere`"]);
    let good = object("Query", "a", TEXT);
    fails("", json(&format!("{good},{good}")), &["has `Query` twice"]);
    let long = "A".repeat(302);
    let recorded = format!(r#"{{"kind":"OBJECT","name":"{long}"}}"#);
    let types = format!("{},{}", object("Query", "a", &recorded), object(&long, "a", TEXT));
    fails("", json(&types), &["302 letters: at most 200 are possible"]);
    let (query, status) =
        (object("Query", "a", r#"{"kind":"OBJECT","name":"Status"}"#), object("Status", "a", TEXT));
    fails(
        "",
        json(&format!("{query},{status},{}", object("STATUS", "a", TEXT))),
        &["both become `Status` in Rust", "[renames]", "change schema.overrides.toml"],
    );
    let overrides = "[renames]\nNoSuchType = \"Other\"\n";
    fails(overrides, json(&good), &["the configuration names `NoSuchType`", "change schema.overrides.toml"]);
}

/// Arguments, environment, and a part of the message.
type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

#[test]
fn wrong_usage_is_reported_before_anything_is_sent() {
    let server = Scripted::start([Answer::Silence]);
    let url = server.url();
    let far = "https://graphql.example.invalid";
    let cases: [Case; 6] = [
        (&["--endpoint", far], &[("XURRENT_TOKEN", TOKEN)], "no account"),
        (&["--stage", "qa"], &[("XURRENT_ACCOUNT", "wdc")], "no credentials"),
        (&["--endpoint", &url], &[("XURRENT_CLIENT_SECRET", SECRET)], "without its id"),
        (
            &["--endpoint", &url],
            &[("XURRENT_CLIENT_ID", "id"), ("XURRENT_CLIENT_SECRET", SECRET)],
            "need --token-endpoint",
        ),
        (&["--endpoint", &url], &[("XURRENT_ACCOUNT", "https://wdc")], "invalid account"),
        (
            &["--endpoint", "http://graphql.example.invalid", "--account", "wdc"],
            &[("XURRENT_TOKEN", TOKEN)],
            "unencrypted",
        ),
    ];
    for (arguments, environment, part) in cases {
        let ran = refused(&folder(""), arguments, environment);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
    for arguments in [
        &["--region", "au", "--endpoint", &url] as &[&str],
        &["--token-endpoint", &url, "--stage", "qa"],
        &["--stage", "qa", "--domain", "4me.com"],
        &["--stage", "nowhere"],
        &[],
    ] {
        let ran = introspect(folder("").path(), arguments, &[("XURRENT_TOKEN", TOKEN)]);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(!ran.stderr.contains(TOKEN));
    }
    assert!(server.requests().is_empty());
}

#[test]
fn unusable_files() {
    let server = Scripted::start([Answer::json("200 OK", &schema(&object("Query", "a", TEXT)))]);
    let broken = folder("no toml");
    let ran = refused(&broken, &["--endpoint", &server.url()], &[]);
    assert!(ran.stderr.contains("overrides.toml: the configuration cannot be read"), "{}", ran.stderr);
    fs::remove_file(broken.path().join("overrides.toml")).unwrap();
    let ran = refused(&broken, &["--endpoint", &server.url()], &[]);
    assert!(ran.stderr.contains("cannot read"), "{}", ran.stderr);
    assert!(server.requests().is_empty(), "files are read first");

    let folder = folder("");
    let file = folder.path().join("schema.json");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let ran = introspect(folder.path(), &["--endpoint", &server.url()], &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("cannot read") && file.is_dir(), "{}", ran.stderr);
}

#[test]
fn help_shows_no_secret() {
    let ran = introspect(
        folder("").path(),
        &["--help"],
        &[("XURRENT_TOKEN", TOKEN), ("XURRENT_CLIENT_SECRET", SECRET)],
    );
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("XURRENT_TOKEN"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(TOKEN) && !ran.stdout.contains(SECRET), "{}", ran.stdout);
}
