//! Recordings of requests, and their replay by a sandbox.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::{builder, schema, start};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::timeout;
use xurrent::{
    Client, DiscoveredConfigurationItemsInput, DiscoveredConfigurationItemsPayload, ErrorKind, Person,
    PersonFilter, PersonView, Recording, RequestCreateInput, RetryPolicy,
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
async fn a_sandbox_replays_the_responses_of_a_recording() {
    let place = Place::new("replay");
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).recording(Recording::to(&place.0)).build().unwrap();
    let mut recorded = work(&client).await;
    let hasty = |client: &Client| client.with_retry(RetryPolicy::never());
    sandbox.faults([
        Fault::status(502).header("content-type", "text/html").body("<h1>Down</h1>"),
        Fault::cut_after(),
        Fault::status(429).header("retry-after", "1"),
    ]);
    for _ in 0..2 {
        recorded.push(hasty(&client).me().await.unwrap_err().to_string());
    }
    recorded.push(format!("{:?}", client.me().await));

    // Of another sandbox, whose records are changed: none of them is seen.
    let replay = replaying(&place.0).await.unwrap();
    let other = builder(&replay).build().unwrap();
    let mut replayed = work(&other).await;
    for _ in 0..2 {
        replayed.push(hasty(&other).me().await.unwrap_err().to_string());
    }
    replayed.push(format!("{:?}", other.me().await));
    let port = |sandbox: &Sandbox| sandbox.graphql_url().replace("/graphql", "");
    for (recorded, replayed) in recorded.iter().zip(&replayed) {
        assert_eq!(recorded, &replayed.replace(&port(&replay), &port(&sandbox)));
    }
    assert_eq!(recorded.len(), replayed.len());
    assert!(
        recorded.iter().any(|note| note.contains("Decimal(16.50)") || note.contains("16.50")),
        "{recorded:#?}"
    );
    let created = json!({ "query": "{ requests(view: all, filter: { subject: { values: [\"On fire\"] } }) { totalCount } }" });
    assert_eq!(replay.engine().execute(&created)["data"]["requests"]["totalCount"], 0);

    // The budget is what the server said.
    assert_eq!(other.budget().cost.limit, client.budget().cost.limit);
    // What was not recorded is said to be.
    for (error, words) in [
        (other.me().await.unwrap_err(), "once more"),
        (other.people().page_size(6).all().await.unwrap_err(), "other"),
        (other.sites().all().await.unwrap_err(), "was not recorded"),
        (other.raw("{ me { id name } }", ()).await.unwrap_err(), "another document"),
    ] {
        assert_eq!(error.kind(), ErrorKind::GraphQl);
        assert!(
            error.to_string().contains("The recording: ") && error.to_string().contains(words),
            "{error}"
        );
    }
    // Credentials are still asked for.
    let stranger = builder(&replay).personal_access_token("another-token");
    let stranger = Client::builder()
        .account("wdc")
        .endpoints(replay.graphql_url(), replay.token_url())
        .personal_access_token("another-token")
        .build()
        .map(|client| (client, stranger))
        .unwrap()
        .0;
    assert!(stranger.me().await.unwrap_err().is_unauthorized());
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

const TOKEN: &str = "pat-91c7e0/wonder\"land+4b";
const CLIENT_ID: &str = "client-id-55ab03";
const CLIENT_SECRET: &str = "client-secret-4f/8a+b1=d2";

#[tokio::test]
async fn secrets_are_never_recorded() {
    for values in [true, false] {
        let place = Place::new(if values { "secrets" } else { "secrets-without-values" });
        let sandbox = start(|it| it.token(TOKEN).oauth_client(CLIENT_ID, CLIENT_SECRET)).await;
        let recording = || match values {
            true => Recording::to(&place.0),
            false => Recording::to(&place.0).without_values(),
        };
        let with_token =
            builder(&sandbox).recording(recording()).retry(RetryPolicy::never()).build().unwrap();
        let with_client = Client::builder()
            .account("wdc")
            .endpoints(format!("{}?key=query-key-60b7c9", sandbox.graphql_url()), sandbox.token_url())
            .client_credentials(CLIENT_ID, CLIENT_SECRET)
            .retry(RetryPolicy::never())
            .recording(recording())
            .build()
            .unwrap();
        let form = "client-secret-4f%2F8a%2Bb1%3Dd2";
        let echo = format!("for {CLIENT_ID} and {CLIENT_SECRET} and {form}");
        let refusal =
            json!({ "error": "invalid_client", "error_description": echo, "form": echo }).to_string();
        sandbox.faults([
            Fault::status(400).body(&refusal).on_token_call(),
            Fault::status(500).body(&echo).on_token_call(),
        ]);
        for _ in 0..2 {
            with_client.me().await.unwrap_err();
        }
        with_client.me().await.unwrap();
        let issued = sandbox.requests().iter().filter(|request| request.path == "/token").count();
        assert_eq!(issued, 3);
        for (client, secret) in [(&with_token, TOKEN), (&with_client, CLIENT_SECRET)] {
            let echo = format!("for {secret} and {secret}");
            sandbox.faults([
                Fault::status(502).header("content-type", "text/html").body(&echo),
                Fault::status(400).body(json!({ "message": echo, echo.as_str(): echo }).to_string()),
                Fault::status(307).header("location", "https://u:password-e8d3f1@a.b/?password-e8d3f1"),
                Fault::none()
                    .header("set-cookie", "session=cookie-77aa12")
                    .header("x-echo", &echo.replace('"', "")),
                Fault::none().header("x-request-id", secret),
                Fault::errors([echo.clone()]),
            ]);
            for _ in 0..6 {
                let _ = client.me().await;
            }
            assert_eq!(sandbox.faults_left(), 0);
            let input = RequestCreateInput::new().subject(format!("My secret is {secret}")).note(secret);
            client.request_create(input).await.unwrap();
            let text = serde_json::to_string(secret).unwrap();
            let _ = client
                .raw(
                    format!("query {{ me(a: {text}) {{ id }} }}"),
                    json!({ "a": { "apiToken": "in-a-variable-09" } }),
                )
                .await;
            client.attachment_storage().await.unwrap();
            let payload = client.discovered_configuration_items(scanned()).await.unwrap();
            let url = payload.async_query.unwrap().result_url.unwrap();
            client.async_result::<DiscoveredConfigurationItemsPayload>(url).await.unwrap();
        }
        let recorded = place.text();
        assert!(place.lines().len() >= 20, "{recorded}");
        let quoted = TOKEN.replace('"', "\\\"");
        let path = sandbox.graphql_url().replace("/graphql", "/async_queries/");
        for secret in [
            TOKEN,
            &quoted,
            "wonder",
            CLIENT_ID,
            CLIENT_SECRET,
            form,
            "sandbox-access-token-",
            "query-key-60b7c9",
            "password-e8d3f1",
            "cookie-77aa12",
            "in-a-variable-09",
            &path,
        ] {
            let lines: Vec<_> = recorded.lines().filter(|line| line.contains(secret)).collect();
            assert!(lines.is_empty(), "{secret}: {lines:#?}");
        }
        for kept in
            ["\"expires_in\":", "\"token_type\":\"bearer\"", "\"error\":\"invalid_client\"", "set-cookie"]
        {
            assert!(recorded.contains(kept), "{kept}: {recorded}");
        }
        assert!(place.lines().iter().all(|line| line["answer"]["json"]["form"].is_null()));
        #[cfg(unix)]
        {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&place.0).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}

/// All texts in a value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| *name != "xurrent_errors")
            .for_each(|(_, field)| texts(field, found)),
        _ => {}
    }
}

