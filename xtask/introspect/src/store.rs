//! Atomic replacement of `schema.json`.

use crate::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use xurrent_generator::{Config, Generator, Schema};

/// A schema of a server, for a file.
pub(crate) struct Fetched<'a> {
    host: &'a str,
    file: &'a Path,
    schema: Schema,
    /// In [canonical form](Schema::to_json).
    text: String,
}

impl<'a> Fetched<'a> {
    pub(crate) fn new(host: &'a str, introspection: &str, file: &'a Path) -> Result<Self, Error> {
        let refuse = |response| Error::Response { host: host.to_owned(), response };
        let schema = Schema::from_json(introspection).map_err(refuse)?;
        let text = schema.to_json().map_err(refuse)?;
        Ok(Self { host, file, schema, text })
    }
}

/// Writes the schemas of one or two environments, once the generator accepts them with these overrides, if there are
/// any, and returns a summary. `also` is the file with that of a second environment that was not fetched. Unchanged
/// files are not touched. With a folder as `into`, writes to files of the same names there.
pub(crate) fn store(
    fetched: &[Fetched<'_>],
    also: Option<&Path>,
    overrides: Option<&Config>,
    into: Option<&Path>,
) -> Result<String, Error> {
    if let Some(overrides) = overrides {
        check(fetched, also, overrides)?;
    }
    let mut lines = Vec::new();
    let mut changed = Vec::new();
    for Fetched { host, file, schema, text } in fetched {
        let before = match fs::read(file) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::file("read", file)(error)),
        };
        let name = file.file_name().unwrap_or_default();
        let is_same = before.as_deref() == Some(text.as_bytes());
        if !is_same {
            let file = into.map_or_else(|| file.to_path_buf(), |folder| folder.join(name));
            changed.push((file, text.as_str()));
        }
        let old = before.and_then(|bytes| Schema::from_json(&String::from_utf8_lossy(&bytes)).ok());
        let changes = old.map_or_else(|| "no schema before".to_owned(), |old| changes(&old, schema));
        let (name, types) = (name.display(), schema.types.len());
        let written = match into {
            _ if is_same => "unchanged",
            None => "written",
            Some(_) => "fetched",
        };
        lines.push(format!("{name} {written}: {types} types from {host}: {changes}"));
    }
    replace(&changed)?;
    Ok(lines.join("\n"))
}

/// Whether the generator accepts the schema, or both together.
fn check(fetched: &[Fetched<'_>], also: Option<&Path>, overrides: &Config) -> Result<(), Error> {
    let hosts: Vec<&str> = fetched.iter().map(|fetched| fetched.host).collect();
    let refuse = |response| Error::Response { host: hosts.join(" and "), response };
    let other = match also {
        Some(file) => {
            let text = fs::read_to_string(file).map_err(Error::file("read", file))?;
            let schema = Schema::from_json(&text);
            Some(schema.map_err(|source| Error::Config { file: file.to_owned(), source })?)
        }
        None => None,
    };
    let mut schemas = fetched.iter().map(|fetched| &fetched.schema).chain(&other);
    let merged = match (schemas.next(), schemas.next()) {
        (Some(one), Some(other)) => Some(Schema::merge(one, other, overrides).map_err(refuse)?),
        (one, _) => one.cloned(),
    };
    merged.map_or(Ok(()), |schema| Generator::from_schema(&schema, overrides).map(drop).map_err(refuse))
}

/// How many types differ.
fn changes(old: &Schema, new: &Schema) -> String {
    let common = new.types.iter().filter(|ty| old.get(&ty.name).is_some()).count();
    let changed = new.types.iter().filter(|ty| old.get(&ty.name).is_some_and(|before| before != *ty)).count();
    let (added, removed) = (new.types.len() - common, old.types.len() - common);
    format!("{added} added, {removed} removed, {changed} changed")
}

/// Replaces each file atomically: readers see the old text or the new one, also after a power failure. All are written
/// before the first is replaced.
fn replace(files: &[(PathBuf, &str)]) -> Result<(), Error> {
    // Replaces the target of a link, not the link.
    let targets = files.iter().map(|(file, _)| fs::canonicalize(file).unwrap_or_else(|_| file.clone()));
    let targets: Vec<PathBuf> = targets.collect();
    let replaced = || {
        for ((file, text), target) in files.iter().zip(&targets) {
            write_whole(&temporary(target), text, target).map_err(Error::file("write", file))?;
        }
        for ((file, _), target) in files.iter().zip(&targets) {
            fs::rename(temporary(target), target).map_err(Error::file("write", file))?;
        }
        Ok(())
    };
    let replaced = replaced();
    for target in &targets {
        if replaced.is_err() {
            // A file that cannot be removed was not created.
            let _ = fs::remove_file(temporary(target));
        }
        // For durability after a power failure. Not every system opens folders.
        if let Some(folder) = target.parent().and_then(|folder| File::open(folder).ok()) {
            let _ = folder.sync_all();
        }
    }
    replaced
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
        replace(&[(target.clone(), "new")]).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
        assert!(!fs::symlink_metadata(&target).unwrap().is_symlink());
    }
}
