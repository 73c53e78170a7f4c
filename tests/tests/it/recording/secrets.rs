//! Recordings hold no secrets and, on request, no values.

use crate::recording::{Place, replaying, scanned, work};
use crate::sandboxed::{builder, start};
use serde_json::{Value, json};
use std::fs;
use xurrent::{Client, DiscoveredConfigurationItemsPayload, Recording, RequestCreateInput, RetryPolicy};
use xurrent_sandbox::Fault;

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
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| *name != "sdk_errors").for_each(|(_, field)| texts(field, found))
        }
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
