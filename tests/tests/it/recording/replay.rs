//! Replay of recordings by a sandbox.

use crate::recording::{Place, replaying, work};
use crate::sandboxed::{builder, start};
use serde_json::json;
use std::fs;
use std::path::Path;
use xurrent::{Client, ErrorKind, Recording, RetryPolicy};
use xurrent_sandbox::{Fault, Sandbox, SandboxError};

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
