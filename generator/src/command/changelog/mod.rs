//! A changelog of a schema, and a summary of changes for a terminal.
//!
//! [`Changelog`] adds entries to a file, and keeps what people write between them. [`SchemaChange`] is what an entry
//! says.

mod entry;

pub use entry::{Generated, SchemaChange};

use super::Error;
use entry::Place;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The line below which entries are added.
const MARK: &str = "<!-- Entries are added below this line, newest first; text that people add is kept. -->";

/// What a new file begins with.
const HEAD: &str = "# Changes of the schema\n\n";

/// A file with an entry for each change of a schema.
#[derive(Debug)]
pub struct Changelog {
    path: PathBuf,
    text: String,
}

impl Changelog {
    /// Reads the file. A missing and an empty file are a changelog without entries.
    ///
    /// # Errors
    /// When the file cannot be read, or is no changelog that this crate wrote.
    pub fn read(path: &Path) -> Result<Self, Error> {
        // Of a link, the file that it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::file("read", &path)(error)),
        };
        match text.trim().is_empty() || text.lines().any(|line| line.trim_end() == MARK) {
            true => Ok(Self { path, text }),
            false => Err(Error::ForeignChangelog(path)),
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text with an entry for this change on top. `None` if it stays as it is: nothing changed, or the newest
    /// entry is about this schema.
    ///
    /// A newest entry from the same old schema is of a run whose result was not committed: the new one replaces it,
    /// unless somebody edited it.
    #[must_use]
    pub fn with(&self, change: &SchemaChange<'_>) -> Option<String> {
        let new = format!("{HEAD}{MARK}\n");
        let text = if self.text.trim().is_empty() { &new } else { &self.text };
        let (above, below) = split(text);
        let below = below.trim_start_matches(['\r', '\n']);
        let newest = Place::first(below);
        let (from, to) = change.versions();
        if newest.as_ref().is_some_and(|newest| newest.to == to) {
            return None;
        }
        let outdated = newest.filter(|newest| newest.from == from && newest.is_untouched);
        if outdated.is_none() && change.is_empty() {
            return None;
        }
        let range = outdated.map_or(0..0, |entry| entry.range);
        let rest = below[range.end..].trim_start_matches(['\r', '\n']);
        let mut entry = change.entry();
        if !entry.is_empty() && !rest.is_empty() {
            entry.push('\n');
        }
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let entry = entry.replace('\n', end);
        Some(format!("{}{end}{end}{}{entry}{rest}", above.trim_end(), &below[..range.start]))
    }
}

/// The text up to the line below which entries are added, with that line, and the rest.
fn split(text: &str) -> (&str, &str) {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        end += line.len();
        if line.trim_end() == MARK {
            break;
        }
    }
    text.split_at(end)
}
