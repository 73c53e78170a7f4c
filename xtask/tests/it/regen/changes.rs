//! What is printed, and what the changelog gets.

use crate::regen::{ADDED, FIRST, Project, REMOVED, entries};
use std::fs;

#[test]
fn a_change_is_printed_and_gets_an_entry_once() {
    let project = Project::committed();
    assert!(!project.path("CHANGES.md").exists(), "nothing changed yet");
    let ran = project.regen_with(REMOVED);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for part in
        ["\nsince commit ", "Version step: minor, from 0.1.0.", "  breaking: ", "CHANGES.md is up to date"]
    {
        assert!(ran.stdout.contains(part), "{part} is not in {}", ran.stdout);
    }
    let changelog = project.read("CHANGES.md");
    assert!(changelog.starts_with("# Changes of the schema\n\n<!-- "), "{changelog}");
    assert!(changelog.contains("\n### Breaking\n\n- `"), "{changelog}");
    assert!(changelog.contains("weather"), "{changelog}");
    assert_eq!(entries(&changelog), 1);

    let before = project.files();
    let time = || fs::metadata(project.path("CHANGES.md")).unwrap().modified().unwrap();
    let (written, again) = (time(), project.regen(&[]));
    assert!(!again.stdout.contains("since"), "nothing new: {}", again.stdout);
    assert!(project.files() == before && time() == written, "nothing was touched");
    project.commit();
    let again = project.regen(&[]);
    assert!(!again.stdout.contains("since"), "nothing new: {}", again.stdout);
    assert!(project.files() == before);
}

#[test]
fn an_entry_that_is_not_committed_is_replaced_and_others_stay() {
    let project = Project::committed();
    project.regen_with(REMOVED);
    let one = project.read("CHANGES.md");
    project.regen_with(ADDED);
    let other = project.read("CHANGES.md");
    assert!(entries(&other) == 1 && other.contains("urgent") && !other.contains("weather"), "{other}");
    project.regen_with(REMOVED);
    assert_eq!(project.read("CHANGES.md"), one);
    project.regen_with(FIRST);
    assert_eq!(entries(&project.read("CHANGES.md")), 0, "back to what was committed");

    project.regen_with(REMOVED);
    project.commit();
    let ran = project.regen_with(FIRST);
    assert!(ran.stdout.contains("since commit"), "{}", ran.stdout);
    let both = project.read("CHANGES.md");
    assert_eq!(entries(&both), 2);
    let (head, entry) = one.split_once("-->\n\n").unwrap();
    assert!(both.starts_with(head) && both.ends_with(&format!("\n\n{entry}")), "newest first: {both}");
}

#[test]
fn text_by_hand_stays() {
    let project = Project::committed();
    project.regen_with(REMOVED);
    let written = project.read("CHANGES.md");
    let (head, entry) = written.split_once("-->\n\n").unwrap();
    let text = format!("Ours.\n{head}-->\n\nMind this.\n\n{entry}\nThe end, without a line feed");
    project.write("CHANGES.md", &text);
    project.regen_with(ADDED);
    let changelog = project.read("CHANGES.md");
    assert_eq!(entries(&changelog), 1, "{changelog}");
    assert!(changelog.starts_with("Ours.\n# Changes"), "{changelog}");
    assert!(changelog.contains("Mind this.\n\n<!-- schema "), "{changelog}");
    assert!(changelog.ends_with("\nThe end, without a line feed"), "{changelog}");

    project.write("CHANGES.md", &changelog.replace("### ", "Somebody wrote here.\n\n### "));
    project.regen_with(REMOVED);
    let changelog = project.read("CHANGES.md");
    assert!(changelog.contains("Somebody wrote here."), "{changelog}");
    assert_eq!(entries(&changelog), 2, "an edited entry is not replaced: {changelog}");
}

