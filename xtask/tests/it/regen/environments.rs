//! The schema of a second environment is part of what changed, and is written together with the rest.

#[cfg(unix)]
use crate::regen::fetched::fetch_all;
use crate::regen::{ADDED, FIRST, Project, REMOVED, entries};
use std::fs;

#[test]
fn a_change_of_either_environment_is_told() {
    let project = Project::committed();
    project.write("schema.qa.json", ADDED);
    let ran = project.regen(&[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("\nsince commit ") && ran.stdout.contains(", 2 safe"), "{}", ran.stdout);
    assert!(project.read("CHANGES.md").contains("`Ticket.urgent`"), "{}", project.read("CHANGES.md"));
    assert!(project.read("generated/ticket.rs").contains("Only in the second schema"));
    project.commit();
    // Nothing is new after the commit, and a later run tells of both.
    let before = project.files();
    assert!(!project.regen(&[]).stdout.contains("since"));
    assert!(project.files() == before);
    project.write("schema.graphql", ADDED);
    let ran = project.regen(&[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!project.read("generated/ticket.rs").contains("Only in the second schema"));
    assert!(project.read("CHANGES.md").contains("`Ticket.urgent`: is in the default selection"));
    project.git(&["checkout", "--quiet", "."]);
    // A revision has both, a file is one environment.
    project.write("schema.qa.json", REMOVED);
    let ran = project.regen(&["--old", "HEAD"]);
    assert!(ran.stdout.contains("since revision HEAD: 1 breaking change,"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Ticket.urgent"), "{}", ran.stdout);
    let ran = project.regen(&["--old", "schema.graphql"]);
    assert!(!ran.stdout.contains("Ticket.urgent"), "{}", ran.stdout);
    // One environment again.
    project.git(&["checkout", "--quiet", "."]);
    fs::remove_file(project.path("schema.qa.json")).unwrap();
    let ran = project.regen(&[]);
    assert!(ran.stdout.contains("Ticket.urgent") && ran.stderr.is_empty(), "{}{}", ran.stdout, ran.stderr);
}

#[cfg(unix)]
const SECOND: [&str; 2] = ["--also-endpoint", "http://127.0.0.1:10/graphql"];

#[cfg(unix)]
#[test]
fn the_schemas_of_both_are_written_with_what_is_generated_from_them() {
    for project in [Project::new(), Project::committed()] {
        let has_git = project.path(".git").exists();
        let schemas = [("schema.graphql", FIRST), ("schema.qa.json", ADDED)];
        let ran = fetch_all(&project, &SECOND, &schemas);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(ran.stdout.starts_with("schema.qa.json written\n"), "{}", ran.stdout);
        let origin = if has_git { "since commit " } else { "since the schema.graphql of before: " };
        assert!(ran.stdout.contains(origin) && ran.stdout.contains(", 2 safe"), "{}", ran.stdout);
        assert_eq!(
            (project.read("schema.qa.json").as_str(), project.read("schema.graphql").as_str()),
            (ADDED, FIRST)
        );
        assert_eq!(entries(&project.read("CHANGES.md")), 1);
        let before = project.files();
        // Also where the second one is in its file, and where it did not change.
        for (arguments, count) in [(&SECOND as &[&str], 2), (&SECOND, 1), (&[], 1)] {
            let ran = fetch_all(&project, arguments, &schemas[..count]);
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
            assert!(!ran.stdout.contains("written\n") && !ran.stdout.contains("since"), "{}", ran.stdout);
            assert!(project.files() == before);
        }
        let ran = fetch_all(&project, &SECOND, &[("schema.graphql", REMOVED), ("schema.qa.json", REMOVED)]);
        assert!(ran.stdout.starts_with("schema.graphql written\nschema.qa.json written\n"), "{}", ran.stdout);
    }
}

#[cfg(unix)]
#[test]
fn both_schemas_stay_as_they_are_when_a_later_step_fails() {
    let foreign_changelog = Project::committed();
    foreign_changelog.write("CHANGES.md", "By hand.");
    let in_the_way = Project::committed();
    fs::create_dir(in_the_way.path("CHANGES.md.tmp")).unwrap();
    let contradiction = "type Query { ticket: Int }";
    for (project, qa) in [
        (foreign_changelog, ADDED),
        (in_the_way, ADDED),
        (Project::committed(), contradiction),
        (Project::committed(), "type Query {"),
    ] {
        let before = project.files();
        let ran = fetch_all(&project, &SECOND, &[("schema.graphql", REMOVED), ("schema.qa.json", qa)]);
        assert_eq!(ran.code, 1, "{}", ran.stdout);
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
        assert!(project.files() == before, "{}", ran.stderr);
    }
}
