//! The cases as tables, in the README of their folder.

use super::cases::{Case, Deployed, Severity};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const INTRODUCTION: &str = "\
# Every kind of change of a schema

What it means for a Rust program that uses what changed. Each line is a case in a file of this folder: an edit of
`base.graphql`, with a program that is compiled against both schemas and runs against servers of both.
`it/edits` compares what comes of it with this table, and the table with the diff.

- **source**, for a program that is built against the new schema: *breaking* does not compile, or the server refuses it;
  *behavioural* compiles and means something else, or warns; *safe* is neither.
- **deployed**, for a program that was built against the old schema, at a server of the new one: it *works* as before,
  *changes* its meaning, or *fails* with an error.

Lines with * have programs without harm, and the diff tells of more: other programs, or other data, have it.
";

/// The text of the README.
fn readme() -> String {
    let (mut text, mut last) = (INTRODUCTION.to_owned(), String::new());
    for case in Case::all() {
        if case.title != last {
            let title = &case.title;
            write!(text, "\n## {title}\n\n| change | source | deployed | why |\n| --- | --- | --- | --- |\n")
                .unwrap();
            last.clone_from(&case.title);
        }
        let source = match case.severity {
            Severity::None => "no change",
            Severity::Safe => "safe",
            Severity::Behavioural => "behavioural",
            Severity::Breaking => "breaking",
        };
        let deployed = match case.deployed {
            Deployed::Works => "works",
            Deployed::Changes => "changes",
            Deployed::Fails => "fails",
        };
        let stricter = case.stricter.map(|reason| format!("; * {reason}")).unwrap_or_default();
        writeln!(text, "| {} | {source} | {deployed} | {}{stricter} |", case.name, case.reason).unwrap();
    }
    text
}

#[test]
fn the_tables_have_every_case() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edits/README.md");
    let expected = readme();
    if std::env::var("TABLE").is_ok_and(|it| it == "overwrite") {
        fs::write(&path, &expected).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == expected, "{} is out of date: write it with `TABLE=overwrite`", path.display());
}
