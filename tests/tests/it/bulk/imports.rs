//! Imports, from the file to the records.

use super::{OFTEN, exported, nodes};
use crate::sandboxed::{client, with};
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use xurrent::bulk::BulkFailure;
use xurrent::export::NewExport;
use xurrent::import::{ImportEnd, ImportToken, NewImport};
use xurrent::{Client, Error, ErrorKind, RetryPolicy, Upload};
use xurrent_sandbox::{BulkJobs, Fault, Sandbox};

async fn imported(client: &Client, name: &str, csv: &str) -> Result<ImportEnd, Error> {
    let file = Upload::bytes(format!("{name}.csv"), csv.to_owned());
    let token = client.import_start(NewImport::new(name, file)).await?;
    client.import_wait(token).poll_interval(OFTEN).await
}

async fn log(client: &Client, end: &ImportEnd) -> String {
    let mut log = Vec::new();
    client.download(end.log_file.as_ref().unwrap()).to_writer(&mut log).await.unwrap();
    String::from_utf8(log).unwrap()
}

fn person(sandbox: &Sandbox, email: &str) -> Option<serde_json::Value> {
    let people = nodes(sandbox, "people(last: 100)", "name primaryEmail jobTitle vip organization { name }");
    people.into_iter().find(|person| person["primaryEmail"] == email)
}

#[tokio::test]
async fn records_are_created_updated_and_left_as_they_are() {
    let (sandbox, client) = client().await;
    let organization =
        nodes(&sandbox, "organizations(first: 1)", "name")[0]["name"].as_str().unwrap().to_owned();
    let csv = format!(
        "Name,Primary Email,Job Title,Vip,Organization\n\
         \"Lovelace, Ada\",ada@import.example,Analyst,yes,{organization}\n\
         Grace,grace@import.example,,no,\n"
    );
    let end = imported(&client, "people", &csv).await.unwrap();
    assert_eq!(end.results.to_string(), "2 created, 0 updated, 0 deleted, 0 unchanged, 0 failures, 0 errors");
    let ada = person(&sandbox, "ada@import.example").unwrap();
    assert_eq!((ada["name"].as_str(), ada["vip"].as_bool()), (Some("Lovelace, Ada"), Some(true)));
    assert_eq!(ada["organization"]["name"].as_str(), Some(organization.as_str()));

    let csv = csv.replace("Analyst", "Admiral");
    let end = imported(&client, "people", &csv).await.unwrap();
    assert_eq!((end.results.created, end.results.updated, end.results.unchanged), (0, 1, 1));
    assert_eq!(person(&sandbox, "ada@import.example").unwrap()["jobTitle"], "Admiral");
}

#[tokio::test]
async fn what_was_exported_can_be_imported() {
    let (_sandbox, client) = client().await;
    let csv = String::from_utf8(exported(&client, NewExport::new(["teams"])).await).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let count = reader.records().count() as u64;
    let end = imported(&client, "teams", &csv).await.unwrap();
    assert_eq!((end.results.unchanged, end.results.failures), (count, 0), "{}", log(&client, &end).await);
}

#[tokio::test]
async fn refused_lines_are_failures_with_their_reasons_in_the_log() {
    let (sandbox, client) = client().await;
    let csv = "Name,Primary Email,Organization\nAda,ada@import.example,Nowhere Inc\n,x@import.example,\nGrace,grace@import.example,\n";
    let end = imported(&client, "people", csv).await.unwrap();
    assert_eq!((end.results.created, end.results.failures), (1, 2));
    let log = log(&client, &end).await;
    assert!(log.contains("line 2: Organization not found") && log.contains("line 3: Name"), "{log}");
    assert!(
        person(&sandbox, "grace@import.example").is_some()
            && person(&sandbox, "ada@import.example").is_none()
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_an_error_with_its_log() {
    let (_sandbox, client) = client().await;
    for (csv, message) in [
        ("Name,Primary Email\nAda,\u{0}\n", None),
        ("Name,Planet\nAda,Mars\n", Some("Unknown column \"Planet\"")),
        ("Job Title\nAdmiral\n", Some("The column \"Primary Email\" is missing")),
    ] {
        let result = imported(&client, "people", csv).await;
        let Some(message) = message else { continue };
        let error = result.unwrap_err();
        assert!(error.is_job_failed() && error.to_string().contains(message), "{error}");
        let failure = BulkFailure::of(&error).unwrap();
        assert_eq!(failure.results.unwrap().created, 0);
        let mut log = Vec::new();
        client.download(failure.log_file.as_ref().unwrap()).to_writer(&mut log).await.unwrap();
        assert!(String::from_utf8(log).unwrap().contains(message));
    }
    let invalid = Upload::bytes("people.csv", &b"Name,Primary Email\nA\xff,a@b.example\n"[..]);
    let token = client.import_start(NewImport::new("people", invalid)).await.unwrap();
    let error = client.import_wait(token).poll_interval(OFTEN).await.unwrap_err();
    assert!(error.to_string().contains("Invalid byte sequence in UTF-8 on line 2"), "{error}");
}

#[tokio::test]
async fn refusals_start_nothing() {
    let (sandbox, client) = with(|it| it.bulk(BulkJobs::default().administrator(false))).await;
    let error = imported(&client, "people", "Name\nAda\n").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(403)));
    assert!(error.to_string().contains("needs the role of account administrator"), "{error}");
    assert!(sandbox.bulk_jobs().is_empty());
    let (sandbox, client) = super::super::sandboxed::client().await;
    let error = imported(&client, "martians", "Name\nAda\n").await.unwrap_err();
    assert_eq!((error.status(), error.errors()[0].path.join(".").as_str()), (Some(422), "type"));
    let unknown: ImportToken = "68ef5ef0f64c0".parse().unwrap();
    assert_eq!(client.import_wait(unknown).await.unwrap_err().status(), Some(404));
    let missing = NewImport::new("people", Upload::path("/no/such/file.csv"));
    assert!(client.import_start(missing).await.unwrap_err().is_upload());
    assert!(sandbox.bulk_jobs().is_empty());
}

