//! Uses of what changed, from messages of the compiler.

use super::message::{CompilerMessage, Place};
use super::source::Source;
use super::tag::{Condition, tags};
use crate::diff::{Change, ChangeKind, Diff, Severity};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a use with the new SDK.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "error")]
#[non_exhaustive]
pub enum Outcome {
    /// The compiler refuses it: its message.
    Refused(String),
    /// The change is breaking, but other errors kept the compiler from judging this use.
    NotReached,
    /// It compiles, and needs attention all the same.
    Compiles,
}

/// A place of the user's code that a change touches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The file, from the folder that was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The item around it: `Ticket::status`.
    pub item: String,
    /// The index of the change in the diff.
    pub change: usize,
    /// That of the change; a selection of a deprecated field is behavioural, although the field is gone from a struct.
    pub severity: Severity,
    /// What becomes of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// An error against the new SDK that no change explains.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct OtherError {
    /// The file, from the folder that was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The message.
    pub text: String,
}

/// The uses of what changed, in the order of files and lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Uses {
    /// The places.
    pub uses: Vec<Finding>,
    /// Errors against the new SDK that no change explains: most follow from a use elsewhere.
    pub other_errors: Vec<OtherError>,
}

impl Uses {
    /// Reads the warnings against the marked SDK and the errors against the new one. `name` gives a file of the
    /// compiler its name in the report, or nothing for one that is not the user's; `read` gives its text.
    #[must_use]
    pub fn find(
        diff: &Diff,
        (marked, new): (&[CompilerMessage], &[CompilerMessage]),
        name: impl Fn(&str) -> Option<String>,
        read: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let mut sources = BTreeMap::new();
        let mut search = Search { diff, uses: BTreeMap::new(), targets: BTreeMap::new() };
        for message in marked.iter().filter(|message| message.code.as_deref() == Some("deprecated")) {
            for place in &message.places {
                let Some(file) = name(&place.file) else { continue };
                let source = sources
                    .entry(file.clone())
                    .or_insert_with(|| read(&place.file).and_then(|text| Source::read(&text)));
                search.warning(message, place, &file, source.as_ref());
            }
        }
        let errors = new.iter().filter(|message| message.is_error && !message.places.is_empty());
        let mut other_errors = BTreeSet::new();
        for error in errors {
            let named = |place: &Place| Some(Place { file: name(&place.file)?, ..place.clone() });
            let places: Vec<Place> = error.places.iter().chain(&error.others).filter_map(named).collect();
            let Some(first) = places.first() else { continue };
            if !search.error(error, &places) {
                let source = sources
                    .entry(first.file.clone())
                    .or_insert_with(|| read(&first.file).and_then(|text| Source::read(&text)));
                if !search.by_names(error, first, source.as_ref()) {
                    let Place { file, line, column, .. } = first.clone();
                    other_errors.insert(OtherError { file, line, column, text: error.text.clone() });
                }
            }
        }
        let failed: BTreeSet<&str> =
            new.iter().filter(|message| message.is_error).map(|message| message.target.as_str()).collect();
        Self { uses: search.finish(&failed), other_errors: other_errors.into_iter().collect() }
    }
}

/// A use: its file, its line, and its change.
type Key = (String, usize, usize);

struct Search<'a> {
    diff: &'a Diff,
    uses: BTreeMap<Key, Finding>,
    /// The targets with a use.
    targets: BTreeMap<Key, BTreeSet<String>>,
}

