//! An entry: what it says, and where it is in a changelog.

use crate::command::Error;
use crate::diff::{Change, Diff, Severity};
use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::ops::Range;

/// How many breaking changes an entry lists, and how many others of one severity.
const IN_ENTRY: [usize; 2] = [100, 30];
/// How many of them a summary lists.
const IN_SUMMARY: [usize; 2] = [20, 5];
/// How many Rust paths of a change it lists.
const PATHS: usize = 3;

const START: &str = "<!-- schema ";
const ARROW: &str = " to ";
const END: &str = "<!-- end of schema ";
const CLOSE: &str = " -->";

/// A crate that is generated from a schema.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Generated<'n> {
    /// The name of the crate, as Rust paths have it.
    pub name: &'n str,
    /// Its version before the change.
    pub version: &'n str,
}

impl<'n> Generated<'n> {
    /// A crate of this name and version.
    #[must_use]
    pub fn new(name: &'n str, version: &'n str) -> Self {
        Self { name, version }
    }
}

/// The change from one schema to another, for those who use the crate that is generated from them.
#[derive(Debug)]
pub struct SchemaChange<'n> {
    diff: Diff,
    from: String,
    to: String,
    date: String,
    generated: Generated<'n>,
}

impl<'n> SchemaChange<'n> {
    /// A change of today, or of the day in the variable `SOURCE_DATE_EPOCH`. `from` and `to` are what the two sides
    /// of the difference were generated from: a schema and a configuration each.
    ///
    /// # Errors
    /// When `SOURCE_DATE_EPOCH` is no time.
    pub fn new(
        diff: Diff,
        from: (&str, &str),
        to: (&str, &str),
        generated: Generated<'n>,
    ) -> Result<Self, Error> {
        Ok(Self { diff, from: fingerprint(from), to: fingerprint(to), date: date()?, generated })
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diff.severity().is_none()
    }

    /// The changes in a few lines of text: how many there are, the worst ones, and the next version.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = self.counts();
        for severity in [Severity::Breaking, Severity::Behavioural] {
            for line in self.lines(severity, IN_SUMMARY) {
                let _ = writeln!(text, "  {severity}: {}", line.replace('`', ""));
            }
        }
        text
    }

    /// What both were generated from, as short texts that differ.
    pub(super) fn versions(&self) -> (&str, &str) {
        (&self.from, &self.to)
    }

    /// The entry. Empty if nothing changed.
    pub(super) fn entry(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let mut body = format!("## {}\n\n{}", self.date, self.counts());
        for (severity, title) in [
            (Severity::Breaking, "Breaking"),
            (Severity::Behavioural, "Behavioural"),
            (Severity::Safe, "Safe"),
        ] {
            let lines = self.lines(severity, IN_ENTRY);
            if !lines.is_empty() {
                let _ = write!(body, "\n### {title}\n\n");
                for line in lines {
                    let _ = writeln!(body, "- {line}");
                }
            }
        }
        let (from, to, sum) = (&self.from, &self.to, fingerprint((&body, "")));
        format!("{START}{from}{ARROW}{to}{CLOSE}\n{body}{END}{sum}{CLOSE}\n")
    }

    fn counts(&self) -> String {
        let counts = self.diff.counts();
        let step = self.diff.version_step(self.generated.version);
        let step = step
            .map(|step| format!(" Version step: {step}, from {}.", self.generated.version))
            .unwrap_or_default();
        let changes = if counts.breaking == 1 { "change" } else { "changes" };
        let (breaking, behavioural, safe) = (counts.breaking, counts.behavioural, counts.safe);
        format!("{breaking} breaking {changes}, {behavioural} behavioural, {safe} safe.{step}\n")
    }

    /// A line for each change of a severity, and one for those that are too many.
    fn lines(&self, severity: Severity, [breaking, others]: [usize; 2]) -> Vec<String> {
        let changes: Vec<_> = self.diff.changes().iter().filter(|it| it.severity == severity).collect();
        let most = if severity == Severity::Breaking { breaking } else { others };
        let (listed, others) = changes.split_at(changes.len().min(most));
        let mut lines: Vec<_> = listed.iter().map(|change| self.line(change)).collect();
        let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
        others.iter().for_each(|change| *kinds.entry(change.kind).or_default() += 1);
        if !others.is_empty() {
            let kinds: Vec<_> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            lines.push(format!("and {} more: {}", others.len(), kinds.join(", ")));
        }
        lines
    }

    fn line(&self, change: &Change) -> String {
        let mut line = format!("`{}`: {}", change.path, change.summary);
        let mut rust: Vec<_> =
            change.rust.iter().take(PATHS).map(|path| format!("`{}::{path}`", self.generated.name)).collect();
        if change.rust.len() > PATHS {
            rust.push(format!("{} more", change.rust.len() - PATHS));
        }
        if !rust.is_empty() && change.severity != Severity::Safe {
            let _ = write!(line, " ({})", rust.join(", "));
        }
        if change.severity != Severity::Safe {
            let _ = write!(line, ": {}", change.reason);
        }
        if let Some(instead) = &change.instead {
            let _ = write!(line, ". Instead: {instead}");
        }
        // Texts of the schema may have lines.
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Where an entry is in a text.
pub(super) struct Place<'t> {
    pub(super) from: &'t str,
    pub(super) to: &'t str,
    /// Whether it is as it was written.
    pub(super) is_untouched: bool,
    pub(super) range: Range<usize>,
}

impl<'t> Place<'t> {
    /// The first entry.
    pub(super) fn first(text: &'t str) -> Option<Self> {
        let (mut at, mut found, mut body) = (0, None, String::new());
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let line = line.trim_end();
            match &mut found {
                None => {
                    let versions = line.strip_prefix(START).and_then(|line| line.strip_suffix(CLOSE));
                    if let Some((from, to)) = versions.and_then(|versions| versions.split_once(ARROW)) {
                        found = Some(Self { from, to, is_untouched: false, range: start..text.len() });
                    }
                }
                // Another entry, so this one lacks its end.
                Some(_) if line.starts_with(START) => break,
                Some(entry) => match line.strip_prefix(END).and_then(|line| line.strip_suffix(CLOSE)) {
                    Some(sum) => {
                        entry.is_untouched = sum == fingerprint((&body, ""));
                        entry.range.end = at;
                        break;
                    }
                    None => body = body + line + "\n",
                },
            }
        }
        found
    }
}

/// A short text that differs between texts: their FNV-1a hash, without carriage returns, which git adds on Windows.
fn fingerprint((first, second): (&str, &str)) -> String {
    let bytes = first.bytes().chain([0]).chain(second.bytes()).filter(|byte| *byte != b'\r');
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The day in the variable for reproducible builds, or today.
fn date() -> Result<String, Error> {
    let time = match env::var_os("SOURCE_DATE_EPOCH") {
        None => jiff::Timestamp::now(),
        Some(seconds) => {
            let time = seconds.to_str().and_then(|seconds| seconds.parse().ok());
            time.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
                .ok_or(Error::SourceDate(seconds))?
        }
    };
    Ok(time.strftime("%Y-%m-%d").to_string())
}