#[tokio::test]
async fn a_recording_without_values_describes_their_form() {
    let (place, full) = (Place::new("shapes"), Place::new("shapes-full"));
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).recording(Recording::to(&place.0).without_values()).build().unwrap();
    let notes = work(&client).await;
    let other = start(|it| it).await;
    let with_values = builder(&other).recording(Recording::to(&full.0)).build().unwrap();
    work(&with_values).await;

    // No text of a variable or of an answer is in it, but for those that are nobody's.
    let recorded = place.text();
    let mut values = Vec::new();
    for line in full.lines() {
        texts(&line["request"]["variables"], &mut values);
        texts(&line["answer"]["json"]["data"], &mut values);
    }
    values.retain(|text| text.len() > 4 && !text.starts_with("https://replay.invalid/"));
    let mut kept = Vec::new();
    for line in place.lines() {
        texts(&line["request"]["variables"], &mut kept);
        texts(&line["answer"]["json"]["data"], &mut kept);
    }
    kept.retain(|text| values.contains(text) && !["Node", "Person", "best_effort"].contains(&text.as_str()));
    assert!(values.len() > 500 && kept.is_empty(), "{kept:?}");
    assert!(!recorded.contains("On fire") && !recorded.contains("Howard") && !recorded.contains("How\\"));
    // Messages about the document are.
    assert!(recorded.contains("nmae") && recorded.contains("blank"), "{recorded}");
    // The same for the same, of the same length and kind.
    for (bare, full) in place.lines().iter().zip(full.lines()) {
        let (bare, full) = (&bare["answer"]["json"]["data"]["me"], &full["answer"]["json"]["data"]["me"]);
        for (name, value) in full.as_object().into_iter().flatten() {
            match (value, &bare[name]) {
                (Value::Null | Value::Bool(_), same) => assert_eq!(value, same, "{name}"),
                (Value::String(text), Value::String(stand_in)) if !text.contains("://") => {
                    assert!(
                        stand_in.chars().count() >= text.chars().count().min(10),
                        "{name}: {text} {stand_in}"
                    );
                }
                (Value::String(_), other) => assert!(other.is_string(), "{name}"),
                (Value::Number(_), other) => assert!(other.is_number(), "{name}"),
                _ => {}
            }
        }
    }

    // It can be replayed: pages follow each other, records are read, errors are errors.
    let replay = replaying(&place.0).await.unwrap();
    let replayed = work(&builder(&replay).build().unwrap()).await;
    assert_eq!(replayed.len(), notes.len());
    for (recorded, replayed) in notes.iter().zip(&replayed) {
        let is_good = |note: &str| note.contains(": Ok(");
        assert_eq!(is_good(recorded), is_good(replayed), "{recorded}\n{replayed}");
        assert_eq!(recorded.matches("Person {").count(), replayed.matches("Person {").count(), "{replayed}");
        assert!(!replayed.contains("Howard"), "{replayed}");
    }
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
    assert!(error.is_configuration() && error.to_string().contains("with values"), "{error}");
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

