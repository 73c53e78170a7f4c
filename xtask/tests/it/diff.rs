//! `cargo xtask diff`: what it takes, prints and exits with.

use crate::workspace::root;
use std::fs;
use std::process::Command;

/// The exit code, standard output and standard error.
fn diff(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("diff").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_exit_code_follows_from_the_severity() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (overrides, base) = (path("overrides.toml"), path("base.graphql"));
    fs::write(&overrides, "").unwrap();
    fs::write(&base, "type Query { a(x: Int = 1): Int }").unwrap();
    let cases = [
        ("type Query { a(x: Int = 1): Int }", 0, "no differences"),
        ("type Query { a(x: Int = 1): Int b: Int }", 0, "1 safe change"),
        ("type Query { a(x: Int = 2): Int }", 3, "1 behavioural change"),
        ("type Query { a(x: Int = 1): Int! }", 4, "1 breaking change"),
        ("type Query { a(x: Int = 1): Int A: Int }", 4, "both become"),
    ];
    let new = path("new.graphql");
    for (schema, code, part) in cases {
        fs::write(&new, schema).unwrap();
        let (found, text, error) = diff(&[&base, &new, "--overrides", &overrides]);
        assert!(found == code && text.contains(part), "{schema}: {found}\n{text}{error}");
        let (never, json, _) =
            diff(&[&base, &new, "--overrides", &overrides, "--format", "json", "--fail-on", "never"]);
        assert!(never == 0 && json.starts_with('{'), "{schema}: {never}\n{json}");
    }
}

#[test]
fn what_is_neither_a_file_nor_a_revision_is_an_error() {
    let (code, _, error) = diff(&["no-such-thing"]);
    assert!(code == 1 && error.contains("no file of this name either"), "{code}: {error}");
}

/// Whether the repository has a revision: a shallow clone or a source package lacks old ones.
fn has(revision: &str) -> bool {
    let mut git = Command::new("git");
    git.arg("-C").arg(root()).args(["cat-file", "-e"]).arg(format!("{revision}^{{commit}}"));
    git.output().is_ok_and(|output| output.status.success())
}

#[test]
fn the_example_of_the_guide_is_real() {
    let revisions = ["104dfa85", "0ccf9410"];
    if !revisions.iter().all(|revision| has(revision)) {
        eprintln!("skipped: the repository lacks one of {revisions:?}");
        return;
    }
    let (code, report, error) = diff(&revisions);
    assert!(code == 4, "{code}: {error}");
    let guide = fs::read_to_string(root().join("docs/schema-changes.md")).unwrap();
    let example = guide.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let blocks: Vec<_> = example.trim_end().split("\n\n").collect();
    assert!(blocks.len() > 2);
    for block in blocks {
        assert!(report.contains(block), "not in the report:\n{block}");
    }
}

#[test]
fn a_revision_stands_for_the_schemas_of_both_environments() {
    let production = "type Query { a: Int }";
    let repository = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-C"]).arg(repository.path());
        let output = git.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let commit = |files: &[(&str, &str)], tag: &str| {
        files.iter().for_each(|(name, text)| fs::write(repository.path().join(name), text).unwrap());
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", tag]);
        git(&["tag", tag]);
    };
    git(&["init", "--quiet"]);
    commit(&[("schema.json", production), ("schema.overrides.toml", "")], "one");
    commit(&[("schema.qa.json", "type Query { a: Int b: Int }")], "both");
    commit(&[("schema.qa.json", "type Query { a: String }")], "contradiction");
    let diff = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("diff").args(arguments).env("GIT_DIR", repository.path().join(".git"));
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let (code, report, error) = diff(&["one", "both"]);
    assert!(code == 0 && report.contains("1 safe change") && report.contains("b: Int"), "{report}{error}");
    // A file of a revision is one environment.
    for files in [["one", "both:schema.json"], ["one:schema.json", "contradiction:schema.json"]] {
        let (code, report, error) = diff(&files);
        assert!(code == 0 && report.contains("no differences"), "{report}{error}");
    }
    let (code, _, error) = diff(&["both", "contradiction"]);
    assert_eq!(code, 1);
    let part = "contradiction:schema.json and contradiction:schema.qa.json: ";
    assert!(error.contains(part) && error.contains("`Query.a`"), "{error}");
}
