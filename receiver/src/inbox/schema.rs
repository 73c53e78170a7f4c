//! The versions of the tables of an inbox, and which programs can use them.
//!
//! An inbox stores the version of its tables, and the oldest version whose programs can still use them, the
//! *minimum*. During an upgrade the older program serves on, as long as the minimum is not above its version.

use super::InboxError;

/// The version of the tables of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The version of the tables: 0 if there are none.
    pub found: i64,
    /// The oldest version whose programs can use these tables.
    pub minimum: i64,
    /// The version that this crate creates.
    pub known: i64,
}

impl SchemaVersion {
    /// Whether opening the inbox creates or migrates no tables.
    #[must_use]
    pub fn is_current(self) -> bool {
        self.found >= self.known
    }

    /// `minimum` is `None` if the inbox stores none: only programs of the same version can use it.
    pub(super) fn new(migrations: &[&str], found: i64, minimum: Option<i64>) -> Self {
        Self { found, minimum: minimum.unwrap_or(found), known: migrations.len() as i64 }
    }

    /// The migrations that the tables lack: none if they are newer, as long as this version can use them.
    /// Without migration, they must lack none.
    pub(super) fn missing<'m>(
        self,
        migrations: &'m [&'m str],
        migrate: bool,
    ) -> Result<&'m [&'m str], InboxError> {
        let Self { found, minimum, known } = self;
        if found > known && minimum <= known {
            return Ok(&[]);
        }
        let missing = usize::try_from(found).ok().and_then(|done| migrations.get(done..));
        match missing.ok_or(InboxError::Newer { found, minimum, known })? {
            missing if migrate || missing.is_empty() => Ok(missing),
            _ => Err(InboxError::Outdated { found, known }),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should stop")]
mod tests {
    use super::*;

    #[test]
    fn newer_tables_are_used_down_to_their_minimum_and_older_ones_migrated() {
        let migrations = ["one", "two", "three"];
        // The version of the tables and its minimum; what they lack.
        let cases = [
            (0, None, Some(3)),
            (1, None, Some(2)),
            (3, Some(2), Some(0)),
            (4, Some(3), Some(0)),
            (9, Some(1), Some(0)),
            (4, Some(4), None),
            (4, None, None),
            (-1, None, None),
        ];
        for (found, minimum, expected) in cases {
            let version = SchemaVersion::new(&migrations, found, minimum);
            let missing = version.missing(&migrations, true).ok().map(<[_]>::len);
            assert_eq!(missing, expected, "{found} {minimum:?}");
            let is_refused = version.missing(&migrations, false).is_err();
            assert_eq!(is_refused, expected != Some(0), "{found} {minimum:?}");
        }
    }
}