#[tokio::test]
async fn only_recordings_are_replayed() {
    let head = r#"{"recording":"xurrent","version":1,"client":"c","values":true}"#;
    for (text, words) in [
        (String::new(), "not the header of a recording"),
        ("diary\n".to_owned(), "not the header of a recording"),
        (head.replace("1,", "2,"), "version 1"),
        (head.replace("xurrent", "other"), "version 1"),
        (format!("{head}\n{{\"request\":{{\"to\":\"graphql\"}}}}\n{{\"request\":"), "line 3"),
        (format!("{head}\n\n"), "line 2"),
    ] {
        let place = Place::new("broken");
        fs::write(&place.0, &text).unwrap();
        let error = replaying(&place.0).await.unwrap_err();
        assert!(
            matches!(error, SandboxError::Recording { .. }) && error.to_string().contains(words),
            "{text}: {error}"
        );
    }
    let error = replaying(Path::new("/no/such/file")).await.unwrap_err();
    assert!(error.to_string().contains("cannot replay /no/such/file"), "{error}");
    // An empty one answers nothing.
    let place = Place::new("empty");
    fs::write(&place.0, format!("{head}\n")).unwrap();
    let sandbox = replaying(&place.0).await.unwrap();
    let error = builder(&sandbox).build().unwrap().me().await.unwrap_err();
    assert!(error.to_string().contains("`me` was not recorded"), "{error}");
}
