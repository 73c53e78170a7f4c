//! Configurations that are wrong, and secrets that are never shown.

use super::target::Target;
use super::{ACCOUNT, Setup, all_text, configuration};
use crate::support::{QUERY, Sender, until};
use std::time::Duration;

/// A wrong value or secret, which no message may repeat.
const PRIVATE: &str = "hunter2";

#[test]
fn a_wrong_configuration_is_an_error_that_names_the_key() {
    let setup = Setup::new("command = [\"cat\"]");
    setup.write("empty", "\n");
    setup.write("private", PRIVATE);
    let account = format!("[[account]]\nurl = \"{ACCOUNT}\"");
    // What to replace in a valid configuration, by what, and the error.
    let cases = [
        ("listen", "lisen", "unknown key `lisen`; did you mean `listen`?"),
        ("sqlite", "sqllite", "unknown key `inbox.sqllite`; did you mean `sqlite`?"),
        ("[inbox]", "[inbx]", "unknown key `inbx`; did you mean `inbox`?"),
        ("algorithm", "algoritm", "unknown key `account[0].algoritm`; did you mean `algorithm`?"),
        ("[target]", "surprise = 1\n[target]", "unknown key `inbox.surprise`; expected one of sqlite, "),
        (
            "\"cat\"",
            "\"cat\"]\nsecret = [\"hunter2\"",
            "unknown key `target.secret`; did you mean `secret_file`?",
        ),
        ("\"cat\"", "\"cat\"", ""),
        ("command = [\"cat\"]", "", "`target`: give one of `url`, `command` and `table`"),
        ("\"cat\"", "", "`target.command` is empty"),
        ("\"cat\"", "\"./missing\"", "missing is no file"),
        (
            "\"cat\"]",
            "\"cat\"]\nurl = \"https://example.com\"\nsecret_file = \"target-secret\"",
            "give one of `url`, `command` and `table`",
        ),
        (
            "\"cat\"]",
            "\"cat\"]\nsecret_file = \"target-secret\"",
            "`secret_file` and `root_certificate_file` are for a `url`",
        ),
        ("command = [\"cat\"]", "url = \"https://example.com\"", "`target.secret_file` is missing"),
        (
            "command = [\"cat\"]",
            "url = \"hunter2\"\nsecret_file = \"target-secret\"",
            "`target.url` is not an http or https URL",
        ),
        (
            "command = [\"cat\"]",
            "url = \"file:///hunter2\"\nsecret_file = \"target-secret\"",
            "`target.url` is not an http or https URL",
        ),
        (
            "command = [\"cat\"]",
            "url = \"https://example.com\"\nsecret_file = \"private\"",
            "`target.secret` is not base64",
        ),
        (
            "command = [\"cat\"]",
            "url = \"https://example.com\"\nsecret_file = \"empty\"",
            "`target.secret_file` is empty",
        ),
        (
            "command = [\"cat\"]",
            "url = \"https://example.com\"\nsecret_file = \"none\"",
            "`target.secret_file`: cannot read ",
        ),
        ("127.0.0.1:0", "localhost", "`listen`: invalid socket address syntax"),
        ("[[account]]", "path = \"{x}\"\n[[account]]", "`path`: invalid path \"{x}\"; expected for example"),
        (
            "[[account]]",
            "log = \"loud\"\n[[account]]",
            "`log`: unknown variant `loud`, expected one of `error`",
        ),
        (
            "[[account]]",
            "shutdown_timeout = \"soon\"\n[[account]]",
            "`shutdown_timeout`: invalid duration \"soon\"; expected",
        ),
        (
            "[[account]]",
            "shutdown_timeout = 20\n[[account]]",
            "`shutdown_timeout`: invalid type: integer `20`, expected a string",
        ),
        ("[[account]]", "[[account]", "config.toml: line "),
        ("ES256", "ES255", "`account[0].algorithm`: unknown algorithm \"ES255\"; expected one of RS256"),
        ("ES256", "RS256", "invalid public key for RS256"),
        ("algorithm = \"ES256\"", "", "give `algorithm` and `public_key_file` together"),
        ("policy.pem", "none.pem", "`account.public_key_file`: cannot read "),
        ("https://wdc", "http://wdc", "`account`: invalid account URL"),
        (
            "[inbox]",
            "[verification]\nunsigned = true\n[inbox]",
            "unsigned bodies are accepted despite a webhook policy",
        ),
        (
            "[inbox]",
            "[verification]\nquery_secret_file = \"private\"\n[inbox]",
            "give `query_parameter` and `query_secret_file` together",
        ),
        (
            "[inbox]",
            "[verification]\nbasic_user = \"u\"\n[inbox]",
            "give `basic_user` and `basic_password_file` together",
        ),
        ("sqlite = \"inbox.sqlite\"", "", "`inbox`: give either `sqlite` or `postgres_url_file`"),
        (
            "[target]",
            "postgres_url_file = \"private\"\n[target]",
            "`inbox`: give either `sqlite` or `postgres_url_file`",
        ),
        (
            "[target]",
            "[worker]\nconcurrency = \"many\"\n[target]",
            "`worker.concurrency`: invalid type: string \"many\", expected a number",
        ),
        (
            "[target]",
            "[worker]\nconcurrency = -1\n[target]",
            "`worker.concurrency`: invalid value: integer `-1`, expected a number",
        ),
        (
            "[target]",
            "[filter]\nevents = [\"*.create\"]\n[target]",
            "`filter.events`: invalid event \"*.create\"",
        ),
    ];
    for (old, new, expected) in cases {
        let text = configuration("command = [\"cat\"]");
        assert!(text.contains(old), "{old}");
        setup.write("config.toml", &text.replacen(old, new, 1));
        // Without an inbox, `--no-migrate` ends a valid one.
        let output = setup.run("serve --no-migrate");
        let (code, text) = (output.status.code(), all_text(&output));
        let expected = if expected.is_empty() { "schema version 0" } else { expected };
        assert!(text.contains(expected), "{new:?}: {text}");
        assert_eq!(code, Some(if expected == "schema version 0" { 1 } else { 2 }), "{text}");
        assert!(!text.contains(PRIVATE), "{text}");
    }
    setup.write(
        "config.toml",
        &configuration("command = [\"cat\"]")
            .replace("[inbox]", &format!("{account}\n[verification]\nunsigned = true\n[inbox]")),
    );
    assert!(all_text(&setup.run("serve")).contains("`verification.unsigned` with several accounts"));
    assert!(!setup.path("inbox.sqlite").exists());
}

