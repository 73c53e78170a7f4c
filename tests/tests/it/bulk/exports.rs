//! Exports, from the first request to the file.

use super::{OFTEN, exported, nodes, started};
use crate::sandboxed::{builder, client, with};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use xurrent::export::{ExportArchive, ExportFormat, ExportToken, LineSeparator, NewExport, Rows};
use xurrent::jiff::{Timestamp, ToSpan as _};
use xurrent::{Client, ErrorKind, RetryPolicy, SiteCreateInput};
use xurrent_sandbox::{BulkJobs, Fault};

/// The time of the sandbox.
fn now() -> Timestamp {
    "2025-06-01T00:00:00Z".parse().unwrap()
}

async fn add_site(client: &Client) {
    client.site_create(SiteCreateInput::new("Mars")).await.unwrap();
}

#[tokio::test]
async fn an_export_has_the_records_of_graphql() {
    let (sandbox, client) = client().await;
    let content = exported(&client, NewExport::new(["people"])).await;
    let mut reader = csv::Reader::from_reader(content.as_slice());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let people = nodes(&sandbox, "people(first: 100)", "name primaryEmail organization { name } vip");
    assert_eq!(rows.len() as i64, client.people().count().await.unwrap());
    assert_eq!(people.len(), 100);
    for (row, person) in rows.iter().zip(&people) {
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => String::new(),
            other => other.to_string(),
        };
        assert_eq!(row[column("Name")], text(&person["name"]));
        assert_eq!(row[column("Primary Email")], text(&person["primaryEmail"]));
        assert_eq!(row[column("Organization")], text(&person["organization"]["name"]));
        assert_eq!(row[column("Vip")].to_owned(), text(&person["vip"]));
    }
    assert!(!content.contains(&b'\r'));
    let crlf = exported(&client, NewExport::new(["people"]).line_separator(LineSeparator::Crlf)).await;
    assert!(crlf.windows(2).any(|pair| pair == b"\r\n"));
}

/// The texts of the cells in a workbook with one sheet, row by row.
fn cells(workbook: Vec<u8>) -> Vec<Vec<String>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let mut read = |name: &str| std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
    let (strings, sheet) = (read("xl/sharedStrings.xml"), read("xl/worksheets/sheet1.xml"));
    let text = |xml: &str| xml.split("</t>").next().unwrap().split_once('>').unwrap().1.replace("&amp;", "&");
    let strings: Vec<String> = strings.split("<si><t").skip(1).map(text).collect();
    let cell = |xml: &str| {
        let index = xml.split_once("<v>").unwrap().1.split_once("</v>").unwrap().0;
        strings[index.parse::<usize>().unwrap()].clone()
    };
    sheet.split("<row ").skip(1).map(|row| row.split("<c ").skip(1).map(cell).collect()).collect()
}

#[tokio::test]
async fn a_workbook_has_the_cells_of_the_csv() {
    let (_sandbox, client) = client().await;
    client.site_create(SiteCreateInput::new("=Mars+1")).await.unwrap();
    let csv = exported(&client, NewExport::new(["sites"])).await;
    let mut csv = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_slice());
    let expected = csv.records().map(|row| {
        // Empty cells are not stored.
        row.unwrap().iter().filter(|cell| !cell.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    });
    let expected: Vec<_> = expected.collect();
    assert!(expected.len() > 2 && expected.last().unwrap().contains(&"\t=Mars+1".to_owned()));
    let xlsx = || NewExport::new(["sites"]).format(ExportFormat::Xlsx);
    assert_eq!(cells(exported(&client, xlsx()).await), expected);

    let folder = tempfile::tempdir().unwrap();
    let token = started(&client, NewExport::new(["sites", "teams"]).format(ExportFormat::Xlsx)).await;
    let file = client.export_wait(token).poll_interval(OFTEN).await.unwrap();
    client.download(&file.url).to_file(folder.path().join("a.zip")).await.unwrap();
    let mut archive = ExportArchive::open(folder.path().join("a.zip")).unwrap();
    let mut names = Vec::new();
    while let Some(mut file) = archive.next_file().unwrap() {
        let mut workbook = Vec::new();
        std::io::copy(&mut file, &mut workbook).unwrap();
        names.push((file.name().to_owned(), cells(workbook)[0][..2].join(",")));
    }
    let headers = |name: &str| names.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!((names.len(), &*headers("sites.xlsx")), (2, "ID,Account"));
    assert_eq!(headers("teams.xlsx").split(',').next(), Some("ID"));
}

