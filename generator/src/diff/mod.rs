//! Differences between two schemas, as those who call the generated Rust see them.
//!
//! [`Diff::between`] compares two [`Generator`]s, so two schemas with a configuration each.

mod change;
mod class;
mod collision;
mod compare;
mod detail;
mod format;
mod instead;
mod markdown;
mod surface;
mod text;
mod types;
mod version;

pub use change::{Change, ChangeKind, Deployed, Severity};
pub use format::{Counts, Format};
pub use version::VersionStep;

use crate::{Config, Error, Generator, Schema};
use surface::Surface;

/// The differences between two schemas.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    changes: Vec<Change>,
}

impl Diff {
    /// Compares two schemas. For a new one that the generator may refuse, see
    /// [`with_schema`](Self::with_schema).
    #[must_use]
    pub fn between(old: &Generator, new: &Generator) -> Self {
        let changes = compare::changes(&Surface::of(old), &Surface::of(new));
        Self { changes }
    }

    /// Compares with a new schema. Names of it that collide in Rust, for which the generator refuses it, are breaking
    /// changes.
    ///
    /// # Errors
    /// Those of [`Generator::from_schema`], but for collisions.
    pub fn with_schema(old: &Generator, new: &Schema, config: &Config) -> Result<Self, Error> {
        let (new, collisions) = collision::generator(old, new, config)?;
        let mut changes = compare::changes(&Surface::of(old), &Surface::of(&new));
        changes.extend(collisions);
        compare::sort(&mut changes);
        Ok(Self { changes })
    }

    /// The changes: grouped by record, the worst first within a record.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Keeps the changes for which `is_kept` holds.
    pub fn retain(&mut self, is_kept: impl FnMut(&Change) -> bool) {
        self.changes.retain(is_kept);
    }

    /// The worst that happens to a program that is already built. `None` if nothing changed.
    #[must_use]
    pub fn deployed(&self) -> Option<Deployed> {
        self.changes.iter().map(|change| change.deployed).max()
    }

    /// The worst severity. `None` if nothing changed.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.changes.iter().map(|change| change.severity).max()
    }

    /// How many changes of each severity there are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(&self.changes)
    }

    /// The step by which the version of a crate grows that is generated from the new schema. `version` is that of
    /// the crate from the old one. `None` if nothing changed.
    #[must_use]
    pub fn version_step(&self, version: &str) -> Option<VersionStep> {
        self.severity().map(|severity| VersionStep::of(version, severity))
    }

    /// The report as text.
    #[must_use]
    pub fn text(&self, format: &Format) -> String {
        text::report(&self.changes, format)
    }

    /// The report as Markdown.
    #[must_use]
    pub fn markdown(&self, format: &Format) -> String {
        markdown::report(&self.changes, format)
    }

    /// The report as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "severity": self.severity(),
            "counts": self.counts(),
            "changes": self.changes,
        })
    }
}
