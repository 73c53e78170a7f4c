//! No secret is in what the program writes, whatever it was given and whatever a server says.

use crate::program::scripted::{Answer, Scripted, TEXT, introspect, object, schema};
use std::fs;

const TOKEN: &str = "pat-3f91c0-aa/07+1";
const CLIENT_ID: &str = "client-id-77de12";
const CLIENT_SECRET: &str = "client-secret-b0/44+9c=";
/// As a form writes it.
const SECRET_IN_FORM: &str = "client-secret-b0%2F44%2B9c%3D";
const ISSUED: &str = "issued-5d10ba";
const PASSWORD: &str = "password-c4e7f2";
const QUERY: &str = "query-key-19a6d8";
const SECRETS: [&str; 7] = [TOKEN, CLIENT_ID, CLIENT_SECRET, SECRET_IN_FORM, ISSUED, PASSWORD, QUERY];

const FLAGS: [&str; 6] = ["--token", TOKEN, "--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET];
const VARIABLES: [(&str, &str); 4] = [
    ("XURRENT_TOKEN", TOKEN),
    ("XURRENT_CLIENT_ID", CLIENT_ID),
    ("XURRENT_CLIENT_SECRET", CLIENT_SECRET),
    ("RUST_LOG", "trace"),
];

/// Flags, and variables of the environment.
type Way<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

/// Runs the program in all the ways that credentials can be given, and looks at all it writes.
fn runs(arguments: &[&str]) -> Vec<i32> {
    let ways: [Way; 6] = [
        (&[], &VARIABLES),
        (&FLAGS, &[]),
        (&FLAGS, &VARIABLES),
        (&FLAGS[..2], &[]),
        (&FLAGS[2..], &VARIABLES[3..]),
        (&[], &VARIABLES[1..]),
    ];
    let run = |(flags, variables): Way| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("schema.json"), schema(&object("Query", "old", TEXT))).unwrap();
        fs::write(folder.path().join("overrides.toml"), "").unwrap();
        let ran = introspect(folder.path(), &[arguments, flags].concat(), variables);
        let written = ran.stdout + &ran.stderr;
        assert!(!written.is_empty());
        for secret in SECRETS {
            assert!(!written.contains(secret), "{arguments:?} {flags:?} {variables:?}: {written}");
        }
        ran.code
    };
    ways.map(run).to_vec()
}

#[test]
fn no_secret_is_written() {
    const JSON: &str = "application/json";
    const REPEATED: &str =
        r#"{"message":"{request}","error":"invalid_client","error_description":"{request}"}"#;
    const REPORTED: &str = r#"{"data":null,"errors":[{"message":"{request}","path":["{request}"]}]}"#;
    let grant = Answer::json("200 OK", &format!(r#"{{"access_token":"{ISSUED}","expires_in":3600}}"#));
    let answers = [
        (Answer::json("200 OK", &schema(&object("Query", "new", TEXT))), 0),
        (Answer::Echo("401 Unauthorized", JSON, REPEATED), 1),
        (Answer::Echo("400 Bad Request", JSON, REPEATED), 1),
        (Answer::Echo("502 Bad Gateway", "text/html", "<pre>{request}</pre>"), 1),
        (Answer::Echo("200 OK", "text/html", "{request}"), 1),
        (Answer::Echo("200 OK", JSON, REPORTED), 1),
        (Answer::Echo("200 OK", JSON, r#"{"data":"{request}"}"#), 1),
        (Answer::Echo("200 OK", JSON, r#"{"data":{"__schema":{"types":"{request}"}}}"#), 1),
        (Answer::Echo("200 OK", JSON, r#"{"data":{"__schema":{"types":[{"kind":"{request}"}]}}}"#), 1),
    ];
    for (answer, code) in answers {
        let tokens = Scripted::start([grant.clone()]);
        let server = Scripted::start([answer]);
        let endpoint = format!("{}?key={QUERY}", server.url());
        let token_endpoint = format!("{}?key={QUERY}", tokens.url());
        let codes = runs(&["--endpoint", &endpoint, "--token-endpoint", &token_endpoint, "--timeout", "5"]);
        assert_eq!(codes, [code; 6]);
        let sent = server.requests().concat();
        assert!(sent.contains(TOKEN) && sent.contains(ISSUED) && sent.contains(QUERY), "{sent}");
        assert!(tokens.requests().concat().contains(SECRET_IN_FORM));
    }
    // The token service says no, and says what it was sent.
    let tokens = Scripted::start([Answer::Echo("400 Bad Request", JSON, REPEATED)]);
    let token_endpoint = format!("{}?key={QUERY}", tokens.url());
    let codes = runs(&["--endpoint", &token_endpoint, "--token-endpoint", &token_endpoint]);
    assert_eq!(codes, [1; 6]);
}

#[test]
fn no_secret_is_written_when_nothing_is_sent() {
    let addresses = [
        format!("https://user:{PASSWORD}@graphql.example.com/?key={QUERY}"),
        format!("http://graphql.example.com/?key={QUERY}"),
        format!("https://user:{PASSWORD}@no host/?key={QUERY}"),
        format!("http://user:{PASSWORD}@127.0.0.1:1/?key={QUERY}"),
    ];
    for address in &addresses {
        for arguments in [["--endpoint", address], ["--domain", address]] {
            let arguments = [&arguments[..], &["--account", "wdc"]].concat();
            assert!(runs(&arguments).iter().all(|code| *code == 2), "{arguments:?}");
        }
    }
    assert_eq!(runs(&["--help"]), [0; 6]);
    assert_eq!(runs(&["--no-such-flag"]), [2; 6]);
    assert_eq!(runs(&["--stage", "nowhere"]), [2; 6]);
    assert_eq!(runs(&[]), [2; 6]);
}
