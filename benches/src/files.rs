//! Files and folders of the workspace.

use crate::error::{Error, file};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

pub(crate) fn schema() -> PathBuf {
    root().join("schema.json")
}

/// The folder of scratch projects, in the target folder of this program.
pub(crate) fn scratch() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    root().join(target).join("benches")
}

pub(crate) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(file("read", path))
}

/// Writes a text and creates the folder.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(file("create", folder))?;
    }
    fs::write(path, content).map_err(file("write", path))
}

/// The paths in a folder.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    entries.map_err(file("list", folder))
}

/// Texts by their path in a folder.
pub(crate) type Sources = std::collections::BTreeMap<String, String>;

/// Reads all Rust files below a folder. Their paths are relative to `base`.
pub(crate) fn rust_files(folder: &Path, base: &Path) -> Result<Sources, Error> {
    let mut sources = Sources::new();
    for path in list(folder)? {
        if path.is_dir() {
            sources.extend(rust_files(&path, base)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            sources.insert(name, read(&path)?);
        }
    }
    Ok(sources)
}

/// Lines and bytes of sources, for a note.
pub(crate) fn size(sources: &Sources) -> String {
    let rust = sources.iter().filter(|(path, _)| !path.ends_with("Cargo.toml")).map(|(_, text)| text);
    let (lines, bytes) =
        rust.fold((0, 0), |(lines, bytes), text| (lines + text.lines().count(), bytes + text.len()));
    format!("{lines} lines, {bytes} bytes")
}
