//! Failed, interrupted and concurrent runs.

use crate::regen::{FIRST, Project, REMOVED, entries, ran};
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Runs, and checks that it failed with this message and touched nothing.
fn refused(project: &Project, arguments: &[&str], part: &str) {
    let before = project.files();
    let ran = project.regen(arguments);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(ran.stderr.contains(part), "{}", ran.stderr);
    assert!(project.files() == before, "a file was touched");
}

#[test]
fn a_changelog_of_another_origin_is_not_touched() {
    let project = Project::committed();
    project.write("CHANGES.md", "# Ours\n\nBy hand.\n");
    assert_eq!(project.regen(&[]).code, 0, "there is nothing to write");
    project.write("schema.graphql", REMOVED);
    refused(&project, &[], "CHANGES.md was not written by this command: move it away");
}

#[test]
fn a_schema_that_the_generator_refuses_changes_nothing() {
    let project = Project::committed();
    project.write("schema.graphql", "type Query { a: Nothing }");
    refused(&project, &[], "schema.graphql");
    project.write("schema.graphql", REMOVED);
    project.write("overrides.toml", "[renames]\n\"Nobody.x\" = \"y\"\n");
    refused(&project, &[], "Nobody");
}

#[test]
fn an_old_schema_that_cannot_be_read_does_not_stop_the_run() {
    let project = Project::committed();
    project.write("old.graphql", "type Query {");
    project.write("schema.graphql", REMOVED);
    let ran = project.regen(&["--old", "old.graphql"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("note: cannot compare with old.graphql: "), "{}", ran.stderr);
    assert!(ran.stdout.contains("is not known"), "{}", ran.stdout);
}

#[test]
fn an_invalid_day_is_refused() {
    let project = Project::committed();
    project.write("schema.graphql", REMOVED);
    let before = project.files();
    let ran = ran(project.command(&[]).env("SOURCE_DATE_EPOCH", "yesterday"));
    let message =
        "error: the environment variable SOURCE_DATE_EPOCH is \"yesterday\": expected seconds since 1970\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (1, message));
    assert!(project.files() == before);
}

#[test]
fn a_file_that_cannot_be_written_leaves_all_others_alone() {
    let project = Project::committed();
    project.write("schema.graphql", REMOVED);
    // In the place of the temporary file of the one that is written last.
    fs::create_dir(project.path("CHANGES.md.tmp")).unwrap();
    refused(&project, &[], "cannot write ");
    fs::remove_dir(project.path("CHANGES.md.tmp")).unwrap();
    assert_eq!(project.regen(&[]).code, 0);
}

#[test]
fn interrupted_runs_are_repaired_by_the_next_one() {
    let types = |count: usize| {
        let types: String = (0..count).map(|number| format!("type T{number} {{ a: String }} ")).collect();
        let fields: String = (0..count).map(|number| format!("t{number}: T{number} ")).collect();
        format!("type Query {{ weather: String {fields} }} {types}")
    };
    let project = Project::new();
    project.regen_with(&types(200));
    project.git(&["init", "--quiet"]);
    project.commit();
    let (mut whole, started) = (Duration::ZERO, Instant::now());
    project.regen_with(&types(199).replace("weather", "whether"));
    whole += started.elapsed();
    let expected = project.files();
    assert_eq!(entries(&project.read("CHANGES.md")), 1);
    for step in 0..8 {
        project.git(&["checkout", "--quiet", "generated"]);
        let _ = fs::remove_file(project.path("CHANGES.md"));
        let mut child = project.command(&[]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * (4 + step) / 12);
        child.kill().unwrap();
        child.wait().unwrap();
        let ran = project.regen(&[]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let mut files = project.files();
        // The next change replaces it.
        files.remove(&project.path("CHANGES.md.tmp"));
        assert!(files == expected, "killed at step {step}");
    }
}

#[test]
fn concurrent_runs_give_one_result() {
    let project = Project::committed();
    project.write("schema.graphql", REMOVED);
    let mut children: Vec<_> = (0..6)
        .map(|_| project.command(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
        .collect();
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    assert_eq!(entries(&project.read("CHANGES.md")), 1);
    assert_eq!(project.regen(&["--check"]).code, 0);
    assert!(!project.files().keys().any(|path| path.to_string_lossy().ends_with(".tmp")));
    project.regen_with(FIRST);
}
