//! Alerts, which become requests and notes.

use super::{Example, mutations, stored};
use crate::sandboxed::start;
use serde_json::{Value, json};
use std::time::Duration;
use xurrent_sandbox::{Fault, Sandbox};

fn alert(id: &str, text: &str) -> String {
    json!({ "id": id, "title": "CPU at 100 %", "impact": "high", "text": text }).to_string()
}

/// The requests of the source, with the texts of their notes, the oldest first.
fn requests(sandbox: &Sandbox) -> Vec<(Value, Vec<String>)> {
    let query = r#"{ requests(view: all, first: 10, filter: { source: { values: ["monitoring"] } },
        order: [{ field: createdAt, direction: asc }]) {
        nodes { id subject impact category sourceID notes(first: 10) { nodes { text } } } } }"#;
    let data = stored(sandbox, query);
    let request = |node: &Value| {
        let notes = node["notes"]["nodes"].as_array().unwrap().iter();
        (node.clone(), notes.map(|note| note["text"].as_str().unwrap().to_owned()).collect())
    };
    data["requests"]["nodes"].as_array().unwrap().iter().map(request).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_of_one_id_are_notes_of_one_request_until_it_is_completed() {
    let sandbox = start(|it| it).await;
    let example = Example::new("alert_to_request", &sandbox);
    for (id, text, expected) in [
        ("web-1", "first", "created request "),
        ("web-1", "second", "added a note to request "),
        ("web-2", "other", "created request "),
    ] {
        let (code, stdout, stderr) = example.run(&[], &alert(id, text)).await;
        assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
        assert!(stdout.starts_with(expected), "{stdout}");
    }
    let before = requests(&sandbox);
    let summary = |requests: &[(Value, Vec<String>)]| {
        let of = |(node, notes): &(Value, Vec<String>)| (node["sourceID"].clone(), notes.clone());
        requests.iter().map(of).collect::<Vec<_>>()
    };
    let (first, second) = ((json!("web-1"), vec!["first", "second"]), (json!("web-2"), vec!["other"]));
    assert_eq!(json!(summary(&before)), json!([first, second]));
    let node = &before[0].0;
    let fields = (&node["subject"], &node["impact"], &node["category"]);
    assert_eq!(fields, (&json!("CPU at 100 %"), &json!("high"), &json!("incident")));

    let complete =
        "mutation($id: ID!) { requestUpdate(input: { id: $id, status: completed }) { errors { message } } }";
    let completed =
        sandbox.engine().execute(&json!({ "query": complete, "variables": { "id": node["id"] } }));
    assert_eq!(completed["data"]["requestUpdate"]["errors"], json!([]));
    let (_, stdout, _) = example.run(&[], &alert("web-1", "again")).await;
    assert!(stdout.starts_with("created request "), "{stdout}");
    // Another source has requests of its own.
    let (_, stdout, _) = example.run(&["--source", "other"], &alert("web-1", "elsewhere")).await;
    assert!(stdout.starts_with("created request "), "{stdout}");
    assert_eq!(requests(&sandbox).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_an_alert_is_refused_and_sends_nothing() {
    let sandbox = start(|it| it).await;
    let example = Example::new("alert_to_request", &sandbox);
    let high = alert("web-1", "text");
    for (stdin, error) in [
        ("", "EOF while parsing"),
        ("[1]", "invalid type"),
        ("{}", "missing field `id`"),
        (&high.replace("web-1", " "), "`id`, `title` or `text` is empty"),
        (&high.replace("\"high\"", "\"huge\""), r#"expected one of ["high", "low", "medium", "top"]"#),
        (&format!("{high}{high}"), "trailing characters"),
    ] {
        let (code, stdout, stderr) = example.run(&[], stdin).await;
        assert!(code == 2 && stderr.contains(error), "{stdin}: {stdout}{stderr}");
    }
    assert_eq!(sandbox.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_of_unknown_outcome_becomes_a_note_when_it_is_sent_again() {
    let sandbox = start(|it| it).await;
    let example = Example::new("alert_to_request", &sandbox);
    sandbox.faults([Fault::none(), Fault::cut_after()]);
    let (code, _, stderr) = example.run(&[], &alert("web-1", "first")).await;
    assert!(code == 1 && stderr.starts_with("Error: "), "{stderr}");
    let (code, stdout, _) = example.run(&[], &alert("web-1", "first")).await;
    assert!(code == 0 && stdout.starts_with("added a note"), "{stdout}");
    let requests = requests(&sandbox);
    assert_eq!((requests.len(), requests[0].1.len(), mutations(&sandbox)), (1, 2, 2));
}

/// What the example says that it cannot guarantee.
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_with_one_alert_may_create_two_requests_and_say_so() {
    let sandbox = start(|it| it.latency(Duration::from_millis(300))).await;
    let example = Example::new("alert_to_request", &sandbox);
    let alert = alert("web-1", "text");
    let (one, two) = tokio::join!(example.run(&[], &alert), example.run(&[], &alert));
    assert_eq!((one.0, two.0), (0, 0));
    let warnings = [&one, &two].iter().filter(|it| it.2.contains("warning: another process")).count();
    match requests(&sandbox).len() {
        // One process was so slow to start that it found the request of the other.
        1 => assert_eq!(warnings, 0),
        2 => assert!(warnings >= 1, "{one:?} {two:?}"),
        more => panic!("{more} requests"),
    }
}
