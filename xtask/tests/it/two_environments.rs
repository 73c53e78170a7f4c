//! `diff` and `preflight` of a crate of two environments: a revision with both schemas, and servers of both.

use crate::workspace::root;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

/// The two schemas.
struct Environments {
    production: String,
    qa: String,
}

/// A folder with a repository of one commit with `old`, and a program in the place of cargo that "fetches" `new`.
fn xtask(
    folder: &Path,
    old: &Environments,
    new: &Environments,
    overrides: &str,
    arguments: &[&str],
) -> Output {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for (name, text) in [
        ("old/schema.json", old.production.as_str()),
        ("old/schema.qa.json", &old.qa),
        ("old/schema.overrides.toml", overrides),
    ] {
        write(name, text);
    }
    let repository = folder.join("old");
    for command in
        [&["init", "--quiet"] as &[&str], &["add", "--all"], &["commit", "--quiet", "--message", "both"]]
    {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-C"]).arg(&repository);
        assert!(git.args(command).status().unwrap().success());
    }
    let (production, qa) = (write("new/production", &new.production), write("new/qa", &new.qa));
    let real = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*xurrent-introspect*--schema*) ;;\n*xurrent-introspect*) exit 0 ;;\n\
         *) exec '{real}' \"$@\" ;;\nesac\nsources=\"$*\"\nwhile [ $# -gt 0 ]; do\n  case \"$1\" in\n  \
         --schema) case \"$sources\" in *--stage=production*) cp '{production}' \"$2\" ;; *) cp '{qa}' \"$2\" ;; esac ;;\n  \
         --also) case \"$sources\" in *--also-stage=qa*) cp '{qa}' \"$2\" ;; *) exit 7 ;; esac ;;\n  esac\n  shift\ndone\n"
    );
    let cargo = write("cargo", &script);
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).arg("--overrides").arg(repository.join("schema.overrides.toml"));
    command.current_dir(root()).env("CARGO", cargo).env("GIT_DIR", repository.join(".git"));
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_revision_with_two_schemas_is_compared_with_two_servers() {
    let folder = tempfile::tempdir().unwrap();
    let environments = |production: &str, qa: &str| Environments {
        production: format!("type Query {{ {production} }}"),
        qa: format!("type Query {{ {qa} }}"),
    };
    let old = environments("a: Int", "a: Int b: Int c: Int");
    let both = ["diff", "--stage", "production", "--also-stage", "qa"];
    let qa = ["diff", "--stage", "qa"];
    for (new, arguments, code, part) in [
        (environments("a: Int", "a: Int b: Int c: Int"), &both[..], 0, "no differences"),
        (environments("a: Int b: Int", "a: Int b: Int c: Int"), &both, 0, "safe"),
        (environments("a: Int", "a: Int b: Int"), &both, 4, "Query.c"),
        // A single server is joined with the file that is there, and there is none.
        (environments("a: Int", "a: Int b: Int c: Int"), &qa, 0, "safe"),
    ] {
        let output = xtask(folder.path(), &old, &new, "", arguments);
        let report = text(&output.stdout) + &text(&output.stderr);
        assert!(
            output.status.code() == Some(code) && report.contains(part),
            "{arguments:?} {part}: {report}"
        );
        fs::remove_dir_all(folder.path().join("old")).unwrap();
    }
}

/// A crate that selects fields of QA.
const LIBRARY: &str = r#"
use xurrent::{Client, Select};

#[derive(Select)]
#[select(on = Request)]
pub struct Ticket {
    pub forecast: Option<String>, // only in QA
    #[select(first = 2)]
    pub followers: Option<Vec<Follower>>, // a connection
    pub subject: Option<String>,
}

#[derive(Select)]
#[select(on = Watch)]
pub struct Follower {
    pub id: xurrent::Id,
}

pub async fn all(client: &Client) -> xurrent::Result<usize> {
    Ok(client.requests().select::<Ticket>().all().await?.len())
}
"#;

#[test]
#[ignore = "checks a crate with SDKs, which takes minutes; run by .ci/run"]
fn uses_of_what_only_qa_has_are_found_in_a_crate_of_both() {
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app");
    fs::create_dir_all(app.join("src")).unwrap();
    fs::write(
        app.join("Cargo.toml"),
        "[package]\nname = \"app\"\nedition = \"2024\"\n\n[dependencies]\nxurrent = \"0.1\"\n\n[workspace]\n",
    )
    .unwrap();
    fs::write(app.join("src/lib.rs"), LIBRARY).unwrap();
    let app = app.to_str().unwrap();
    let production = fs::read_to_string(root().join("schema.json")).unwrap();
    let overrides = fs::read_to_string(root().join("schema.overrides.toml")).unwrap();
    let overrides = match overrides.contains("[environments]") {
        true => overrides,
        false => format!("{overrides}\n[environments]\nnames = [\"production\", \"QA\"]\n"),
    };
    let mut schema: Value = serde_json::from_str(&production).unwrap();
    let pointer = if schema.get("data").is_some() { "/data/__schema/types" } else { "/__schema/types" };
    let types = schema.pointer_mut(pointer).unwrap().as_array_mut().unwrap();
    let request = types.iter_mut().find(|ty| ty["name"] == "Request").unwrap();
    let fields = request["fields"].as_array_mut().unwrap();
    let mut followers = fields.iter().find(|field| field["name"] == "watches").unwrap().clone();
    followers["name"] = "followers".into();
    fields.push(followers);
    fields.push(json!({
        "name": "forecast", "description": null, "args": [], "isDeprecated": false, "deprecationReason": null,
        "type": { "kind": "SCALAR", "name": "String", "ofType": null },
    }));
    let old = Environments { production: production.clone(), qa: schema.to_string() };
    let line = |text: &str| LIBRARY.lines().position(|line| line.contains(text)).unwrap() + 1;
    let uses = |output: &Output| {
        let json: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
        let uses = json["used_by"]["uses"].as_array().unwrap().clone();
        uses.iter()
            .map(|it| {
                format!("{}:{} {}", it["file"].as_str().unwrap(), it["line"], it["path"].as_str().unwrap())
            })
            .collect::<Vec<_>>()
    };
    let expected = [("// only in QA", "Request.forecast"), ("// a connection", "Request.followers")]
        .map(|(text, path)| format!("src/lib.rs:{} {path}", line(text)));
    // QA loses the field.
    let new = Environments { production: production.clone(), qa: production.clone() };
    let arguments =
        ["diff", "--stage", "production", "--also-stage", "qa", "--format", "json", "--used-by", app];
    let output = xtask(folder.path(), &old, &new, &overrides, &arguments);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert_eq!(uses(&output), expected);
    // Production does not have it yet.
    fs::remove_dir_all(folder.path().join("old/.git")).unwrap();
    let file = |name: &str| folder.path().join("old").join(name).to_str().unwrap().to_owned();
    let (schema, also) = (file("schema.json"), file("schema.qa.json"));
    let files = ["--schema", &schema, "--also", &also];
    let arguments =
        [&["preflight", "--stage", "production", "--format", "json", "--used-by", app], &files[..]].concat();
    let output = xtask(folder.path(), &old, &old, &overrides, &arguments);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert_eq!(uses(&output), expected);
    fs::remove_dir_all(folder.path().join("old/.git")).unwrap();
    let arguments =
        [&["preflight", "--stage", "qa", "--format", "json", "--used-by", app], &files[..]].concat();
    let output = xtask(folder.path(), &old, &old, &overrides, &arguments);
    assert_eq!((output.status.code(), uses(&output)), (Some(0), Vec::new()), "{}", text(&output.stderr));
}
