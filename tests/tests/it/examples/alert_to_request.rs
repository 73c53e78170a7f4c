//! Alerts, which become requests and notes.

use super::{Example, stored};
use crate::sandboxed::start;
use serde_json::{Value, json};
use xurrent_sandbox::{Fault, Sandbox};

fn alert(ci: &str, text: &str) -> String {
    json!({ "id": text, "ci": ci, "title": "CPU at 100 %", "impact": "high", "text": text }).to_string()
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
async fn alerts_about_one_item_are_notes_of_one_request_until_it_is_completed() {
    let sandbox = start(|it| it).await;
    let example = Example::new("alert_to_request", &sandbox);
    for (ci, text, expected) in [
        ("L-0001", "first", "created request "),
        ("L-0001", "second", "added to request "),
        ("L-0001", "first", "added to request "),
        ("L-0002", "other", "created request "),
    ] {
        let (code, stdout, stderr) = example.run(&[], &alert(ci, text)).await;
        assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
        assert!(stdout.starts_with(expected), "{stdout}");
    }
    let before = requests(&sandbox);
    let summary: Vec<_> =
        before.iter().map(|(node, notes)| (node["sourceID"].clone(), notes.clone())).collect();
    let (first, second) = ((json!("first"), vec!["first", "second"]), (json!("other"), vec!["other"]));
    assert_eq!(json!(summary), json!([first, second]));
    let node = &before[0].0;
    let fields = (&node["subject"], &node["impact"], &node["category"]);
    assert_eq!(fields, (&json!("CPU at 100 %"), &json!("high"), &json!("incident")));

    let complete =
        "mutation($id: ID!) { requestUpdate(input: { id: $id, status: completed }) { errors { message } } }";
    let completed =
        sandbox.engine().execute(&json!({ "query": complete, "variables": { "id": node["id"] } }));
    assert_eq!(completed["data"]["requestUpdate"]["errors"], json!([]));
    let (_, stdout, _) = example.run(&[], &alert("L-0001", "again")).await;
    assert!(stdout.starts_with("created request "), "{stdout}");
    // Another source has requests of its own.
    let (_, stdout, _) = example.run(&["--source", "other"], &alert("L-0001", "elsewhere")).await;
    assert!(stdout.starts_with("created request "), "{stdout}");
    assert_eq!(requests(&sandbox).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_an_alert_is_refused_and_sends_nothing() {
    let sandbox = start(|it| it).await;
    let example = Example::new("alert_to_request", &sandbox);
    let high = alert("L-0001", "text");
    for (stdin, error) in [
        ("", "EOF while parsing"),
        ("[1]", "invalid type"),
        ("{}", "missing field `id`"),
        (&high.replace("L-0001", " "), "`id`, `ci`, `title` or `text` is empty"),
        (&high.replace("\"high\"", "\"huge\""), r#"expected one of ["high", "low", "medium", "top"]"#),
        (&format!("{high}{high}"), "trailing characters"),
    ] {
        let (code, stdout, stderr) = example.run(&[], stdin).await;
        assert!(code == 2 && stderr.contains(error), "{stdin}: {stdout}{stderr}");
    }
    assert_eq!(sandbox.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_response_loses_and_repeats_nothing() {
    let sandbox = start(|it| it).await;
    let example = Example::new("alert_to_request", &sandbox);
    sandbox.faults([Fault::cut_after().on_rest(), Fault::status(503).on_rest()]);
    let (code, stdout, stderr) = example.run(&[], &alert("L-0001", "first")).await;
    assert!(code == 0 && stdout.starts_with("added to request "), "{stdout}{stderr}");
    sandbox.faults([Fault::status(422).on_rest()]);
    let (code, _, stderr) = example.run(&[], &alert("L-0001", "second")).await;
    assert!(code == 1 && stderr.starts_with("Error: "), "{stderr}");
    let requests = requests(&sandbox);
    assert_eq!((requests.len(), &requests[0].1), (1, &vec!["first".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_with_one_alert_make_one_request() {
    let sandbox = start(|it| it).await;
    let example = Example::new("alert_to_request", &sandbox);
    let alert = alert("L-0001", "text");
    let (one, two) = tokio::join!(example.run(&[], &alert), example.run(&[], &alert));
    assert_eq!((one.0, two.0), (0, 0), "{one:?} {two:?}");
    let created = [&one, &two].iter().filter(|it| it.1.starts_with("created")).count();
    let requests = requests(&sandbox);
    assert_eq!((created, requests.len(), requests[0].1.len()), (1, 1, 1));
}