#[tokio::test]
async fn a_file_is_streamed_from_any_source() {
    let (sandbox, client) = client().await;
    let rows: String = (0..20_000).map(|row| format!("Site {row},{}\n", "x".repeat(200))).collect();
    let csv = format!("Name,Source ID\n{rows}");
    let (folder, sent) = (tempfile::tempdir().unwrap(), Arc::new(AtomicU64::new(0)));
    let path = folder.path().join("people.csv");
    std::fs::write(&path, "Name,Primary Email\nAda,ada@import.example\n").unwrap();
    let progress = Arc::clone(&sent);
    let from_path = Upload::path(&path).on_progress(move |bytes, _| progress.store(bytes, Ordering::Relaxed));
    let reader = |csv: &str| Upload::reader("people.csv", Cursor::new(csv.to_owned()));
    let small = "Name,Primary Email\nGrace,grace@import.example\n";
    for upload in [from_path, reader(small), reader(small).size(small.len() as u64)] {
        client.import_start(NewImport::new("people", upload)).await.unwrap();
    }
    assert_eq!(sent.load(Ordering::Relaxed), std::fs::metadata(&path).unwrap().len());
    assert_eq!(sandbox.bulk_jobs().len(), 3);
    // Larger than what the sandbox reads of other requests. An unknown column: no record is created.
    let large = reader(&csv.replace("Source ID", "Planet")).size(csv.len() as u64 - 3);
    let token = client.import_start(NewImport::new("sites", large)).await.unwrap();
    assert!(client.import_wait(token).poll_interval(OFTEN).await.unwrap_err().is_job_failed());
}

#[tokio::test]
async fn an_import_in_doubt_is_not_started_again() {
    let (sandbox, client) = client().await;
    let start = || {
        client.import_start(NewImport::new(
            "people",
            Upload::bytes("a.csv", "Name,Primary Email\nAda,a@b.example\n"),
        ))
    };
    for fault in [
        Fault::cut_after(),
        Fault::cut_body(),
        Fault::status(502).after_execution(),
        Fault::status(504).after_execution(),
        Fault::status(500),
    ] {
        let before = sandbox.requests().len();
        sandbox.faults([fault.clone().on_rest()]);
        let error = start().await.unwrap_err();
        assert!(
            error.to_string().contains("it is unknown whether the import has begun"),
            "{fault:?}: {error}"
        );
        assert!(!error.is_not_executed(), "{fault:?}: {error}");
        assert_eq!(sandbox.requests().len() - before, 1, "{fault:?}");
    }
    let before = sandbox.bulk_jobs().len();
    sandbox.faults([Fault::status(429).header("retry-after", "1").on_rest()]);
    start().await.unwrap();
    assert_eq!(sandbox.bulk_jobs().len() - before, 1);
    // A reader is read once.
    sandbox.faults([Fault::status(429).header("retry-after", "1").on_rest()]);
    let once = Upload::reader("a.csv", Cursor::new("Name\n")).size(5);
    let error =
        client.import_start(NewImport::new("people", once)).retry(RetryPolicy::new()).await.unwrap_err();
    assert!(error.is_rate_limited() && error.is_not_executed(), "{error}");
}