#[tokio::test]
async fn changes_are_exported_or_nothing_has_changed() {
    let (_sandbox, client) = client().await;
    let none =
        client.export_start(NewExport::new(["people", "sites"]).from(now() + 1.hours())).await.unwrap();
    assert_eq!(none, None);
    let all = exported(&client, NewExport::new(["people"])).await;
    add_site(&client).await;
    let changed = exported(&client, NewExport::new(["people", "sites"]).from(now())).await;
    assert!(all.len() > 500 && changed.starts_with(b"PK"), "an archive");
    let changed = String::from_utf8(exported(&client, NewExport::new(["sites"]).from(now())).await).unwrap();
    assert!(changed.lines().count() == 2 && changed.contains("Mars"), "{changed}");
    for (export, field) in [
        (NewExport::new(["people"]).from(now() - (24 * 63).hours()), "from"),
        (NewExport::new(["martians"]), "type"),
        (NewExport::new(["people"]).locale("nl"), "locale"),
    ] {
        let error = client.export_start(export).await.unwrap_err();
        assert_eq!(
            (error.status(), error.errors()[0].path.join(".").as_str()),
            (Some(422), field),
            "{error}"
        );
    }
}

#[tokio::test]
async fn another_process_goes_on_with_the_token() {
    let hour = Duration::from_secs(3_600);
    let (sandbox, first) = with(|it| it.bulk(BulkJobs::default().queued(hour).processing(hour))).await;
    let sandbox = Arc::new(sandbox);
    let token = started(&first, NewExport::new(["people"])).await;
    let stored = serde_json::to_string(&token).unwrap();
    let wait = first.export_wait(token).poll_interval(OFTEN);
    assert!(tokio::time::timeout(Duration::from_millis(60), wait.send()).await.is_err());
    drop(first);

    let second = builder(&sandbox).build().unwrap();
    let token: ExportToken = serde_json::from_str(&stored).unwrap();
    let short = second.export_wait(token.clone()).poll_interval(OFTEN).time_limit(Duration::from_millis(60));
    assert_eq!(short.await.unwrap_err().kind(), ErrorKind::Timeout);
    let states = Arc::<Mutex<Vec<String>>>::default();
    let (seen, clock) = (Arc::clone(&states), Arc::clone(&sandbox));
    let wait = second.export_wait(token.clone()).poll_interval(OFTEN).on_progress(move |it| {
        seen.lock().unwrap().push(it.state.clone());
        clock.advance_bulk(hour);
    });
    let file = wait.await.unwrap();
    let states = states.lock().unwrap().clone();
    assert_eq!(states, ["queued", "processing"]);
    let expires = file.expires_at.unwrap();
    assert!(expires > Timestamp::now() + 47.hours() && expires < Timestamp::now() + 49.hours());
    assert_eq!(sandbox.bulk_jobs().len(), 1);

    // The end can be asked for again, for five minutes.
    sandbox.advance_bulk(Duration::from_secs(4 * 60));
    assert!(second.export_wait(token.clone()).await.is_ok());
    sandbox.advance_bulk(Duration::from_secs(61));
    let error = second.export_wait(token).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    let folder = tempfile::tempdir().unwrap();
    second.download(&file.url).to_file(folder.path().join("a")).await.unwrap();
    sandbox.advance_bulk(Duration::from_secs(2 * 24 * 3_600));
    let error = second.download(&file.url).to_file(folder.path().join("b")).await.unwrap_err();
    assert!(error.status() == Some(403) && error.to_string().contains("may have expired"), "{error}");
}

