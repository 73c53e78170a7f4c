//! Output folders. Files of another origin are never overwritten or deleted.

use crate::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use xurrent_generator::PREAMBLE;

/// Content of a folder of generated source.
pub(crate) struct GeneratedFolder {
    /// Regular files that begin with the preamble.
    own: Vec<PathBuf>,
    /// Everything else: other files, folders, links.
    foreign: Vec<PathBuf>,
}

impl GeneratedFolder {
    /// Lists a folder. A missing folder is empty.
    ///
    /// # Errors
    /// When it cannot be read, is not a folder, or holds other files without a generated `mod.rs`.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        let mut this = Self { own: Vec::new(), foreign: Vec::new() };
        match fs::symlink_metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(this),
            Err(error) => return Err(Error::file("read", folder)(error)),
            Ok(found) if found.is_symlink() => return Err(Error::Link(folder.to_owned())),
            Ok(_) => {}
        }
        for entry in fs::read_dir(folder).map_err(Error::file("list", folder))? {
            let path = entry.map_err(Error::file("list", folder))?.path();
            let list =
                if begins_with(&path, PREAMBLE.trim_end())? { &mut this.own } else { &mut this.foreign };
            list.push(path);
        }
        this.foreign.sort();
        let is_own = this.own.iter().any(|path| path.file_name() == Some(OsStr::new("mod.rs")));
        match this.foreign.first() {
            Some(path) if !is_own => {
                Err(Error::ForeignFolder { folder: folder.to_owned(), example: path.to_owned() })
            }
            _ => Ok(this),
        }
    }

    /// The generated files.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.own
    }
}

/// Checks that a generated file may be written to `path`.
///
/// # Errors
/// When something else is there: neither an empty file nor a regular file that begins with `start`.
pub(crate) fn check_replaceable(path: &Path, start: &str) -> Result<(), Error> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::file("read", path)(error)),
        Ok(found) if found.is_file() && found.len() == 0 => Ok(()),
        Ok(_) if begins_with(path, start)? => Ok(()),
        Ok(_) => Err(Error::ForeignFile(path.to_owned())),
    }
}

/// Whether a path is a regular file that begins with a text.
fn begins_with(path: &Path, text: &str) -> Result<bool, Error> {
    let found = fs::symlink_metadata(path).map_err(Error::file("read", path))?;
    if !found.is_file() {
        return Ok(false);
    }
    let file = File::open(path).map_err(Error::file("read", path))?;
    let mut start = Vec::new();
    file.take(text.len() as u64).read_to_end(&mut start).map_err(Error::file("read", path))?;
    Ok(start == text.as_bytes())
}

/// Replaces a file atomically. A link is replaced, not followed.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), Error> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let write = || {
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            // Left by an interrupted run, or a link, which must not be followed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&temporary)?;
                OpenOptions::new().write(true).create_new(true).open(&temporary)?
            }
            opened => opened?,
        };
        file.write_all(content.as_bytes())?;
        fs::rename(&temporary, path)
    };
    write().map_err(Error::file("write", path))
}
