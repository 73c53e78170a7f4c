//! `diff --used-by` on the examples of this repository: the places that ten edits of the schema touch, and no others.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An edit of the schema: the path of its change, and the lines of the examples that it touches, each with a text that
/// no other line of the file has.
struct Edit {
    path: &'static str,
    apply: fn(&mut Value),
    lines: &'static [(&'static str, &'static str)],
    /// Whether the lines compile all the same.
    compiles: bool,
}

/// Edits that break the examples.
const BREAKING: [Edit; 5] = [
    Edit {
        path: "Request.requestId",
        apply: |schema| remove(members(schema, "Request", "fields"), "requestId"),
        lines: &[
            ("open_requests.rs", "    request_id: Option<String>,"),
            ("bulk_update.rs", "it.request_id.clone()"),
        ],
        compiles: false,
    },
    Edit {
        path: "RequestUpdateInput.teamId",
        apply: |schema| remove(members(schema, "RequestUpdateInput", "inputFields"), "teamId"),
        lines: &[("bulk_update.rs", ".team_id(&to)")],
        compiles: false,
    },
    Edit {
        path: "PersonCreateInput.kind",
        apply: |schema| required(schema, "PersonCreateInput", "kind"),
        lines: &[("nightly_sync.rs", "PersonCreateInput::new(")],
        compiles: false,
    },
    Edit {
        path: "RequestOrderField.nextTargetAt",
        apply: |schema| remove(members(schema, "RequestOrderField", "enumValues"), "nextTargetAt"),
        lines: &[("open_requests.rs", "RequestOrderField::NextTargetAt")],
        compiles: false,
    },
    Edit {
        path: "WebhookDeleteMutationInput.reason",
        apply: |schema| required(schema, "WebhookDeleteMutationInput", "reason"),
        lines: &[("webhook_conversation.rs", "WebhookDeleteMutationInput::new(id)")],
        compiles: false,
    },
];

/// Edits of which most compile.
const OTHERS: [Edit; 5] = [
    Edit {
        path: "Query.people(view:)",
        apply: |schema| {
            member(
                member(members(schema, "Query", "fields"), "people")["args"].as_array_mut().unwrap(),
                "view",
            )["defaultValue"] = "all".into()
        },
        lines: &[("record.rs", "tell(\"people, two pages\""), ("record.rs", "client.people().count()")],
        compiles: true,
    },
    Edit {
        path: "PersonUpdateInput.primaryEmail",
        apply: |schema| {
            let field = member(members(schema, "PersonUpdateInput", "inputFields"), "primaryEmail");
            field["isDeprecated"] = true.into();
            field["deprecationReason"] = "Use `emails`.".into();
        },
        lines: &[("nightly_sync.rs", ".primary_email(email)")],
        compiles: true,
    },
    Edit {
        path: "Person.jobTitle",
        apply: |schema| {
            let field = member(members(schema, "Person", "fields"), "jobTitle");
            field["isDeprecated"] = true.into();
            field["deprecationReason"] = "Use `role`.".into();
        },
        lines: &[("nightly_sync.rs", "person.job_title")],
        compiles: false,
    },
    Edit {
        path: "Request.impact",
        apply: |schema| {
            let field = member(members(schema, "Request", "fields"), "impact");
            field["type"] = json!({ "kind": "NON_NULL", "name": null, "ofType": field["type"] });
        },
        lines: &[("open_requests.rs", "    impact: Option<RequestImpact>,")],
        compiles: false,
    },
    Edit {
        path: "Query.requests(view:)",
        apply: |schema| {
            member(
                member(members(schema, "Query", "fields"), "requests")["args"].as_array_mut().unwrap(),
                "view",
            )["defaultValue"] = "all".into()
        },
        lines: &[("record.rs", "tell(\"requests\"")],
        compiles: true,
    },
];

fn members<'s>(schema: &'s mut Value, ty: &str, kind: &str) -> &'s mut Vec<Value> {
    let pointer = if schema.get("data").is_some() { "/data/__schema/types" } else { "/__schema/types" };
    let types = schema.pointer_mut(pointer).unwrap().as_array_mut().unwrap();
    member(types, ty)[kind].as_array_mut().unwrap()
}

fn member<'s>(members: &'s mut [Value], name: &str) -> &'s mut Value {
    members.iter_mut().find(|it| it["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

fn remove(members: &mut Vec<Value>, name: &str) {
    let before = members.len();
    members.retain(|it| it["name"] != name);
    assert_eq!(members.len() + 1, before, "{name}");
}

/// Adds a required text to an input.
fn required(schema: &mut Value, input: &str, name: &str) {
    let text = json!({ "kind": "SCALAR", "name": "String", "ofType": null });
    members(schema, input, "inputFields").push(json!({
        "name": name, "description": null, "defaultValue": null,
        "type": { "kind": "NON_NULL", "name": null, "ofType": text },
    }));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The report for a crate and edits of the schema, as JSON.
fn used_by(folder: &Path, path: &str, edits: &[&Edit]) -> Value {
    let old = root().join("schema.json");
    let mut schema = serde_json::from_str(&fs::read_to_string(&old).unwrap()).unwrap();
    edits.iter().for_each(|edit| (edit.apply)(&mut schema));
    let new = folder.join("schema.json");
    fs::write(&new, schema.to_string()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["diff", old.to_str().unwrap(), new.to_str().unwrap(), "--format", "json", "--used-by", path])
        .current_dir(root())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(3 | 4)), "{stderr}");
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["used_by"].take()
}

/// The uses by the paths of their changes: `examples/a.rs:1`, and the outcomes.
fn found(report: &Value) -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let mut found: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for it in report["uses"].as_array().unwrap() {
        let (places, outcomes) = found.entry(text(&it["path"])).or_default();
        places.insert(format!("{}:{}", text(&it["file"]), it["line"]));
        outcomes.insert(text(&it["outcome"]));
    }
    found
}