#[tokio::test]
async fn several_types_are_an_archive_of_typed_rows() {
    #[derive(serde::Deserialize)]
    struct Row {
        #[serde(rename = "Name")]
        name: String,
        #[serde(rename = "ID")]
        id: u64,
        #[serde(rename = "Disabled")]
        disabled: Option<bool>,
    }
    let (_sandbox, client) = client().await;
    client.site_create(SiteCreateInput::new("=Mars+1")).await.unwrap();
    let zip = exported(&client, NewExport::new(["sites", "teams"])).await;
    let mut archive = ExportArchive::new(std::io::Cursor::new(zip)).unwrap();
    let mut files = Vec::new();
    while let Some(file) = archive.next_file().unwrap() {
        let name = file.name().to_owned();
        let rows: Vec<Row> = Rows::new(file).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(rows.iter().all(|row| row.id > 0 && row.disabled.is_some()), "{name}");
        files.push((name, rows));
    }
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["sites.csv", "teams.csv"]);
    assert_eq!(files[0].1.len() as i64, client.sites().count().await.unwrap());
    assert_eq!(files[0].1.last().unwrap().name, "=Mars+1", "without the tab before it");
}

#[tokio::test]
async fn a_full_export_of_many_records_runs_once_a_day() {
    let (sandbox, client) = with(|it| it.bulk(BulkJobs::default().daily_records(2))).await;
    let full = || NewExport::new(["people"]);
    exported(&client, full()).await;
    let token = started(&client, full()).await;
    let error = client.export_wait(token).poll_interval(OFTEN).await.unwrap_err();
    assert!(error.is_rate_limited() && error.to_string().contains("a day later"), "{error}");
    add_site(&client).await;
    exported(&client, NewExport::new(["sites"]).from(now())).await;
    sandbox.advance_bulk(Duration::from_secs(24 * 3_600));
    exported(&client, full()).await;
}

#[tokio::test]
async fn a_file_is_downloaded_in_spite_of_faults() {
    for is_resumable in [true, false] {
        let (sandbox, client) = with(|it| it.bulk(BulkJobs::default().resumable(is_resumable))).await;
        let token = started(&client, NewExport::new(["people"])).await;
        let file = client.export_wait(token).poll_interval(OFTEN).await.unwrap();
        let mut expected = Vec::new();
        client.download(&file.url).to_writer(&mut expected).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        sandbox.faults([Fault::cut_body(), Fault::status(503), Fault::cut_before()].map(Fault::on_download));
        let path = folder.path().join("people.csv");
        client.download(&file.url).to_file(&path).await.unwrap();
        assert!(std::fs::read(&path).unwrap() == expected);
        assert_eq!(sandbox.faults_left(), 0);
        let requests = sandbox.requests();
        let downloads = requests.iter().filter(|request| request.path.starts_with("/bulk_files/"));
        let ranges =
            downloads.filter(|request| request.headers.iter().any(|(name, _)| name == "range")).count();
        assert_eq!(ranges > 0, is_resumable);
    }
}

#[test]
fn a_blocking_client_exports_as_well() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_sandbox, client) = runtime.block_on(client());
    let client = xurrent::blocking::Client::new(client).unwrap();
    let token =
        client.export_start(NewExport::new(["people"])).retry(RetryPolicy::never()).send().unwrap().unwrap();
    let file = client.export_wait(token).map(|wait| wait.poll_interval(OFTEN)).send().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = client.download(&file.url, folder.path().join("people.csv")).send().unwrap();
    assert_eq!(std::fs::metadata(&file.path).unwrap().len(), file.size);
}
