//! Exports and imports: what is sent, what is read, how the wait goes, and what is sent again.

use super::builder;
use super::script::{Answer, Script, json, no_answer, not_sent, status};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use xurrent::bulk::BulkFailure;
use xurrent::export::{ExportFormat, ExportToken, LineSeparator, NewExport};
use xurrent::import::{ImportToken, NewImport};
use xurrent::jiff::Timestamp;
use xurrent::{Client, ErrorKind, MemoryTransport, Upload};

fn client(script: &Script) -> Client {
    builder(script).build().unwrap()
}

fn token(status: u16) -> Answer {
    json(status, r#"{"token":"68ef5ef0f64c0"}"#)
}

fn state(body: &Value) -> Answer {
    json(200, &body.to_string())
}

fn done() -> Answer {
    state(
        &json!({"state": "done", "url": "https://files.example.com/x?key=abcdefgh", "expires_at": "2026-12-02T10:00:00Z"}),
    )
}

fn export_token() -> ExportToken {
    "68ef5ef0f64c0".parse().unwrap()
}

/// The fields of a form, in their order.
fn fields(body: &str) -> Vec<(String, String)> {
    let boundary = body.split("\r\n").next().unwrap();
    let parts = body.split(boundary).filter_map(|part| part.split_once("\r\n\r\n"));
    let name = |head: &str| head.split("name=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    parts.map(|(head, value)| (name(head), value.strip_suffix("\r\n").unwrap().to_owned())).collect()
}

#[tokio::test]
async fn an_export_is_a_form_with_what_was_asked_for() {
    let from: Timestamp = "2026-11-01T10:00:00.987Z".parse().unwrap();
    for (export, expected) in [
        (NewExport::new(["people"]), vec![("type", "people"), ("export_format", "csv")]),
        (
            NewExport::new(["people", "sites"]).from(from).line_separator(LineSeparator::Crlf),
            vec![
                ("type", "people,sites"),
                ("export_format", "csv"),
                ("from", "2026-11-01T10:00:00Z"),
                ("line_separator", "crlf"),
            ],
        ),
        (
            NewExport::new(["translations"]).format(ExportFormat::Xlsx).locale("nl"),
            vec![("type", "translations"), ("export_format", "xlsx"), ("locale", "nl")],
        ),
    ] {
        let script = Script::new([token(200)]);
        let begun = client(&script).export_start(export).await.unwrap().unwrap();
        assert_eq!(begun.as_str(), "68ef5ef0f64c0");
        let sent = &script.sent()[0];
        assert_eq!((sent.method.as_str(), sent.uri.as_str()), ("POST", "https://api.xurrent.com/v1/export"));
        assert_eq!(sent.header("authorization"), Some("Bearer pat-1"));
        assert_eq!(sent.header("x-xurrent-account"), Some("wdc"));
        let boundary = sent.header("content-type").unwrap().strip_prefix("multipart/form-data; boundary=");
        assert!(sent.body.starts_with(&format!("--{}\r\n", boundary.unwrap())), "{}", sent.body);
        assert!(sent.body.ends_with(&format!("--{}--\r\n", boundary.unwrap())), "{}", sent.body);
        let read = fields(&sent.body);
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, expected);
    }
}

#[tokio::test]
async fn nothing_changed_is_no_error() {
    let script = Script::new([status(204, "")]);
    assert_eq!(client(&script).export_start(NewExport::new(["people"])).await.unwrap(), None);
}

#[tokio::test]
async fn mistakes_are_errors_before_anything_is_sent() {
    let none: [&str; 0] = [];
    let script = Script::new([]);
    let client = client(&script);
    for (export, mistake) in [
        (NewExport::new(none), "it has no types"),
        (NewExport::new([""]), "the type is \"\"; expected for example `people`"),
        (NewExport::new(["people", "a,b"]), "the type is \"a,b\""),
        (NewExport::new(["people\r\n"]), "the type is \"people\\r\\n\""),
        (NewExport::new(["people"]).locale("n l"), "`locale` is \"n l\""),
        (
            NewExport::new(["people"]).format(ExportFormat::Xlsx).line_separator(LineSeparator::Lf),
            "`line_separator` needs the format CSV",
        ),
    ] {
        let error = client.export_start(export).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(mistake) && error.is_not_executed(), "{mistake}: {error}");
    }
    for token in ["", ".", "..", "a/b", "a\\b", "a b", "ä", "a\n", &"x".repeat(257)] {
        assert!(token.parse::<ExportToken>().unwrap_err().is_configuration(), "{token}");
        assert!(serde_json::from_value::<ImportToken>(json!(token)).is_err(), "{token}");
    }
    for interval in [Duration::ZERO, Duration::from_secs(241)] {
        let error = client.export_wait(export_token()).poll_interval(interval).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("5 minutes"), "{error}");
    }
    let error = client.export_wait(export_token()).time_limit(Duration::ZERO).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    let import = |name: &str, file| client.import_start(NewImport::new(name, file));
    for call in
        [import("peo ple", Upload::bytes("a.csv", "")), import("people", Upload::bytes("a/b.csv", ""))]
    {
        assert!(call.await.unwrap_err().is_configuration());
    }
    assert!(script.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_export_is_never_started_again_on_doubt() {
    for doubt in [no_answer(), status(500, ""), status(502, ""), status(504, ""), json(503, "{}")] {
        let script = Script::new([doubt, token(200)]);
        let error = client(&script).export_start(NewExport::new(["people"])).await.unwrap_err();
        assert_eq!(script.sent().len(), 1);
        assert!(error.to_string().contains("it is unknown whether the export has begun"), "{error}");
        assert!(!error.is_not_executed());
    }
    for harmless in [not_sent(), json(429, "{}").with("retry-after", 1)] {
        let script = Script::new([harmless, token(200)]);
        assert!(client(&script).export_start(NewExport::new(["people"])).await.unwrap().is_some());
        assert_eq!(script.sent().len(), 2);
    }
    for lost in ["{}", "[]", r#"{"token":""}"#, r#"{"token":"a/../b"}"#, r#"{"token":5}"#] {
        let script = Script::new([json(200, lost)]);
        let error = client(&script).export_start(NewExport::new(["people"])).await.unwrap_err();
        assert!(
            error.is_decode() && error.to_string().contains("has begun, but cannot be waited for"),
            "{error}"
        );
    }
    let script =
        Script::new([json(422, r#"{"message":"Validation Failed","errors":[["from","is too old"]]}"#)]);
    let error = client(&script).export_start(NewExport::new(["people"])).await.unwrap_err();
    assert_eq!((error.status(), error.errors()[0].path.join(".").as_str()), (Some(422), "from"));
    assert!(!error.to_string().contains("unknown"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_wait_tells_the_progress_and_polls_at_growing_intervals() {
    let mut answers = vec![
        state(&json!({"state": "scheduled"})),
        state(&json!({"state": "queued", "type": null, "line": null})),
        state(&json!({"state": "processing", "type": "people", "line": 5000})),
        state(&json!({"state": "processing", "type": "sites", "line": "70"})),
    ];
    answers.extend((0..3).map(|_| state(&json!({"state": "polishing", "extra": {"a": 1}}))));
    answers.push(done());
    let script = Script::new(answers);
    let seen = Arc::<Mutex<Vec<_>>>::default();
    let progress = Arc::clone(&seen);
    let wait = client(&script).export_wait(export_token());
    let file = wait.on_progress(move |it| progress.lock().unwrap().push(it.clone())).await.unwrap();
    assert_eq!(file.url.expose(), "https://files.example.com/x?key=abcdefgh");
    assert_eq!(file.expires_at, Some("2026-12-02T10:00:00Z".parse().unwrap()));
    assert!(!format!("{file:?}").contains("abcdefgh"));
    let seen: Vec<_> =
        seen.lock().unwrap().iter().map(|it| (it.state.clone(), it.record_type.clone(), it.line)).collect();
    let (people, sites) = (Some("people".to_owned()), Some("sites".to_owned()));
    assert_eq!(seen[0], ("scheduled".to_owned(), None, None));
    assert_eq!(seen[2], ("processing".to_owned(), people, Some(5000)));
    assert_eq!(seen[3], ("processing".to_owned(), sites, Some(70)));
    assert_eq!((seen.len(), seen[6].0.as_str()), (7, "polishing"));
    let sent = script.sent();
    assert_eq!(sent[0].uri, "https://api.xurrent.com/v1/export/68ef5ef0f64c0");
    assert_eq!((sent[0].method.as_str(), sent[0].header("authorization")), ("GET", Some("Bearer pat-1")));
    let waits: Vec<_> = sent.windows(2).map(|pair| (pair[1].at - pair[0].at).as_secs()).collect();
    assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
}

#[tokio::test(start_paused = true)]
async fn every_wait_ends() {
    let script = Script::new((0..100).map(|_| state(&json!({"state": "brewing"}))));
    let error = client(&script).export_wait(export_token()).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("wait again, with the same token"), "{error}");
    assert!((60..70).contains(&script.sent().len()), "{}", script.sent().len());

    let script = Script::new([state(&json!({"state": "queued"})).after(Duration::from_secs(500))]);
    let wait = client(&script).export_wait(export_token()).time_limit(Duration::from_secs(5));
    assert!(wait.await.unwrap_err().is_timeout());
}

#[tokio::test(start_paused = true)]
async fn polls_are_retried_and_their_errors_leave_the_token_good() {
    let script = Script::new([no_answer(), status(503, ""), json(429, "{}"), done()]);
    assert!(client(&script).export_wait(export_token()).await.is_ok());
    let script = Script::new((0..5).map(|_| no_answer()));
    let error = client(&script).export_wait(export_token()).await.unwrap_err();
    assert!(error.is_transport() && error.to_string().contains("with the same token"), "{error}");
    let script = Script::new([json(404, r#"{"message":"Not found"}"#)]);
    let error = client(&script).export_wait(export_token()).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    assert!(error.to_string().contains("forgets an export 5 minutes after its end"), "{error}");
    for wrong in [
        json!({"state": "done"}),
        json!({"state": "done", "url": 5}),
        json!({"state": "done", "url": "https://a.example", "expires_at": "soon"}),
        json!({"state": "processing", "line": "many"}),
        json!({"state": null}),
        json!({}),
        json!([]),
    ] {
        let script = Script::new([state(&wrong)]);
        let error = client(&script).export_wait(export_token()).await.unwrap_err();
        assert!(error.is_decode(), "{wrong}: {error}");
    }
}

#[tokio::test]
async fn failures_say_what_to_do() {
    for limited in [
        json!({"state": "failed", "rate_limit_exceeded": "2026-11-30T10:00:00Z"}),
        json!({"state": "failed", "rate_limit_exceeded": true}),
        json!({"state": "failed", "message": "rate_limit_exceeded"}),
    ] {
        let error = client(&Script::new([state(&limited)])).export_wait(export_token()).await.unwrap_err();
        assert!(error.is_rate_limited() && !error.is_not_executed(), "{error}");
        assert!(error.to_string().contains("give `from` to export only changes"), "{error}");
    }
    let failed = json!({"state": "error", "message": "Too many export failures", "rate_limit_exceeded": null,
        "logfile": "https://files.example.com/log?key=abcdefgh"});
    let error = client(&Script::new([state(&failed)])).export_wait(export_token()).await.unwrap_err();
    assert!(error.is_job_failed(), "{error}");
    assert_eq!(error.to_string(), "the export ended in the state \"error\": Too many export failures");
    let failure = BulkFailure::of(&error).unwrap();
    assert!(failure.log_file.is_some() && failure.results.is_none());
    assert!(!format!("{error:?} {error:#}").contains("abcdefgh"));
    let error = client(&Script::new([state(&json!({"state": "failed"}))])).export_wait(export_token()).await;
    assert!(error.unwrap_err().to_string().ends_with(": the server gives no reason"));
    assert!(BulkFailure::of(&"".parse::<ExportToken>().unwrap_err()).is_none());
}

#[tokio::test]
async fn the_end_of_an_import_has_its_counts() {
    let counts =
        json!({"created": 1, "updated": 2, "deleted": 3, "unchanged": 4, "failures": 5, "errors": 6});
    let wait = |body: Value| {
        let token: ImportToken = "68ef5ef0f64c0".parse().unwrap();
        let script = Script::new([state(&body)]);
        async move { (client(&script).import_wait(token).await, script.sent()[0].uri.clone()) }
    };
    let log = "https://files.example.com/log?key=abcdefgh";
    let (end, uri) = wait(json!({"state": "done", "results": counts, "logfile": log})).await;
    let end = end.unwrap();
    assert_eq!(uri, "https://api.xurrent.com/v1/import/68ef5ef0f64c0");
    assert_eq!((end.results.created, end.results.errors, end.log_file.unwrap().expose()), (1, 6, log));
    assert_eq!(end.results.to_string(), "1 created, 2 updated, 3 deleted, 4 unchanged, 5 failures, 6 errors");
    for body in [json!({"state": "done"}), json!({"state": "done", "results": {"created": 1}})] {
        assert!(wait(body).await.0.unwrap_err().is_decode());
    }
    let body = json!({"state": "error", "message": "Invalid byte sequence in UTF-8 on line 2", "results": counts, "logfile": log});
    let error = wait(body).await.0.unwrap_err();
    assert!(
        error.is_job_failed() && error.to_string().contains("on line 2 (1 created, 2 updated"),
        "{error}"
    );
    let failure = BulkFailure::of(&error).unwrap();
    assert_eq!((failure.state.as_str(), failure.results.unwrap().failures), ("error", 5));
    assert!(failure.log_file.is_some());
}

#[test]
fn a_token_is_a_string_for_serde() {
    let token = export_token();
    let text = serde_json::to_string(&token).unwrap();
    assert_eq!((text.as_str(), token.to_string().as_str()), ("\"68ef5ef0f64c0\"", "68ef5ef0f64c0"));
    assert_eq!(serde_json::from_str::<ExportToken>(&text).unwrap(), token);
}

#[tokio::test]
async fn programs_are_tested_in_memory() {
    let url = "https://files.example.com/people.csv";
    let transport = MemoryTransport::new(move |request| match request.operation.as_str() {
        "exports.create" | "imports.create" => json!({"token": "t"}),
        "exports.progress" => json!({"state": "done", "url": url}),
        "imports.progress" => json!({"state": "done", "logfile": url, "results": {"created": 1, "updated": 0,
            "deleted": 0, "unchanged": 0, "failures": 0, "errors": 0}}),
        "download" => json!("Name\nAda\n"),
        other => json!({"errors": [{"message": format!("no answer for {other}")}]}),
    });
    let client = Client::builder().account("wdc").personal_access_token("pat-1").transport(transport.clone());
    let client = client.build().unwrap();
    let token = client.export_start(NewExport::new(["people"])).await.unwrap().unwrap();
    let file = client.export_wait(token).await.unwrap();
    let mut content = Vec::new();
    assert_eq!(client.download(&file.url).to_writer(&mut content).await.unwrap(), 9);
    assert_eq!(content, b"Name\nAda\n");
    let import = NewImport::new("people", Upload::bytes("people.csv", content));
    let token = client.import_start(import).await.unwrap();
    assert_eq!(client.import_wait(token).await.unwrap().results.created, 1);
    let requests = transport.requests();
    let import = requests.iter().find(|request| request.operation == "imports.create").unwrap();
    assert_eq!(import.document, "POST /v1/import");
    let form = fields(import.variables.as_str().unwrap());
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(form, [("type", "people"), ("file", "Name\nAda\n")]);
}
