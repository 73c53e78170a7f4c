//! Output folders. Files of another origin are never overwritten or deleted.

use crate::error::Error;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use xurrent_generator::PREAMBLE;

/// The generated files in a folder: regular files that begin with the preamble. A missing folder is empty.
///
/// # Errors
/// When it cannot be read, is not a folder, or holds other files without a generated `mod.rs`.
pub(crate) fn generated_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    match metadata(folder)? {
        None => return Ok(Vec::new()),
        Some(found) if found.is_symlink() => return Err(Error::Link(folder.to_owned())),
        Some(_) => {}
    }
    let (mut generated, mut foreign) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(Error::file("list", folder))? {
        let path = entry.map_err(Error::file("list", folder))?.path();
        let files = if begins_with(&path, PREAMBLE.trim_end())? { &mut generated } else { &mut foreign };
        files.push(path);
    }
    match foreign.into_iter().min() {
        Some(example) if !generated.contains(&folder.join("mod.rs")) => {
            Err(Error::ForeignFolder { folder: folder.to_owned(), example })
        }
        _ => Ok(generated),
    }
}

/// Whether a generated file is missing or has other content than `content`.
///
/// # Errors
/// When something else is there: neither an empty file nor a regular file that begins with `start`.
pub(crate) fn differs(path: &Path, content: &str, start: &str) -> Result<bool, Error> {
    match metadata(path)? {
        None => Ok(true),
        Some(found) if found.is_file() && found.len() == 0 => Ok(true),
        Some(_) if begins_with(path, start)? => {
            Ok(fs::read(path).map_err(Error::file("read", path))? != content.as_bytes())
        }
        Some(_) => Err(Error::ForeignFile(path.to_owned())),
    }
}

/// The metadata of a path, if something is there. Links are not followed.
pub(crate) fn metadata(path: &Path) -> Result<Option<Metadata>, Error> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some).map_err(Error::file("read", path)),
    }
}

/// Whether a path is a regular file that begins with a text.
fn begins_with(path: &Path, text: &str) -> Result<bool, Error> {
    let mut start = Vec::new();
    if metadata(path)?.is_some_and(|found| found.is_file()) {
        let file = File::open(path).map_err(Error::file("read", path))?;
        file.take(text.len() as u64).read_to_end(&mut start).map_err(Error::file("read", path))?;
    }
    Ok(start == text.as_bytes())
}

/// Replaces a file atomically. A link is replaced, not followed.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), Error> {
    let temporary = path.with_added_extension("tmp");
    let write = || {
        // Left by an interrupted run, or a link, which must not be followed.
        let _ = fs::remove_file(&temporary);
        File::create_new(&temporary)?.write_all(content.as_bytes())?;
        fs::rename(&temporary, path)
    };
    write().map_err(Error::file("write", path))
}
