//! The report as text.

use super::change::{Change, ChangeKind, Deployed, Severity};
use super::format::{Counts, Format};
use super::version::VersionStep;
use std::fmt::Write as _;

/// A line with names is no longer.
const WIDTH: usize = 110;

pub(super) fn report(changes: &[Change], format: &Format) -> String {
    let mut text = String::new();
    let print = Print { format };
    for (record, of_record) in records(changes) {
        print.line(&mut text, &print.style(record, "1"));
        let (safe, others): (Vec<_>, Vec<_>) =
            of_record.into_iter().partition(|change| change.severity == Severity::Safe && !is_noted(change));
        others.iter().for_each(|change| print.change(&mut text, change));
        print.compact(&mut text, &safe);
        text.push('\n');
    }
    print.line(&mut text, &summary(changes));
    if let Some(step) = step(changes, format) {
        print.line(&mut text, &step);
    }
    text
}

/// The changes by their records. Descriptions that changed are at the end.
pub(super) fn records<'c>(changes: &'c [Change]) -> Vec<(&'c str, Vec<&'c Change>)> {
    let (described, others): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| change.kind == ChangeKind::DescriptionChanged);
    let by_record = others.chunk_by(|a, b| a.record == b.record);
    let with_name = |of: &[&'c Change]| Some((of.first()?.record.as_str(), of.to_vec()));
    let mut records: Vec<_> = by_record.filter_map(with_name).collect();
    if !described.is_empty() {
        records.push(("descriptions", described));
    }
    records
}

/// The step of the version: `a minor step: 0.1.0 becomes 0.2.0`.
pub(super) fn step(changes: &[Change], format: &Format) -> Option<String> {
    let version = format.version.as_ref()?;
    let worst = changes.iter().map(|change| change.severity).max()?;
    let step = VersionStep::of(version, worst);
    let next = step.next(version).map(|next| format!(": {version} becomes {next}")).unwrap_or_default();
    Some(format!("the version needs a {step} step{next}"))
}

/// How many changes there are: `2 breaking, 1 behavioural and 30 safe changes in 5 records`.
pub(super) fn summary(changes: &[Change]) -> String {
    let Counts { breaking, behavioural, safe } = Counts::of(changes);
    let all = changes.len();
    if all == 0 {
        return "no differences".to_owned();
    }
    let records = changes.chunk_by(|a, b| a.record == b.record).count();
    let fails = changes.iter().filter(|change| change.deployed == Deployed::Fails).count();
    let counts = [(breaking, "breaking"), (behavioural, "behavioural"), (safe, "safe")];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let end = match fails {
        0 => "none of them stops programs that are already built".to_owned(),
        _ => format!("with {fails} of them, programs that are already built fail"),
    };
    let counts = counts.collect::<Vec<_>>().join(", ");
    format!("{counts} change{} in {records} record{}; {end}", plural(all), plural(records))
}

/// Whether a safe change has more to say than its name.
pub(super) fn is_noted(change: &Change) -> bool {
    change.deployed != Deployed::Works || change.instead.is_some()
}

/// Safe changes with the same kind and owner: what they are, and their names.
pub(super) fn groups<'c>(safe: &[&'c Change]) -> Vec<(String, Vec<String>)> {
    let owner = |change: &'c Change| {
        let path = change.path.as_str();
        let start = path.split('(').next().unwrap_or(path);
        match (path.ends_with(":)"), start.rsplit_once('.')) {
            _ if change.kind == ChangeKind::DescriptionChanged => "",
            (true, _) => start,
            (false, Some((owner, _))) => owner,
            (false, None) => "",
        }
    };
    let same = |a: &&'c Change, b: &&'c Change| a.kind == b.kind && owner(a) == owner(b);
    let group = |changes: &[&'c Change]| {
        let (kind, owner) =
            changes.first().map(|first| (first.kind.name(), owner(first))).unwrap_or_default();
        let names = changes.iter().map(|change| {
            let name = change.path.strip_prefix(owner).unwrap_or(&change.path);
            let is_part = !owner.is_empty();
            let name =
                if is_part { name.trim_start_matches(['.', '(']).trim_end_matches(":)") } else { name };
            let detail = change.summary.strip_prefix("added").unwrap_or(&change.summary);
            let detail = detail.strip_prefix("removed").unwrap_or(detail);
            match detail.trim_start_matches(": ") {
                _ if kind == "description-changed" => name.to_owned(),
                "" => name.to_owned(),
                detail => format!("{name}: {}", detail.replace('`', "")),
            }
        });
        let of = if owner.is_empty() { String::new() } else { format!(" in {owner}") };
        (format!("{}{of}", kind.replace('-', " ")), names.collect())
    };
    safe.chunk_by(same).map(group).collect()
}

/// A Rust path with its crate.
pub(super) fn rust_path(path: &str, format: &Format) -> String {
    match &format.crate_name {
        Some(name) => format!("{name}::{path}"),
        None => path.to_owned(),
    }
}

struct Print<'f> {
    format: &'f Format,
}

impl Print<'_> {
    fn line(&self, text: &mut String, line: &str) {
        text.push_str(line.trim_end());
        text.push('\n');
    }

    fn change(&self, text: &mut String, change: &Change) {
        let severity = self.severity(change.severity);
        self.line(text, &format!("  {severity} {}: {}", self.style(&change.path, "1"), change.summary));
        let deployed = match change.deployed {
            Deployed::Works => String::new(),
            Deployed::Changes => "it means something else to programs that are already built".to_owned(),
            Deployed::Fails => "programs that are already built fail".to_owned(),
        };
        let rust: Vec<String> = change.rust.iter().map(|path| rust_path(path, self.format)).collect();
        let rust = wrap(&rust);
        let rows = [
            ("Rust", rust.as_str()),
            ("why", &change.reason),
            ("deployed", &deployed),
            ("instead", change.instead.as_deref().unwrap_or_default()),
        ];
        for (name, row) in rows.iter().filter(|(_, row)| !row.is_empty()) {
            self.line(text, &format!("      {} {row}", self.style(&format!("{name:<9}"), "2")));
        }
    }

    fn compact(&self, text: &mut String, safe: &[&Change]) {
        for (what, names) in groups(safe) {
            let count = if names.len() > 1 { format!("{} × ", names.len()) } else { String::new() };
            let severity = self.severity(Severity::Safe);
            let start = format!("  {severity} {count}{what}: ");
            let length = names.iter().map(String::len).sum::<usize>() + 2 * names.len();
            if length + what.len() + 24 <= WIDTH {
                self.line(text, &format!("{start}{}", names.join(", ")));
            } else {
                self.line(text, &start);
                self.line(text, &format!("                {}", wrap(&names)));
            }
        }
    }

    fn severity(&self, severity: Severity) -> String {
        let color = match severity {
            Severity::Breaking => "31;1",
            Severity::Behavioural => "33",
            Severity::Safe => "32",
        };
        self.style(&format!("{:<11}", severity.to_string()), color)
    }

    fn style(&self, text: &str, style: &str) -> String {
        if self.format.color { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Names in lines, the next ones below the first.
fn wrap(names: &[String]) -> String {
    let mut text = String::new();
    let mut length = 16;
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 < names.len() { "," } else { "" };
        if index > 0 && length + name.len() + 2 > WIDTH {
            let _ = write!(text, "\n                ");
            length = 16;
        } else if index > 0 {
            text.push(' ');
        }
        length += name.len() + 2;
        let _ = write!(text, "{name}{comma}");
    }
    text
}
