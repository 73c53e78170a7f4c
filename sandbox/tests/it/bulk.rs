//! Exports and imports without a client: what they require, refuse and return.

use crate::raw_http::{HttpResponse, call};
use crate::schema::schema_json;
use serde_json::Value;
use std::time::Duration;
use xurrent_sandbox::{BulkJobs, Sandbox};

const FORM: &str = "multipart/form-data; boundary=B";

fn headers(sandbox: &Sandbox, content_type: &'static str) -> Vec<(&'static str, String)> {
    vec![
        ("authorization", format!("Bearer {}", sandbox.token())),
        ("x-xurrent-account", sandbox.account().to_owned()),
        ("content-type", content_type.to_owned()),
    ]
}

/// Jobs that are as this says, in the beginning queued for an hour and processing for another.
async fn start(configure: impl FnOnce(BulkJobs) -> BulkJobs) -> Sandbox {
    let hour = Duration::from_secs(3_600);
    let jobs = configure(BulkJobs::default().queued(hour).processing(hour));
    Sandbox::builder().schema_json(schema_json()).bulk(jobs).start().await.unwrap()
}

fn form(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| match value.strip_prefix("file:") {
        Some(content) => format!(
            "--B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.csv\"\r\n\r\n{content}\r\n"
        ),
        None => format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"),
    };
    fields.iter().map(part).collect::<String>() + "--B--\r\n"
}

async fn post(sandbox: &Sandbox, path: &str, fields: &[(&str, &str)]) -> HttpResponse {
    call(&format!("{}/{path}", sandbox.rest_url()), "POST", &headers(sandbox, FORM), &form(fields)).await
}

async fn get(sandbox: &Sandbox, path: &str) -> HttpResponse {
    call(&format!("{}/{path}", sandbox.rest_url()), "GET", &headers(sandbox, "text/plain"), "").await
}

