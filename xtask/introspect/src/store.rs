//! Atomic replacement of `schema.json`.

use crate::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use xurrent_generator::{Config, Generator, Schema};

/// Writes an introspection result to `file` in [canonical form](Schema::to_json), once the generator accepts
/// it, and returns a summary. An unchanged file is not touched.
pub(crate) fn store(
    host: &str,
    introspection: &str,
    overrides: &Config,
    file: &Path,
) -> Result<String, Error> {
    let refuse = |response| Error::Response { host: host.to_owned(), response };
    let schema = Schema::from_json(introspection).map_err(refuse)?;
    let text = schema.to_json().map_err(refuse)?;
    Generator::new(&text, overrides).map_err(refuse)?;
    let before = match fs::read(file) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::file("read", file)(error)),
    };
    let is_same = before.as_deref() == Some(text.as_bytes());
    if !is_same {
        replace(file, &text)?;
    }
    let old = before.and_then(|bytes| Schema::from_json(&String::from_utf8_lossy(&bytes)).ok());
    let changes = old.map_or_else(|| "no schema before".to_owned(), |old| changes(&old, &schema));
    let (name, types) = (file.file_name().unwrap_or_default().display(), schema.types.len());
    let written = if is_same { "unchanged" } else { "written" };
    Ok(format!("{name} {written}: {types} types from {host}: {changes}"))
}

/// How many types differ.
fn changes(old: &Schema, new: &Schema) -> String {
    let common = new.types.iter().filter(|ty| old.get(&ty.name).is_some()).count();
    let changed = new.types.iter().filter(|ty| old.get(&ty.name).is_some_and(|before| before != *ty)).count();
    let (added, removed) = (new.types.len() - common, old.types.len() - common);
    format!("{added} added, {removed} removed, {changed} changed")
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
