//! Marks of what changed, and uses from messages of the compiler.

use crate::case::introspection;
use serde_json::json;
use xurrent_generator::diff::Diff;
use xurrent_generator::used_by::{CompilerMessage, Outcome, Uses};
use xurrent_generator::{Config, Files, Generator};

const OLD: &str = "
    type Query { film(id: ID!): Film, films(view: View = all): [Film!], genres: [String!] }
    type Mutation { filmCreate(input: FilmInput!): Film }
    type Film { id: ID!, title: String, year: Int }
    enum View { all archive }
    input FilmInput { title: String!, year: Int, view: View = all }
";

/// The generators of the old schema and of one with replacements, and their differences.
fn evolved(replacements: &[(&str, &str)]) -> (Generator, Generator, Diff) {
    let mut new = OLD.to_owned();
    for (from, to) in replacements {
        assert_eq!(new.matches(from).count(), 1, "{from}");
        new = new.replace(from, to);
    }
    let generator = |sdl: &str| Generator::new(&introspection(sdl), &Config::default()).unwrap();
    let (old, new) = (generator(OLD), generator(&new));
    let diff = Diff::between(&old, &new);
    (old, new, diff)
}

fn index(diff: &Diff, path: &str) -> usize {
    diff.changes()
        .iter()
        .position(|it| it.path == path)
        .unwrap_or_else(|| panic!("{path}: {:?}", diff.changes()))
}

/// The attributes in generated files, each with the line that follows.
fn marked(files: &Files) -> Vec<(String, String)> {
    let lines: Vec<&str> = files.values().flat_map(|text| text.lines()).map(str::trim).collect();
    let attributes = lines.windows(2).filter(|pair| pair[0].starts_with("#[deprecated"));
    attributes.map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

#[test]
fn nothing_is_marked_where_nothing_changes() {
    let (old, new, diff) = evolved(&[]);
    let before = evolved(&[]).0.rust();
    assert!(old.rust_marked(&new, &diff) == before);
}

/// The macro that declares an object takes attributes of these in one section.
#[test]
fn a_field_that_is_not_fetched_by_default_is_marked_among_the_deprecated_ones() {
    let generator = |sdl: &str| Generator::new(&introspection(sdl), &Config::default()).unwrap();
    let old = "type Query { film: Film } type Film { id: ID!, rate(year: Int!): Int, rank(year: Int!): Int }";
    let (old, new) = (generator(old), generator(&old.replace(", rate(year: Int!): Int", "")));
    let diff = Diff::between(&old, &new);
    let files = old.rust_marked(&new, &diff);
    let film = files.values().find(|text| text.contains("rt::object! {")).unwrap();
    let (before, below) = film.split_once("    deprecated {").unwrap();
    assert!(below.trim_start().starts_with("#[deprecated(note = \"xurrent-change-numbers: "), "{film}");
    assert!(before.contains("rank: ") && !before.contains("rate: ") && below.contains("rate: "), "{film}");
}

#[test]
fn a_changed_field_is_marked_in_its_struct_and_for_selections() {
    let (old, new, diff) = evolved(&[("title: String, year: Int }", "year: Int }")]);
    let files = old.rust_marked(&new, &diff);
    let note = format!("#[deprecated(note = \"xurrent-change-numbers: {}\")]", index(&diff, "Film.title"));
    let field = "title: Option<String> = \"title\": \"String\",".to_owned();
    assert_eq!(marked(&files), [(note.clone(), field.clone()), (note, field)]);
}

#[test]
fn required_fields_mark_new_and_others_their_function() {
    let (old, new, diff) = evolved(&[
        ("title: String!, year: Int,", "title: String!, kind: String!,"),
        ("genres: [String!]", "genre: String"),
    ]);
    let text = old.rust_marked(&new, &diff).into_values().collect::<String>();
    let note = |path| format!("#[deprecated(note = \"xurrent-change-numbers: {}\")]", index(&diff, path));
    assert!(text.contains(&format!("{} new", note("FilmInput.kind"))), "{text}");
    let setter = text.split(&note("FilmInput.year")).nth(1).unwrap().trim_start();
    assert!(setter.starts_with("year: i64 ="), "{setter}");
    let marked: Vec<_> = text.split(&note("Query.genres")).skip(1).map(str::trim_start).collect();
    assert!(marked.iter().any(|item| item.starts_with("genres = \"genres\"")), "the function: {marked:?}");
    assert!(marked.iter().any(|item| item.starts_with("genres: Option<")), "for selections: {marked:?}");
}

/// A message of the compiler, as cargo prints it.
fn message(level: &str, code: &str, text: &str, (line, column): (usize, usize)) -> CompilerMessage {
    let span = json!({
        "file_name": "src/main.rs", "line_start": line, "line_end": line, "column_start": column,
        "column_end": column + 1, "is_primary": true, "label": null, "expansion": null,
    });
    let line = json!({
        "reason": "compiler-message", "package_id": "app", "manifest_path": "/app/Cargo.toml",
        "target": { "kind": ["bin"], "name": "app" },
        "message": {
            "message": text, "code": { "code": code }, "level": level, "spans": [span], "children": [],
            "rendered": text,
        },
    });
    CompilerMessage::from_json(&line.to_string()).unwrap()
}

const SOURCE: &str = "\
fn main() {
    let a = client.films();
    let b = client.films().arguments(FilmsArguments::new().view(View::All));
    let c = film.title;
}
";

