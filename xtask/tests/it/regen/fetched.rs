//! A fetched schema replaces the file only together with what is generated from it.

use crate::regen::{ADDED, Project, REMOVED, Ran, entries, ran};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// Fetches `schema`.
fn fetch(project: &Project, schema: &str) -> Ran {
    fetch_all(project, &[], &[("schema.graphql", schema)])
}

/// Fetches schemas: with a program in the place of cargo that writes them to the folder behind `--into`.
pub(super) fn fetch_all(project: &Project, arguments: &[&str], schemas: &[(&str, &str)]) -> Ran {
    let bin = tempfile::tempdir().unwrap();
    let cargo = bin.path().join("cargo");
    let source = [&["--endpoint", "http://127.0.0.1:9/graphql"], arguments].concat();
    let written = schemas.iter().map(|(name, schema)| format!("printf '%s' '{schema}' > \"$last/{name}\"\n"));
    let script = format!(
        "#!/bin/sh\nfor last; do :; done\ncase \"$*\" in\n\"build --package xurrent-introspect \"*) ;;\n\"run --package \
         xurrent-introspect --quiet -- --endpoint=http://127.0.0.1:9/graphql \"*\" --into \"*)\n{} ;;\n*) exit 7 ;;\nesac\n",
        written.collect::<String>()
    );
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    ran(project.command(&source).env("CARGO", &cargo))
}

#[test]
fn the_replaced_file_is_what_the_change_is_told_from() {
    for project in [Project::new(), Project::committed()] {
        let has_git = project.path(".git").exists();
        let ran = fetch(&project, REMOVED);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(ran.stdout.starts_with("schema.graphql written\n"), "{}", ran.stdout);
        let origin = if has_git { "since commit " } else { "since the schema.graphql of before: " };
        assert!(ran.stdout.contains(origin), "{}", ran.stdout);
        assert_eq!(
            (project.read("schema.graphql").as_str(), entries(&project.read("CHANGES.md"))),
            (REMOVED, 1)
        );
        let before = project.files();
        let ran = fetch(&project, REMOVED);
        assert!(!ran.stdout.contains("written\n") && !ran.stdout.contains("since"), "{}", ran.stdout);
        assert!(project.files() == before);
        // Without git, what was generated last is the schema of before.
        fetch(&project, ADDED);
        assert_eq!(entries(&project.read("CHANGES.md")), if has_git { 1 } else { 2 });
    }
}

#[test]
fn the_first_schema_has_no_change() {
    let project = Project::new();
    fs::remove_file(project.path("schema.graphql")).unwrap();
    let ran = fetch(&project, REMOVED);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.starts_with("schema.graphql written\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("is not known"), "{}", ran.stdout);
    assert!(!project.path("CHANGES.md").exists());
}

#[test]
fn the_schema_stays_as_it_is_when_a_later_step_fails() {
    let foreign_source = Project::committed();
    foreign_source.write("generated/mod.rs", "// By hand.");
    let foreign_changelog = Project::committed();
    foreign_changelog.write("CHANGES.md", "By hand.");
    let in_the_way = Project::committed();
    fs::create_dir(in_the_way.path("CHANGES.md.tmp")).unwrap();
    for (project, schema) in [
        (foreign_source, REMOVED),
        (foreign_changelog, REMOVED),
        (in_the_way, REMOVED),
        (Project::committed(), "type Query {"),
        (Project::committed(), ""),
    ] {
        let before = project.files();
        let ran = fetch(&project, schema);
        assert_eq!(ran.code, 1, "{}", ran.stdout);
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
        assert!(project.files() == before, "{}", ran.stderr);
    }
}
