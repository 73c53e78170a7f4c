//! People from a file, created, updated and disabled.

use super::{Example, mutations, stored};
use crate::sandboxed::start;
use serde_json::{Value, json};
use std::path::Path;
use xurrent_sandbox::{Fault, Sandbox};

fn write(path: &Path, employees: &Value) {
    std::fs::write(path, employees.to_string()).unwrap();
}

fn employee(number: usize) -> Value {
    let email = format!("hr{number}@wdc.example");
    json!({ "id": format!("E{number}"), "name": format!("Employee {number}"), "email": email })
}

fn employees(count: usize) -> Value {
    (0..count).map(employee).collect()
}

/// The people of the source, as `(sourceID, name, jobTitle, disabled)`.
fn people(sandbox: &Sandbox) -> Vec<(String, String, Option<String>, bool)> {
    let query = r#"{ people(view: all, first: 100, filter: { source: { values: ["hr"] } }) {
        nodes { sourceID name jobTitle disabled } } }"#;
    let data = stored(sandbox, query);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let person = |node: &Value| {
        let disabled = node["disabled"].as_bool().unwrap();
        (text(&node["sourceID"]).unwrap(), text(&node["name"]).unwrap(), text(&node["jobTitle"]), disabled)
    };
    let mut people: Vec<_> = data["people"]["nodes"].as_array().unwrap().iter().map(person).collect();
    people.sort();
    people
}

/// All people of the sandbox that are of no concern to the sync.
fn others(sandbox: &Sandbox) -> Value {
    let query = r#"{ people(view: all, first: 100, filter: { source: { values: ["hr"], negate: true } }) {
        totalCount nodes { id name updatedAt } } }"#;
    stored(sandbox, query)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_created_updated_and_disabled_once() {
    let sandbox = start(|it| it).await;
    let example = Example::new("nightly_sync", &sandbox);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("people.json");
    let path = [file.to_str().unwrap()];
    let untouched = others(&sandbox);

    write(&file, &employees(45));
    let (code, stdout, stderr) = example.run(&path, "").await;
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.contains("45 to create, 0 to update, 0 to disable"), "{stdout}");
    assert_eq!((people(&sandbox).len(), mutations(&sandbox)), (45, 3));

    // Nobody left: nothing is sent.
    assert_eq!(example.run(&path, "").await.0, 0);
    assert_eq!((people(&sandbox).len(), mutations(&sandbox)), (45, 3));

    // E1 has a new name, E44 left, E45 is new.
    let mut changed = employees(46);
    changed[1] = json!({ "id": "E1", "name": "Ada", "email": "hr1@wdc.example", "job_title": "Lead" });
    changed.as_array_mut().unwrap().remove(44);
    write(&file, &changed);
    let (code, stdout, _) = example.run(&path, "").await;
    assert_eq!(code, 0);
    assert!(stdout.contains("1 to create, 1 to update, 1 to disable"), "{stdout}");
    let after = people(&sandbox);
    assert_eq!(after.len(), 46);
    for (id, name, title, disabled) in &after {
        match id.as_str() {
            "E1" => assert_eq!((name.as_str(), title.as_deref()), ("Ada", Some("Lead"))),
            _ => assert_eq!((name.as_str(), title), (&*id.replace('E', "Employee "), &None)),
        }
        assert_eq!(*disabled, id == "E44");
    }
    assert_eq!(example.run(&path, "").await.0, 0);
    assert_eq!((people(&sandbox), mutations(&sandbox)), (after, 4), "the second run changes nothing");

    // E44 returns, and E1 has no title any more.
    write(&file, &employees(46));
    assert_eq!(example.run(&path, "").await.0, 0);
    assert!(people(&sandbox).iter().all(|(_, _, title, disabled)| title.is_none() && !disabled));
    assert_eq!(others(&sandbox), untouched, "people of other sources");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_was_interrupted_continues() {
    let sandbox = start(|it| it).await;
    let example = Example::new("nightly_sync", &sandbox);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("people.json");
    write(&file, &employees(50));
    // The query, 20 creations, 20 of which the response is lost.
    sandbox.faults([Fault::none(), Fault::none(), Fault::cut_after()]);
    let (code, stdout, stderr) = example.run(&[file.to_str().unwrap()], "").await;
    assert_eq!(code, 1, "{stdout}");
    assert!(stderr.contains("Error: stopped: run it again to continue"), "{stderr}");
    assert_eq!(people(&sandbox).len(), 40);
    let (code, stdout, _) = example.run(&[file.to_str().unwrap()], "").await;
    assert_eq!(code, 0);
    assert!(stdout.contains("10 to create, 0 to update, 0 to disable"), "{stdout}");
    assert_eq!(people(&sandbox).len(), 50, "nobody twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_person_does_not_stop_the_others() {
    let sandbox = start(|it| it).await;
    let example = Example::new("nightly_sync", &sandbox);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("people.json");
    let mut some = employees(5);
    some[2]["name"] = json!(" ");
    write(&file, &some);
    let (code, stdout, stderr) = example.run(&[file.to_str().unwrap()], "").await;
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.starts_with("E2: ") && stderr.contains("Name cannot be blank"), "{stderr}");
    assert!(stdout.contains("4 changes made, 1 refused"), "{stdout}");
    assert_eq!(people(&sandbox).len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_changes_nothing() {
    let sandbox = start(|it| it).await;
    let example = Example::new("nightly_sync", &sandbox);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("people.json");
    let path = [file.to_str().unwrap()];
    write(&file, &employees(30));
    assert_eq!(example.run(&path, "").await.0, 0);
    let (before, sent) = (people(&sandbox), mutations(&sandbox));

    for (text, error) in [
        (String::new(), "EOF while parsing"),
        ("{}".to_owned(), "expected a sequence"),
        (r#"[{ "id": "E1", "name": "Ada" }]"#.to_owned(), "missing field `email`"),
        (r#"[{ "id": "E1", "name": "A", "email": "a", "title": "B" }]"#.to_owned(), "unknown field `title`"),
        (json!([employee(1), employee(2), employee(1)]).to_string(), "an id occurs twice"),
        // A file that was cut, though it is valid.
        ("[]".to_owned(), "30 people are not in"),
        (employees(9).to_string(), "21 people are not in"),
    ] {
        std::fs::write(&file, &text).unwrap();
        let (code, stdout, stderr) = example.run(&path, "").await;
        assert_eq!(code, 1, "{text}: {stdout}");
        assert!(stderr.starts_with("Error: ") && stderr.contains(error), "{text}: {stderr}");
    }
    for (arguments, error) in [(&[][..], "usage: nightly_sync"), (&["/nowhere"], "cannot open /nowhere")] {
        let (code, _, stderr) = example.run(arguments, "").await;
        assert!(code == 1 && stderr.contains(error), "{stderr}");
    }
    assert_eq!((people(&sandbox), mutations(&sandbox)), (before, sent));
}
