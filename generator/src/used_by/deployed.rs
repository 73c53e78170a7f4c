//! Reports of uses for programs that are already built.

use super::report::{Finding, Uses};
use crate::diff::{Change, Deployed, Diff};
use std::fmt::Write as _;

impl Uses {
    /// The worst that happens at a use to a program that is already built. `None` if there is none.
    #[must_use]
    pub fn deployed(&self, diff: &Diff) -> Option<Deployed> {
        self.with_changes(diff).map(|(_, change)| change.deployed).max()
    }

    /// As text, the worst first: a line for each use, and why.
    #[must_use]
    pub fn deployed_text(&self, diff: &Diff) -> String {
        let mut text = String::new();
        for (title, found) in self.deployed_groups(diff) {
            let _ = writeln!(text, "{title}: {}", found.len());
            for (Finding { file, line, column, item, .. }, change) in found {
                let item = if item.is_empty() { String::new() } else { format!("{item}  ") };
                let _ = writeln!(text, "{file}:{line}:{column}  {item}{}: {}", change.path, change.summary);
                let _ = writeln!(text, "    why: {}", change.reason);
                if let Some(instead) = &change.instead {
                    let _ = writeln!(text, "    instead: {instead}");
                }
            }
            text.push('\n');
        }
        text + &self.conclusion(diff) + "\n"
    }

    /// As Markdown.
    #[must_use]
    pub fn deployed_markdown(&self, diff: &Diff) -> String {
        let mut text = String::new();
        for (title, found) in self.deployed_groups(diff) {
            let _ = writeln!(text, "### {title}\n");
            for (Finding { file, line, column, .. }, change) in found {
                let Change { path, summary, reason, .. } = change;
                let _ = writeln!(text, "- `{file}:{line}:{column}` `{path}`: {summary}; {reason}");
                if let Some(instead) = &change.instead {
                    let _ = writeln!(text, "  - instead: {instead}");
                }
            }
            text.push('\n');
        }
        let conclusion = self.conclusion(diff);
        let mut chars = conclusion.chars();
        let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        text + &first + chars.as_str() + ".\n"
    }

    /// As JSON: the uses with the paths of their changes, and with what happens there.
    #[must_use]
    pub fn deployed_json(&self, diff: &Diff) -> serde_json::Value {
        let uses = self.with_changes(diff).map(|(found, change)| {
            let Finding { file, line, column, item, change: index, .. } = found;
            serde_json::json!({
                "file": file, "line": line, "column": column, "item": item, "change": index,
                "kind": change.kind, "path": change.path, "deployed": change.deployed,
            })
        });
        serde_json::json!({ "deployed": self.deployed(diff), "uses": uses.collect::<Vec<_>>() })
    }

    fn with_changes<'u>(&'u self, diff: &'u Diff) -> impl Iterator<Item = (&'u Finding, &'u Change)> {
        self.uses.iter().filter_map(|found| Some((found, diff.changes().get(found.change)?)))
    }

    fn deployed_groups<'u>(
        &'u self,
        diff: &'u Diff,
    ) -> impl Iterator<Item = (&'static str, Vec<(&'u Finding, &'u Change)>)> {
        let groups = [
            ("Fails at this server", Deployed::Fails),
            ("Means something else at this server", Deployed::Changes),
            ("Note: works, and is deprecated", Deployed::Works),
        ];
        let found = |deployed| self.with_changes(diff).filter(move |(_, change)| change.deployed == deployed);
        let groups = groups.into_iter().map(move |(title, deployed)| (title, found(deployed).collect()));
        groups.filter(|(_, found): &(_, Vec<_>)| !found.is_empty())
    }

    fn conclusion(&self, diff: &Diff) -> String {
        match self.deployed(diff) {
            Some(Deployed::Fails) => "the server cannot serve everything that the crate uses",
            Some(Deployed::Changes) => "the server serves the crate, and some of it means something else",
            Some(Deployed::Works) | None => "the server serves everything of which a use was found",
        }
        .to_owned()
    }
}
