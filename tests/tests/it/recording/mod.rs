//! Recordings of requests, and their replay by a sandbox.

#![allow(clippy::unwrap_used, missing_docs)]

mod replay;
mod secrets;

use crate::sandboxed::{builder, schema, start};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::timeout;
use xurrent::{
    Client, DiscoveredConfigurationItemsInput, DiscoveredConfigurationItemsPayload, Person, PersonFilter,
    PersonView, Recording, RequestCreateInput, RetryPolicy,
};
use xurrent_sandbox::{Fault, Sandbox, SandboxError};

/// A file that is not there yet, and gone at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("xurrent-{}-{name}.jsonl", std::process::id()));
        let _ = fs::remove_file(&path);
        Self(path)
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }

    /// The exchanges.
    fn lines(&self) -> Vec<Value> {
        self.text().lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

async fn replaying(file: &Path) -> Result<Sandbox, SandboxError> {
    Sandbox::builder().schema_json(schema()).replay(file).start().await
}

fn scanned() -> DiscoveredConfigurationItemsInput {
    serde_json::from_value(json!({
        "source": "scanner",
        "physicalAssets": [{ "name": "Laptop", "reference": "laptop_computer", "products": [{
            "brand": "B", "model": "M", "name": "B M", "sourceID": "p-1",
            "configurationItems": [{ "name": "item-1", "sourceID": "1", "ramAmount": "16.50" }],
        }] }],
    }))
    .unwrap()
}

/// Calls of many kinds, and what came of them.
async fn work(client: &Client) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |name: &str, what: String| notes.push(format!("{name}: {what}"));
    note("me", format!("{:?}", client.me().await));
    let filter = PersonFilter::new().disabled(false);
    let people = client.people().view(PersonView::All).filter(filter).page_size(5).limit(12);
    note("people", format!("{:?}", people.all().await));
    note("first", format!("{:?}", client.people().first().await));
    note("count", format!("{:?}", client.teams().count().await));
    let howard = PersonFilter::new().name(["Howard"]);
    note("filtered", format!("{:?}", client.people().filter(howard).all().await));
    note("nobody", format!("{:?}", client.node::<Person>("eHVycmVudC9QZXJzb24vOTk5OTk5").await));
    let batch = client.batch((client.me(), client.teams().page_size(3))).await;
    note("batch", format!("{batch:?}"));
    let create = |subject: &str| client.request_create(RequestCreateInput::new().subject(subject));
    note("created", format!("{:?}", create("On fire").await));
    note("created again", format!("{:?}", create("On fire").await));
    note("payload", create(" ").await.unwrap_err().to_string());
    let text = "{ people(first: 1, filter: { name: { values: [\"How\\\"ard\"] } }) { nodes { id } } }";
    note("raw", format!("{:?}", client.raw(text, ()).await));
    note("no such field", client.raw("{ me { nmae } }", ()).await.unwrap_err().to_string());
    note(
        "too many",
        client.raw("{ people(first: 101) { nodes { id } } }", ()).await.unwrap_err().to_string(),
    );
    let payload = client.discovered_configuration_items(scanned()).await.unwrap();
    let url = payload.async_query.unwrap().result_url.unwrap();
    let result = client.async_result::<DiscoveredConfigurationItemsPayload>(url).await.unwrap();
    let items = result.configuration_items.unwrap();
    note("discovered", format!("{:?} {:?}", items[0].name, items[0].ram_amount));
    notes
}

#[tokio::test]
async fn lines_have_the_form_of_the_guide() {
    let place = Place::new("lines");
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).recording(Recording::to(&place.0)).build().unwrap();
    client.people().page_size(2).first().await.unwrap();
    sandbox.faults([Fault::cut_before()]);
    client.me().retry(RetryPolicy::never()).await.unwrap_err();
    client.check().await.unwrap();
    let head: Value = serde_json::from_str(place.text().lines().next().unwrap()).unwrap();
    assert_eq!(
        (&head["recording"], &head["version"], &head["values"]),
        (&json!("xurrent"), &json!(1), &json!(true))
    );
    let lines = place.lines();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["request"]["operation"], "people");
    assert_eq!(lines[0]["answer"]["status"], 200);
    assert!(lines[0]["request"]["document"].as_str().unwrap().starts_with("query people("));
    assert!(lines[0]["ms"].is_number() && lines[0]["answer"]["size"].as_u64().unwrap() > 100);
    let headers = lines[0]["answer"]["headers"].as_array().unwrap();
    assert!(headers.contains(&json!(["x-ratelimit-limit", "3600"])), "{headers:?}");
    assert!(lines[1]["failure"].as_str().unwrap().contains("127.0.0.1") && lines[1]["answer"].is_null());
    assert_eq!(lines[2]["request"], json!({ "to": "introspect" }));
    assert!(lines[2]["answer"]["json"]["scopes"].as_array().is_some());
}

#[tokio::test]
async fn a_recording_is_appended_to_and_other_files_are_rejected() {
    let place = Place::new("continued");
    let sandbox = start(|it| it).await;
    let client = |recording: Recording| builder(&sandbox).recording(recording).build();
    client(Recording::to(&place.0)).unwrap().me().await.unwrap();
    // The machine stopped in the middle of a line.
    fs::write(&place.0, place.text() + "{\"request\":{\"to\":\"gra").unwrap();
    client(Recording::to(&place.0)).unwrap().me().await.unwrap();
    let operations: Vec<_> = place.lines().iter().map(|line| line["request"]["operation"].clone()).collect();
    assert_eq!(operations, ["me", "me"]);

    let error = client(Recording::to(&place.0).without_values()).unwrap_err();
    assert!(error.is_configuration() && format!("{error:#}").contains("with values"), "{error:#}");
    let before = place.text();
    for text in [
        "diary\n",
        "{}\n",
        "{\"recording\":\"xurrent\",\"version\":2,\"client\":\"c\",\"values\":true}\n",
        "\n",
    ] {
        let other = Place::new("other");
        fs::write(&other.0, text).unwrap();
        let error = client(Recording::to(&other.0)).unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("cannot record to"), "{error}");
        assert_eq!(other.text(), text);
    }
    for path in ["/no/such/folder/file", "/dev/full", "/", ""] {
        assert!(client(Recording::to(path)).unwrap_err().is_configuration(), "{path}");
    }
    assert_eq!(place.text(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_and_cancelled_calls_leave_whole_lines() {
    let place = Place::new("concurrent");
    let sandbox = start(|it| it.latency(Duration::from_millis(5))).await;
    let clients = [(); 2]
        .map(|()| builder(&sandbox).no_rate_limit().recording(Recording::to(&place.0)).build().unwrap());
    let calls: Vec<_> = (0..40)
        .map(|number| {
            let client = clients[number % 2].clone();
            tokio::spawn(async move {
                match number % 5 {
                    0 => drop(timeout(Duration::from_millis(2), client.people().all()).await),
                    _ => drop(client.people().page_size(20).limit(20).all().await.unwrap()),
                }
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    // What was given up before it was answered is not there, all else is.
    assert!((32..=40).contains(&place.lines().len()), "{}", place.lines().len());
    let replay = replaying(&place.0).await.unwrap();
    let other = builder(&replay).no_rate_limit().build().unwrap();
    assert_eq!(other.people().page_size(20).limit(20).all().await.unwrap().len(), 20);
}