/// The refused parameters.
fn refused(response: &HttpResponse) -> Vec<&str> {
    assert_eq!(response.status, 422, "{}", response.text);
    response.body["errors"].as_array().unwrap().iter().map(|error| error[0].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_parameters_are_strict() {
    let sandbox = start(|it| it).await;
    let people = ("type", "people");
    for (fields, wrong) in [
        (&[][..], vec!["type"]),
        (&[("type", "people,,sites")], vec!["type"]),
        (&[("type", "person")], vec!["type"]),
        (&[people, people], vec!["type"]),
        (&[people, ("format", "csv")], vec!["format"]),
        (&[people, ("export_format", "pdf")], vec!["export_format"]),
        (&[people, ("line_separator", "cr")], vec!["line_separator"]),
        (&[people, ("from", "yesterday")], vec!["from"]),
        (&[people, ("from", "2025-03-31T23:59:59Z")], vec!["from"]),
        (&[people, ("file", "file:x")], vec!["file"]),
        (&[("type", "translations")], vec!["locale"]),
        (&[("a", "1"), ("b", "2")], vec!["a", "b", "type"]),
    ] {
        assert_eq!(refused(&post(&sandbox, "export", fields).await), wrong, "{fields:?}");
    }
    for (fields, wrong) in [
        (&[people][..], vec!["file"]),
        (&[("file", "file:Name\n")], vec!["type"]),
        (&[("type", "requests"), ("file", "file:Subject\n")], vec!["type"]),
        (&[people, ("file", "file:Name\n"), ("dry_run", "1")], vec!["dry_run"]),
    ] {
        assert_eq!(refused(&post(&sandbox, "import", fields).await), wrong, "{fields:?}");
    }
    // Two months ago is allowed; none of the demo records was changed since then.
    assert_eq!(post(&sandbox, "export", &[people, ("from", "2025-04-01T00:00:00Z")]).await.status, 204);
    assert!(sandbox.bulk_jobs().is_empty());
    assert_eq!(post(&sandbox, "export", &[people, ("line_separator", "crlf")]).await.status, 200);
    assert_eq!(sandbox.bulk_jobs().len(), 1);
}

#[tokio::test]
async fn other_requests_are_refused() {
    let sandbox = start(|it| it.administrator(false)).await;
    let url = format!("{}/export", sandbox.rest_url());
    let good = form(&[("type", "people")]);
    let json = call(&url, "POST", &headers(&sandbox, "application/json"), r#"{"type":"people"}"#).await;
    assert_eq!(json.status, 400);
    let cut = call(&url, "POST", &headers(&sandbox, FORM), &good[..good.len() - 10]).await;
    assert_eq!(cut.status, 400);
    let anonymous = vec![("content-type", FORM.to_owned())];
    assert_eq!(call(&url, "POST", &anonymous, &good).await.status, 401);
    let mut elsewhere = headers(&sandbox, FORM);
    elsewhere[1].1 = "other".to_owned();
    assert_eq!(call(&url, "POST", &elsewhere, &good).await.status, 400);
    assert_eq!(get(&sandbox, "export").await.status, 405);
    let file = [("type", "people"), ("file", "file:Name\nAda\n")];
    assert_eq!(post(&sandbox, "import", &file).await.status, 403);
    for path in ["export/unknown", "import/unknown", "export/a/b", "exports", "export/"] {
        assert_eq!(get(&sandbox, path).await.status, 404, "{path}");
    }
    assert!(sandbox.bulk_jobs().is_empty());
}

#[tokio::test]
async fn states_follow_the_clock() {
    let sandbox = start(|it| it).await;
    let started = post(&sandbox, "export", &[("type", "people,sites")]).await;
    let token = started.body["token"].as_str().unwrap();
    let path = format!("export/{token}");
    let half = Duration::from_secs(30 * 60);
    let state = async |path: &str| get(&sandbox, path).await.body;
    assert_eq!(state(&path).await, serde_json::json!({ "state": "queued" }));
    assert_eq!(get(&sandbox, &format!("import/{token}")).await.status, 404);
    sandbox.advance_bulk(3 * half);
    let processing = state(&path).await;
    assert_eq!((&processing["state"], &processing["type"]), (&"processing".into(), &"people".into()));
    assert!(processing["line"].as_u64() > Some(0), "{processing}");
    sandbox.advance_bulk(half);
    let done: Value = state(&path).await;
    assert_eq!(done["state"], "done");
    assert!(done["expires_at"].is_string());
    let url = done["url"].as_str().unwrap();
    let zip = call(url, "GET", &[], "").await;
    assert_eq!((zip.status, &zip.bytes[..4]), (200, &b"PK\x03\x04"[..]));
    assert_eq!(call(url, "GET", &headers(&sandbox, "text/plain"), "").await.status, 400, "credentials");
    sandbox.advance_bulk(Duration::from_secs(5 * 60));
    assert_eq!(get(&sandbox, &path).await.status, 404);
    sandbox.advance_bulk(Duration::from_secs(2 * 24 * 3_600));
    assert_eq!(call(url, "GET", &[], "").await.status, 403);
}

#[tokio::test]
async fn a_part_of_a_file_is_sent_if_it_is_unchanged() {
    let sandbox = start(|it| it.queued(Duration::ZERO).processing(Duration::ZERO)).await;
    let started = post(&sandbox, "export", &[("type", "people")]).await;
    let done = get(&sandbox, &format!("export/{}", started.body["token"].as_str().unwrap())).await;
    let url = done.body["url"].as_str().unwrap();
    let whole = call(url, "GET", &[], "").await;
    let (tag, size) = (whole.headers["etag"].clone(), whole.bytes.len());
    let part = |range: &str, tag: &str| {
        let headers = vec![("range", range.to_owned()), ("if-range", tag.to_owned())];
        async move { call(url, "GET", &headers, "").await }
    };
    let rest = part("bytes=10-", &tag).await;
    assert_eq!((rest.status, &rest.bytes[..]), (206, &whole.bytes[10..]));
    assert_eq!(rest.headers["content-range"], format!("bytes 10-{}/{size}", size - 1));
    assert_eq!(part("bytes=10-", "\"other\"").await.status, 200);
    assert_eq!(part(&format!("bytes={size}-"), &tag).await.status, 416);
}
