//! Copies of folders that are brought up to date: files that did not change keep their times, so that cargo builds
//! nothing again.

use crate::command::Error;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that no build reads.
const LEFT_OUT: [&str; 4] = [".git", "target", "node_modules", ".jj"];

/// The files of a folder, relative to it, but for what no build reads.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(inner) = folders.pop() {
        let path = folder.join(&inner);
        for entry in fs::read_dir(&path).map_err(Error::file("read", &path))? {
            let entry = entry.map_err(Error::file("read", &path))?;
            let (name, relative) = (entry.file_name(), inner.join(entry.file_name()));
            // Of a link, what it points to. One that points nowhere is left out.
            let Ok(metadata) = fs::metadata(entry.path()) else { continue };
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            let is_build = name == "target"
                && !entry.path().join("CACHEDIR.TAG").exists()
                && !inner.as_os_str().is_empty();
            if metadata.is_file() {
                files.push(relative);
            } else if metadata.is_dir()
                && !is_link
                && (is_build || !LEFT_OUT.iter().any(|left| name == *left))
            {
                folders.push(relative);
            }
        }
    }
    Ok(files)
}

/// Writes a file if it differs.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|before| before == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    }
    fs::write(path, content).map_err(Error::file("write", path))
}

/// Deletes the files of a folder that are not among these.
pub(super) fn keep(folder: &Path, kept: &BTreeSet<PathBuf>) -> Result<(), Error> {
    if !folder.exists() {
        return Ok(());
    }
    for file in files(folder)?.into_iter().filter(|file| !kept.contains(file)) {
        let path = folder.join(file);
        fs::remove_file(&path).map_err(Error::file("delete", &path))?;
    }
    Ok(())
}