#[test]
fn environment_variables_replace_values_and_are_named_in_errors() {
    let setup = Setup::new("command = [\"cat\"]");
    let run = |name: &str, value: &str| {
        all_text(
            &setup
                .command("serve --no-migrate")
                .env(format!("XURRENT_RECEIVER_{name}"), value)
                .output()
                .unwrap(),
        )
    };
    let cases = [
        (
            "WORKER__CONCURRENCY",
            "many",
            "environment variable XURRENT_RECEIVER_WORKER__CONCURRENCY: `worker.concurrency`",
        ),
        ("WORKER__CONCURENCY", "4", "unknown key `worker.concurency`; did you mean `concurrency`?"),
        ("WORKER__IN_ORDER", "true", "schema version 0"),
        ("LISTEN__PORT", "80", "environment variable XURRENT_RECEIVER_LISTEN__PORT is not a table"),
        ("FILTER__EVENTS", "[\"x.*\", \"*\"]", "`filter.events`: invalid event \"*\""),
        ("TARGET__COMMAND", "[]", "`target.command` is empty"),
        ("TARGET__SECRET", "", "environment variable XURRENT_RECEIVER_TARGET__SECRET is empty"),
        ("INBOX__POSTGRES_URL", PRIVATE, "`inbox`: give either `sqlite` or `postgres_url_file`"),
        ("CONFIG", "elsewhere", "schema version 0"),
    ];
    for (name, value, expected) in cases {
        let text = run(name, value);
        assert!(text.contains(expected), "{name}: {text}");
        assert!(!text.contains(PRIVATE), "{text}");
    }
    setup.configure("url = \"https://example.com\"\nsecret_file = \"target-secret\"");
    assert!(run("TARGET__SECRET", PRIVATE).contains("`target.secret_file` and environment variable"));
    setup.configure("url = \"https://example.com\"");
    assert!(run("TARGET__SECRET", super::SECRET).contains("schema version 0"));
    // The digits of a secret are no number.
    assert!(run("TARGET__SECRET", "1_0").contains("`target.secret` is not base64"));
}

