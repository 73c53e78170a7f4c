//! `cargo xtask preflight`: what it takes, prints and exits with.

use std::fs;
use std::process::Command;
#[cfg(unix)]
use std::{os::unix::fs::PermissionsExt as _, path::Path, process::Output};

const ENDPOINT: &str = "http://127.0.0.1:9/graphql";

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("preflight").args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_server_is_required_and_only_one() {
    let ran = |arguments: &[&str]| {
        let output = xtask(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    assert!(ran(&[]).contains("<--endpoint <URL>|--stage <STAGE>|--domain <DOMAIN>>"));
    assert!(ran(&["--stage", "qa", "--endpoint", ENDPOINT]).contains("cannot be used with"));
    assert!(ran(&["--stage", "qa", "--token", "x", "--client-id", "y"]).contains("cannot be used with"));
}

#[test]
fn a_schema_that_is_not_there_is_an_error_before_anything_is_fetched() {
    let output = xtask(&["--endpoint", ENDPOINT, "--schema", "nowhere.json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot read nowhere.json"), "{}", text(&output.stderr));
}

/// Runs with a program in the place of cargo that "fetches" `new`.
#[cfg(unix)]
fn compared(folder: &Path, old: &str, new: &str, more: &[&str]) -> Output {
    let path = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (schema, overrides, new) =
        (path("old.graphql", old), path("overrides.toml", ""), path("live.graphql", new));
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in build*) exit 0 ;; esac\nwhile [ \"$1\" != --schema ]; do shift; done\nexec cp '{new}' \"$2\"\n"
    );
    let cargo = path("cargo", &script);
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let arguments = ["--endpoint", ENDPOINT, "--schema", &schema, "--overrides", &overrides];
    xtask(&arguments).args(more).env("CARGO", &cargo).output().unwrap()
}

#[cfg(unix)]
#[test]
fn the_exit_code_follows_from_what_built_programs_meet() {
    let folder = tempfile::tempdir().unwrap();
    let old = "type Query { a(x: Int = 1): Int! b: Int }";
    let cases = [
        ("type Query { a(x: Int = 1): Int! b: Int }", 0, "no differences"),
        // Source does not compile any more; a built program reads it as before.
        ("type Query { a(x: Int = 1): Int! b: Int! }", 0, "no differences"),
        ("type Query { a(x: Int = 1): Int! b: Int @deprecated(reason: \"no\") c: Int }", 0, "no differences"),
        ("type Query { a(x: Int = 2): Int! b: Int }", 3, "Query.a(x:)"),
        ("type Query { a(x: Int = 1): Int b: Int }", 4, "Query.a"),
        ("type Query { a(x: Int = 1): Int! }", 4, "Query.b"),
    ];
    for (new, code, part) in cases {
        let output = compared(folder.path(), old, new, &[]);
        let report = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.code() == Some(code) && report.contains(part), "{new}: {report}");
        assert_eq!(fs::read_to_string(folder.path().join("old.graphql")).unwrap(), old, "it stays as it is");
        let output = compared(folder.path(), old, new, &["--format", "json", "--fail-on", "never"]);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0));
        let deployed = json["changes"].as_array().unwrap().iter().map(|it| &it["deployed"]);
        assert!(deployed.clone().all(|it| it == "fails" || it == "changes"), "{json}");
        assert_eq!(deployed.count() > 0, code != 0, "{json}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_without_a_crate_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let schema = "type Query { a: Int }";
    let output = compared(folder.path(), schema, schema, &["--used-by", "no/such/folder"]);
    let error = text(&output.stderr);
    assert!(output.status.code() == Some(1) && error.starts_with("error: "), "{error}");
}

/// The lines of the examples that call with a default selection, select, or leave a default out.
#[cfg(unix)]
#[test]
#[ignore = "checks the examples with an SDK, which takes minutes; run by .ci/run"]
fn uses_of_the_examples_are_found_also_where_no_field_is_named() {
    let root = crate::workspace::root();
    let text_of = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let mut schema: serde_json::Value = serde_json::from_str(&text_of("schema.json")).unwrap();
    let pointer = if schema.get("data").is_some() { "/data/__schema/types" } else { "/__schema/types" };
    for ty in schema.pointer_mut(pointer).unwrap().as_array_mut().unwrap() {
        let name = ty["name"].as_str().unwrap().to_owned();
        let Some(fields) = ty["fields"].as_array_mut() else { continue };
        fields.retain(|it| !(name == "Team" && it["name"] == "timeZone"));
        fields.retain(|it| !(name == "Request" && it["name"] == "requestId"));
        for field in fields.iter_mut().filter(|it| name == "Person" && it["name"] == "jobTitle") {
            field["isDeprecated"] = true.into();
            field["deprecationReason"] = "Use `role`.".into();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let live = folder.path().join("live.json");
    fs::write(&live, schema.to_string()).unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let script = folder.path().join("cargo");
    let live = live.to_str().unwrap();
    fs::write(
        &script,
        format!(
            "#!/bin/sh\ncase \"$*\" in\n*xurrent-introspect*--schema*) while [ \"$1\" != --schema ]; do shift; done; exec cp \
             '{live}' \"$2\" ;;\n*xurrent-introspect*) exit 0 ;;\nesac\nexec '{cargo}' \"$@\"\n"
        ),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = xtask(&["--endpoint", ENDPOINT, "--used-by", "sdk/examples", "--format", "json"]);
    let output = command.env("CARGO", &script).current_dir(&root).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let uses = json["used_by"]["uses"].as_array().unwrap();
    for (path, file, part, deployed) in [
        ("Team.timeZone", "record.rs", "client.teams()", "fails"),
        ("Request.requestId", "record.rs", "client.requests()", "fails"),
        ("Request.requestId", "open_requests.rs", "    request_id: Option<String>,", "fails"),
        ("Person.jobTitle", "nightly_sync.rs", "person.job_title", "works"),
    ] {
        let source = text_of(&format!("sdk/examples/{file}"));
        let line = source.lines().position(|line| line.contains(part)).unwrap() + 1;
        let is_it = |it: &serde_json::Value| {
            it["path"] == path && it["file"] == format!("examples/{file}") && it["line"] == line
        };
        assert!(uses.iter().any(|it| is_it(it) && it["deployed"] == deployed), "{path}\n{json:#}");
    }
    // It selects what it needs in the same chain of calls.
    let selected = text_of("sdk/examples/open_requests.rs");
    let line = selected.lines().position(|line| line.contains(".select::<Ticket>()")).unwrap() + 1;
    let at = |it: &&serde_json::Value| it["file"] == "examples/open_requests.rs" && it["line"] == line;
    assert_eq!(uses.iter().find(at), None, "{json:#}");
}