#[test]
fn lines_end_as_those_of_the_file() {
    let project = Project::committed();
    project.regen_with(REMOVED);
    project.commit();
    project.write("CHANGES.md", &project.read("CHANGES.md").replace('\n', "\r\n"));
    // The same schema, as git checks it out on Windows.
    let ran = project.regen_with(&REMOVED.replace("} type", "}\r\ntype"));
    assert!(!ran.stdout.contains("breaking"), "{}", ran.stdout);
    let ran = project.regen_with(&ADDED.replace("} type", "}\r\ntype"));
    assert!(ran.stdout.contains("since commit"), "{}", ran.stdout);
    let changelog = project.read("CHANGES.md");
    assert_eq!(entries(&changelog), 2);
    assert_eq!(changelog.matches('\n').count(), changelog.matches("\r\n").count(), "{changelog:?}");
    project.regen_with(FIRST);
    assert_eq!(entries(&project.read("CHANGES.md")), 2, "the one of before is recognised and replaced");
}

#[test]
fn check_prints_the_change_and_writes_nothing() {
    let project = Project::committed();
    project.write("schema.graphql", REMOVED);
    let before = project.files();
    let ran = project.regen(&["--check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("differs: ") && ran.stdout.contains("since commit "), "{}", ran.stdout);
    assert!(project.files() == before);

    project.regen(&[]);
    project.commit();
    let ran = project.regen(&["--check"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    let ran = project.regen(&["--check", "--old", "HEAD~1"]);
    assert_eq!(ran.code, 0, "the source is up to date");
    assert!(ran.stdout.contains("since revision HEAD~1: "), "{}", ran.stdout);
}

#[test]
fn a_schema_that_was_committed_before_its_source_is_told() {
    let project = Project::committed();
    project.write("schema.graphql", REMOVED);
    project.commit();
    let ran = project.regen(&[]);
    assert!(ran.stdout.contains("since commit") && ran.stdout.contains("weather"), "{}", ran.stdout);
    assert_eq!(entries(&project.read("CHANGES.md")), 1);
}

#[test]
fn without_git_the_old_schema_is_given() {
    let project = Project::new();
    let ran = project.regen(&[]);
    let unknown = "what changed in the schema is not known: pass the file of before to --old\n";
    assert!(ran.stdout.ends_with(unknown), "{}", ran.stdout);
    assert!(!project.regen(&[]).stdout.contains("not known"), "nothing was written");
    project.write("old.graphql", FIRST);
    project.write("schema.graphql", REMOVED);
    let ran = project.regen(&["--old", "old.graphql"]);
    assert!(ran.stdout.contains("since old.graphql: "), "{}", ran.stdout);
    assert_eq!(entries(&project.read("CHANGES.md")), 1);
    let ran = project.regen(&["--old", "nowhere"]);
    assert_eq!((ran.code, ran.stderr.contains("cannot read nowhere")), (1, true), "{}", ran.stderr);
}

#[test]
fn a_shallow_clone_is_enough() {
    let origin = Project::committed();
    origin.write("unrelated", "");
    origin.commit();
    let clone = Project { folder: tempfile::tempdir().unwrap() };
    let url = format!("file://{}", origin.folder.path().display());
    clone.git(&["clone", "--quiet", "--depth", "1", &url, "."]);
    let ran = clone.regen_with(REMOVED);
    assert!(ran.stdout.contains("since commit "), "{}", ran.stdout);
    assert_eq!(entries(&clone.read("CHANGES.md")), 1);
}

#[test]
fn thousands_of_changes_stay_readable() {
    let types: String = (0..3000).map(|number| format!("type T{number} {{ a: String, b: Int }} ")).collect();
    let fields: String = (0..3000).map(|number| format!("t{number}: T{number} ")).collect();
    let project = Project::new();
    project.write("old.graphql", &format!("type Query {{ a: String {fields} }} {types}"));
    let ran = project.regen(&["--old", "old.graphql"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.lines().count() < 60 && ran.stdout.contains(" more: "), "{}", ran.stdout);
    let changelog = project.read("CHANGES.md");
    assert!(changelog.lines().count() < 200 && changelog.len() < 60_000, "{}", changelog.len());
    let rest = changelog.lines().find(|line| line.starts_with("- and ")).unwrap();
    let count: usize = rest.split(' ').nth(2).unwrap().parse().unwrap();
    assert!(count > 2000, "{rest}");
}
