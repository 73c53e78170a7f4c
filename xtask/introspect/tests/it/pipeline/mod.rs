//! The workflow for pipelines of users, step by step, while a server changes its schema.

mod repository;
mod workflow;

use repository::Repository;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use workflow::Workflow;
use xurrent_sandbox::{Sandbox, SandboxBuilder};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// In the place of `gh`: writes its arguments to `calls`, and the text of a pull request to `body`. There is one once
/// it is created.
const GH: &str = r#"#!/bin/bash
here=$(dirname "$0")
[ "$GH_TOKEN" = github-token ] || exit 1
printf '%s\n' "$*" >> "$here/calls"
case "$1 $2" in
"auth setup-git") ;;
"pr list") [ ! -f "$here/body" ] || echo 7 ;;
"pr create" | "pr edit") cp "${@: -1}" "$here/body" ;;
*) exit 1 ;;
esac
"#;

struct Pipeline {
    repository: Repository,
    workflow: Workflow,
    /// Programs, and what they were called with.
    bin: PathBuf,
}

impl Pipeline {
    fn new(folder: &Path) -> Self {
        let bin = folder.join("bin");
        let _ = fs::remove_dir_all(&bin);
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join("gh"), GH).unwrap();
        fs::set_permissions(bin.join("gh"), fs::Permissions::from_mode(0o755)).unwrap();
        let text = fs::read_to_string(Path::new(ROOT).join("docs/workflows/schema.yml")).unwrap();
        Self { repository: Repository::new(folder), workflow: Workflow::read(&text), bin }
    }

    /// Runs the workflow against a server with this schema. Returns what it prints, and the calls of `gh`.
    async fn run(&self, server: SandboxBuilder) -> (String, Vec<String>) {
        let sandbox = server.start().await.unwrap();
        self.repository.check_out();
        let context = [
            ("vars.XURRENT_ACCOUNT", sandbox.account()),
            ("secrets.XURRENT_TOKEN", sandbox.token()),
            // Not there.
            ("secrets.XURRENT_ALSO_TOKEN", ""),
            ("github.token", "github-token"),
            ("github.ref_name", "main"),
        ];
        let context = context.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let path = format!("{}:{}", self.bin.display(), std::env::var("PATH").unwrap());
        let source = format!("--endpoint {}", sandbox.graphql_url());
        let _ = fs::remove_file(self.bin.join("calls"));
        let printed =
            self.workflow.run(&self.repository.folder, &self.bin, BTreeMap::from(context), &|command| {
                for (name, _) in std::env::vars_os() {
                    let name = name.to_string_lossy();
                    if name.starts_with("CARGO") || name.starts_with("XURRENT") {
                        command.env_remove(&*name);
                    }
                }
                // The settings of the workflow that a user changes, and the build of this workspace.
                command.env("SOURCE", &source).env("CHECK", "cargo check --package integration");
                command.env("CARGO_TARGET_DIR", Path::new(ROOT).join("target")).env("CARGO_INCREMENTAL", "0");
                command.env("CARGO_NET_OFFLINE", "true").env("PATH", &path);
            });
        let calls = fs::read_to_string(self.bin.join("calls")).unwrap_or_default();
        (printed, calls.lines().map(str::to_owned).collect())
    }

    fn body(&self) -> String {
        fs::read_to_string(self.bin.join("body")).unwrap()
    }

    /// The schema on the branch of the pull request.
    fn pushed(&self) -> Option<String> {
        let branches = self.repository.git(&["ls-remote", "origin", "refs/heads/schema-update"]);
        let commit = branches.split('\t').next().filter(|commit| !commit.is_empty())?;
        Some(self.repository.git(&["show", &format!("{commit}:schema.json")]))
    }
}

fn schema() -> String {
    fs::read_to_string(Path::new(ROOT).join("schema.json")).unwrap()
}

/// The schema without the job title of a person.
fn without_job_title() -> String {
    let mut schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
    let types = schema["data"]["__schema"]["types"].as_array_mut().unwrap();
    let person = types.iter_mut().find(|ty| ty["name"] == "Person").unwrap();
    let fields = person["fields"].as_array_mut().unwrap();
    let before = fields.len();
    fields.retain(|field| field["name"] != "jobTitle");
    assert_eq!(fields.len(), before - 1);
    schema.to_string()
}

#[test]
fn actions_are_pinned_to_commits() {
    let text = fs::read_to_string(Path::new(ROOT).join("docs/workflows/schema.yml")).unwrap();
    let actions = Workflow::read(&text).actions;
    assert!(!actions.is_empty());
    for action in actions {
        let (_, commit) = action.split_once('@').unwrap();
        assert!(commit.len() == 40 && commit.chars().all(|char| char.is_ascii_hexdigit()), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "compiles the SDK for each schema"]
async fn the_workflow_opens_a_pull_request_when_the_schema_changes() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pipeline");
    let pipeline = Pipeline::new(&folder);
    let server = || Sandbox::builder().schema_json(schema());

    let (printed, calls) = pipeline.run(server()).await;
    assert!(printed.ends_with("nothing changed\n"), "{printed}");
    assert!(calls.is_empty() && pipeline.pushed().is_none(), "{calls:?}");

    let (printed, calls) = pipeline.run(server().schema_evolution(true)).await;
    let [setup, list, create] = calls.as_slice() else { panic!("{calls:?} {printed}") };
    assert_eq!(setup, "auth setup-git");
    assert!(list.starts_with("pr list --head schema-update --state open "), "{list}");
    let title = "pr create --base main --head schema-update --title Schema: 0 breaking changes, ";
    assert!(create.starts_with(title), "{create}");
    assert!(create.contains("Version step: patch, from "), "{create}");
    let body = pipeline.body();
    assert!(body.contains("- safe: ") && body.contains("evolvedNote"), "{body}");
    assert!(body.ends_with("`cargo check --package integration` succeeds.\n"), "{body}");
    assert!(pipeline.pushed().unwrap().contains("evolvedNote"));

    let (printed, calls) = pipeline.run(server().schema_evolution(true)).await;
    assert!(printed.ends_with("pull request 7 has these changes already\n"), "{printed}");
    assert_eq!(calls.len(), 2, "{calls:?}");

    let (_, calls) = pipeline.run(Sandbox::builder().schema_json(without_job_title())).await;
    let edit = calls.last().unwrap();
    assert!(edit.starts_with("pr edit 7 --title Schema: ") && !edit.contains(": 0 breaking"), "{edit}");
    assert!(edit.contains("Version step: minor, from "), "{edit}");
    let body = pipeline.body();
    assert!(body.contains("- **breaking**: `Person.jobTitle` ("), "{body}");
    assert!(body.contains("`cargo check --package integration` **fails**"), "{body}");
    assert!(body.contains("integration/src/lib.rs:5") && body.contains("no field `job_title`"), "{body}");
    assert!(!pipeline.pushed().unwrap().contains("evolvedNote"), "the branch has the newest schema only");
}
