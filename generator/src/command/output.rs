//! Output folders. Files of another origin are never overwritten or deleted.

use super::error::Error;
use crate::Files;
use crate::config::DEFAULT_PREAMBLE;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Differences between a folder and generated files.
#[derive(Debug, Default)]
pub struct Changes<'f> {
    /// Files to write, in this order.
    pub written: Vec<(PathBuf, &'f str)>,
    /// Generated files that are no longer generated.
    pub deleted: Vec<PathBuf>,
    /// Files beside the modules that no longer begin with the preamble: their author keeps them.
    pub kept: Vec<PathBuf>,
}

impl<'f> Changes<'f> {
    /// Compares `out` with these files. Those of a crate are the modules in `modules`, such as `src/generated`,
    /// and others.
    ///
    /// # Errors
    /// When the folder cannot be read, holds files of another origin without a generated `mod.rs`, or has such
    /// a file in the place of a module.
    pub fn between(out: &Path, modules: &str, files: &'f Files) -> Result<Self, Error> {
        // Without a slash at the end, which would follow a link.
        let folder = if modules.is_empty() { out.to_owned() } else { out.join(modules) };
        let index = folder.join("mod.rs");
        let marks = marks(files);
        let generated = generated_files(&folder, &marks)?;
        let is_ours = generated.contains(&index);
        if !modules.is_empty() && !is_ours {
            check_new(out)?;
        }
        let mut this = Self { deleted: generated, ..Self::default() };
        this.deleted.retain(|path| files.keys().all(|name| *path != out.join(name)));
        this.deleted.sort();
        for (name, content) in files {
            let path = out.join(name);
            match differs(&path, content, &marks_of(name, &marks)) {
                Ok(true) => this.written.push((path, content)),
                Ok(false) => {}
                Err(Error::ForeignFile(path)) if is_ours && path.parent() != Some(&folder) => {
                    this.kept.push(path)
                }
                Err(error) => return Err(error),
            }
        }
        // `mod.rs` comes first: it marks the folder as generated, also after an interrupted run.
        this.written.sort_by_key(|(path, _)| *path != index);
        Ok(this)
    }

    /// Prints which files are out of date, and the command that would write them. The exit code is 1 if there are
    /// any.
    #[must_use]
    pub fn print_outdated(&self, command: &str) -> ExitCode {
        self.written.iter().for_each(|(path, _)| println!("differs: {}", path.display()));
        self.deleted.iter().for_each(|path| println!("stale: {}", path.display()));
        match self.written.len() + self.deleted.len() {
            0 => ExitCode::SUCCESS,
            count => {
                println!("{count} generated files are out of date. To fix it, run: {command}");
                ExitCode::FAILURE
            }
        }
    }

    /// Writes and deletes. If a file cannot be written, for example because the disk is full, none is changed.
    ///
    /// # Errors
    /// When a file cannot be written or deleted.
    pub fn apply(&self) -> Result<(), Error> {
        self.apply_with(&[], &[])
    }

    /// Like [`apply`](Self::apply), with further files before and behind the generated ones: an interrupted run has
    /// replaced the files in this order. They keep their permissions.
    ///
    /// # Errors
    /// When a file cannot be written or deleted.
    pub fn apply_with(&self, before: &[(PathBuf, &str)], behind: &[(PathBuf, &str)]) -> Result<(), Error> {
        for (path, _) in &self.written {
            let folder = path.parent().unwrap_or(path);
            fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        }
        let generated = self.written.iter().map(|(path, content)| Staged::new(path, content, false));
        let further = |files: &[(PathBuf, &str)]| -> Result<Vec<Staged>, Error> {
            files.iter().map(|(path, content)| Staged::new(path, content, true)).collect()
        };
        let (before, behind) = (further(before)?, further(behind)?);
        let generated = generated.collect::<Result<Vec<_>, _>>()?;
        before.into_iter().chain(generated).chain(behind).try_for_each(Staged::replace)?;
        self.deleted.iter().try_for_each(|path| fs::remove_file(path).map_err(Error::file("delete", path)))
    }
}

/// The first lines that generated files have, without the marks of a comment: that of these files, and the
/// default, which files have that were generated before the configuration had a preamble.
fn marks(files: &Files) -> Vec<String> {
    let module =
        files.iter().find(|(name, _)| name.ends_with(".rs")).and_then(|(_, text)| text.lines().next());
    let own = module.and_then(|line| line.strip_prefix("// "));
    own.into_iter().chain([DEFAULT_PREAMBLE]).map(str::to_owned).collect()
}