impl Search<'_> {
    fn change(&self, index: usize) -> Option<&Change> {
        self.diff.changes().get(index)
    }

    fn warning(&mut self, message: &CompilerMessage, place: &Place, file: &str, source: Option<&Source>) {
        // What `#[derive(Select)]` declares is in a constant without a name.
        let is_selection = message.text.contains("_::");
        for tag in tags(&message.text).unwrap_or_default() {
            let Some(change) = self.change(tag.change) else { continue };
            if is_selection && change.kind == ChangeKind::DefaultSelectionChanged {
                continue;
            }
            let has = |name: &str| source.and_then(|it| it.chain_has(place.line, place.column, name));
            let has_one = |names: &[&str]| names.iter().any(|name| has(name) == Some(true));
            let holds = match &tag.condition {
                Condition::Always => true,
                Condition::With(name) => has(name) == Some(true),
                Condition::Without(name) => has(name) != Some(true),
                Condition::Default => !has_one(&["select", "count"]),
            };
            let severity = match change.kind {
                ChangeKind::Deprecated if is_selection => Severity::Behavioural,
                _ => change.severity,
            };
            if holds {
                let of = (tag.change, severity);
                self.add(of, place, file, source, Outcome::Compiles, &message.target);
            }
        }
    }

    fn add(
        &mut self,
        (change, severity): (usize, Severity),
        place: &Place,
        file: &str,
        source: Option<&Source>,
        outcome: Outcome,
        target: &str,
    ) {
        let key = (file.to_owned(), place.line, change);
        self.targets.entry(key.clone()).or_default().insert(target.to_owned());
        let (line, column) = (place.line, place.column);
        let found = self.uses.entry(key).or_insert_with(|| Finding {
            file: file.to_owned(),
            line,
            column,
            item: source.map(|source| source.item(line, column)).unwrap_or_default(),
            change,
            severity,
            outcome: outcome.clone(),
        });
        found.column = found.column.min(column);
        found.severity = found.severity.max(severity);
        if matches!(outcome, Outcome::Refused(_)) {
            found.outcome = outcome;
        }
    }

    /// Whether an error is at a use of a breaking change.
    fn error(&mut self, error: &CompilerMessage, places: &[Place]) -> bool {
        let mut is_explained = false;
        for use_of in self.uses.values_mut().filter(|it| it.severity == Severity::Breaking) {
            let is_at = |place: &Place| {
                place.file == use_of.file && (place.line..=place.last_line).contains(&use_of.line)
            };
            if places.iter().any(is_at) {
                use_of.outcome = Outcome::Refused(error.text.clone());
                is_explained = true;
            }
        }
        is_explained
    }

    /// Whether an error names what a breaking change is about, which is a use then.
    fn by_names(&mut self, error: &CompilerMessage, place: &Place, source: Option<&Source>) -> bool {
        let names = |change: &&Change| {
            let paths = change.rust.iter().map(String::as_str).chain([change.path.as_str()]);
            paths.into_iter().any(|path| {
                let words = path.split(|c: char| !c.is_alphanumeric() && c != '_');
                let mut words = words.filter(|word| !matches!(*word, "" | "Client" | "Query" | "Mutation"));
                words.clone().next().is_some() && words.all(|word| error.names.contains(word))
            })
        };
        let breaking = |(_, change): &(usize, &Change)| change.severity == Severity::Breaking;
        let mut changes = self.diff.changes().iter().enumerate().filter(breaking);
        let Some(change) = changes.find(|(_, change)| names(change)).map(|(index, _)| index) else {
            return false;
        };
        let outcome = Outcome::Refused(error.text.clone());
        self.add((change, Severity::Breaking), place, &place.file, source, outcome, &error.target);
        true
    }

    /// The uses, of which those in targets that do not compile may not have been reached.
    fn finish(self, failed: &BTreeSet<&str>) -> Vec<Finding> {
        let Self { uses, targets, .. } = self;
        let judged = |(key, mut found): (Key, Finding)| {
            let targets = targets.get(&key).into_iter().flatten();
            let is_failed = targets.clone().any(|target| failed.contains(target.as_str()));
            if found.outcome == Outcome::Compiles && is_failed && found.severity == Severity::Breaking {
                found.outcome = Outcome::NotReached;
            }
            found
        };
        let mut uses: Vec<Finding> = uses.into_iter().map(judged).collect();
        uses.sort();
        uses
    }
}