fn uses(diff: &Diff, marked: &[CompilerMessage], new: &[CompilerMessage]) -> Vec<(String, usize, Outcome)> {
    let name = |file: &str| (file == "src/main.rs").then(|| file.to_owned());
    let uses = Uses::find(diff, (marked, new), name, |_| Some(SOURCE.to_owned()));
    uses.uses.iter().map(|it| (diff.changes()[it.change].path.clone(), it.line, it.outcome.clone())).collect()
}

#[test]
fn a_default_matters_where_the_argument_is_left_out() {
    let (_, _, diff) = evolved(&[("films(view: View = all)", "films(view: View = archive)")]);
    let change = index(&diff, "Query.films(view:)");
    let text = format!("use of deprecated method `Client::films`: xurrent-change-numbers: {change}-view");
    let warnings =
        [message("warning", "deprecated", &text, (2, 20)), message("warning", "deprecated", &text, (3, 20))];
    let found = uses(&diff, &warnings, &[]);
    assert_eq!(found, [("Query.films(view:)".to_owned(), 2, Outcome::Compiles)]);
}

#[test]
fn errors_belong_to_the_uses_in_their_lines() {
    let (_, _, diff) = evolved(&[("title: String, year: Int }", "year: Int }")]);
    let text = format!(
        "use of deprecated field `Film::title`: xurrent-change-numbers: {}",
        index(&diff, "Film.title")
    );
    let warning = [message("warning", "deprecated", &text, (4, 13))];
    let path = "Film.title".to_owned();
    assert_eq!(uses(&diff, &warning, &[]), [(path.clone(), 4, Outcome::Compiles)]);
    let error = message("error", "E0609", "no field `title` on type `Film`", (4, 18));
    let refused = Outcome::Refused("no field `title` on type `Film`".to_owned());
    assert_eq!(uses(&diff, &warning, std::slice::from_ref(&error)), [(path.clone(), 4, refused)]);
    let elsewhere = message("error", "E0308", "mismatched types", (2, 9));
    assert_eq!(uses(&diff, &warning, std::slice::from_ref(&elsewhere)), [(path, 4, Outcome::NotReached)]);
    let found = Uses::find(&diff, (&[], &[elsewhere]), |file| Some(file.to_owned()), |_| None);
    assert_eq!((found.uses.len(), found.other_errors.len()), (0, 1), "nothing explains it");
    let found = Uses::find(&diff, (&[], &[error]), |file| Some(file.to_owned()), |_| None);
    assert_eq!((found.uses.len(), found.other_errors.len()), (1, 0), "it names the field and its type");
}

#[test]
fn warnings_of_the_schema_are_no_uses() {
    let (_, _, diff) = evolved(&[("title: String, year: Int }", "year: Int }")]);
    let text = "use of deprecated field `Film::year`: Use `title`.";
    assert!(uses(&diff, &[message("warning", "deprecated", text, (4, 13))], &[]).is_empty());
}