/// The first lines of a file of this name.
fn marks_of(name: &str, marks: &[String]) -> Vec<String> {
    let comment = if name.ends_with(".toml") { "#" } else { "//" };
    marks.iter().map(|mark| format!("{comment} {mark}\n")).collect()
}

/// Whether a folder is new or empty, but for hidden files.
fn check_new(folder: &Path) -> Result<(), Error> {
    match metadata(folder)? {
        None => return Ok(()),
        Some(found) if found.is_symlink() => return Err(Error::Link(folder.to_owned())),
        Some(_) => {}
    }
    let mut others = list(folder)?;
    others.retain(|path| path.file_name().is_none_or(|name| !name.to_string_lossy().starts_with('.')));
    match others.into_iter().min() {
        Some(example) => Err(Error::ForeignFolder { folder: folder.to_owned(), example }),
        None => Ok(()),
    }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::file("list", folder))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(Error::file("list", folder))).collect()
}

/// The generated files in a folder: regular files that begin with a preamble. A missing folder is empty.
///
/// # Errors
/// When it cannot be read, is not a folder, or holds other files without a generated `mod.rs`.
fn generated_files(folder: &Path, marks: &[String]) -> Result<Vec<PathBuf>, Error> {
    match metadata(folder)? {
        None => return Ok(Vec::new()),
        Some(found) if found.is_symlink() => return Err(Error::Link(folder.to_owned())),
        Some(_) => {}
    }
    let (mut generated, mut foreign) = (Vec::new(), Vec::new());
    for path in list(folder)? {
        let files =
            if begins_with(&path, &marks_of("mod.rs", marks))? { &mut generated } else { &mut foreign };
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
/// When something else is there: neither an empty file nor a regular file that begins with one of `starts`.
pub fn differs(path: &Path, content: &str, starts: &[String]) -> Result<bool, Error> {
    match metadata(path)? {
        None => Ok(true),
        Some(found) if found.is_file() && found.len() == 0 => Ok(true),
        Some(_) if begins_with(path, starts)? => {
            Ok(fs::read(path).map_err(Error::file("read", path))? != content.as_bytes())
        }
        Some(_) => Err(Error::ForeignFile(path.to_owned())),
    }
}

/// The metadata of a path, if something is there. Links are not followed.
pub fn metadata(path: &Path) -> Result<Option<Metadata>, Error> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some).map_err(Error::file("read", path)),
    }
}

/// Whether a path is a regular file that begins with one of these texts.
fn begins_with(path: &Path, texts: &[String]) -> Result<bool, Error> {
    let mut start = Vec::new();
    if metadata(path)?.is_some_and(|found| found.is_file()) {
        let longest = texts.iter().map(String::len).max().unwrap_or_default();
        let file = File::open(path).map_err(Error::file("read", path))?;
        file.take(longest as u64).read_to_end(&mut start).map_err(Error::file("read", path))?;
    }
    Ok(texts.iter().any(|text| start.starts_with(text.as_bytes())))
}

/// Replaces a file atomically. A link is replaced, not followed.
pub fn write(path: &Path, content: &str) -> Result<(), Error> {
    Staged::new(path, content, false)?.replace()
}

/// The new content of a file, in a temporary file beside it, which is deleted if it does not replace the file.
struct Staged {
    path: PathBuf,
    temporary: PathBuf,
}

impl Staged {
    /// Writes the temporary file. One that matters is on the disk, with the permissions of the file, before it
    /// replaces the file.
    fn new(path: &Path, content: &str, matters: bool) -> Result<Self, Error> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".tmp");
        let this = Self { path: path.to_owned(), temporary: PathBuf::from(temporary) };
        let write = || {
            // Left by an interrupted run, or a link, which must not be followed.
            let _ = fs::remove_file(&this.temporary);
            let mut file = File::create_new(&this.temporary)?;
            if let (true, Ok(found)) = (matters, fs::metadata(path)) {
                file.set_permissions(found.permissions())?;
            }
            file.write_all(content.as_bytes())?;
            if matters { file.sync_all() } else { Ok(()) }
        };
        write().map_err(Error::file("write", path))?;
        Ok(this)
    }

    fn replace(self) -> Result<(), Error> {
        fs::rename(&self.temporary, &self.path).map_err(Error::file("write", &self.path))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Gone once it has replaced the file.
        let _ = fs::remove_file(&self.temporary);
    }
}
