//! Atomic replacement of `schema.json`.

use crate::error::Error;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use xurrent_generator::schema::Type;
use xurrent_generator::{Generator, Overrides, Schema};

/// Outcome of [`store`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// Types in the schema.
    pub types: usize,
    /// Changes against the previous file; `None` when it held no schema.
    pub changes: Option<Changes>,
    /// Whether the file was written. An unchanged file is not touched.
    pub written: bool,
}

/// Number of types that differ between two schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Changes {
    /// Types of the new schema only.
    pub added: usize,
    /// Types of the old schema only.
    pub removed: usize,
    /// Types of both that differ.
    pub changed: usize,
}

/// Reads the generator overrides.
///
/// # Errors
/// When the file cannot be read or is not an overrides file.
pub fn read_overrides(file: &Path) -> Result<Overrides, Error> {
    let text = fs::read_to_string(file).map_err(Error::file("read", file))?;
    Overrides::from_toml(&text).map_err(|source| Error::Overrides { file: file.to_owned(), source })
}

/// Writes an introspection result to `file` in [canonical form](Schema::to_json), once the generator accepts
/// it. The file is replaced atomically.
///
/// # Errors
/// [`Error::Response`] when the generator cannot use the result; [`Error::File`] when the file cannot
/// be written.
pub fn store(host: &str, introspection: &str, overrides: &Overrides, file: &Path) -> Result<Stored, Error> {
    let refuse = |source| Error::Response { host: host.to_owned(), source };
    let schema = Schema::from_json(introspection).map_err(refuse)?;
    let text = schema.to_json().map_err(refuse)?;
    Generator::new(&text, overrides).map_err(refuse)?;
    let before = match fs::read(file) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::file("read", file)(error)),
    };
    let written = before.as_deref() != Some(text.as_bytes());
    if written {
        replace(file, &text)?;
    }
    let old = before.and_then(|bytes| Schema::from_json(&String::from_utf8_lossy(&bytes)).ok());
    let changes = old.map(|old| Changes::between(&old.types, &schema.types));
    Ok(Stored { types: schema.types.len(), changes, written })
}

impl Changes {
    fn between(old: &[Type], new: &[Type]) -> Self {
        let mut old: BTreeMap<&str, &Type> = old.iter().map(|ty| (ty.name.as_str(), ty)).collect();
        let mut changes = Self::default();
        for ty in new {
            match old.remove(ty.name.as_str()) {
                None => changes.added += 1,
                Some(before) if before != ty => changes.changed += 1,
                Some(_) => {}
            }
        }
        changes.removed = old.len();
        changes
    }
}

/// Replaces a file atomically: readers see the old text or the new one, also after a power failure.
fn replace(file: &Path, text: &str) -> Result<(), Error> {
    // Replaces the target of a link, not the link.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let temporary = temporary(&target);
    let written = write_whole(&temporary, text, &target).and_then(|()| fs::rename(&temporary, &target));
    if let Err(error) = written {
        // A file that cannot be removed was not created.
        let _ = fs::remove_file(&temporary);
        return Err(Error::file("write", file)(error));
    }
    // For durability after a power failure. Not every system opens folders.
    if let Some(folder) = target.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn write_whole(temporary: &Path, text: &str, target: &Path) -> io::Result<()> {
    let create = || File::options().write(true).create_new(true).open(temporary);
    let mut file = match create() {
        // Left by an interrupted run, or a link, which must not be followed.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(temporary)?;
            create()?
        }
        created => created?,
    };
    if let Ok(before) = fs::metadata(target) {
        file.set_permissions(before.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// In the same folder, because only a rename within a file system is atomic.
fn temporary(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    target.with_file_name(name)
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{replace, temporary};
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_in_place_of_the_temporary_file_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let target = fs::canonicalize(folder.path()).unwrap().join("schema.json");
        let victim = folder.path().join("victim");
        fs::write(&victim, "untouched").unwrap();
        symlink(&victim, temporary(&target)).unwrap();
        replace(&target, "new").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
        assert!(!fs::symlink_metadata(&target).unwrap().is_symlink());
    }
}