fn check(edits: &[Edit]) {
    let folder = tempfile::tempdir().unwrap();
    let report = used_by(folder.path(), "sdk/examples", &edits.iter().collect::<Vec<_>>());
    let mut found = found(&report);
    for Edit { path, lines, compiles, .. } in edits {
        let line = |(file, text): &(&str, &str)| {
            let file = format!("examples/{file}");
            let source = fs::read_to_string(root().join("sdk").join(&file)).unwrap();
            let mut lines = source.lines().enumerate().filter(|(_, line)| line.contains(text));
            let (Some((index, _)), None) = (lines.next(), lines.next()) else {
                panic!("{file} does not have {text:?} in one line")
            };
            format!("{file}:{}", index + 1)
        };
        let (places, outcomes) = found.remove(*path).unwrap_or_default();
        assert_eq!(places, lines.iter().map(line).collect(), "{path}\n{report:#}");
        assert_eq!(outcomes.contains("compiles"), *compiles, "{path}\n{report:#}");
    }
    assert!(found.is_empty(), "false alarms\n{report:#}");
    assert_eq!(report["other_errors"], json!([]), "each error is explained by a change");
}

#[test]
#[ignore = "checks the examples with four SDKs, which takes minutes; run by .ci/run"]
fn uses_in_the_examples_are_found_and_no_others() {
    check(&BREAKING);
    check(&OTHERS);
}

/// A crate outside of this workspace, with what could hide a use: lints, macros, a workspace, a call whose view is given
/// later in the chain.
const LIBRARY: &str = r#"
#![deny(warnings)]
#![allow(deprecated)]
use xurrent::{Client, Person, PersonView, Select};

#[derive(Select)]
#[select(on = Request)]
pub struct Ticket {
    #[select(rename = "requestId")]
    pub number: Option<String>, // number
}

#[derive(Select)]
#[select(on = Person)]
pub struct Colleague {
    pub job_title: Option<String>, // selected
}

macro_rules! job_title {
    ($person:expr) => {
        $person.job_title.clone()
    };
}

pub fn title(person: &Person) -> Option<String> {
    job_title!(person) // macro
}

pub async fn everybody(client: &Client) -> xurrent::Result<Vec<Person>> {
    client
        .people()
        .view(PersonView::All)
        .all()
        .await
}

pub async fn some(client: &Client) -> xurrent::Result<usize> {
    let length = client.people().all().await?.len(); // default
    Ok(length)
}
"#;

#[test]
#[ignore = "checks a crate with two SDKs, which takes minutes; run by .ci/run"]
fn uses_in_another_workspace_are_found_and_nothing_is_written_there() {
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app");
    let write = |file: &str, text: &str| {
        let file = app.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    // A version: no registry has it, so the folder of this SDK must take its place.
    write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"inner\"]\nresolver = \"3\"\n\n[workspace.dependencies]\nxurrent = \"0.1\"\n",
    );
    let manifest =
        "[package]\nname = \"inner\"\nedition = \"2024\"\n\n[dependencies]\nxurrent.workspace = true\n";
    write("inner/Cargo.toml", manifest);
    write("inner/src/lib.rs", LIBRARY);
    let edits = [&BREAKING[0], &OTHERS[0], &OTHERS[2]];
    let report = used_by(folder.path(), app.join("inner").to_str().unwrap(), &edits);
    let line = |text: &str| LIBRARY.lines().position(|line| line.contains(text)).unwrap() + 1;
    let expected = [
        ("Person.jobTitle", line("// macro"), "refused"),
        ("Person.jobTitle", line("// selected"), "compiles"),
        ("Query.people(view:)", line("// default"), "compiles"),
        ("Request.requestId", line("requestId"), "refused"),
    ];
    let found: BTreeSet<_> = report["uses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            assert_eq!(it["file"], "src/lib.rs");
            let text = |key: &str| it[key].as_str().unwrap().to_owned();
            (text("path"), it["line"].as_u64().unwrap(), text("outcome"))
        })
        .collect();
    let expected = expected.map(|(path, line, outcome)| (path.to_owned(), line as u64, outcome.to_owned()));
    assert_eq!(found, BTreeSet::from(expected), "{report:#}");
    assert_eq!(report["other_errors"], json!([]));
    for made in ["Cargo.lock", "target", "inner/target"] {
        assert!(!app.join(made).exists(), "{made} was written beside the crate");
    }
}

#[test]
fn a_crate_without_the_sdk_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = "[package]\nname = \"other\"\nedition = \"2024\"\n\n[dependencies]\n";
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/lib.rs"), "").unwrap();
    let refused = |path: &str| {
        let schema = root().join("schema.json");
        let schema = schema.to_str().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        let output = command.args(["diff", schema, schema, "--used-by", path]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let text = refused(folder.path().to_str().unwrap());
    assert!(text.contains("has no dependency on `xurrent`"), "{text}");
    let text = refused(folder.path().join("nowhere").to_str().unwrap());
    assert!(text.contains("cannot find") && text.contains("nowhere"), "{text}");
    fs::remove_file(folder.path().join("Cargo.toml")).unwrap();
    let text = refused(folder.path().to_str().unwrap());
    assert!(text.contains("is no crate: pass the folder of a `Cargo.toml`"), "{text}");
}
