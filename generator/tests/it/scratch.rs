//! Workspaces of generated crates, which tests compile.

use std::fs;
use std::path::Path;
use std::process::Command;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Writes the manifest and the lock file of a workspace. They have the profiles and the versions of this workspace, so
/// that dependencies in the target folder, which both share, are not built again.
pub(crate) fn write_workspace(folder: &Path, members: &[impl AsRef<str>]) {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, profiles) = manifest.split_once("\n[profile").unwrap();
    let members: Vec<&str> = members.iter().map(AsRef::as_ref).collect();
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[profile{profiles}");
    write(&folder.join("Cargo.toml"), &manifest);
    write(&folder.join("Cargo.lock"), &fs::read_to_string(root().join("Cargo.lock")).unwrap());
}

/// Writes a file, unless it is there: cargo builds what changed.
pub(crate) fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Cargo in a workspace that [`write_workspace`] wrote.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    command.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", target);
    command
}
