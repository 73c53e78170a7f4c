//! Reports of uses, behind the report of the changes.

use super::report::{Finding, Outcome, Uses};
use crate::diff::{Change, Diff};
use std::fmt::Write as _;

/// What differs between text and Markdown.
struct Layout {
    /// A title, with the number of places below it.
    title: fn(&str, usize) -> String,
    /// The beginning of a line about a place.
    place: fn(&str, usize, usize) -> String,
    /// The beginning of a line below it.
    detail: &'static str,
}

impl Uses {
    /// As text: a line for each use, and what to do.
    #[must_use]
    pub fn text(&self, diff: &Diff) -> String {
        let layout = Layout {
            title: |title, count| format!("{title}: {count}\n"),
            place: |file, line, column| format!("{file}:{line}:{column}  "),
            detail: "    ",
        };
        self.report(diff, &layout)
    }

    /// As Markdown.
    #[must_use]
    pub fn markdown(&self, diff: &Diff) -> String {
        let layout = Layout {
            title: |title, _| format!("### {title}\n\n"),
            place: |file, line, column| format!("- `{file}:{line}:{column}` "),
            detail: "  - ",
        };
        self.report(diff, &layout)
    }

    fn report(&self, diff: &Diff, Layout { title, place, detail }: &Layout) -> String {
        let mut text = String::new();
        for (name, found) in self.groups() {
            let _ = write!(text, "\n{}", title(name, found.len()));
            for (found, change) in
                found.into_iter().filter_map(|it| Some((it, diff.changes().get(it.change)?)))
            {
                let place = place(&found.file, found.line, found.column);
                let _ = writeln!(text, "{place}{}", about(found, change));
                if let Outcome::Refused(error) = &found.outcome {
                    let _ = writeln!(text, "{detail}compiler: {}", first_line(error));
                }
                if let Some(instead) = change.instead.as_ref().filter(|_| found.severity == change.severity) {
                    let _ = writeln!(text, "{detail}instead: {instead}");
                }
            }
        }
        if self.uses.is_empty() {
            text.push_str("\nNothing in it uses what changed.\n");
        }
        if !self.other_errors.is_empty() {
            let _ = write!(text, "\n{}", title(OTHER, self.other_errors.len()));
            for error in &self.other_errors {
                let place = place(&error.file, error.line, error.column);
                let _ = writeln!(text, "{place}{}", first_line(&error.text));
            }
        }
        text
    }

    /// As JSON: the uses with the paths of their changes, and other errors.
    #[must_use]
    pub fn json(&self, diff: &Diff) -> serde_json::Value {
        let mut json = serde_json::json!(self);
        let uses = json.get_mut("uses").and_then(serde_json::Value::as_array_mut);
        for (found, json) in self.uses.iter().zip(uses.into_iter().flatten()) {
            if let (Some(change), Some(json)) = (diff.changes().get(found.change), json.as_object_mut()) {
                json.insert("kind".to_owned(), change.kind.name().into());
                json.insert("path".to_owned(), change.path.as_str().into());
            }
        }
        json
    }

    /// The uses that break, and those that need attention although they compile.
    fn groups(&self) -> impl Iterator<Item = (&'static str, Vec<&Finding>)> {
        let (compiles, breaks): (Vec<_>, Vec<_>) =
            self.uses.iter().partition(|found| found.outcome == Outcome::Compiles);
        let groups =
            [("Does not compile any more", breaks), ("Needs attention although it compiles", compiles)];
        groups.into_iter().filter(|(_, found)| !found.is_empty())
    }
}

const OTHER: &str = "Other errors, which may follow from these";

/// `Ticket::status  breaking: Request.status: removed; a selection of it does not compile`
fn about(found: &Finding, change: &Change) -> String {
    let item = if found.item.is_empty() { String::new() } else { format!("{}  ", found.item) };
    let Change { path, summary, .. } = change;
    let (severity, reason) = match found.severity == change.severity {
        true => (change.severity, change.reason.as_str()),
        false => (found.severity, "a selection works until it is removed; the compiler warns of it"),
    };
    let judged = match found.outcome {
        Outcome::NotReached => " (the compiler stopped before it)",
        _ => "",
    };
    format!("{item}{severity}: {path}: {summary}; {reason}{judged}")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
