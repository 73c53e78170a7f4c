//! Replacing `schema.json`, all of it or nothing.

use crate::canonical::{Schema, Type, Unusable};
use crate::error::Error;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use xurrent_generator::{Generator, Overrides};

/// What became of `schema.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// Types in the schema.
    pub types: usize,
    /// How the types differ from those of the file as it was; nothing when there was no schema.
    pub changes: Option<Changes>,
    /// Whether the file was written. It is not touched when it would stay the same.
    pub written: bool,
}

/// How many types differ between two schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Changes {
    /// Only in the new one.
    pub added: usize,
    /// Only in the old one.
    pub removed: usize,
    /// In both, but not the same.
    pub changed: usize,
}

/// Reads the overrides to generate with.
///
/// # Errors
/// When the file cannot be read or is no overrides file.
pub fn read_overrides(file: &Path) -> Result<Overrides, Error> {
    let text = fs::read_to_string(file).map_err(Error::file("read", file))?;
    Overrides::from_toml(&text).map_err(|source| Error::Overrides { file: file.to_owned(), source })
}

/// Writes an introspection result to `file` in its [canonical](crate::canonical) form, after the
/// generator has made an SDK of it. The file is replaced in one step; until then it is not touched.
///
/// # Errors
/// [`Error::Answer`] when the result is none, or the generator refuses it; [`Error::File`] when
/// the file cannot be written.
pub fn store(host: &str, answer: &Value, overrides: &Overrides, file: &Path) -> Result<Stored, Error> {
    let refuse = |source: Unusable| Error::Answer { host: host.to_owned(), source };
    let schema = Schema::read(answer).map_err(refuse)?;
    let text = schema.text().map_err(refuse)?;
    Generator::new(&text, overrides)
        .and_then(|generator| generator.rust())
        .map_err(|source| refuse(Unusable::Generator(source)))?;
    let before = match fs::read(file) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::file("read", file)(error)),
    };
    let written = before.as_deref() != Some(text.as_bytes());
    if written {
        replace(file, &text)?;
    }
    let old = before.and_then(|bytes| {
        let json = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        Schema::read(&serde_json::from_slice(json).ok()?).ok()
    });
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

/// Replaces a file in one step: whoever reads it sees the old text or the new one, also after a
/// power cut.
fn replace(file: &Path, text: &str) -> Result<(), Error> {
    // A link stays a link: what it points at is replaced.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let temporary = temporary(&target);
    let written = write_whole(&temporary, text, &target).and_then(|()| fs::rename(&temporary, &target));
    if let Err(error) = written {
        // What cannot be removed now could not be written before.
        let _ = fs::remove_file(&temporary);
        return Err(Error::file("write", file)(error));
    }
    // The rename is done; whether it outlives a power cut is all that this decides, and a folder
    // cannot be opened everywhere.
    if let Some(folder) = target.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn write_whole(temporary: &Path, text: &str, target: &Path) -> io::Result<()> {
    let create = || File::options().write(true).create_new(true).open(temporary);
    let mut file = match create() {
        // Of a run that was interrupted, or a link: what it points at is not touched.
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

/// Beside the target, since only a rename within a folder is one step.
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
    fn a_link_where_the_temporary_file_would_be_is_not_written_through() {
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
