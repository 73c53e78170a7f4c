//! The cases: files of `tests/edits`, each with edits of one kind.

use heck::ToSnakeCase;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// An edit of the schema, with its classes and a program that proves them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What the cases of its file are about.
    #[serde(skip)]
    pub(crate) title: String,
    /// The edit in words.
    pub(crate) name: String,
    /// Texts of the schema, and what they become.
    #[serde(default)]
    edit: BTreeMap<String, String>,
    /// What is written behind the schema.
    #[serde(default)]
    add: String,
    /// The kind of the change that the diff names.
    #[serde(default)]
    pub(crate) kind: String,
    /// Its path in the schema.
    pub(crate) path: String,
    /// Its items in Rust, of which the compiler speaks in an error or in a warning.
    #[serde(default)]
    pub(crate) rust: Vec<String>,
    pub(crate) severity: Severity,
    pub(crate) deployed: Deployed,
    pub(crate) reason: String,
    /// The expression of a program that uses what is edited.
    pub(crate) program: String,
    /// One that uses what is beside it, and that works as before.
    pub(crate) untouched: Option<String>,
    /// What the edited server returns in fields, in place of the usual data: `null` is null.
    #[serde(default)]
    pub(crate) answers: BTreeMap<String, Value>,
    /// What the server returns before the edit, in the same way.
    #[serde(default)]
    pub(crate) before: BTreeMap<String, Value>,
    /// Why the diff tells of more harm than these programs have: other programs, or other data.
    pub(crate) stricter: Option<String>,
    /// What the programs return from it, if that is other data and not a change.
    pub(crate) returns: Option<String>,
    /// Part of the error of a program that is already built, for one that fails.
    pub(crate) error: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Severity {
    /// There is no difference.
    None,
    Safe,
    Behavioural,
    Breaking,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deployed {
    Works,
    Changes,
    Fails,
}

#[derive(Deserialize)]
struct Group {
    case: Vec<Case>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edits")
}

/// The schema before each edit.
pub(crate) fn base() -> String {
    fs::read_to_string(folder().join("base.graphql")).unwrap()
}

impl Case {
    /// All cases, in the order of the files.
    pub(crate) fn all() -> Vec<Self> {
        let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> = files.filter(|path| path.extension().unwrap() == "toml").collect();
        files.sort();
        let read = |path: &PathBuf| {
            let text = fs::read_to_string(path).unwrap();
            let title = text.lines().next().unwrap().trim_start_matches("# ").trim_end_matches('.');
            let group: Group =
                toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            group.case.into_iter().map(|case| Case { title: title.to_owned(), ..case }).collect::<Vec<_>>()
        };
        files.iter().flat_map(read).collect()
    }

    /// Its programs, by the names of their files.
    pub(crate) fn programs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("program", Some(&self.program)), ("untouched", self.untouched.as_ref())]
            .into_iter()
            .filter_map(|(name, text)| Some((name, text?.as_str())))
    }

    /// Its name, as that of a crate.
    pub(crate) fn slug(&self) -> String {
        self.name.to_snake_case()
    }

    /// The schema after the edit.
    pub(crate) fn schema(&self) -> String {
        let mut schema = base();
        for (from, to) in &self.edit {
            assert_eq!(schema.matches(from).count(), 1, "{}: {from:?} is not there once", self.name);
            schema = schema.replace(from, to);
        }
        format!("{schema}{}\n", self.add)
    }
}
