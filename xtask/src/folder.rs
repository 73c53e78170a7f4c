//! Folders that a task writes to. What somebody else has put there stays as it is.

use crate::report::Failure;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use xurrent_generator::PREAMBLE;

/// What is in a folder of generated source.
pub(crate) struct Generated {
    /// Regular files that begin with the preamble.
    own: Vec<PathBuf>,
    /// Everything else: other files, folders, links.
    foreign: Vec<PathBuf>,
}

impl Generated {
    /// Looks into a folder; one that does not exist is empty.
    ///
    /// # Errors
    /// When it cannot be read, is no folder, or belongs to somebody else: it has things in it that are
    /// not generated, and no generated `mod.rs`.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let mut this = Self { own: Vec::new(), foreign: Vec::new() };
        match fs::symlink_metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(this),
            Err(error) => return Err(Failure::file("read", folder)(error)),
            Ok(found) if found.is_symlink() => return Err(Failure::Link(folder.to_owned())),
            Ok(_) => {}
        }
        for entry in fs::read_dir(folder).map_err(Failure::file("list", folder))? {
            let path = entry.map_err(Failure::file("list", folder))?.path();
            let list =
                if begins_with(&path, PREAMBLE.trim_end())? { &mut this.own } else { &mut this.foreign };
            list.push(path);
        }
        this.foreign.sort();
        let is_own = this.own.iter().any(|path| path.file_name() == Some(OsStr::new("mod.rs")));
        match this.foreign.first() {
            Some(path) if !is_own => {
                Err(Failure::NotOurs { folder: folder.to_owned(), example: path.to_owned() })
            }
            _ => Ok(this),
        }
    }

    /// The generated files.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.own
    }
}

/// # Errors
/// When something stands where a generated file is to be written, and is none: it is neither empty nor a
/// regular file that begins like one.
pub(crate) fn check(path: &Path, start: &str) -> Result<(), Failure> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::file("read", path)(error)),
        Ok(found) if found.is_file() && found.len() == 0 => Ok(()),
        Ok(_) if begins_with(path, start)? => Ok(()),
        Ok(_) => Err(Failure::InTheWay(path.to_owned())),
    }
}

/// Whether a path is a regular file that begins with a text.
fn begins_with(path: &Path, text: &str) -> Result<bool, Failure> {
    let found = fs::symlink_metadata(path).map_err(Failure::file("read", path))?;
    if !found.is_file() {
        return Ok(false);
    }
    let file = File::open(path).map_err(Failure::file("read", path))?;
    let mut start = Vec::new();
    file.take(text.len() as u64).read_to_end(&mut start).map_err(Failure::file("read", path))?;
    Ok(start == text.as_bytes())
}

/// Writes a file beside its place and then puts it there in one step, so that what is there is either
/// the old file or the new one, and a link is replaced and not followed.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), Failure> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let write = || {
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            // Of a run that was interrupted, or a link: what it points at is not touched.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&temporary)?;
                OpenOptions::new().write(true).create_new(true).open(&temporary)?
            }
            opened => opened?,
        };
        file.write_all(content.as_bytes())?;
        fs::rename(&temporary, path)
    };
    write().map_err(Failure::file("write", path))
}