fn text_of(setup: &Setup) -> String {
    std::fs::read_to_string(setup.path("config.toml")).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_appear_in_no_log_error_or_metric() {
    let target = Target::start().await;
    target.respond_with(500);
    let setup = Setup::new("");
    setup.write("query", "correct\n");
    setup.write("password", "basic-hunter2");
    let more = "[worker]\nmax_attempts = 2\nbackoff = \"10ms\"\n";
    let settings = format!("url = \"http://u:url-hunter2@{}/h?key=query-hunter2\"\n{more}", target.address);
    let text = configuration(&settings).replace(
        "[inbox]",
        "[verification]\nquery_parameter = \"secret\"\nquery_secret_file = \"query\"\nbasic_user = \"x\"\n\
         basic_password_file = \"password\"\n[inbox]",
    );
    setup.write("config.toml", &format!("log = \"debug\"\n{text}"));
    let with_secret = |arguments: &str| {
        let mut command = setup.command(arguments);
        command.env("XURRENT_RECEIVER_TARGET__SECRET", super::SECRET);
        command
    };
    let mut service = super::Service::start(with_secret("serve"));
    // `x:basic-hunter2`
    let basic = "authorization: Basic eDpiYXNpYy1odW50ZXIy\r\nx-xurrent-delivery: a\r\n";
    let wrong = "authorization: Basic eDp3cm9uZy1odW50ZXIy\r\nx-xurrent-delivery: b\r\n";
    let body = setup.body("request.create", 70);
    for (query, headers, status) in
        [(QUERY, basic, 200), (QUERY, wrong, 403), ("secret=hunter2", basic, 403), ("", basic, 403)]
    {
        let sent = service.sender().await.deliver_with(query, headers, &body).await.unwrap();
        assert_eq!(sent.status, status, "{query} {headers}");
    }
    let mut text = String::new();
    until("it is dead", async || {
        let output = with_secret("dead list").output().unwrap();
        text += &all_text(&output);
        output.stdout.iter().filter(|byte| **byte == b'\n').count() == 2
    })
    .await;
    // The service keeps its configuration. Nothing listens on port 1.
    let here = "[verification]\ndangerously_allow_loopback = true";
    let account = format!("url = \"{ACCOUNT}\"");
    let text_here = text_of(&setup).replace(&account, "url = \"http://127.0.0.1:1\"");
    let text_here = text_here.replace(&target.address.to_string(), "127.0.0.1:1");
    setup.write("config.toml", &text_here.replace("[verification]", here));
    setup.write(
        "recorded",
        "{\"webhook_id\":1,\"account\":\"a\",\"event\":\"b\",\"object_id\":1,\"payload\":{}}",
    );
    let replay = format!("replay {}", setup.path("recorded").display());
    for arguments in ["check", "stats", "dead show 1", "dead retry --all", "serve", &replay] {
        text += &all_text(&with_secret(arguments).output().unwrap());
    }
    let mut monitor = Sender::connect(service.monitoring.unwrap()).await.unwrap();
    text += &monitor.get("/metrics").await.unwrap().body;
    assert!(service.terminate().await);
    tokio::time::sleep(Duration::from_millis(100)).await;
    text += &service.log();
    assert!(
        text.contains("reason=\"the target responded with status 500") && text.contains("delivery rejected"),
        "{text}"
    );
    for expected in
        ["error: http://127.0.0.1:1: ", "failed: no response of the target: error sending request: "]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let token = body.split('"').nth(3).unwrap();
    for secret in ["hunter2", "correct", super::SECRET, &super::SECRET[6..], "eDpiYXNpYy1odW50ZXIy", token] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
